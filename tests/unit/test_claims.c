/* Whose act it is: docs/verdict.md, "Whose act it is". */
#include "judge_t.h"

static size_t file;

static void whole_day(const char *build)
{
    file = log_of("SRV", 0, 1440);
    complete(file, "SRV", 0, 1440);
    (void)noted(SIGNAL_BUILD, file, "SRV", build, at(0), at(1440));
}

/* Every act by a rule is another one: its key holds the minute. */
static struct hit *tell(uint32_t rule, enum axis axis, enum state state, int64_t minute)
{
    struct seed s = seed_of(axis, state);
    s.key = arena_printf(w.arena, "%u %d %lld\n", rule, (int)axis, (long long)minute);
    s.object = axis == AXIS_BACKDOOR
                   ? arena_printf(w.arena, "/owa/auth/%lld.aspx", (long long)minute)
                   : STR("");
    struct hit *h = hit(file, "SRV", minute, &s);
    h->rule = rule;
    return h;
}

static struct seed *seed_in(struct hit *h)
{
    return (struct seed *)(uintptr_t)h->seeds;
}

/* Under which pack's heading the only fact of an axis is told. */
static struct str told_under(enum axis axis)
{
    struct str pack = STR("nowhere");
    for (size_t i = 0; i < w.verdict.n_facts; i++)
        if (w.verdict.facts[i].axis == axis && !str_eq(w.verdict.facts[i].origin, STR("p")) &&
            !str_eq(w.verdict.facts[i].origin, STR("q")))
            pack = w.verdict.facts[i].pack;
    return pack;
}
#define T_UNDER(axis, pack) t_str(told_under(axis), str_of(pack), "heading", __FILE__, __LINE__)

static void the_only_way_that_was_open_is_concluded(void)
{
    whole_day("15.1.2106.2");
    (void)tell(WEB_RULE, AXIS_BACKDOOR, STATE_PRESENT, 9);
    const struct campaign *c = judged();
    T_UNDER(AXIS_BACKDOOR, "p");
    T_EQ(c->entry.answer, ANSWER_EXPLOITED);
    T_OK(c->entry.inferred && c->n_items == 1);
    T_EQ(w.verdict.per_host[0].n_campaigns, 1); /* and nowhere else */
}

/* Which of two ways it was nobody can say: none is named, and none is free of suspicion. */
static void of_several_ways_none_is_named(void)
{
    whole_day("15.1.2106.2");
    w.n_packs = 3;
    const struct campaign *p = judged();
    T_EQ(p->entry.answer, ANSWER_NONE_SEEN);
    T_EQ(said_of("q")->entry.answer, ANSWER_NONE_SEEN);

    (void)tell(WEB_RULE, AXIS_BACKDOOR, STATE_PRESENT, 9);
    p = judged();
    const struct campaign *g = said_of("g");
    T_UNDER(AXIS_BACKDOOR, "g");
    T_OK(g->entry.answer == ANSWER_EXPLOITED && g->entry.inferred);
    T_EQ(g->n_candidates, 2);
    for (int k = 0; k < 2; k++) {
        const struct campaign *c = k ? said_of("q") : p;
        T_EQ(c->entry.answer, ANSWER_NONE_SEEN_PARTIAL);
        T_EQ(c->backdoor.answer, ANSWER_NONE_SEEN_PARTIAL);
        T_OK(str_find(c->entry.reason, STR("may be the way"), 0) != SIZE_MAX);
        T_OK(!c->covered);
    }
}

/* What did not come through the web server says nothing of a flaw of it. */
static void other_acts_are_no_campaigns_by_time_alone(void)
{
    whole_day("15.1.2106.2");
    w.n_packs = 3;
    (void)tell(GENERAL_RULE, AXIS_BACKDOOR, STATE_PRESENT, 9);
    T_EQ(judged()->entry.answer, ANSWER_NONE_SEEN);
    T_UNDER(AXIS_BACKDOOR, "g");
    T_EQ(said_of("g")->n_candidates, 0);
}

static void who_was_in_before_did_it(void)
{
    static const struct {
        int64_t p, q, act;
        const char *who, *under;
    } cases[] = {
        {10, 300, 100, "", "p"},          /* the other one came later */
        {10, 300, 400, "", "q"},          /* the last one before */
        {300, 10, 400, "", "p"},          /* in either order */
        {10, 300, 400, "192.0.2.1", "p"}, /* unless the same address did it */
        {10, 300, 400, "192.0.2.9", "q"}, /* another address: by time */
        {400, 300, 300, "", "q"},         /* at the same minute */
        {400, 500, 300, "", "g"},         /* both came later: nobody knows */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        whole_day("15.1.2106.2");
        w.n_packs = 3;
        struct hit *p = tell(PACK_RULE, AXIS_ENTRY, STATE_REACHED, cases[i].p);
        struct hit *q = tell(OTHER_RULE, AXIS_ENTRY, STATE_REACHED, cases[i].q);
        struct hit *act = tell(WEB_RULE, AXIS_ACTION, STATE_SEEN, cases[i].act);
        seed_in(p)->initiator = STR("192.0.2.1");
        seed_in(q)->initiator = STR("192.0.2.2");
        seed_in(act)->initiator = str_of(cases[i].who);
        (void)judged();
        if (!str_eq(told_under(AXIS_ACTION), str_of(cases[i].under)))
            printf("  in case %zu\n", i);
        T_UNDER(AXIS_ACTION, cases[i].under);
    }
}

/* A refused request is no entry, and claims nothing. */
static void who_only_tried_claims_nothing_but_what_came_that_way(void)
{
    whole_day("15.1.2106.2");
    (void)tell(PACK_RULE, AXIS_ENTRY, STATE_ATTEMPTED, 10);
    (void)tell(GENERAL_RULE, AXIS_ACTION, STATE_SEEN, 20);
    T_EQ(judged()->entry.answer, ANSWER_ATTEMPTED);
    T_UNDER(AXIS_ACTION, "g");
}

/* A weak sign that everyday work gives too is not the campaign's because of its time. */
static void weak_signs_need_more_than_time(void)
{
    for (int joined = 0; joined < 2; joined++) {
        world_end();
        world_begin();
        whole_day("15.1.2106.2");
        seed_in(tell(PACK_RULE, AXIS_ENTRY, STATE_EXPLOITED, 10))->initiator = STR("192.0.2.1");
        struct seed *weak = seed_in(tell(GENERAL_RULE, AXIS_ACTION, STATE_SEEN, 20));
        weak->confidence = CONFIDENCE_WEAK;
        weak->initiator = joined ? STR("192.0.2.1") : STR("192.0.2.3");
        (void)judged();
        T_UNDER(AXIS_ACTION, joined ? "p" : "g");
    }
}

/* One build before another: the flaw that was closed then was not the way. */
static void what_was_fixed_then_is_no_way(void)
{
    whole_day("15.1.2106.2");
    w.findings.noted[w.findings.n_noted - 1].to = at(600);
    (void)noted(SIGNAL_BUILD, file, "SRV", "15.1.2106.15", at(600), at(1440));
    (void)tell(WEB_RULE, AXIS_BACKDOOR, STATE_PRESENT, 900);
    T_EQ(judged()->entry.answer, ANSWER_NONE_SEEN);
    T_UNDER(AXIS_BACKDOOR, "g");
    (void)tell(WEB_RULE, AXIS_ACTION, STATE_SEEN, 500); /* but that was in time */
    (void)judged();
    T_UNDER(AXIS_ACTION, "p");
    T_UNDER(AXIS_BACKDOOR, "p"); /* and so who did it is known */
}

/* All that is told of one page is told in one place, whenever it was. */
static void one_page_is_told_in_one_place(void)
{
    whole_day("15.1.2106.2");
    w.findings.noted[w.findings.n_noted - 1].to = at(600);
    (void)noted(SIGNAL_BUILD, file, "SRV", "15.1.2106.15", at(600), at(1440));
    struct seed *made = seed_in(tell(WEB_RULE, AXIS_BACKDOOR, STATE_WRITTEN, 100));
    struct seed *used = seed_in(tell(WEB_RULE, AXIS_BACKDOOR, STATE_USED, 1200));
    struct seed *gone = seed_in(tell(WEB_RULE, AXIS_BACKDOOR, STATE_REMOVED, 1300));
    made->object = STR("C:\\inetpub\\wwwroot\\aspnet_client\\a.aspx");
    used->object = STR("/aspnet_client/a.aspx");
    gone->object = STR("a.aspx");
    const struct campaign *c = judged();
    T_EQ(c->n_items, 1);
    T_EQ(c->items[0].facts.n, 3);
    T_EQ(w.verdict.per_host[0].n_campaigns, 1);
}

/* Who asks for shells that are not there is nobody's proof. */
static void a_search_for_shells_is_told_and_proves_nothing(void)
{
    for (size_t n = 2; n <= 3; n++) {
        world_end();
        world_begin();
        whole_day("15.1.2106.2");
        w.n_packs = n;
        (void)tell(WEB_RULE, AXIS_ENTRY, STATE_PROBED, 10);
        const struct campaign *c = judged();
        T_UNDER(AXIS_ENTRY, n == 2 ? "p" : "g");
        T_EQ(c->entry.answer, n == 2 ? ANSWER_PROBED : ANSWER_NONE_SEEN);
        T_EQ(w.verdict.exit_status, 0);
    }
}

/* --- the same in any order, and each fact once ----------------------------------------------- */

static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

enum { ACTS = 40 };

struct act {
    uint32_t rule;
    enum axis axis;
    enum state state;
    int64_t minute;
    enum confidence confidence;
    unsigned who, page;
};

static void invent(struct act *acts)
{
    static const struct {
        enum axis axis;
        enum state state;
    } kinds[] = {{AXIS_ENTRY, STATE_PROBED},     {AXIS_ENTRY, STATE_REACHED},
                 {AXIS_BACKDOOR, STATE_WRITTEN}, {AXIS_BACKDOOR, STATE_USED},
                 {AXIS_ACTION, STATE_SEEN},      {AXIS_LOSS, STATE_SEEN},
                 {AXIS_CONTEXT, STATE_NOISE}};
    static const uint32_t rules[] = {PACK_RULE, OTHER_RULE, GENERAL_RULE, WEB_RULE, WEB_RULE};
    for (int i = 0; i < ACTS; i++) {
        unsigned kind = next_random() % (sizeof kinds / sizeof *kinds);
        acts[i] = (struct act){.rule = rules[next_random() % 5],
                               .axis = kinds[kind].axis,
                               .state = kinds[kind].state,
                               .minute = (int64_t)(next_random() % 1440),
                               .confidence = (enum confidence)(1 + next_random() % 3),
                               .who = next_random() % 5,
                               .page = next_random() % 6};
        bool general = acts[i].rule == GENERAL_RULE || acts[i].rule == WEB_RULE;
        if (general && acts[i].state == STATE_REACHED)
            acts[i].state = STATE_PROBED;
    }
}

/* What is told of every act: id and heading, in the verdict's own order. */
static struct str judge_in_order(const struct act *acts, const unsigned *order,
                                 bool other_packs, struct arena *kept)
{
    world_end();
    world_begin();
    w.n_packs = 3;
    if (other_packs) {
        struct pack first = w.packs[0];
        w.packs[0] = w.packs[2];
        w.packs[2] = w.packs[1];
        w.packs[1] = first;
    }
    whole_day("15.1.2106.2");
    for (int i = 0; i < ACTS; i++) {
        const struct act *a = &acts[order[i]];
        struct hit *h = tell(a->rule, a->axis, a->state, a->minute);
        h->offset = order[i]; /* a record's place is what it is, read first or last */
        struct seed *s = seed_in(h);
        s->confidence = a->confidence;
        s->key = arena_printf(w.arena, "%u\n", order[i]);
        if (a->who)
            s->initiator = arena_printf(w.arena, "192.0.2.%u", a->who);
        if (a->axis == AXIS_BACKDOOR)
            s->object = arena_printf(w.arena, "/owa/auth/%u.aspx", a->page);
    }
    (void)judged();
    struct str all = STR("");
    for (size_t i = 0; i < w.verdict.n_facts; i++)
        all = arena_printf(kept, "%.*s%s %.*s\n", STR_ARG(all), w.verdict.facts[i].id,
                           STR_ARG(w.verdict.facts[i].pack));
    return all;
}

/* Each back door, act and loss is cited under one heading, that of its pack. */
static bool each_once(void)
{
    size_t cited = 0;
    size_t told = 0;
    const struct host_verdict *h = &w.verdict.per_host[0];
    for (size_t i = 0; i < w.verdict.n_facts; i++)
        told += w.verdict.facts[i].axis == AXIS_BACKDOOR ||
                w.verdict.facts[i].axis == AXIS_ACTION ||
                w.verdict.facts[i].axis == AXIS_LOSS || w.verdict.facts[i].axis == AXIS_ENTRY;
    for (size_t i = 0; i < h->n_campaigns; i++) {
        const struct campaign *c = &h->campaigns[i];
        const struct fact_set *const sets[] = {&c->entry.facts, &c->backdoor.facts,
                                               &c->action.facts, &c->loss.facts};
        for (size_t k = 0; k < 4; k++)
            for (size_t n = 0; n < sets[k]->n; n++)
                cited += str_eq(w.verdict.facts[sets[k]->at[n]].pack, c->pack->id);
    }
    return cited == told;
}

static void the_order_of_evidence_and_packs_does_not_matter(void)
{
    for (uint32_t seed = 1; seed <= 40; seed++) {
        struct act acts[ACTS];
        unsigned order[ACTS];
        struct arena *kept = arena_new();
        random_state = seed;
        invent(acts);
        for (unsigned i = 0; i < ACTS; i++)
            order[i] = i;
        struct str first = judge_in_order(acts, order, false, kept);
        bool once = each_once();
        for (unsigned i = ACTS - 1; i > 0; i--) {
            unsigned k = next_random() % (i + 1);
            unsigned last = order[i];
            order[i] = order[k];
            order[k] = last;
        }
        struct str again = judge_in_order(acts, order, false, kept);
        struct str other = judge_in_order(acts, order, true, kept);
        if (!once || !str_eq(first, again) || !str_eq(first, other))
            printf("  with seed %u\n", seed);
        T_OK(once);
        T_OK(str_eq(first, again));
        T_OK(str_eq(first, other));
        arena_free(kept);
    }
}

int main(void)
{
    static void (*const tests[])(void) = {
        the_only_way_that_was_open_is_concluded,
        of_several_ways_none_is_named,
        other_acts_are_no_campaigns_by_time_alone,
        who_was_in_before_did_it,
        who_only_tried_claims_nothing_but_what_came_that_way,
        weak_signs_need_more_than_time,
        what_was_fixed_then_is_no_way,
        one_page_is_told_in_one_place,
        a_search_for_shells_is_told_and_proves_nothing,
        the_order_of_evidence_and_packs_does_not_matter,
    };
    IN_WORLDS(tests);
    return t_done();
}
