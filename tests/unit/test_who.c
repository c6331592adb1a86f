/* What initiators were: docs/verdict.md, "Roles". */
#include "judge_t.h"

static size_t file;

static struct hit *tell(uint32_t rule, enum axis axis, enum state state, int64_t minute,
                        const char *who)
{
    struct seed s = seed_of(axis, state);
    s.key = arena_printf(w.arena, "%u %lld\n", rule, (long long)minute);
    s.initiator = str_of(who);
    struct hit *h = hit(file, "SRV", minute, &s);
    h->rule = rule;
    return h;
}

static void begin(void)
{
    file = log_of("SRV", 0, 1440);
    (void)noted(SIGNAL_BUILD, file, "SRV", "15.1.2106.2", at(0), at(1440));
}

static struct str role_in(const struct campaign *c, const char *who)
{
    for (size_t i = 0; i < c->n_initiators; i++)
        if (str_eq(c->initiators[i].value, str_of(who)))
            return str_of(role_name(c->initiators[i].role));
    return STR("(nobody)");
}
#define T_ROLE(c, who, role) T_STR(role_in(c, who), role)

static void who_only_looked_is_a_scanner(void)
{
    begin();
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_PROBED, 1, "203.0.113.1");
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 2, "203.0.113.2");
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_REACHED, 3, "203.0.113.3");
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_PROBED, 4, "203.0.113.3");
    const struct campaign *c = judged();
    T_ROLE(c, "203.0.113.1", "scanner");
    T_ROLE(c, "203.0.113.2", "intruder"); /* tried, and nothing else */
    T_ROLE(c, "203.0.113.3", "intruder");
    T_EQ(c->entry.answer, ANSWER_REACHED);
}

static void who_tries_several_flaws_in_vain_is_a_scanner(void)
{
    begin();
    w.n_packs = 3;
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 1, "203.0.113.1");
    (void)tell(OTHER_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 2, "203.0.113.1");
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 3, "203.0.113.2");
    (void)tell(OTHER_RULE, AXIS_ENTRY, STATE_REACHED, 4, "203.0.113.2");
    const struct campaign *c = judged();
    T_ROLE(c, "203.0.113.1", "scanner");
    T_ROLE(said_of("q"), "203.0.113.1", "scanner");
    T_ROLE(c, "203.0.113.2", "intruder"); /* one of them answered */
    T_EQ(c->entry.answer, ANSWER_ATTEMPTED);
}

static void who_tries_several_servers_in_vain_is_a_scanner(void)
{
    begin();
    size_t other = evidence("two/Logging/HttpProxy/a.log", FORMAT_HTTPPROXY);
    (void)noted(SIGNAL_HOST, other, "TWO", "|", at(0), at(1440));
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 1, "203.0.113.1");
    tell(PACK_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 2, "203.0.113.1")->host = STR("TWO");
    T_ROLE(judged(), "203.0.113.1", "scanner");
}

static void who_asks_for_shells_that_are_not_there_is_a_guesser(void)
{
    begin();
    (void)tell(WEB_RULE, AXIS_ENTRY, STATE_PROBED, 1, "203.0.113.1");
    (void)tell(WEB_RULE, AXIS_ENTRY, STATE_PROBED, 2, "203.0.113.2");
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_PROBED, 3, "203.0.113.2");
    (void)tell(WEB_RULE, AXIS_ENTRY, STATE_PROBED, 4, "203.0.113.3");
    (void)tell(WEB_RULE, AXIS_BACKDOOR, STATE_USED, 900, "203.0.113.3"); /* found one */
    const struct campaign *c = judged();
    T_ROLE(c, "203.0.113.1", "guesser");
    T_ROLE(c, "203.0.113.2", "scanner");
    T_ROLE(c, "203.0.113.3", "intruder");
}

/* That the flaw is there is told all the same. */
static void who_sees_that_the_flaw_is_there_is_a_scanner(void)
{
    begin();
    (void)tell(LOOK_RULE, AXIS_ENTRY, STATE_REACHED, 1, "203.0.113.1");
    (void)tell(LOOK_RULE, AXIS_ENTRY, STATE_REACHED, 900, "203.0.113.1");
    (void)tell(LOOK_RULE, AXIS_ENTRY, STATE_REACHED, 2, "203.0.113.2");
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 3, "203.0.113.2");
    (void)tell(LOOK_RULE, AXIS_ENTRY, STATE_REACHED, 4, "203.0.113.3");
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_REACHED, 5, "203.0.113.3");
    const struct campaign *c = judged();
    T_EQ(c->entry.answer, ANSWER_REACHED);
    T_ROLE(c, "203.0.113.1", "scanner");
    T_ROLE(c, "203.0.113.2", "intruder"); /* it saw it, and tried */
    T_ROLE(c, "203.0.113.3", "intruder");
}

/* One request of which rules of two packs tell is no scan for two flaws. */
static void one_record_is_one_flaw(void)
{
    begin();
    w.n_packs = 3;
    struct hit *h = tell(PACK_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 1, "203.0.113.1");
    uint64_t place = h->offset;
    tell(WEB_RULE, AXIS_ENTRY, STATE_PROBED, 1, "203.0.113.1")->offset = place;
    tell(OTHER_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 1, "203.0.113.1")->offset = place;
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 2, "203.0.113.2");
    (void)tell(WEB_RULE, AXIS_ENTRY, STATE_PROBED, 2, "203.0.113.2");
    const struct campaign *c = judged();
    T_ROLE(c, "203.0.113.1", "intruder");
    T_ROLE(c, "203.0.113.2", "scanner"); /* it looked for back doors, too */
}

/* What a client says of itself excuses no more than a look, and nobody from outside. */
static void the_products_own_probes(void)
{
    static const struct {
        const char *who;
        enum state state;
        bool says_so;
        const char *role;
    } cases[] = {
        {"127.0.0.1", STATE_PROBED, true, "health_probe"},
        {"10.0.0.9", STATE_PROBED, true, "health_probe"},
        {"127.0.0.1", STATE_PROBED, false, "scanner"},
        {"127.0.0.1", STATE_ATTEMPTED, true, "intruder"},
        {"203.0.113.7", STATE_PROBED, true, "scanner"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        begin();
        struct hit *h = tell(PACK_RULE, AXIS_ENTRY, cases[i].state, 1, cases[i].who);
        h->marks = cases[i].says_so ? MARK_HEALTH_PROBE : 0U;
        t_str(role_in(judged(), cases[i].who), str_of(cases[i].role), "role", __FILE__, (int)i);
    }
}

static void everyday_work_is_an_administrators(void)
{
    begin();
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_EXPLOITED, 10, "203.0.113.1");
    (void)tell(PACK_RULE, AXIS_CONTEXT, STATE_NOISE, 11, "EXAMPLE\\admin");
    const struct campaign *c = judged();
    T_EQ(c->n_initiators, 2);
    T_STR(c->initiators[1].kind, "account");
    T_ROLE(c, "EXAMPLE\\admin", "administrator");
    T_ROLE(c, "203.0.113.1", "intruder");
}

int main(void)
{
    static void (*const tests[])(void) = {
        who_only_looked_is_a_scanner,
        who_tries_several_flaws_in_vain_is_a_scanner,
        who_tries_several_servers_in_vain_is_a_scanner,
        who_asks_for_shells_that_are_not_there_is_a_guesser,
        who_sees_that_the_flaw_is_there_is_a_scanner,
        one_record_is_one_flaw,
        the_products_own_probes,
        everyday_work_is_an_administrators,
    };
    IN_WORLDS(tests);
    return t_done();
}
