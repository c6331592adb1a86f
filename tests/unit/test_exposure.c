#include "judge_t.h"

static void build(size_t file, const char *text, int64_t from, int64_t to)
{
    (void)noted(SIGNAL_BUILD, file, "SRV", text, at(from), at(to));
}

static void interval(const struct campaign *c, size_t i, enum answer answer, int64_t from,
                     int64_t to)
{
    T_OK(i < c->n_intervals);
    if (i >= c->n_intervals)
        return;
    T_EQ(c->intervals[i].answer, answer);
    T_EQ(c->intervals[i].from, at(from));
    T_EQ(c->intervals[i].to, at(to));
}

static void a_fix_ends_the_window(void)
{
    size_t file = log_of("SRV", 0, 9000);
    build(file, "15.1.2106.13", 6000, 9000);
    build(file, "15.1.2106.2", 0, 100);
    build(file, "15.1.2106.2", 200, 5000);
    const struct campaign *c = judged();
    T_EQ(c->n_intervals, 2);
    interval(c, 0, ANSWER_EXPOSED, 0, 6000); /* to the first sight of the next */
    interval(c, 1, ANSWER_FIXED, 6000, 9000);
    T_STR(c->intervals[0].name, "CU");
    T_OK(c->from == at(0) && c->to == at(6000));
    T_STR(c->window_why, "to the fix on this host");
    T_EQ(c->exposure.answer, ANSWER_FIXED);
    T_OK(c->intervals[1].weak && c->exposure.confidence == CONFIDENCE_WEAK);
}

static void without_a_fix_the_evidence_ends_it(void)
{
    size_t file = log_of("SRV", 0, 9000);
    build(file, "15.1.2106.2", 0, 5000);
    const struct campaign *c = judged();
    T_OK(c->to == at(9000));
    T_STR(c->window_why, "to the end of the evidence");
    T_EQ(c->exposure.answer, ANSWER_EXPOSED);
    T_EQ(c->exposure.confidence, CONFIDENCE_CERTAIN);
    T_OK(c->exposure.first == at(0) && c->exposure.last == at(5000));
}

/* What the registry lists of updates: a pack knows which build one makes. */
static void an_update_makes_the_build_that_the_pack_names(void)
{
    size_t file = log_of("SRV", 0, 9000);
    build(file, "15.1.2106.2", 0, 100);
    noted(SIGNAL_BUILD, file, "SRV", "CU KB1", at(5000), at(5000))->offset = 1;
    noted(SIGNAL_BUILD, file, "SRV", "CU KB2", at(6000), at(6000))->offset = 1;
    const struct campaign *c = judged();
    T_EQ(c->n_intervals, 2);
    interval(c, 0, ANSWER_EXPOSED, 0, 5000);
    interval(c, 1, ANSWER_FIXED, 5000, 5000);
    T_STR(c->intervals[1].build, "15.1.2106.13");
}

/* The program's own file: which build, not since when. */
static void a_build_without_a_time_is_that_of_the_end(void)
{
    size_t file = log_of("SRV", 0, 9000);
    build(file, "15.1.2106.2", 0, 100);
    (void)noted(SIGNAL_BUILD, file, "SRV", "15.1.2106.20", INSTANT_NONE, INSTANT_NONE);
    const struct campaign *c = judged();
    T_EQ(c->n_intervals, 2);
    interval(c, 0, ANSWER_EXPOSED, 0, 9000);
    interval(c, 1, ANSWER_FIXED, 9000, 9000);
    T_EQ(c->exposure.answer, ANSWER_FIXED);
}

/* One file names the old build until late, another the new one for a while in between. */
static void a_fix_told_in_between_ends_nothing(void)
{
    size_t file = log_of("SRV", 0, 9000);
    build(file, "15.1.2106.2", 0, 8000);
    build(file, "15.1.2106.20", 3000, 4000);
    const struct campaign *c = judged();
    T_EQ(c->n_intervals, 1);
    T_EQ(c->exposure.answer, ANSWER_EXPOSED);
}

/* Fixed all the time: the window is that of the evidence; a fix undone ends nothing. */
static void other_orders_of_builds(void)
{
    size_t file = log_of("SRV", 0, 9000);
    build(file, "15.1.2106.20", 0, 5000);
    const struct campaign *c = judged();
    T_OK(c->to == at(9000) && c->exposure.answer == ANSWER_FIXED);
    T_EQ(c->exposure.confidence, CONFIDENCE_CERTAIN);
    build(file, "15.1.2106.2", 6000, 7000);
    c = judged();
    T_OK(c->to == at(9000) && c->exposure.answer == ANSWER_EXPOSED);
}

static void a_build_may_say_nothing(void)
{
    static const struct {
        const char *build;
        int64_t cu_only;
        enum answer want;
    } cases[] = {
        {"15.1.2106.2", 1, ANSWER_NOT_ASSESSABLE}, /* which update is in cannot be seen */
        {"15.1.225.42", 1, ANSWER_EXPOSED},        /* it never got one */
        {"14.3.1.1", 0, ANSWER_NOT_AFFECTED},      {"16.0.1.1", 0, ANSWER_NOT_ASSESSABLE},
        {"nonsense", 0, ANSWER_NOT_ASSESSABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        size_t file = log_of("SRV", 0, 9000);
        noted(SIGNAL_BUILD, file, "SRV", cases[i].build, at(0), at(1))->offset =
            cases[i].cu_only;
        t_eq(judged()->exposure.answer, cases[i].want, cases[i].build, __FILE__, (int)i);
    }
}

/* The flaw answered: it was there, whatever its build. */
static void exposure_is_inferred(void)
{
    size_t file = log_of("SRV", 0, 9000);
    struct seed seed = seed_of(AXIS_ENTRY, STATE_ATTEMPTED);
    seed.key = STR("a\n");
    (void)hit(file, "SRV", 10, &seed);
    T_EQ(judged()->exposure.answer, ANSWER_NOT_ASSESSABLE);
    T_STR(judged()->exposure.reason, "no build is named in the evidence");
    seed.key = STR("b\n");
    seed.state = STATE_REACHED;
    (void)hit(file, "SRV", 20, &seed);
    (void)hit(file, "SRV", 30, &seed);
    const struct campaign *c = judged();
    T_OK(c->exposure.answer == ANSWER_EXPOSED && c->exposure.inferred);
    T_EQ(c->exposure.confidence, CONFIDENCE_STRONG);
    interval(c, 0, ANSWER_EXPOSED, 20, 30);
    T_OK(c->intervals[0].inferred);
}

static void a_mitigation_is_no_fix(void)
{
    size_t file = log_of("SRV", 0, 9000);
    struct seed seed = seed_of(AXIS_EXPOSURE, STATE_MITIGATED);
    (void)hit(file, "SRV", 10, &seed);
    build(file, "15.1.2106.2", 0, 5000);
    T_EQ(judged()->exposure.answer, ANSWER_MITIGATED);
    T_EQ(judged()->exposure.facts.n, 1);
    T_OK(judged()->to == at(9000));
    build(file, "15.1.2106.20", 6000, 7000);
    T_EQ(judged()->exposure.answer, ANSWER_FIXED);
}

static struct hit *mitigation(enum state state, bool weak, int64_t minute, const char *act)
{
    struct seed seed = seed_of(AXIS_EXPOSURE, state);
    seed.confidence = weak ? CONFIDENCE_WEAK : CONFIDENCE_STRONG;
    seed.act = str_of(act);
    return hit(log_of("SRV", 0, 9000), "SRV", minute, &seed);
}

static void tool_clock(struct hit *h)
{
    h->kind = EVENT_REMEDIATION;
    h->marks |= MARK_TIME_GUESSED | MARK_NO_ZONE;
}

static void a_mitigation_taken_back_holds_no_more(void)
{
    static const struct {
        int64_t set, back;
        bool weak, set_local, back_local;
        enum answer want;
    } cases[] = {
        {100, 50, false, false, false, ANSWER_MITIGATED}, /* set again */
        {100, 100, false, false, false, ANSWER_EXPOSED},
        {100, 200, false, false, false, ANSWER_EXPOSED},
        {100, 50, false, true, true, ANSWER_MITIGATED}, /* one clock */
        {100, 150, false, true, true, ANSWER_EXPOSED},
        /* two clocks, hours apart: who can say */
        {400, 100, false, false, true, ANSWER_EXPOSED},
        {100 + 13 * 60, 100, false, false, true, ANSWER_MITIGATED},
        {400, 100, false, true, false, ANSWER_EXPOSED},
        {100 + 15 * 60, 100, false, true, false, ANSWER_MITIGATED},
        /* the tool's files stay behind */
        {100, 50, true, false, false, ANSWER_EXPOSED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        build(log_of("SRV", 0, 9000), "15.1.2106.2", 0, 5000);
        struct hit *set = mitigation(STATE_MITIGATED, cases[i].weak, cases[i].set, "set");
        if (cases[i].set_local)
            tool_clock(set);
        struct hit *back = mitigation(STATE_UNMITIGATED, false, cases[i].back, "back");
        if (cases[i].back_local)
            tool_clock(back);
        t_eq(judged()->exposure.answer, cases[i].want, "answer", __FILE__, (int)i);
        T_EQ(judged()->exposure.facts.n, 2);
    }
}

static void a_mitigation_is_as_sure_as_its_sign(void)
{
    build(log_of("SRV", 0, 9000), "15.1.2106.2", 0, 5000);
    (void)mitigation(STATE_MITIGATED, true, 100, "file");
    T_EQ(judged()->exposure.answer, ANSWER_MITIGATED);
    T_EQ(judged()->exposure.confidence, CONFIDENCE_WEAK);
    (void)mitigation(STATE_MITIGATED, false, 200, "set");
    T_EQ(judged()->exposure.confidence, CONFIDENCE_STRONG);
}

static void a_mitigation_through_which_the_flaw_answers_is_none(void)
{
    static const struct {
        enum state state;
        int64_t minute;
        bool local;
        enum answer want;
    } cases[] = {
        {STATE_REACHED, 900, false, ANSWER_MITIGATED}, /* that was before */
        {STATE_REACHED, 1100, false, ANSWER_EXPOSED},
        {STATE_EXPLOITED, 1100, false, ANSWER_EXPOSED},
        {STATE_ATTEMPTED, 1100, false, ANSWER_MITIGATED},
        {STATE_REACHED, 900, true, ANSWER_EXPOSED}, /* who can say */
        {STATE_REACHED, 100, true, ANSWER_MITIGATED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        build(log_of("SRV", 0, 9000), "15.1.2106.2", 0, 5000);
        struct seed seed = seed_of(AXIS_ENTRY, cases[i].state);
        struct hit *set = mitigation(STATE_MITIGATED, false, 1000, "set");
        if (cases[i].local)
            tool_clock(set);
        (void)hit(log_of("SRV", 0, 9000), "SRV", cases[i].minute, &seed);
        t_eq(judged()->exposure.answer, cases[i].want, "answer", __FILE__, (int)i);
    }
}

static void reachable_from_outside(void)
{
    size_t file = log_of("SRV", 0, 9000);
    (void)noted(SIGNAL_HOST, file, "OTHER", "|", at(0), at(1));
    (void)noted(SIGNAL_PUBLIC, file, "OTHER", "", at(0), at(1));
    T_EQ(judged()->reachable, ANSWER_NOT_ASSESSABLE); /* never concluded from silence */
    (void)noted(SIGNAL_PUBLIC, file, "SRV", "", at(0), at(1));
    T_EQ(judged()->reachable, ANSWER_SEEN);
}

int main(void)
{
    static void (*const tests[])(void) = {
        a_fix_ends_the_window,
        without_a_fix_the_evidence_ends_it,
        an_update_makes_the_build_that_the_pack_names,
        a_build_without_a_time_is_that_of_the_end,
        a_fix_told_in_between_ends_nothing,
        other_orders_of_builds,
        a_build_may_say_nothing,
        exposure_is_inferred,
        a_mitigation_is_no_fix,
        a_mitigation_taken_back_holds_no_more,
        a_mitigation_is_as_sure_as_its_sign,
        a_mitigation_through_which_the_flaw_answers_is_none,
        reachable_from_outside,
    };
    IN_WORLDS(tests);
    return t_done();
}
