#include "judge_t.h"

static struct seed entry(const char *key, const char *request)
{
    struct seed s = seed_of(AXIS_ENTRY, STATE_ATTEMPTED);
    s.key = str_of(key);
    s.request = str_of(request);
    return s;
}

/* A hit so many seconds behind the start, told by `source`. */
static struct hit *tell(size_t file, int64_t second, const char *source, struct seed seed)
{
    struct hit *h = hit(file, "SRV", 0, &seed);
    h->time += second * INSTANT_SECOND;
    h->source = str_of(source);
    return h;
}

static size_t facts(void)
{
    (void)judged();
    for (size_t i = 0; i < w.verdict.n_facts; i++)
        for (size_t k = 1; k < w.verdict.facts[i].n_hits; k++)
            T_OK(w.verdict.facts[i].hits[k] > w.verdict.facts[i].hits[k - 1]);
    return w.verdict.n_facts;
}

struct pair {
    const char *key, *request, *source;
    int64_t second;
};

/* Two records of one act: one fact or two? */
static void when_two_records_are_one_act(void)
{
    static const struct {
        struct pair a, b;
        size_t facts;
    } cases[] = {
        {{"k\n", "", "iis", 0}, {"k\n", "", "proxy", 3}, 1},
        {{"k\n", "", "iis", 0}, {"k\n", "", "iis", 5}, 1},
        {{"k\n", "", "iis", 0}, {"k\n", "", "proxy", 6}, 2}, /* beyond `within` */
        {{"k\n", "", "iis", 3}, {"k\n", "", "proxy", 0}, 1}, /* any order */
        {{"k\n", "", "iis", 0}, {"l\n", "", "proxy", 0}, 2},
        {{"k\n", "r1", "iis", 0}, {"k\n", "r2", "proxy", 0}, 2}, /* two requests: never one */
        {{"k\n", "r1", "iis", 0}, {"k\n", "", "proxy", 0}, 1},
        {{"k\n", "r1", "iis", 0}, {"l\n", "r1", "proxy", 900}, 1}, /* one request: always */
        {{"k\n", "ab-1", "iis", 0}, {"l\n", "AB-1", "proxy", 0}, 1},
        {{"\n\n", "", "iis", 0}, {"\n\n", "", "iis", 0}, 2},   /* an empty key says nothing, */
        {{"\n\n", "", "iis", 0}, {"\n\n", "", "proxy", 0}, 1}, /* but another source may tell */
        {{"", "", "iis", 0}, {"", "", "proxy", 9}, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct pair *a = &cases[i].a;
        const struct pair *b = &cases[i].b;
        world_end();
        world_begin();
        size_t file = log_of("SRV", 0, 60);
        (void)tell(file, a->second, a->source, entry(a->key, a->request));
        (void)tell(file, b->second, b->source, entry(b->key, b->request));
        t_eq(facts(), cases[i].facts, "facts", __FILE__, (int)i);
    }
}

static void what_differs_otherwise_never_merges(void)
{
    size_t file = log_of("SRV", 0, 60);
    (void)noted(SIGNAL_HOST, file, "DC", "|", at(0), at(1));
    struct seed seed = entry("k\n", "r");
    (void)tell(file, 0, "iis", seed);
    struct seed other = seed;
    other.axis = AXIS_LOSS;
    other.state = STATE_SEEN;
    (void)tell(file, 0, "iis", other);
    tell(file, 0, "iis", seed)->host = STR("DC");
    other = entry("k\n", "");
    other.act = STR("another");
    (void)tell(file, 0, "iis", other);
    T_EQ(facts(), 4);
}

/* Ids are compared without case, also where others sort between them. */
static void a_request_joins_across_others(void)
{
    size_t file = log_of("SRV", 0, 60);
    (void)tell(file, 0, "a", entry("1\n", "ABC"));
    (void)tell(file, 1, "a", entry("2\n", "ABD"));
    (void)tell(file, 2, "b", entry("3\n", "abc"));
    (void)tell(file, 3, "b", entry("4\n", "abd"));
    (void)tell(file, 4, "b", entry("5\n", ""));
    (void)tell(file, 5, "b", entry("6\n", ""));
    T_EQ(facts(), 4);
    T_EQ(w.verdict.facts[0].n_hits, 2);
    T_EQ(w.verdict.facts[0].last, at(0) + 2 * INSTANT_SECOND);
}

/* One record that tells two acts of one request is one finding of the fact. */
static void a_finding_counts_once(void)
{
    size_t file = log_of("SRV", 0, 60);
    static struct seed two[2];
    two[0] = entry("k\n", "r");
    two[1] = entry("k\n", "r");
    two[1].act = STR("second");
    struct hit *h = tell(file, 0, "a", two[0]);
    h->seeds = two;
    h->n_seeds = 2;
    (void)tell(file, 1, "b", two[0]);
    T_EQ(facts(), 1);
    T_EQ(w.verdict.facts[0].n_hits, 2);
    T_EQ(w.verdict.facts[0].n_sources, 2);
}

static void the_furthest_state_speaks(void)
{
    size_t file = log_of("SRV", 0, 60);
    struct seed seed = entry("k\n", "");
    seed.confidence = CONFIDENCE_CERTAIN;
    seed.initiator = STR("C:\\a\\w3wp.exe");
    seed.bytes = 7;
    (void)tell(file, 0, "iis", seed);
    seed.state = STATE_EXPLOITED;
    seed.confidence = CONFIDENCE_WEAK;
    seed.what = STR("further");
    seed.initiator = STR("\\Device\\HarddiskVolume2\\A\\w3wp.exe");
    seed.bytes = 5;
    seed.object = STR("/x");
    (void)tell(file, 2, "proxy", seed);
    T_EQ(facts(), 1);
    const struct fact *f = &w.verdict.facts[0];
    T_OK(f->state == STATE_EXPLOITED && f->confidence == CONFIDENCE_CERTAIN);
    T_STR(f->what, "further");
    T_STR(f->object, "/x");
    T_EQ(f->bytes, 7);
    T_OK(f->first == at(0) && f->last == at(0) + 2 * INSTANT_SECOND);
    T_EQ(f->n_initiators, 1);
    T_STR(f->initiators[0], "C:\\a\\w3wp.exe");
}

static void two_sources_make_it_strong(void)
{
    size_t file = log_of("SRV", 0, 60);
    struct seed seed = entry("k\n", "");
    seed.confidence = CONFIDENCE_WEAK;
    (void)tell(file, 0, "iis", seed);
    (void)tell(file, 1, "iis", seed);
    T_EQ(facts(), 1);
    T_EQ(w.verdict.facts[0].confidence, CONFIDENCE_WEAK);
    (void)tell(file, 2, "proxy", seed);
    T_EQ(facts(), 1);
    T_EQ(w.verdict.facts[0].confidence, CONFIDENCE_STRONG);
}

static void an_act_has_its_own_time_and_host(void)
{
    size_t file = log_of("DC", 0, 60);
    (void)noted(SIGNAL_HOST, file, "mail.example.org", "|", at(0), at(1));
    struct seed seed = entry("k\n", "");
    seed.time = at(-77);
    seed.about = STR("CN=OAB,CN=MAIL,CN=Servers");
    hit(file, "DC", 0, &seed)->source = STR("windows");
    T_EQ(facts(), 1);
    T_EQ(w.verdict.facts[0].first, at(-77));
    T_STR(w.verdict.hosts[w.verdict.facts[0].host].name, "mail.example.org");
}

/* Findings of rules without a campaign: each record is a fact of its own. */
static void a_users_finding_is_unattributed(void)
{
    size_t file = log_of("SRV", 0, 60);
    (void)hit(file, "SRV", 0, NULL);
    (void)hit(file, "SRV", 0, NULL);
    T_EQ(facts(), 2);
    T_EQ(w.verdict.per_host[0].unattributed.n, 2);
    T_STR(w.verdict.facts[0].what, "user");
    T_OK(strcmp(w.verdict.facts[0].id, w.verdict.facts[1].id) != 0);
}

/* A log of the site that Exchange's front end passes requests on to. */
static size_t back_log(void)
{
    size_t file = evidence("inetpub/logs/LogFiles/W3SVC2/u_ex.log", FORMAT_IIS_W3C);
    (void)noted(SIGNAL_COVER, file, "SRV", "iis.w3c|backend", at(0), at(60));
    return file;
}

static void asked_from(size_t file, int64_t second, const char *request, const char *address)
{
    struct seed seed = entry("", request);
    seed.initiator = str_of(address);
    (void)tell(file, second, "iis.w3c", seed);
}

/* The back end's row of a request has no id, and the server itself is its caller. */
static void what_was_passed_on_is_one_request(void)
{
    size_t file = log_of("SRV", 0, 60);
    size_t back = back_log();
    asked_from(file, 100, "r1", "203.0.113.9");
    asked_from(back, 100, "", "10.20.0.11");
    asked_from(file, 101, "r2", "203.0.113.9"); /* two at once: each has its own row behind */
    asked_from(back, 102, "", "10.20.0.11");
    T_EQ(facts(), 2);
    for (size_t i = 0; i < 2; i++) {
        T_EQ(w.verdict.facts[i].n_hits, 2);
        T_EQ(w.verdict.facts[i].n_initiators, 1);
        T_STR(w.verdict.facts[i].initiators[0], "203.0.113.9");
    }
}

/* More rows than requests, or too late: somebody asked the back end himself. */
static void what_nobody_passed_on_stands_alone(void)
{
    size_t file = log_of("SRV", 0, 60);
    size_t back = back_log();
    asked_from(file, 100, "r1", "203.0.113.9");
    asked_from(back, 100, "", "10.20.0.11");
    asked_from(back, 101, "", "10.20.0.77");
    asked_from(back, 200, "", "10.20.0.78");
    T_EQ(facts(), 3);
}

/* The server that passed a scanner's requests on is no scanner. */
static void a_session_that_was_passed_on(void)
{
    size_t file = log_of("SRV", 0, 60);
    size_t back = back_log();
    for (int i = 0; i < 4; i++) {
        const char *const from = i < 2 ? "198.51.100.7" : "198.51.100.8";
        struct seed seed = entry(i < 2 ? "198.51.100.7\n" : "198.51.100.8\n", "");
        seed.within = INSTANT_MINUTE;
        seed.initiator = str_of(from);
        (void)tell(file, i * 20, "iis.w3c", seed);
        seed.key = STR("10.20.0.11\n");
        seed.initiator = STR("10.20.0.11");
        (void)tell(back, i * 20, "iis.w3c", seed);
        if (i == 3)
            for (int k = 0; k < 2; k++) /* what the front end's log does not have */
                (void)tell(back, 600 + k * 20, "iis.w3c", seed);
    }
    T_EQ(facts(), 3);
    for (size_t i = 0; i < 3; i++) {
        T_EQ(w.verdict.facts[i].n_initiators, 1);
        T_EQ(w.verdict.facts[i].n_hits, i == 2 ? 2 : 4);
    }
    T_STR(w.verdict.facts[1].initiators[0], "198.51.100.8");
}

/* The same row in a copy of the log is no second request. */
static void a_copy_of_what_was_passed_on(void)
{
    size_t back = back_log();
    size_t copy = back_log();
    asked_from(back, 100, "", "10.20.0.77");
    asked_from(copy, 100, "", "10.20.0.77");
    for (size_t i = 0; i < 2; i++)
        w.findings.hits[i].hit.excerpt = STR("the same line");
    T_EQ(facts(), 1);
}

int main(void)
{
    static void (*const tests[])(void) = {
        when_two_records_are_one_act,      what_differs_otherwise_never_merges,
        a_request_joins_across_others,     a_finding_counts_once,
        the_furthest_state_speaks,         two_sources_make_it_strong,
        an_act_has_its_own_time_and_host,  a_users_finding_is_unattributed,
        what_was_passed_on_is_one_request, what_nobody_passed_on_stands_alone,
        a_session_that_was_passed_on,      a_copy_of_what_was_passed_on,
    };
    IN_WORLDS(tests);
    return t_done();
}
