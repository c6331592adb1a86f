#include "rule/verdicts.h"

#include "t.h"

static uint8_t bytes[EVENT_KEY_MAX];
static uint64_t mark;

static struct event_key key_of(uint32_t value)
{
    memcpy(bytes + EVENT_KEY_HEAD, &value, sizeof value);
    return (struct event_key){
        {(const uint8_t *)"print", 5}, &mark, bytes, EVENT_KEY_HEAD + sizeof value};
}

/* Asks, and teaches what is not known: a rule of the value's number. */
static bool ask(struct verdicts *v, uint32_t wish, unsigned salt, uint32_t value)
{
    struct verdict known = {0};
    struct event_key key = key_of(value);
    if (verdicts_find(v, &(struct wish){.id = wish}, salt, &key, &known)) {
        T_EQ(known.n, 1);
        T_EQ(known.rules[0], value);
        T_EQ(known.marks[0], value + 1);
        return true;
    }
    verdicts_learn(v, &key, &(struct verdict){&value, &(unsigned){value + 1}, 1});
    return false;
}

static void what_is_met_twice_is_kept(void)
{
    struct arena *arena = arena_new();
    struct verdicts *v = verdicts_new(arena);
    T_OK(!ask(v, 1, 0, 7)); /* only noted */
    T_OK(!ask(v, 1, 0, 7)); /* kept */
    T_OK(ask(v, 1, 0, 7));
    T_OK(!ask(v, 1, 0, 8));
    T_OK(!ask(v, 2, 0, 7)); /* another wish */
    T_OK(!ask(v, 1, 1, 7)); /* another salt */
    mark = 0;               /* the shape is met in another file */
    T_OK(ask(v, 1, 0, 7));
    mark = UINT64_MAX; /* another shape */
    T_OK(!ask(v, 1, 0, 7));
    mark = 0;
    arena_free(arena);
}

static void a_shape_has_one_number_in_all_tables(void)
{
    struct arena *arena = arena_new();
    struct verdicts *a = verdicts_new(arena);
    struct verdicts *b = verdicts_new(arena);
    uint8_t other[] = "other";
    struct verdict known;
    for (int i = 0; i < 3; i++)
        (void)ask(a, 1, 0, 7);
    uint64_t others = 0;
    struct event_key key = key_of(7);
    key.print = (struct bytes){other, sizeof other};
    key.mark = &others;
    T_OK(!verdicts_find(b, &(struct wish){.id = 1}, 0, &key, &known));
    T_OK(others != mark); /* numbers of two tables are never the same */
    arena_free(arena);
}

/* More than there is room for: what is known is right still. */
static void a_flood_changes_nothing_that_is_known(void)
{
    enum { MANY = 200000 };
    struct arena *arena = arena_new();
    struct verdicts *v = verdicts_new(arena);
    for (uint32_t i = 0; i < MANY; i++)
        for (int again = 0; again < 3; again++)
            (void)ask(v, 1, 0, i);
    T_OK(arena_used(arena) < (size_t)64 << 20);
    for (uint32_t i = 0; i < MANY; i += 97)
        (void)ask(v, 1, 0, i);
    arena_free(arena);
}

int main(void)
{
    T_RUN(what_is_met_twice_is_kept);
    T_RUN(a_shape_has_one_number_in_all_tables);
    T_RUN(a_flood_changes_nothing_that_is_known);
    return t_done();
}
