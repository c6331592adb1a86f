/* Which act is joined to which, and how far clocks of servers are apart. */
#include "judge_t.h"

static size_t file;

static struct seed *act(const char *host, enum axis axis, enum state state, int64_t minute)
{
    struct seed seed = seed_of(axis, state);
    seed.key = arena_printf(w.arena, "%zu\n", w.findings.n_hits);
    struct hit *h = hit(file, host, minute, &seed);
    return (struct seed *)(uintptr_t)h->seeds;
}

static struct seed *asked(const char *host, int64_t minute, const char *from)
{
    struct seed *s = act(host, AXIS_ENTRY, STATE_REACHED, minute);
    s->initiator = str_of(from);
    return s;
}

static const struct link *link_to(const struct campaign *c, int64_t minute)
{
    static const struct link none;
    for (size_t i = 0; i < c->n_chain; i++)
        if (w.verdict.facts[c->chain[i].to].first == at(minute))
            return &c->chain[i];
    return &none;
}

static int64_t from_of(const struct link *l)
{
    return (w.verdict.facts[l->from].first - at(0)) / INSTANT_MINUTE;
}

static void a_request_is_stronger_than_a_page_than_time(void)
{
    file = log_of("SRV", 0, 1440);
    asked("SRV", 0, "203.0.113.9")->request = STR("abc");
    act("SRV", AXIS_BACKDOOR, STATE_WRITTEN, 100)->object = STR("/owa/auth/x.aspx");
    asked("SRV", 150, "203.0.113.10");
    struct seed *s = act("SRV", AXIS_ACTION, STATE_SEEN, 150);
    s->request = STR("ABC");
    s = act("SRV", AXIS_BACKDOOR, STATE_USED, 200);
    s->object = STR("C:\\Program Files\\Microsoft\\Exchange "
                    "Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\X.aspx");
    s->initiator = STR("203.0.113.10");
    const struct campaign *c = judged();
    T_STR(link_to(c, 150)->by, "request id");
    T_EQ(from_of(link_to(c, 150)), 0);
    T_OK(link_to(c, 200)->confidence == CONFIDENCE_STRONG);
    T_EQ(from_of(link_to(c, 200)), 150); /* the nearer of an address and a page */
}

static void far_back_is_found_too(void)
{
    file = log_of("SRV", 0, 1440);
    asked("SRV", 0, "203.0.113.9");
    for (int i = 1; i < 200; i++)
        asked("SRV", i, arena_printf(w.arena, "198.51.100.%d", i).p);
    asked("SRV", 300, "203.0.113.9");
    T_EQ(from_of(link_to(judged(), 300)), 0);
}

static void a_command_is_joined_to_the_page_that_answered(void)
{
    file = log_of("SRV", 0, 1440);
    act("SRV", AXIS_ACTION, STATE_SEEN, 10);
    struct seed *s = act("SRV", AXIS_BACKDOOR, STATE_USED, 10);
    s->time = at(10) + 3 * INSTANT_SECOND; /* it is recorded when it ends */
    s->object = STR("/x.aspx");
    const struct campaign *c = judged();
    T_STR(link_to(c, 10)->by, "time, while the page answered");
    s = act("SRV", AXIS_BACKDOOR, STATE_USED, 10);
    s->time = at(10) + 4 * INSTANT_SECOND;
    s->object = STR("/y.aspx");
    T_OK(link_to(judged(), 10)->by.n == 0); /* either may have run it */
}

static void several_intruders_are_not_joined_by_time(void)
{
    file = log_of("SRV", 0, 1440);
    asked("SRV", 10, "203.0.113.9");
    act("SRV", AXIS_BACKDOOR, STATE_WRITTEN, 11);
    T_STR(link_to(judged(), 11)->by, "time, within a minute");
    asked("SRV", 10, "203.0.113.10");
    T_OK(link_to(judged(), 11)->by.n == 0);
}

static void another_address_is_not_joined_by_time(void)
{
    file = log_of("SRV", 0, 1440);
    asked("SRV", 10, "203.0.113.9");
    asked("SRV", 11, "203.0.113.10");
    T_EQ(judged()->n_chain, 0);
}

/* The server writes for whoever got in: its account, and its own address, are nobody's. */
static void the_server_itself_is_nobody(void)
{
    file = log_of("SRV", 0, 1440);
    act("SRV", AXIS_BACKDOOR, STATE_WRITTEN, 0)->initiator = STR("SRV$");
    act("SRV", AXIS_BACKDOOR, STATE_WRITTEN, 5)->initiator = STR("127.0.0.1");
    asked("SRV", 100, "203.0.113.9");
    act("SRV", AXIS_BACKDOOR, STATE_WRITTEN, 101)->initiator = STR("SRV$");
    act("SRV", AXIS_BACKDOOR, STATE_WRITTEN, 300)->initiator = STR("127.0.0.1");
    const struct campaign *c = judged();
    T_EQ(c->n_chain, 1);
    T_STR(link_to(c, 101)->by, "time, within a minute");
}

static void one_request_on_two_servers(void)
{
    file = log_of("SRV", 0, 1440);
    size_t other = evidence("Logging/HttpProxy/b.log", FORMAT_HTTPPROXY);
    (void)noted(SIGNAL_HOST, other, "BACK", "|", at(0), at(9));
    for (int i = 0; i < 3; i++) {
        struct str id = arena_printf(w.arena, "id%d", i);
        asked("SRV", 10 * i, "203.0.113.9")->request = id;
        struct seed *s = act("BACK", AXIS_BACKDOOR, STATE_WRITTEN, 10 * i);
        s->request = id;
        s->time = at(10 * i) + (i == 1 ? 900 : 90) * INSTANT_SECOND;
    }
    (void)judged();
    size_t front = w.verdict.hosts[0].key.p[0] == 's' ? 0 : 1;
    const struct host_verdict *back = &w.verdict.per_host[1 - front];
    size_t joined = 0;
    for (size_t h = 0; h < 2; h++)
        for (size_t i = 0; i < w.verdict.per_host[h].campaigns[0].n_chain; i++)
            joined += str_eq(w.verdict.per_host[h].campaigns[0].chain[i].by,
                             STR("request id, of another server"));
    T_EQ(joined, 3);
    const struct host_verdict *told = back->n_skews ? back : &w.verdict.per_host[front];
    T_EQ(told->n_skews, 1);
    T_EQ(told->skews[0].n, 3);
    int64_t ahead = told->skews[0].ahead;
    T_EQ((ahead < 0 ? -ahead : ahead) / INSTANT_SECOND, 90); /* the middle one */
}

/* The back end's records have no id of the request: it is the server that it names, and the time. */
static void a_request_names_its_server(void)
{
    file = log_of("SRV", 0, 1440);
    size_t other = evidence("Logging/HttpProxy/b.log", FORMAT_HTTPPROXY);
    (void)noted(SIGNAL_HOST, other, "BACK.example.org", "|", at(0), at(9));
    asked("SRV", 10, "203.0.113.9")->server = STR("back.example.org");
    asked("SRV", 20, "203.0.113.9")->server = STR("EXAMPLE\\BACK$");
    asked("SRV", 30, "203.0.113.9")->server = STR("back.example.org");
    asked("SRV", 40, "203.0.113.9")->server = STR("nowhere.example.org");
    asked("SRV", 50, "203.0.113.9")->server = STR("srv");
    for (int i = 1; i <= 5; i++) {
        struct seed *s = act("BACK.example.org", AXIS_BACKDOOR, STATE_WRITTEN, 10 * i);
        s->time = at(10 * i) + (i == 3 ? 4 : 2) * INSTANT_SECOND;
    }
    (void)judged();
    size_t joined = 0;
    for (size_t h = 0; h < 2; h++)
        for (size_t i = 0; i < w.verdict.per_host[h].campaigns[0].n_chain; i++) {
            const struct link *l = &w.verdict.per_host[h].campaigns[0].chain[i];
            bool named = str_eq(l->by, STR("time, on the server that the request names"));
            joined += named;
            T_OK(!named || w.verdict.facts[l->from].first - w.verdict.facts[l->to].first ==
                               2 * INSTANT_SECOND);
        }
    T_EQ(joined, 2);
}

/* Its front end is no intruder; who asked the back end itself is somebody. */
static void the_front_end_is_nobody_on_the_back_end(void)
{
    file = log_of("SRV", 0, 1440);
    size_t other = evidence("inetpub/logs/LogFiles/W3SVC2/u_ex.log", FORMAT_IIS_W3C);
    (void)noted(SIGNAL_HOST, other, "BACK", "|", at(0), at(9));
    (void)noted(SIGNAL_HOST, other, "BACK", "|", at(0), at(9));
    (void)noted(SIGNAL_COVER, other, "BACK", "iis.w3c|backend", at(0), at(60));
    asked("SRV", 10, "203.0.113.9")->server = STR("back");
    size_t front = file;
    file = other;
    asked("BACK", 10, "10.20.0.11");
    asked("BACK", 20, "10.20.0.77");
    file = front;
    (void)judged();
    size_t named = 0;
    for (size_t i = 0; i < w.verdict.n_facts; i++)
        for (size_t k = 0; k < w.verdict.facts[i].n_initiators; k++, named++)
            T_OK(!str_eq(w.verdict.facts[i].initiators[k], STR("10.20.0.11")));
    T_EQ(named, 2);
}

int main(void)
{
    static void (*const tests[])(void) = {
        a_request_is_stronger_than_a_page_than_time,
        far_back_is_found_too,
        a_command_is_joined_to_the_page_that_answered,
        several_intruders_are_not_joined_by_time,
        another_address_is_not_joined_by_time,
        the_server_itself_is_nobody,
        one_request_on_two_servers,
        a_request_names_its_server,
        the_front_end_is_nobody_on_the_back_end,
    };
    IN_WORLDS(tests);
    return t_done();
}
