/* What is published about groups, held against what was found. */
#include "judge_t.h"

static size_t file;

static void hints_of_the_pack(const char *text)
{
    struct err err = {0};
    struct pack p;
    T_EQ(pack_parse(arena_printf(w.arena, "%s%s", WORLD_PACK, text), w.arena, &p, &err), 0);
    w.packs[0] = p;
}

static struct seed *door(int64_t minute, const char *where, const char *from,
                         const char *shares)
{
    struct seed seed = seed_of(AXIS_BACKDOOR, STATE_USED);
    seed.key = arena_printf(w.arena, "%zu\n", w.findings.n_hits);
    seed.object = str_of(where);
    seed.initiator = str_of(from);
    seed.shares = str_of(shares);
    return (struct seed *)(uintptr_t)hit(file, "SRV", minute, &seed)->seeds;
}

static const char HINTS[] = "hints:\n"
                            "  - {actor: One, kind: page, value: /owa/auth/x.aspx, source: S}\n"
                            "  - {actor: Two, kind: page, value: /owa/auth/x.aspx, source: S}\n"
                            "  - {actor: One, kind: address, value: 203.0.113.9, from: "
                            "2021-03-01, to: 2021-03-02, source: S}\n"
                            "  - {actor: Key, kind: key, value: klk, source: S}\n";

static void what_fits_is_told_with_all_who_used_it(void)
{
    file = log_of("SRV", 0, 14400);
    hints_of_the_pack(HINTS);
    door(5,
         "C:\\Program Files\\Microsoft\\Exchange "
         "Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\X.aspx",
         "203.0.113.9", "key\tKLK\ncontent\tklk2\n");
    const struct campaign *c = judged();
    T_EQ(c->n_hints, 4);
    T_STR(c->hints[0].of->actor, "One");
    T_STR(c->hints[1].of->actor, "Two");
    T_EQ(c->hints[0].facts.n, 1);
}

static void an_address_counts_in_its_time_only(void)
{
    file = log_of("SRV", 0, 14400);
    hints_of_the_pack(HINTS);
    door(3000, "/owa/auth/y.aspx", "203.0.113.9", "content\tklk\n");
    T_EQ(judged()->n_hints, 0);
}

static void nothing_is_hinted_where_nobody_got_in(void)
{
    file = log_of("SRV", 0, 14400);
    hints_of_the_pack(HINTS);
    struct seed seed = seed_of(AXIS_ENTRY, STATE_ATTEMPTED);
    seed.initiator = STR("203.0.113.9");
    (void)hit(file, "SRV", 5, &seed);
    T_EQ(judged()->n_hints, 0);
}

static void a_hint_without_a_source_is_refused(void)
{
    struct err err = {0};
    struct pack p;
    T_EQ(pack_parse(arena_printf(w.arena, "%shints: [{actor: A, kind: page, value: /x}]\n",
                                 WORLD_PACK),
                    w.arena, &p, &err),
         -1);
}

int main(void)
{
    static void (*const tests[])(void) = {
        what_fits_is_told_with_all_who_used_it,
        an_address_counts_in_its_time_only,
        nothing_is_hinted_where_nobody_got_in,
        a_hint_without_a_source_is_refused,
    };
    IN_WORLDS(tests);
    return t_done();
}
