#include "sys/proc.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "t.h"

enum { REPLY_MAX = 1 << 20 };

/* What the worker does stands in the first byte of the request. */
static void answer(void *context, struct bytes request, int file, struct buf *reply)
{
    (void)file;
    static int asked;
    asked++;
    switch (request.n ? request.p[0] : 'e') {
    case 'e': /* echo, with what it was given at the start */
        buf_add(reply, request.p, request.n);
        buf_add_cstr(reply, context);
        break;
    case 'n': /* how many requests this worker has seen */
        buf_addf(reply, "%d", asked);
        break;
    case 'q': /* nothing to say */
        break;
    case 'm': /* the largest reply that may be */
    case 'x': /* one byte more */
        for (size_t i = 0; i < REPLY_MAX + (request.p[0] == 'x'); i++)
            buf_add_char(reply, (char)i);
        break;
    case 'a':
        (void)signal(SIGABRT, SIG_DFL);
        abort();
    case 's':
        (void)signal(SIGSEGV, SIG_DFL);
        (void)raise(SIGSEGV);
        break;
    case 'b':
        (void)signal(SIGBUS, SIG_DFL);
        (void)raise(SIGBUS);
        break;
    case 'k':
        (void)raise(SIGKILL);
        break;
    default:
        _exit(3);
    }
}

static struct proc_pool *open_pool(size_t n)
{
    struct err err = {0};
    struct proc_pool *pool = NULL;
    if (proc_open(n, answer, (void *)(uintptr_t) "!", REPLY_MAX, &pool, &err) < 0)
        abort();
    return pool;
}

static struct proc_task task_of(const char *request)
{
    return (struct proc_task){str_bytes(str_of(request)), PROC_NO_FILE, 60};
}

/* The answer is valid until the next one. */
static int ask(struct proc_pool *pool, const char *request, struct str *ret, struct err *err)
{
    static struct buf reply;
    struct proc_task task = task_of(request);
    int sent = proc_idle(pool);
    int worker = -1;
    T_OK(sent >= 0);
    T_EQ(proc_send(pool, sent, &task, err), 0);
    int got = proc_wait(pool, &worker, err);
    T_EQ(worker, sent);
    buf_free(&reply);
    if (got > 0)
        reply = proc_reply(pool, worker);
    *ret = buf_str(&reply);
    return got;
}

static void a_worker_answers_again_and_again(void)
{
    struct proc_pool *pool = open_pool(1);
    struct err err = {0};
    struct str reply;
    T_EQ(ask(pool, "", &reply, &err), 1);
    T_STR(reply, "!");
    for (int i = 2; i < 500; i++) {
        char want[16];
        (void)snprintf(want, sizeof want, "%d", i);
        T_EQ(ask(pool, "n", &reply, &err), 1);
        T_OK(str_eq(reply, str_of(want)));
    }
    T_EQ(ask(pool, "q", &reply, &err), 1);
    T_EQ(reply.n, 0);
    T_EQ(ask(pool, "e2", &reply, &err), 1);
    T_STR(reply, "e2!");
    T_EQ(err.code, ERR_NONE);
    proc_close(pool);
    proc_close(NULL);
}

static void a_death_costs_its_request_only(void)
{
    static const struct {
        const char *request, *why;
        enum err_code code;
    } cases[] = {
        {"a", "gave up", ERR_LIMIT},          {"s", "Segmentation", ERR_CORRUPT},
        {"b", "shrank", ERR_CORRUPT},         {"k", "killed", ERR_LIMIT},
        {"x", "too many results", ERR_LIMIT}, {"?", "stopped", ERR_LIMIT},
    };
    struct proc_pool *pool = open_pool(1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        struct str reply;
        T_EQ(ask(pool, cases[i].request, &reply, &err), -1);
        T_EQ(err.code, cases[i].code);
        if (!strstr(err.msg, cases[i].why))
            t_failed += printf("%s: %s\n", cases[i].request, err.msg) > 0;
        T_EQ(ask(pool, "n", &reply, &err), 1); /* a new one stands in its place */
        T_STR(reply, "1");
    }
    proc_close(pool);
}

static void the_largest_reply_arrives(void)
{
    struct proc_pool *pool = open_pool(2);
    struct err err = {0};
    struct str reply;
    for (int i = 0; i < 3; i++) {
        T_EQ(ask(pool, "m", &reply, &err), 1);
        T_EQ(reply.n, REPLY_MAX);
        size_t bad = 0;
        for (size_t k = 0; k < reply.n; k++)
            bad += reply.p[k] != (char)k;
        T_EQ(bad, 0);
    }
    static char large[65537];
    struct proc_task task = {{(const uint8_t *)large, sizeof large}, PROC_NO_FILE, 60};
    T_EQ(proc_send(pool, 0, &task, &err), -1);
    T_EQ(err.code, ERR_LIMIT);
    proc_close(pool);
}

/* All workers busy; each reply comes from the worker that was asked, whatever dies beside. */
static void replies_belong_to_their_requests(void)
{
    enum { N = 5, ROUNDS = 40 };
    struct proc_pool *pool = open_pool(N);
    struct err err = {0};
    int worker = -1;
    T_EQ(proc_wait(pool, &worker, &err), 0);
    for (int round = 0; round < ROUNDS; round++) {
        char request[N][8];
        for (int i = 0; i < N; i++) {
            int w = proc_idle(pool);
            T_EQ(w, i);
            bool dies = (round + i) % 7 == 0;
            int n = snprintf(request[i], sizeof request[i], "%c%d", dies ? '?' : 'e', i);
            struct proc_task task = {{(uint8_t *)request[i], (size_t)n}, PROC_NO_FILE, 60};
            T_EQ(proc_send(pool, w, &task, &err), 0);
        }
        T_EQ(proc_idle(pool), -1);
        for (int i = 0; i < N; i++) {
            int got = proc_wait(pool, &worker, &err);
            bool dies = (round + worker) % 7 == 0;
            T_EQ(got, dies ? -1 : 1);
            struct buf reply = got > 0 ? proc_reply(pool, worker) : (struct buf){0};
            T_OK(dies || (reply.n == 3 && memcmp(reply.p, request[worker], 2) == 0));
            buf_free(&reply);
        }
        T_EQ(proc_wait(pool, &worker, &err), 0);
    }
    proc_close(pool);
    T_OK(waitpid(-1, NULL, WNOHANG) < 0); /* nobody is left */
}

/* A worker that cannot be replaced at once is so later; until then asking it fails. */
static void a_place_left_empty_does_not_hang(void)
{
    struct proc_pool *pool = open_pool(1);
    struct err err = {0};
    struct str reply;
    struct rlimit most;
    T_EQ(getrlimit(RLIMIT_NOFILE, &most), 0);
    int next = dup(STDIN_FILENO); /* a pair needs this descriptor too */
    T_OK(next >= 0 && close(next) == 0);
    struct rlimit none = {(rlim_t)next, most.rlim_max};
    int sent = proc_idle(pool);
    int worker = -1;
    struct proc_task dies = task_of("?");
    struct proc_task echoes = task_of("e");
    T_EQ(proc_send(pool, sent, &dies, &err), 0);
    T_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    T_EQ(proc_wait(pool, &worker, &err), -1);
    T_EQ(worker, sent);
    err = (struct err){0};
    T_EQ(proc_send(pool, sent, &echoes, &err), -1);
    T_EQ(err.code, ERR_IO);
    T_EQ(setrlimit(RLIMIT_NOFILE, &most), 0);
    T_EQ(ask(pool, "e", &reply, &err), 1);
    T_STR(reply, "e!");
    proc_close(pool);
}

static void a_pool_has_a_size(void)
{
    struct proc_pool *pool = NULL;
    struct err err = {0};
    T_EQ(proc_open(0, answer, NULL, 1, &pool, &err), -1);
    T_EQ(proc_open(PROC_WORKERS_MAX + 1, answer, NULL, 1, &pool, &err), -1);
    T_EQ(err.code, ERR_INVALID);
    T_OK(pool == NULL);
    pool = open_pool(40);
    proc_close(pool);
}

int main(void)
{
    struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)alarm(60); /* a pool that hangs is a failure */
    T_RUN(a_worker_answers_again_and_again);
    T_RUN(a_death_costs_its_request_only);
    T_RUN(the_largest_reply_arrives);
    T_RUN(replies_belong_to_their_requests);
    T_RUN(a_place_left_empty_does_not_hang);
    T_RUN(a_pool_has_a_size);
    return t_done();
}
