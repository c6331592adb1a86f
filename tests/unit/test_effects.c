/* What proves that a request had an effect. */
#include "judge_t.h"

enum { SECONDS = 10 };

static struct hit *at_second(const struct seed *s, int64_t second)
{
    struct hit *h = hit(0, "SRV", 0, s);
    h->time = at(0) + second * INSTANT_SECOND;
    return h;
}

static void effect(int64_t second)
{
    struct seed s = seed_of(AXIS_CONTEXT, STATE_EFFECT);
    s.act = STR("effect");
    s.key = STR("e\n");
    s.within = SECONDS * INSTANT_SECOND;
    (void)at_second(&s, second);
}

static void request(enum state state, int64_t second)
{
    struct seed s = seed_of(AXIS_ENTRY, state);
    s.key = STR("r\n");
    s.initiator = STR("203.0.113.7");
    (void)at_second(&s, second);
}

/* A request without an outcome is proved by what it brought about, whichever was recorded first. */
static void an_effect_proves_a_request_next_to_it(void)
{
    static const struct {
        enum state request;
        int64_t second;
        enum answer want;
    } cases[] = {
        {STATE_ATTEMPTED, 0, ANSWER_EXPLOITED},  {STATE_REACHED, -10, ANSWER_EXPLOITED},
        {STATE_ATTEMPTED, 10, ANSWER_EXPLOITED}, {STATE_ATTEMPTED, -11, ANSWER_ATTEMPTED},
        {STATE_ATTEMPTED, 11, ANSWER_ATTEMPTED}, {STATE_PROBED, 0, ANSWER_PROBED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        (void)log_of("SRV", 0, 60);
        request(cases[i].request, 100 + cases[i].second);
        effect(100);
        const struct campaign *c = judged();
        t_eq(c->entry.answer, cases[i].want, "entry", __FILE__, (int)i);
        T_EQ(c->entry.inferred, false);
        if (cases[i].want == ANSWER_EXPLOITED)
            T_EQ(c->entry.confidence, CONFIDENCE_STRONG);
    }
}

/* Alone it is nobody's, and no entry proves another. */
static void alone_it_says_nothing(void)
{
    (void)log_of("SRV", 0, 60);
    effect(100);
    T_OK(judged()->entry.answer <= ANSWER_NONE_SEEN);
    T_EQ(w.verdict.exit_status, 3);
    T_EQ(w.verdict.n_facts, 0); /* what somebody did, and no effect of anything */
    request(STATE_ATTEMPTED, 95);
    effect(120); /* near the first effect's time at most */
    const struct campaign *c = judged();
    T_EQ(c->entry.answer, ANSWER_EXPLOITED);
    T_EQ(c->entry.facts.n, 2);
    T_EQ(w.verdict.n_facts, 2);
}

int main(void)
{
    static void (*const tests[])(void) = {
        an_effect_proves_a_request_next_to_it,
        alone_it_says_nothing,
    };
    IN_WORLDS(tests);
    return t_done();
}
