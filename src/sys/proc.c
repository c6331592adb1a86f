#include "sys/proc.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "sys/interrupt.h"
#include "sys/jail.h"

enum {
    REQUEST_MAX = 65536,
    CHUNK = 1 << 16,
    TICK_MS = 500,    /* how often the time of workers is looked at */
    HELLO_MS = 30000, /* a worker enters its jail in one, on a machine that is not busy */
    PATIENCE = 10,    /* the clock on the wall may show so many times a task's seconds */
};

struct hello { /* the first that a worker says, while it can be trusted */
    uint32_t parts;
    uint32_t failed;
    char why[240];
};

struct worker {
    proc_answer answer;
    void *context;
    pid_t pid;
    int fd;
    bool busy;
    unsigned seconds;   /* of its task */
    uint64_t waited_ms; /* for its answer */
    uint8_t head[8];    /* of the reply under way: its length */
    size_t head_n;
    struct buf in; /* what has arrived of it */
};

struct proc_pool {
    struct arena *arena;
    struct worker *workers;
    size_t n;   /* ordinary ones */
    size_t all; /* special ones behind them */
    size_t reply_max;
    size_t memory; /* of each */
    size_t arriving_max;
    unsigned jail;      /* parts that hold in every worker */
    unsigned crowd;     /* workers for each processor */
    uint64_t looked_ms; /* when the time of workers was looked at */
};

/* --- in the worker -------------------------------------------------------------------------- */

static int send_all(int fd, const void *p, size_t n)
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

static int receive_all(int fd, void *p, size_t n)
{
    char *at = p;
    while (n) {
        ssize_t got = recv(fd, at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        at += got;
        n -= (size_t)got;
    }
    return 0;
}

union control { /* room for one descriptor, aligned */
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
};

/* Reads the start of a request and the descriptor that comes with it. */
static int receive_head(int fd, uint64_t *ret_size, int *ret_file)
{
    union control control;
    struct iovec part = {ret_size, sizeof *ret_size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t got;
    do
        got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return -1;
    *ret_file = PROC_NO_FILE;
    const struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(ret_file, CMSG_DATA(c), sizeof *ret_file);
    return receive_all(fd, (char *)ret_size + got, sizeof *ret_size - (size_t)got);
}

static _Noreturn void serve(const struct proc_pool *pool, const struct worker *self)
{
    static uint8_t request[REQUEST_MAX];
    struct buf reply = buf_new(pool->reply_max);
    for (;;) {
        uint64_t n;
        int file;
        if (receive_head(JAIL_SOCKET, &n, &file) < 0 || n > sizeof request ||
            receive_all(JAIL_SOCKET, request, (size_t)n) < 0)
            _exit(EXIT_SUCCESS); /* the parent is gone or has closed the pool */
        buf_clear(&reply);
        self->answer(self->context, (struct bytes){request, (size_t)n}, file, &reply);
        uint64_t size = reply.n;
        if (reply.full || send_all(JAIL_SOCKET, &size, sizeof size) < 0 ||
            send_all(JAIL_SOCKET, reply.p, reply.n) < 0)
            _exit(EXIT_FAILURE);
        if (reply.cap > CHUNK) /* what a large answer took is given back */
            buf_free(&reply);
    }
}

static _Noreturn void live(const struct proc_pool *pool, const struct worker *self, int socket,
                           pid_t parent)
{
    struct jail_spec spec = {.socket = socket, .memory = pool->memory};
    struct hello hello = {0};
    struct err err = {0};
    unsigned parts = 0;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    (void)signal(SIGABRT, SIG_DFL); /* the parent may catch it; ours are told by it */
    interrupt_ignore();             /* the parent decides how a run ends */
    hello.failed = jail_enter(&spec, &parts, &err) < 0;
    hello.parts = parts;
    memcpy(hello.why, err.msg, sizeof hello.why);
    if (send_all(JAIL_SOCKET, &hello, sizeof hello) < 0 || hello.failed)
        _exit(EXIT_FAILURE);
    serve(pool, self);
}

/* --- starting --------------------------------------------------------------------------------- */

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
    if (pid == 0)
        live(pool, &pool->workers[i], pair[1], parent);
    (void)close(pair[1]);
    struct worker *w = &pool->workers[i];
    buf_free(&w->in);
    *w = (struct worker){.answer = w->answer,
                         .context = w->context,
                         .pid = pid,
                         .fd = pair[0],
                         .in = buf_new(pool->reply_max)};
    return 0;
}

static void end(struct worker *w, int *ret_status)
{
    if (w->fd < 0)
        return;
    (void)kill(w->pid, SIGKILL); /* it has nothing to put in order, and may not want to go */
    (void)close(w->fd);
    w->fd = -1;
    w->busy = false;
    while (waitpid(w->pid, ret_status, 0) < 0 && errno == EINTR)
        continue;
}

/* Reads a new worker's first words: which parts of the jail hold in it. */
static int greet(struct proc_pool *pool, size_t i, unsigned *ret_parts, struct err *err)
{
    struct worker *w = &pool->workers[i];
    struct hello hello = {0};
    size_t n = 0;
    while (n < sizeof hello) {
        struct pollfd wait = {.fd = w->fd, .events = POLLIN};
        int ready = poll(&wait, 1, HELLO_MS);
        ssize_t got = ready > 0 ? recv(w->fd, (char *)&hello + n, sizeof hello - n, 0) : ready;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    if (n == sizeof hello && !hello.failed) {
        *ret_parts = hello.parts;
        return 0;
    }
    end(w, NULL);
    hello.why[sizeof hello.why - 1] = '\0';
    return err_set(err, ERR_IO, "worker: %s", hello.why[0] ? hello.why : "it did not start");
}

/* A new worker must be confined as the others are. */
static int start_again(struct proc_pool *pool, size_t i, struct err *err)
{
    unsigned parts;
    if (start(pool, i, err) < 0 || greet(pool, i, &parts, err) < 0)
        return -1;
    if ((parts & pool->jail) == pool->jail)
        return 0;
    end(&pool->workers[i], NULL);
    return err_set(err, ERR_IO, "worker: it could not be confined as the others are");
}

static unsigned crowd_of(size_t workers)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = processors < 1 ? 1 : (size_t)processors;
    return workers < n ? 1 : (unsigned)(workers / n);
}

int proc_open(size_t n, proc_answer answer, void *context, size_t reply_max,
              struct proc_pool **ret, struct err *err)
{
    struct proc_limits limits = {reply_max, (size_t)PROC_MEMORY << 30, PROC_ARRIVING};
    return proc_open_within(n, answer, context, &limits, ret, err);
}

int proc_open_within(size_t n, proc_answer answer, void *context,
                     const struct proc_limits *limits, struct proc_pool **ret, struct err *err)
{
    if (n < 1 || n > PROC_WORKERS_MAX)
        return err_set(err, ERR_INVALID, "%zu workers: want 1 to %d", n, PROC_WORKERS_MAX);
    struct arena *arena = arena_new();
    struct proc_pool *pool = ARENA_NEW(arena, struct proc_pool);
    *pool = (struct proc_pool){.arena = arena,
                               .n = n,
                               .all = n,
                               .reply_max = limits->reply,
                               .memory = limits->memory,
                               .arriving_max = limits->arriving,
                               .jail = JAIL_ALL,
                               .crowd = crowd_of(n)};
    pool->workers = ARENA_ARRAY(arena, struct worker, n);
    for (size_t i = 0; i < n; i++)
        pool->workers[i] = (struct worker){.answer = answer, .context = context, .fd = -1};
    int failed = 0;
    for (size_t i = 0; i < n && failed == 0; i++)
        failed = start(pool, i, err);
    for (size_t i = 0; i < n && failed == 0; i++) {
        unsigned parts = 0;
        failed = greet(pool, i, &parts, err);
        pool->jail &= parts;
    }
    if (failed) {
        proc_close(pool);
        return -1;
    }
    *ret = pool;
    return 0;
}

void proc_close(struct proc_pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; i < pool->all; i++) {
        end(&pool->workers[i], NULL);
        buf_free(&pool->workers[i].in);
    }
    arena_free(pool->arena);
}

int proc_add(struct proc_pool *pool, size_t n, proc_answer answer, void *context)
{
    assert(pool->all - pool->n + n <= PROC_SPECIAL_MAX);
    size_t first = pool->all;
    struct worker *all = ARENA_ARRAY(pool->arena, struct worker, first + n);
    memcpy(all, pool->workers, first * sizeof *all);
    for (size_t i = first; i < first + n; i++)
        all[i] = (struct worker){
            .answer = answer, .context = context, .fd = -1, .in = buf_new(pool->reply_max)};
    pool->workers = all;
    pool->all = first + n;
    return (int)first;
}

void proc_retire(struct proc_pool *pool, int worker)
{
    end(&pool->workers[worker], NULL);
}

unsigned proc_jail(const struct proc_pool *pool)
{
    return pool->jail;
}

static void answer_nothing(void *context, struct bytes request, int file, struct buf *reply)
{
    (void)context, (void)request, (void)file, (void)reply;
}

int proc_try_jail(unsigned *ret_parts, struct err *err)
{
    struct proc_pool *pool = NULL;
    if (proc_open(1, answer_nothing, NULL, 1, &pool, err) < 0)
        return -1;
    *ret_parts = proc_jail(pool);
    proc_close(pool);
    return 0;
}

/* --- asking ----------------------------------------------------------------------------------- */

int proc_idle(const struct proc_pool *pool)
{
    for (size_t i = 0; i < pool->n; i++)
        if (!pool->workers[i].busy)
            return (int)i;
    return -1;
}

/* The system ends a worker that uses more, however busy this process is meanwhile. */
static void limit_processor(const struct worker *w)
{
    clockid_t clock;
    struct timespec used = {0};
    struct rlimit now;
    if (clock_getcpuclockid(w->pid, &clock) != 0 || clock_gettime(clock, &used) < 0 ||
        prlimit(w->pid, RLIMIT_CPU, NULL, &now) < 0)
        return; /* then the time on the wall is the limit */
    now.rlim_cur = (rlim_t)used.tv_sec + 1 + w->seconds;
    if (now.rlim_cur <= now.rlim_max)
        (void)prlimit(w->pid, RLIMIT_CPU, &now, NULL);
}

/* One message, or nothing: a worker's socket has room for it unless the worker plays tricks. */
static bool post(const struct worker *w, const struct proc_task *task)
{
    uint64_t size = task->request.n;
    struct iovec parts[] = {{&size, sizeof size},
                            {(void *)(uintptr_t)task->request.p, task->request.n}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = task->request.n ? 2 : 1};
    union control control = {0};
    if (task->file != PROC_NO_FILE) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        *c = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                              .cmsg_type = SCM_RIGHTS,
                              .cmsg_len = CMSG_LEN(sizeof(int))};
        memcpy(CMSG_DATA(c), &task->file, sizeof(int));
    }
    ssize_t sent = sendmsg(w->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == (ssize_t)(sizeof size + task->request.n);
}

/* Whether it has said something that it was not asked for. */
static bool speaks_unasked(const struct worker *w)
{
    char c;
    return recv(w->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

int proc_send(struct proc_pool *pool, int worker, const struct proc_task *task, struct err *err)
{
    struct worker *w = &pool->workers[worker];
    if (task->request.n > REQUEST_MAX)
        return err_set(err, ERR_LIMIT, "request of %zu bytes", task->request.n);
    if (w->fd >= 0 && speaks_unasked(w))
        end(w, NULL);
    if (w->fd < 0 && start_again(pool, (size_t)worker, err) < 0)
        return -1;
    w->busy = true;
    w->seconds = task->seconds;
    w->waited_ms = 0;
    w->head_n = 0;
    buf_clear(&w->in);
    limit_processor(w);
    if (!post(w, task)) /* proc_wait meets the end of its stream */
        (void)kill(w->pid, SIGKILL);
    return 0;
}

/* --- hearing ---------------------------------------------------------------------------------- */

static uint64_t expected(const struct worker *w)
{
    uint64_t n;
    memcpy(&n, w->head, sizeof n);
    return n;
}

static bool is_lie(const struct worker *w, size_t reply_max)
{
    return w->head_n == sizeof w->head && expected(w) > reply_max;
}

/* Reads what is there. 1 the reply is whole, 0 not yet, -1 the worker is gone or lies. */
static int receive(struct worker *w, size_t reply_max)
{
    static char chunk[CHUNK];
    bool head = w->head_n < sizeof w->head;
    uint64_t left = head ? sizeof w->head - w->head_n : expected(w) - w->in.n;
    size_t want = left < sizeof chunk ? (size_t)left : sizeof chunk;
    ssize_t got = recv(w->fd, chunk, want, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (got <= 0)
        return -1;
    if (!head) {
        buf_add(&w->in, chunk, (size_t)got);
        return w->in.n == expected(w);
    }
    memcpy(w->head + w->head_n, chunk, (size_t)got);
    w->head_n += (size_t)got;
    if (w->head_n < sizeof w->head)
        return 0;
    return is_lie(w, reply_max) ? -1 : expected(w) == 0;
}

static int tell_death(int status, const struct worker *w, struct err *err)
{
    if (!WIFSIGNALED(status))
        return err_set(err, ERR_LIMIT, "the reader stopped (too many results)");
    switch (WTERMSIG(status)) {
    case SIGKILL:
        return err_set(err, ERR_LIMIT, "the reader was killed (too little memory?)");
    case SIGXCPU:
        return err_set(err, ERR_LIMIT,
                       "the reader needed more than %u seconds of processor time", w->seconds);
    case SIGSYS:
        return err_set(err, ERR_CORRUPT,
                       "the reader was stopped: it tried what its jail forbids");
    case SIGABRT:
        return err_set(err, ERR_LIMIT,
                       "the reader gave up (no memory left within its limit, or a check of "
                       "its own failed)");
    case SIGBUS:
        return err_set(err, ERR_CORRUPT,
                       "the reader stopped (the file shrank or could not be read)");
    default:
        return err_set(err, ERR_CORRUPT, "the reader stopped (%s)",
                       strsignal(WTERMSIG(status)));
    }
}

enum fate { WELL, GONE, LIED, OVERDUE };

static unsigned patience(const struct proc_pool *pool, const struct worker *w)
{
    return w->seconds * PATIENCE * pool->crowd;
}

static int bury(struct proc_pool *pool, size_t i, enum fate fate, struct err *err)
{
    struct worker dead = pool->workers[i];
    int status = 0;
    end(&pool->workers[i], &status);
    struct err failed = {0};
    bool special = i >= pool->n;
    if (!special && start_again(pool, i, &failed) < 0) {
        *err = failed;
        return -1;
    }
    if (fate == OVERDUE)
        return err_set(err, ERR_LIMIT, "the reader gave no answer within %u seconds",
                       patience(pool, &dead));
    if (fate == LIED)
        return err_set(err, ERR_CORRUPT, "the reader's answer made no sense");
    return tell_death(status, &dead, err);
}

/* Fills in the workers that are to be heard: all that are busy. Where too much of their answers
 * has arrived in pieces, only the one that sent most: it can be taken next. */
static nfds_t choose(const struct proc_pool *pool, struct pollfd *fds, size_t *index)
{
    uint64_t arrived = 0;
    size_t most = 0;
    nfds_t n = 0;
    for (size_t i = 0; i < pool->all; i++) {
        const struct worker *w = &pool->workers[i];
        arrived += w->busy ? w->in.n : 0;
        if (w->busy && (!pool->workers[most].busy || w->in.n > pool->workers[most].in.n))
            most = i;
    }
    for (size_t i = 0; i < pool->all; i++) {
        if (!pool->workers[i].busy || (arrived > pool->arriving_max && i != most))
            continue;
        index[n] = i;
        fds[n++] = (struct pollfd){.fd = pool->workers[i].fd, .events = POLLIN};
    }
    return n;
}

/* Time in which this process was stopped or had other things to do is not the workers'. */
static void pass_time(struct proc_pool *pool, const size_t *index, nfds_t n)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t now = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
    uint64_t passed = now - pool->looked_ms;
    passed = passed < (uint64_t)2 * TICK_MS ? passed : (uint64_t)2 * TICK_MS;
    pool->looked_ms = now;
    for (nfds_t k = 0; k < n; k++)
        pool->workers[index[k]].waited_ms += passed;
}

static enum fate hear(const struct proc_pool *pool, struct worker *w, bool ready,
                      bool *ret_whole)
{
    int got = ready ? receive(w, pool->reply_max) : 0;
    *ret_whole = got > 0;
    if (got < 0)
        return is_lie(w, pool->reply_max) ? LIED : GONE;
    if (got == 0 && w->waited_ms > (uint64_t)patience(pool, w) * 1000)
        return OVERDUE;
    return WELL;
}

int proc_wait(struct proc_pool *pool, int *ret_worker, struct err *err)
{
    struct pollfd fds[PROC_WORKERS_MAX + PROC_SPECIAL_MAX];
    size_t index[PROC_WORKERS_MAX + PROC_SPECIAL_MAX];
    for (;;) {
        if (interrupt_pending())
            return err_set(err, ERR_INTERRUPTED, "interrupted");
        nfds_t n = choose(pool, fds, index);
        if (n == 0)
            return 0;
        if (poll(fds, n, TICK_MS) < 0 && errno != EINTR)
            return err_set(err, ERR_IO, "poll: %s", strerror(errno));
        pass_time(pool, index, n);
        for (nfds_t k = 0; k < n; k++) {
            struct worker *w = &pool->workers[index[k]];
            bool whole;
            enum fate fate = hear(pool, w, fds[k].revents != 0, &whole);
            if (fate == WELL && !whole)
                continue;
            w->busy = false;
            *ret_worker = (int)index[k];
            return fate == WELL ? 1 : bury(pool, index[k], fate, err);
        }
    }
}

struct buf proc_reply(struct proc_pool *pool, int worker)
{
    struct worker *w = &pool->workers[worker];
    struct buf reply = w->in;
    w->in = buf_new(pool->reply_max);
    return reply;
}
