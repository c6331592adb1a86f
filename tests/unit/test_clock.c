#include "judge_t.h"

static void votes(size_t file, const char *host, int64_t from, int64_t to, int64_t hours,
                  uint64_t count)
{
    struct noted *n = noted(SIGNAL_VOTES, file, host, "", at(from), at(to));
    n->offset = hours * INSTANT_HOUR;
    n->count = count;
}

/* Hours that are added to a time of this minute. */
static int64_t added(size_t file, const char *host, int64_t minute)
{
    struct judge j = {.in = &(struct judge_input){.findings = &w.findings}, .arena = w.arena};
    int64_t corrected = -1;
    judge_clocks(&j);
    instant t = judge_true_time(&j, file, str_of(host), at(minute), &corrected);
    T_EQ(t - at(minute), corrected);
    return corrected / INSTANT_HOUR;
}

static void ten_records_must_agree(void)
{
    size_t file = evidence("a.json", FORMAT_JSON_LINES);
    votes(file, "A", 0, 10, 5, 9);
    T_EQ(added(file, "A", 3), 0);
    votes(file, "A", 20, 30, 5, 1); /* from another span */
    T_EQ(added(file, "A", 3), 5);
    T_EQ(added(file, "a", 3), 5);
    T_EQ(added(file, "B", 3), 0);
    T_EQ(added(file, "A", -100000), 5);
}

/* Clocks are changed, exports joined: each time is put right by the votes around it. */
static void the_nearest_votes_count(void)
{
    size_t file = evidence("a.json", FORMAT_JSON);
    votes(file, "A", 0, 100, 5, 20);
    votes(file, "A", 200, 300, 0, 20);
    votes(file, "A", 400, 500, -4, 20);
    static const int64_t cases[][2] = {{-9, 5},  {50, 5},   {149, 5},  {151, 0}, {250, 0},
                                       {349, 0}, {351, -4}, {450, -4}, {999, -4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        T_EQ(added(file, "A", cases[i][0]), cases[i][1]);
    votes(file, "A", 0, 100, 7, 19); /* the same stretch: the many win */
    T_EQ(added(file, "A", 50), 5);
}

static void only_text_exports_lie(void)
{
    static const enum format truthful[] = {FORMAT_EVTX, FORMAT_IIS_W3C, FORMAT_HTTPPROXY,
                                           FORMAT_SCRIPT};
    for (size_t i = 0; i < sizeof truthful / sizeof *truthful; i++) {
        size_t file = evidence("a", truthful[i]);
        votes(file, "A", 0, 100, 5, 20);
        T_EQ(added(file, "A", 50), 0);
    }
    size_t packed = evidence("a.json.gz", FORMAT_GZIP);
    size_t other = evidence("b.json", FORMAT_JSON);
    votes(packed, "A", 0, 100, 5, 20);
    T_EQ(added(packed, "A", 50), 5);
    T_EQ(added(other, "A", 50), 0); /* votes hold for their own file */
}

static void an_unknown_time_stays_unknown(void)
{
    size_t file = evidence("a.json", FORMAT_JSON);
    int64_t corrected = -1;
    votes(file, "A", 0, 100, 5, 20);
    struct judge j = {.in = &(struct judge_input){.findings = &w.findings}, .arena = w.arena};
    judge_clocks(&j);
    T_OK(judge_true_time(&j, file, STR("A"), INSTANT_NONE, &corrected) == INSTANT_NONE);
    T_EQ(corrected, 0);
}

static void a_correction_is_told(void)
{
    size_t file = evidence("a.json", FORMAT_JSON);
    (void)noted(SIGNAL_HOST, file, "A", "Sysmon|P", at(0), at(1));
    votes(file, "A", 0, 100, -5, 20);
    struct seed seed = seed_of(AXIS_ENTRY, STATE_REACHED);
    (void)hit(file, "A", 50, &seed);
    (void)judged();
    T_EQ(w.verdict.hit_corrected[0], -5 * INSTANT_HOUR);
    T_EQ(w.verdict.facts[0].first, at(50 - 300));
    T_EQ(w.verdict.facts[0].corrected, -5 * INSTANT_HOUR);
    T_OK(str_find(w.verdict.per_host[0].corrected, STR("-05:00"), 0) != SIZE_MAX);
}

int main(void)
{
    static void (*const tests[])(void) = {
        ten_records_must_agree,        the_nearest_votes_count, only_text_exports_lie,
        an_unknown_time_stays_unknown, a_correction_is_told,
    };
    IN_WORLDS(tests);
    return t_done();
}
