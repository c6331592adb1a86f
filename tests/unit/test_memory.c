#include "sys/memory.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "scan/memory.h"
#include "scan/porting.h"
#include "sys/jail.h"
#include "t.h"

#define MB ((size_t)1 << 20)

static const struct memory_need USUAL = {.limit = 2000 * MB,
                                         .in_use = 70 * MB,
                                         .jobs = 8,
                                         .reply = 256 * MB,
                                         .stored = 512 * MB,
                                         .carriers = true,
                                         .correlations = true};

/* The most that a plan may come to: a worker may stand for a whole answer that just came, a
 * buffer may be half empty, and the oldest carrier may hold as much again. */
static size_t worst(const struct memory_need *need, const struct memory_plan *p)
{
    size_t processes = p->jobs + (need->carriers ? p->lanes * PORTING_DEPTH : 0);
    size_t held = need->carriers ? 2 * p->held : 0;
    return p->parent + processes * p->worker + held;
}

static void all_together_stays_below_the_limit(void)
{
    struct err err = {0};
    for (int i = 0; i < 4; i++)
        for (size_t jobs = 1; jobs <= 256; jobs = jobs * 2 + 1)
            for (size_t mb = 50; mb < 100000; mb += mb / 3) {
                struct memory_need need = USUAL;
                struct memory_plan plan = {0};
                need.limit = mb * MB;
                need.jobs = jobs;
                need.carriers = i & 1;
                need.correlations = i & 2;
                if (memory_divide(&need, &plan, &err) < 0)
                    continue;
                T_OK(worst(&need, &plan) <= need.limit);
                T_OK(plan.jobs >= 1 && plan.jobs <= jobs && plan.lanes >= 1);
                T_OK(2 * (plan.arriving + plan.stored + plan.reply) <= plan.parent);
                T_OK(plan.reply <= need.reply && plan.stored <= need.stored);
                T_OK(plan.worker >= 64 * MB);
            }
}

static void too_little_is_refused_and_the_least_is_told(void)
{
    struct memory_need need = USUAL;
    struct memory_plan plan = {0};
    struct err err = {0};
    need.limit = 60 * MB; /* less than is in use */
    T_EQ(memory_divide(&need, &plan, &err), -1);
    T_EQ(err.code, ERR_LIMIT);
    const char *told = strstr(err.msg, "--max-memory ");
    T_OK(told != NULL);
    size_t least = told ? (size_t)strtoul(told + strlen("--max-memory "), NULL, 10) : 0;
    need.limit = (least - 1) * MB;
    T_EQ(memory_divide(&need, &plan, &err), -1);
    need.limit = least * MB;
    T_EQ(memory_divide(&need, &plan, &err), 0);
    T_EQ(plan.jobs, 1);
}

static void fewer_workers_rather_than_starved_ones(void)
{
    struct memory_need need = USUAL;
    struct memory_plan little = {0};
    struct memory_plan much = {0};
    struct err err = {0};
    T_EQ(memory_divide(&need, &little, &err), 0);
    need.limit = 640000 * MB;
    T_EQ(memory_divide(&need, &much, &err), 0);
    T_OK(little.jobs < 8);
    T_EQ(much.jobs, 8);
    T_EQ(much.worker, 2048 * MB);
    T_EQ(much.reply, need.reply);
}

static void without_a_limit_all_is_as_it_was(void)
{
    struct memory_need need = USUAL;
    struct memory_plan plan = {0};
    struct err err = {0};
    need.limit = 0;
    T_EQ(memory_divide(&need, &plan, &err), 0);
    T_EQ(plan.jobs, 8);
    T_EQ(plan.worker, 2048 * MB);
    T_EQ(plan.held, PORTING_HELD_MAX);
    T_EQ(plan.parent, 0);
    T_EQ(plan.correlate, 0);
}

/* In a process of its own: what becomes of it. */
static int after_taking(size_t limit, size_t bytes)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(STDERR_FILENO);
        memory_limit(memory_in_use() + limit, 2);
        struct arena *a = arena_new();
        char *p = ARENA_ARRAY(a, char, bytes);
        p[bytes - 1] = 1;
        arena_free(a);
        _exit(0);
    }
    int status = -1;
    (void)waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void what_is_in_use_is_known(void)
{
    size_t before = memory_in_use();
    struct arena *a = arena_new();
    (void)ARENA_ARRAY(a, char, 64 * MB);
    size_t after = memory_in_use();
    arena_free(a);
    T_OK(before > 0);
    T_OK(after >= before + 60 * MB && after < before + 80 * MB);
}

static void beyond_the_limit_the_process_ends_with_its_status(void)
{
    if (jail_left_out() & JAIL_MEMORY) /* sanitizers take what they need */
        return;
    T_EQ(after_taking(100 * MB, 50 * MB), 0);
    T_EQ(after_taking(100 * MB, 150 * MB), 2);
}

int main(void)
{
    T_RUN(all_together_stays_below_the_limit);
    T_RUN(too_little_is_refused_and_the_least_is_told);
    T_RUN(fewer_workers_rather_than_starved_ones);
    T_RUN(without_a_limit_all_is_as_it_was);
    T_RUN(what_is_in_use_is_known);
    T_RUN(beyond_the_limit_the_process_ends_with_its_status);
    return t_done();
}
