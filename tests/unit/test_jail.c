#include "sys/jail.h"

#include <time.h>

#include "jail_attempts.h"
#include "sys/proc.h"
#include "t.h"

enum { REPLY_MAX = 1 << 20, RUNS = 1000 };

/* --- attempts: what is refused inside works outside -------------------------------------------- */

/* Runs an attempt in a process without a jail. */
static bool works_outside(const struct attempt *a)
{
    int status = 0;
    if (!attempts_files())
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        (void)alarm(10);
        _exit(a->run() == 0 ? 0 : 1);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void answer_attempt(void *context, struct bytes request, int file, struct buf *reply)
{
    (void)context, (void)file;
    buf_add_cstr(reply, ATTEMPTS[request.p[0]].run() == 0 ? "works" : "refused");
}

static void only_what_is_needed_works(void)
{
    struct proc_pool *pool = NULL;
    struct err err = {0};
    T_EQ(proc_open(1, answer_attempt, NULL, REPLY_MAX, &pool, &err), 0);
    bool whole = (proc_jail(pool) | jail_left_out()) == JAIL_ALL && !jail_left_out();
    if (!whole)
        (void)printf("    skipped: this system or this build has no whole jail (parts %x)\n",
                     proc_jail(pool));
    for (size_t i = 0; i < ATTEMPTS_N && whole; i++) {
        uint8_t which = (uint8_t)i;
        struct proc_task task = {{&which, 1}, PROC_NO_FILE, 60};
        int worker;
        if (!works_outside(&ATTEMPTS[i])) {
            (void)printf("    skipped: %s: does not work here even without a jail\n",
                         ATTEMPTS[i].name);
            continue;
        }
        T_OK(attempts_files());
        T_EQ(proc_send(pool, 0, &task, &err), 0);
        int got = proc_wait(pool, &worker, &err);
        struct buf reply = got > 0 ? proc_reply(pool, worker) : (struct buf){0};
        if (got > 0 && !str_eq(buf_str(&reply), STR("refused")))
            t_failed += printf("    %s: works in the jail\n", ATTEMPTS[i].name) > 0;
        buf_free(&reply);
    }
    proc_close(pool);
}

/* --- what a worker may do to its parent by its answers ------------------------------------------- */

static _Noreturn void pause_for_ever(void)
{
    sigset_t none;
    (void)sigemptyset(&none);
    for (;;)
        (void)recv(JAIL_SOCKET, &(char){0}, 1, 0); /* nobody says anything */
}

static void say_length(uint64_t n)
{
    (void)send(JAIL_SOCKET, &n, sizeof n, MSG_NOSIGNAL);
}

static _Noreturn void say_for_ever(void)
{
    static char bytes[65536];
    while (send(JAIL_SOCKET, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
        continue;
    pause_for_ever();
}

static void answer_badly(void *context, struct bytes request, int file, struct buf *reply)
{
    (void)context, (void)file;
    switch (request.p[0]) {
    case 'o': /* well */
        buf_add_cstr(reply, "well");
        break;
    case 'r': /* runs for ever */
        for (volatile bool for_ever = true; for_ever;)
            continue;
        break;
    case 's': /* says nothing */
        pause_for_ever();
    case 'h': /* stops in the middle of the length */
        (void)send(JAIL_SOCKET, "\1\0", 2, MSG_NOSIGNAL);
        pause_for_ever();
    case 'd': /* stops in the middle of the answer */
        say_length(1000);
        (void)send(JAIL_SOCKET, "half", 4, MSG_NOSIGNAL);
        pause_for_ever();
    case 'l': /* promises more than may be */
        say_length(UINT64_MAX);
        pause_for_ever();
    case 'e': /* says more than it promised, and does not stop */
        say_length(4);
        say_for_ever();
    case 'b': /* promises the most, and does not stop */
        say_length(REPLY_MAX);
        say_for_ever();
    case 'm': /* takes memory */
        for (;;) {
            void *volatile taken = calloc(1, 64 << 20); /* else the compiler leaves it out */
            if (!taken)
                abort();
        }
    default:
        break;
    }
}

static int ask_for(struct proc_pool *pool, const char *request, unsigned seconds,
                   struct err *err)
{
    struct proc_task task = {str_bytes(str_of(request)), PROC_NO_FILE, seconds};
    int worker = -1;
    T_EQ(proc_send(pool, 0, &task, err), 0);
    int got = proc_wait(pool, &worker, err);
    struct buf reply = got > 0 ? proc_reply(pool, worker) : (struct buf){0};
    T_OK(reply.n <= REPLY_MAX);
    buf_free(&reply);
    return got;
}

static int ask(struct proc_pool *pool, const char *request, struct err *err)
{
    return ask_for(pool, request, 1, err);
}

/* However long the system takes to hand memory out. */
enum { UNHURRIED = 120 };

static void dies_for(struct proc_pool *pool, const char *request, const char *why)
{
    struct err err = {0};
    T_EQ(ask_for(pool, request, UNHURRIED, &err), -1);
    if (!strstr(err.msg, why))
        t_failed += printf("    %s: %s\n", request, err.msg) > 0;
    T_EQ(ask(pool, "o", &err), 1); /* the work goes on */
}

static void a_lie_or_a_flood_costs_its_request(void)
{
    struct proc_pool *pool = NULL;
    struct err err = {0};
    T_EQ(proc_open(1, answer_badly, NULL, REPLY_MAX, &pool, &err), 0);
    dies_for(pool, "l", "made no sense");
    if (proc_jail(pool) & JAIL_MEMORY)
        dies_for(pool, "m", "no memory left");
    else
        (void)printf("    skipped: memory has no limit on this system or in this build\n");
    for (int i = 0; i < 10 && !strstr(err.msg, "processor time"); i++)
        T_EQ(ask(pool, "r", &err), -1); /* a busy machine may let it wait too long first */
    T_OK(strstr(err.msg, "more than 1 seconds of processor time") != NULL);
    T_EQ(ask(pool, "o", &err), 1);
    proc_close(pool);
}

/* Three at once, and one beside them that does its work. */
static void silence_stops_nobody(void)
{
    enum { N = 4 };
    static const char *const requests[N] = {"s", "h", "d", "o"};
    struct proc_pool *pool = NULL;
    struct err err = {0};
    bool done[N] = {0};
    T_EQ(proc_open(N, answer_badly, NULL, REPLY_MAX, &pool, &err), 0);
    for (int i = 0; i < N; i++) {
        struct proc_task task = {str_bytes(str_of(requests[i])), PROC_NO_FILE, 1};
        T_EQ(proc_send(pool, i, &task, &err), 0);
    }
    for (int i = 0; i < N; i++) {
        int worker = 0;
        int got = proc_wait(pool, &worker, &err);
        T_OK(!done[worker]);
        done[worker] = true;
        T_EQ(got, worker == 3 ? 1 : -1);
        T_OK(got > 0 || strstr(err.msg, "gave no answer within") != NULL);
    }
    T_EQ(proc_wait(pool, &(int){0}, &err), 0);
    T_EQ(ask(pool, "o", &err), 1);
    proc_close(pool);
}

/* What comes behind an answer is not taken for the next one. */
static void endless_answers_are_cut_off(void)
{
    struct proc_pool *pool = NULL;
    struct err err = {0};
    T_EQ(proc_open(1, answer_badly, NULL, REPLY_MAX, &pool, &err), 0);
    T_EQ(ask(pool, "e", &err), 1);
    T_EQ(ask(pool, "o", &err), 1);
    T_EQ(ask(pool, "b", &err), 1);
    T_EQ(ask(pool, "o", &err), 1);
    proc_close(pool); /* a worker that does not go is ended */
}

/* --- what is handed along -------------------------------------------------------------------------- */

static void answer_file(void *context, struct bytes request, int file, struct buf *reply)
{
    char text[8];
    (void)context, (void)request;
    if (file == PROC_NO_FILE) {
        buf_add_cstr(reply, "none");
        return;
    }
    void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    memcpy(text, p, sizeof text);
    buf_add(reply, text, sizeof text);
    if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) != MAP_FAILED)
        buf_add_cstr(reply, " and may be written");
    (void)munmap(p, 4096);
    (void)close(file);
}

static void a_file_is_handed_along(void)
{
    struct proc_pool *pool = NULL;
    struct err err = {0};
    char path[] = "/tmp/assay-jail-XXXXXX";
    int made = mkstemp(path);
    T_OK(made >= 0 && write(made, "evidence", 8) == 8 && close(made) == 0);
    T_EQ(proc_open(1, answer_file, NULL, REPLY_MAX, &pool, &err), 0);
    for (int i = 0; i < RUNS; i++) { /* none is left open in the worker: it has room for few */
        int file = open(path, O_RDONLY | O_CLOEXEC);
        struct proc_task task = {{0}, i % 3 ? file : PROC_NO_FILE, 60};
        int worker;
        T_EQ(proc_send(pool, 0, &task, &err), 0);
        T_EQ(proc_wait(pool, &worker, &err), 1);
        struct buf reply = proc_reply(pool, worker);
        T_OK(str_eq(buf_str(&reply), i % 3 ? STR("evidence") : STR("none")));
        buf_free(&reply);
        (void)close(file);
    }
    proc_close(pool);
    (void)unlink(path);
}

/* --- what is said of it --------------------------------------------------------------------------- */

static void parts_have_names(void)
{
    struct buf text = buf_new(1000);
    jail_list(JAIL_ALL, &text);
    T_STR(buf_str(&text), "system calls (seccomp), files (Landlock), memory (RLIMIT_DATA), "
                          "unwritable code");
    buf_free(&text);
    T_STR(str_of(jail_name(JAIL_PATHS)), "paths");
    unsigned parts = 0;
    struct err err = {0};
    T_EQ(proc_try_jail(&parts, &err), 0);
    T_EQ(parts & ~(unsigned)JAIL_ALL, 0);
    T_EQ(parts & jail_left_out(), 0);
}

int main(void)
{
    char folder[] = "/tmp/assay-jail-XXXXXX";
    (void)alarm(300);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    T_OK(mkdtemp(folder) && attempts_prepare(folder));
    T_RUN(only_what_is_needed_works);
    T_RUN(a_lie_or_a_flood_costs_its_request);
    T_RUN(silence_stops_nobody);
    T_RUN(endless_answers_are_cut_off);
    T_RUN(a_file_is_handed_along);
    T_RUN(parts_have_names);
    attempts_clean();
    (void)rmdir(folder);
    return t_done();
}
