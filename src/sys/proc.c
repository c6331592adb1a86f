#include "sys/proc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

struct worker {
    pid_t pid;
    int fd;
    bool busy;
    uint64_t expected; /* bytes of the reply under way; 0 while its head is not there */
    struct buf in;     /* what has arrived of it */
};

struct proc_pool {
    struct arena *arena;
    struct worker *workers;
    size_t n;
    proc_answer answer;
    void *context;
    size_t reply_max;
};

static int write_all(int fd, const void *p, size_t n)
{
    const char *at = p;
    while (n) {
        ssize_t done = send(fd, at, n, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

/* 1 all there, 0 end before the first byte, -1 failed */
static int read_all(int fd, void *p, size_t n)
{
    char *at = p;
    size_t left = n;
    while (left) {
        ssize_t got = recv(fd, at, left, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 && left == n ? 0 : -1;
        at += got;
        left -= (size_t)got;
    }
    return 1;
}

enum { REQUEST_MAX = 65536 };

static _Noreturn void serve(struct proc_pool *pool, int fd)
{
    static uint8_t request[REQUEST_MAX];
    struct buf reply = buf_new(pool->reply_max);
    for (;;) {
        uint64_t n;
        if (read_all(fd, &n, sizeof n) <= 0 || n > sizeof request ||
            (n && read_all(fd, request, (size_t)n) <= 0))
            _exit(EXIT_SUCCESS); /* the parent is gone or has closed the pool */
        buf_clear(&reply);
        pool->answer(pool->context, (struct bytes){request, (size_t)n}, &reply);
        uint64_t size = reply.n;
        if (reply.full || write_all(fd, &size, sizeof size) < 0 ||
            write_all(fd, reply.p, reply.n) < 0)
            _exit(EXIT_FAILURE);
    }
}

static int start(struct proc_pool *pool, size_t i, struct err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_set(err, ERR_IO, "worker: %s", strerror(errno));
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        (void)close(pair[0]);
        (void)close(pair[1]);
        return err_set(err, ERR_IO, "worker: %s", strerror(errno));
    }
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(EXIT_FAILURE);
        (void)signal(SIGINT, SIG_IGN); /* the parent decides how a run ends */
        (void)close(pair[0]);
        for (size_t k = 0; k < pool->n; k++)
            if (pool->workers[k].fd >= 0)
                (void)close(pool->workers[k].fd);
        serve(pool, pair[1]);
    }
    (void)close(pair[1]);
    struct worker *w = &pool->workers[i];
    buf_free(&w->in);
    *w = (struct worker){.pid = pid, .fd = pair[0], .in = buf_new(pool->reply_max)};
    return 0;
}

int proc_open(size_t n, proc_answer answer, void *context, size_t reply_max,
              struct proc_pool **ret, struct err *err)
{
    if (n < 1 || n > PROC_WORKERS_MAX)
        return err_set(err, ERR_INVALID, "%zu workers: want 1 to %d", n, PROC_WORKERS_MAX);
    struct arena *arena = arena_new();
    struct proc_pool *pool = ARENA_NEW(arena, struct proc_pool);
    *pool = (struct proc_pool){
        .arena = arena, .n = n, .answer = answer, .context = context, .reply_max = reply_max};
    pool->workers = ARENA_ARRAY(arena, struct worker, n);
    for (size_t i = 0; i < n; i++)
        pool->workers[i].fd = -1;
    for (size_t i = 0; i < n; i++) {
        if (start(pool, i, err) < 0) {
            proc_close(pool);
            return -1;
        }
    }
    *ret = pool;
    return 0;
}

void proc_close(struct proc_pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; i < pool->n; i++) {
        struct worker *w = &pool->workers[i];
        if (w->fd >= 0) {
            (void)close(w->fd);
            if (w->busy)
                (void)kill(w->pid, SIGKILL);
            (void)waitpid(w->pid, NULL, 0);
        }
        buf_free(&w->in);
    }
    arena_free(pool->arena);
}

int proc_idle(const struct proc_pool *pool)
{
    for (size_t i = 0; i < pool->n; i++)
        if (!pool->workers[i].busy)
            return (int)i;
    return -1;
}

int proc_send(struct proc_pool *pool, int worker, struct bytes request, struct err *err)
{
    struct worker *w = &pool->workers[worker];
    uint64_t n = request.n;
    if (n > REQUEST_MAX)
        return err_set(err, ERR_LIMIT, "request of %zu bytes", request.n);
    if (w->fd < 0 && start(pool, (size_t)worker, err) < 0) /* not replaced when it died */
        return -1;
    w->busy = true;
    w->expected = 0;
    buf_clear(&w->in);
    /* A worker that died while idle is met by proc_wait as the end of its stream. */
    (void)(write_all(w->fd, &n, sizeof n) < 0 || write_all(w->fd, request.p, request.n) < 0);
    return 0;
}

/* Reads what is there. 1 the reply is whole, 0 not yet, -1 the worker is gone. */
static int receive(struct worker *w, size_t reply_max)
{
    if (w->expected == 0) {
        uint64_t size;
        if (read_all(w->fd, &size, sizeof size) <= 0 || size > reply_max)
            return -1;
        w->expected = size + 1; /* so that an empty reply differs from none */
    }
    size_t want = (size_t)(w->expected - 1) - w->in.n;
    static char chunk[1 << 16];
    if (want) {
        ssize_t got = recv(w->fd, chunk, want < sizeof chunk ? want : sizeof chunk, 0);
        if (got < 0 && errno == EINTR)
            return 0;
        if (got <= 0)
            return -1;
        buf_add(&w->in, chunk, (size_t)got);
        want -= (size_t)got;
    }
    return want == 0;
}

static int bury(struct proc_pool *pool, size_t i, struct err *err)
{
    struct worker *w = &pool->workers[i];
    int status = 0;
    (void)kill(w->pid, SIGKILL);
    (void)close(w->fd);
    w->fd = -1;
    (void)waitpid(w->pid, &status, 0);
    struct err failed = {0};
    if (start(pool, i, &failed) < 0) {
        *err = failed;
        return -1;
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return err_set(err, ERR_LIMIT, "the reader was killed (too little memory?)");
    if (WIFSIGNALED(status))
        return err_set(err, ERR_CORRUPT, "the reader stopped (%s)",
                       WTERMSIG(status) == SIGBUS ? "the file shrank or could not be read"
                                                  : strsignal(WTERMSIG(status)));
    return err_set(err, ERR_LIMIT, "the reader stopped (too many results)");
}

int proc_wait(struct proc_pool *pool, int *ret_worker, struct bytes *ret_reply, struct err *err)
{
    struct pollfd fds[PROC_WORKERS_MAX];
    for (;;) {
        nfds_t n = 0;
        int index[PROC_WORKERS_MAX];
        for (size_t i = 0; i < pool->n; i++) {
            if (pool->workers[i].busy) {
                index[n] = (int)i;
                fds[n++] = (struct pollfd){.fd = pool->workers[i].fd, .events = POLLIN};
            }
        }
        if (n == 0)
            return 0;
        if (poll(fds, n, -1) < 0 && errno != EINTR)
            return err_set(err, ERR_IO, "poll: %s", strerror(errno));
        for (nfds_t k = 0; k < n; k++) {
            struct worker *w = &pool->workers[index[k]];
            int got = fds[k].revents ? receive(w, pool->reply_max) : 0;
            if (got == 0)
                continue;
            w->busy = false;
            *ret_worker = index[k];
            if (got < 0)
                return bury(pool, (size_t)index[k], err);
            *ret_reply = (struct bytes){(const uint8_t *)w->in.p, w->in.n};
            return 1;
        }
    }
}
