/* Campaigns of which nothing is seen, for people. */
#include "report/report_brief.h"

#include "base/buf.h"
#include "judge_t.h"

static struct str told(const struct campaign *c)
{
    struct buf b = buf_new(4096);
    brief_campaign(c, "", "", &b);
    struct str text = arena_str(w.arena, buf_str(&b));
    buf_free(&b);
    return text;
}

static size_t lines_of(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static size_t log_for(int64_t to)
{
    size_t file = log_of("SRV", 0, to);
    (void)noted(SIGNAL_BUILD, file, "SRV", "15.1.2106.99", at(0), at(to));
    return file;
}

static void what_is_covered_is_one_statement(void)
{
    complete(log_for(1440), "SRV", 0, 1440);
    const struct campaign *c = judged();
    T_OK(brief_is(c) && c->covered);
    struct str text = told(c);
    T_OK(str_find(text, STR("NO SIGN"), 0) != SIZE_MAX);
    T_OK(str_find(text, STR("; fixed"), 0) != SIZE_MAX);
    T_OK(str_find(text, STR("missing"), 0) == SIZE_MAX);
    T_OK(lines_of(text) <= 2);
}

static void what_is_missing_is_named(void)
{
    (void)log_for(1440);
    const struct campaign *c = judged();
    T_OK(brief_is(c) && !c->covered);
    struct str text = told(c);
    T_OK(str_find(text, STR("CANNOT BE EXCLUDED"), 0) != SIZE_MAX);
    T_OK(str_find(text, STR("files.webroot, iis.w3c"), 0) != SIZE_MAX);
    T_OK(str_find(text, STR("exchange.httpproxy"), 0) == SIZE_MAX); /* that is there */
}

static void what_is_seen_is_not_told_briefly(void)
{
    static const struct {
        enum axis axis;
        enum state state;
        bool brief;
    } cases[] = {{AXIS_ENTRY, STATE_PROBED, true},
                 {AXIS_ENTRY, STATE_ATTEMPTED, false},
                 {AXIS_BACKDOOR, STATE_REMOVED, false},
                 {AXIS_ACTION, STATE_SEEN, false},
                 {AXIS_LOSS, STATE_SEEN, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        size_t file = log_for(1440);
        struct seed s = seed_of(cases[i].axis, cases[i].state);
        s.confidence = CONFIDENCE_WEAK;
        s.initiator = STR("192.0.2.1");
        (void)hit(file, "SRV", 5, &s);
        const struct campaign *c = judged();
        T_EQ(brief_is(c), cases[i].brief);
        if (cases[i].brief)
            T_OK(str_find(told(c), STR("probed from 1 address"), 0) != SIZE_MAX);
    }
}

static void each_source_and_piece_of_advice_is_told_once(void)
{
    (void)log_for(1440);
    w.n_packs = 3;
    (void)judged();
    const struct host_verdict *h = &w.verdict.per_host[0];
    T_EQ(h->n_campaigns, 2);
    size_t n;
    const struct coverage **rows = brief_coverage(h, w.arena, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            T_OK(!str_eq(rows[i]->source, rows[k]->source) ||
                 !str_eq(rows[i]->part, rows[k]->part));
    T_EQ(n, 8); /* the one campaign's; the other needs nothing else */
    (void)brief_advice(h, w.arena, &n);
    T_EQ(n, 1);
}

static bool not_yet_says(const char *text)
{
    struct buf b = buf_new(4096);
    (void)judged();
    brief_not_yet(&w.verdict.per_host[0], &b);
    bool says = str_find(buf_str(&b), STR("(2021-03-04)"), 0) != SIZE_MAX &&
                str_find(buf_str(&b), str_of(text), 0) != SIZE_MAX &&
                lines_of(buf_str(&b)) <= 3;
    buf_free(&b);
    return says;
}

static void what_was_not_known_yet_is_told_in_plain_words(void)
{
    size_t file = log_for(1440);
    w.packs[0].phases[0].from = at(3 * 1440);
    T_OK(not_yet_says("collect"));
    T_OK(!not_yet_says("disk tells"));
    (void)noted(SIGNAL_ALIVE, file, "SRV", "", at(1441), at(1441));
    T_OK(not_yet_says("disk tells"));
    T_OK(!not_yet_says("collect"));
}

/* Strangers look for weak places on any server: one line, no heading, no status. */
static void what_any_server_meets_is_one_line(void)
{
    for (int tried = 0; tried < 2; tried++) {
        world_end();
        world_begin();
        size_t file = log_for(1440);
        complete(file, "SRV", 0, 1440);
        struct seed s = seed_of(AXIS_ENTRY, tried ? STATE_ATTEMPTED : STATE_PROBED);
        s.initiator = STR("192.0.2.1");
        hit(file, "SRV", 5, &s)->rule = GENERAL_RULE;
        T_EQ(judged()->entry.answer, ANSWER_NONE_SEEN);
        T_EQ(w.verdict.exit_status, 0);
        const struct campaign *c = said_of("g");
        T_EQ(brief_is_noise(c), !tried);
        if (tried)
            continue;
        T_STR(c->headline, "LOOKED AT from outside, as any server is; nothing answered");
        struct buf b = buf_new(4096);
        brief_noise(c, &b);
        T_STR(buf_str(&b),
              "Nothing answered to 1 address that looked for weak places, as at any "
              "server\n    (2021-03-01 to 2021-03-01).\n");
        buf_free(&b);
    }
}

int main(void)
{
    static void (*const tests[])(void) = {
        what_any_server_meets_is_one_line,
        what_is_covered_is_one_statement,
        what_is_missing_is_named,
        what_is_seen_is_not_told_briefly,
        each_source_and_piece_of_advice_is_told_once,
        what_was_not_known_yet_is_told_in_plain_words,
    };
    IN_WORLDS(tests);
    return t_done();
}
