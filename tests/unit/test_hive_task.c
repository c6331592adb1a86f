#include "event/hive_task.h"
#include "t.h"

static struct arena *a;

/* Version 3, for "Me": runs "a b" with "-x" in no folder; then a class with the text "d". */
static const uint8_t ACTIONS[] = {
    3,    0,    4,  0,  0,  0,   'M', 0,   'e', 0, /**/
    0x66, 0x66, 0,  0,  0,  0,   6,   0,   0,   0, 'a', 0,   ' ', 0, 'b',
    0,    4,    0,  0,  0,  '-', 0,   'x', 0,   0, 0,   0,   0,   0, 0, /**/
    0x77, 0x77, 0,  0,  0,  0,   1,   2,   3,   4, 5,   6,   7,   8, 9,
    10,   11,   12, 13, 14, 15,  16,  2,   0,   0, 0,   'd', 0,
};
static const struct bytes ALL = {ACTIONS, sizeof ACTIONS};

static void actions_are_read_in_order(void)
{
    struct task_actions t;
    struct task_action one;
    T_OK(task_actions_open(ALL, a, &t));
    T_OK(task_actions_next(&t, a, &one));
    T_STR(one.kind, "Exec");
    T_STR(one.command, "a b");
    T_STR(one.arguments, "-x");
    T_STR(one.folder, "");
    T_OK(task_actions_next(&t, a, &one));
    T_STR(one.kind, "ComHandler");
    T_STR(one.class_id, "{04030201-0605-0807-090A-0B0C0D0E0F10}");
    T_STR(one.data, "d");
    T_OK(!task_actions_next(&t, a, &one));
    T_OK(!t.c.bad);
}

/* Windows 7 names nobody, and has no flags. */
static void the_older_form_has_less(void)
{
    static const uint8_t old[] = {1, 0,   0x66, 0x66, 0, 0, 0, 0, 2, 0, 0,
                                  0, 'a', 0,    0,    0, 0, 0, 0, 0, 0, 0};
    struct task_actions t;
    struct task_action one;
    T_OK(task_actions_open((struct bytes){old, sizeof old}, a, &t));
    T_OK(task_actions_next(&t, a, &one));
    T_STR(one.command, "a");
    T_OK(!task_actions_next(&t, a, &one));
    T_OK(!t.c.bad);
}

static void what_is_unknown_is_said(void)
{
    static const uint8_t other[] = {1, 0, 0, 0, 0, 0, 0x55, 0x55, 0, 0, 0, 0};
    struct task_actions t;
    struct task_action one;
    T_OK(task_actions_open((struct bytes){other, sizeof other}, a, &t));
    T_OK(!task_actions_next(&t, a, &one));
    T_OK(t.c.bad);
    T_OK(!task_actions_open((struct bytes){(const uint8_t *)"\x09\0\0\0\0\0", 6}, a, &t));
}

static void runs_are_times(void)
{
    static const uint8_t runs[] = {3,    0,    0, 0, 0, 0x80, 0x3e, 0xd5, 0xde, 0xb1,
                                   0x9d, 0x01, 0, 0, 0, 0,    0,    0,    0,    0};
    struct task_runs r;
    T_OK(task_runs_read((struct bytes){runs, sizeof runs}, &r));
    T_OK(r.registered == instant_of_civil(1970, 1, 1, 0, 0, 0));
    T_OK(r.started == INSTANT_NONE);
    T_OK(!task_runs_read((struct bytes){runs, sizeof runs - 1}, &r));
}

static void read_any(struct bytes data)
{
    struct task_actions t;
    struct task_action one;
    struct task_runs r;
    (void)task_runs_read(data, &r);
    if (task_actions_open(data, a, &t))
        while (task_actions_next(&t, a, &one))
            T_OK(one.kind.n > 0);
}

static void no_prefix_and_no_flip_harms(void)
{
    uint8_t copy[sizeof ACTIONS];
    t_each_prefix(ALL, read_any);
    for (size_t i = 0; i < 8 * sizeof copy; i++) {
        memcpy(copy, ACTIONS, sizeof copy);
        copy[i / 8] ^= (uint8_t)(1U << i % 8);
        read_any((struct bytes){copy, sizeof copy});
    }
}

int main(void)
{
    a = arena_new();
    T_RUN(actions_are_read_in_order);
    T_RUN(the_older_form_has_less);
    T_RUN(what_is_unknown_is_said);
    T_RUN(runs_are_times);
    T_RUN(no_prefix_and_no_flip_harms);
    arena_free(a);
    return t_done();
}
