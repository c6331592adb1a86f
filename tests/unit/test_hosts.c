#include "judge_t.h"

static void host_seen(size_t file, const char *name, uint64_t count)
{
    noted(SIGNAL_HOST, file, name, "Security|P", at(0), at(1))->count = count;
}

static size_t log_in(const char *below)
{
    return evidence(below, FORMAT_EVTX);
}

static struct str named;

static struct str host_of(size_t file)
{
    struct judge j = {
        .in = &(struct judge_input){.findings = &w.findings, .rules = w.rules, .host = named},
        .arena = w.arena,
        .v = &w.verdict};
    w.verdict = (struct verdict){0};
    judge_hosts(&j);
    return w.verdict.hosts[j.root_host[file]].name;
}

static void short_and_full_names_are_one_host(void)
{
    static const struct {
        const char *names[3];
        size_t hosts;
        const char *longest;
    } cases[] = {
        {{"SRV", "srv.example.org", "Srv"}, 1, "srv.example.org"},
        {{"srv.example.org", "SRV", NULL}, 1, "srv.example.org"},
        {{"srv.a.org", "srv.b.org", NULL}, 2, "srv.a.org"},
        {{"srv", "srv.a.org", "srv.b.org"}, 2, "srv.a.org"},
        {{"srv1", "srv10", "srv1.a"}, 2, "srv1.a"},
        {{"10.0.0.1", "10.0.0.2", NULL}, 2, "10.0.0.1"}, /* not host "10" twice */
        {{"", "", "x"}, 1, "x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        size_t file = log_in("a.evtx");
        for (size_t k = 0; k < 3 && cases[i].names[k]; k++)
            host_seen(file, cases[i].names[k], 1);
        (void)host_of(file);
        t_eq(w.verdict.n_hosts, cases[i].hosts, "hosts", __FILE__, (int)i);
        t_str(w.verdict.hosts[0].name, str_of(cases[i].longest), "name", __FILE__, (int)i);
    }
}

/* A file without a name belongs to the host of its drive. */
static void files_belong_to_their_collection(void)
{
    size_t a_log = log_in("one/C/Windows/System32/winevt/Logs/Security.evtx");
    size_t a_page = log_in("one/C/inetpub/wwwroot/x.aspx");
    size_t b_log = log_in("two/c%3a/Windows/s.evtx");
    size_t b_page = log_in("two/C%3A/inetpub/x.aspx");
    size_t c_page = log_in("three/inetpub/x.aspx");
    size_t d_page = log_in("loose.aspx");
    size_t e_page = log_in("Inetpub/x.aspx");
    host_seen(a_log, "SRV1", 1);
    host_seen(b_log, "SRV2", 1);
    T_STR(host_of(a_page), "SRV1");
    T_STR(host_of(b_page), "SRV2");
    T_STR(host_of(c_page), "unnamed (/ev/three)");
    T_STR(host_of(d_page), "unnamed (/ev)");
    T_STR(host_of(e_page), "unnamed (/ev)");
    T_EQ(w.verdict.n_hosts, 4);
}

static void collected_logs_belong_to_their_server(void)
{
    size_t a_log = log_in("20210305/MAIL01/Windows_Event_Logs/Windows-Logs.zip/Security.evtx");
    size_t a_page = log_in("20210305/MAIL01/IIS_W3SVC1_Logs.zip/u_ex210303.log");
    size_t b_log =
        log_in("20210305/MAIL02-35.zip/Windows_Event_Logs/Windows-Logs/Security.evtx");
    size_t b_page = log_in("20210305/MAIL02-35.zip/IIS_W3SVC1_Logs/u_ex210303.log");
    host_seen(a_log, "MAIL01", 1);
    host_seen(b_log, "MAIL02", 1);
    T_STR(host_of(a_page), "MAIL01");
    T_STR(host_of(b_page), "MAIL02");
    T_EQ(w.verdict.n_hosts, 2);
}

static void an_exchange_log_outweighs_forwarded_events(void)
{
    size_t forwarded = log_in("Windows/ForwardedEvents.evtx");
    size_t proxy = evidence("Logging/HttpProxy/Ecp/a.log", FORMAT_HTTPPROXY);
    size_t page = log_in("inetpub/x.aspx");
    host_seen(forwarded, "OTHER", 1000000);
    host_seen(proxy, "MAIL", 3);
    T_STR(host_of(page), "MAIL");
}

static void the_host_most_told_of_owns_the_rest(void)
{
    size_t file = log_in("Windows/a.evtx");
    size_t page = log_in("inetpub/x.aspx");
    host_seen(file, "WKS", 5);
    host_seen(file, "MAIL", 3);
    host_seen(file, "mail.example.org", 3);
    T_STR(host_of(page), "mail.example.org");
}

static void nothing_named_at_all(void)
{
    size_t x = log_in("x.d/inetpub/p.aspx");
    size_t y = log_in("x.e/inetpub/p.aspx");
    T_STR(host_of(x), "unnamed (/ev/x.d)"); /* a dot in a path ends no name */
    T_STR(host_of(y), "unnamed (/ev/x.e)");
    T_EQ(w.verdict.n_hosts, 2);
}

static void a_hit_belongs_to_the_host_it_names(void)
{
    size_t file = log_in("Windows/a.evtx");
    host_seen(file, "MAIL", 9);
    host_seen(file, "dc.example.org", 1);
    (void)hit(file, "DC", 0, NULL);
    (void)hit(file, "", 0, NULL);
    (void)hit(file, "UNHEARD-OF", 0, NULL);
    (void)judged();
    T_EQ(w.verdict.hit_host[0], 1);
    T_EQ(w.verdict.hit_host[1], 0);
    T_EQ(w.verdict.hit_host[2], 0);
}

/* The user named folders of a drive, and not the drive. */
static void folders_of_one_drive_are_one_hosts(void)
{
    static const struct {
        const char *given, *below, *host;
    } cases[] = {
        {"m/C/Windows/System32/winevt/Logs/", "Security.evtx", "SRV"},
        {"m/C/inetpub/", "logs/LogFiles/W3SVC1/a.log", "SRV"},
        {"m/C/inetpub/wwwroot/", "x.aspx", "SRV"},
        {"m/C/Windows/Microsoft.NET/Framework64/", "v4.0/Temporary ASP.NET Files/x.dll", "SRV"},
        {"m/c%3A/Program Files/Microsoft/Exchange Server/", "V15/Logging/x.log", "SRV"},
        {"m/C/ExchangeSetupLogs/", "ExchangeSetup.log", "SRV"},
        {"m/D/IISLogs/", "a.log", "unnamed (/ev/m/D/IISLogs)"},
        /* another's folder of that name */
        {"windows/n/", "a.log", "unnamed (/ev/windows/n)"},
        {"inetpub/o/logs/", "a.log", "unnamed (/ev/inetpub/o/logs)"},
        /* the examiner's own drive */
        {"mnt/c/Users/jo/cases/p/C/inetpub/", "wwwroot/x.aspx",
         "unnamed (/ev/mnt/c/Users/jo/cases/p)"},
        {"mnt/c/Users/jo/cases/q/", "x.aspx", "unnamed (/ev/mnt/c/Users/jo/cases/q)"},
        /* several servers below what looks like a drive's folder */
        {"r/C/inetpub/logs/", "srv9/C/inetpub/x.aspx", "unnamed (/ev/r/C/inetpub/logs/srv9)"},
    };
    enum { N = sizeof cases / sizeof *cases };
    size_t file[N];
    for (size_t i = 0; i < N; i++) {
        file[i] = log_in("");
        struct evidence *e = &w.findings.evidence[file[i]];
        e->path = arena_printf(w.arena, "/ev/%s%s", cases[i].given, cases[i].below);
        e->below = str_of(cases[i].below);
    }
    host_seen(file[0], "SRV", 1);
    for (size_t i = 0; i < N; i++)
        t_str(host_of(file[i]), str_of(cases[i].host), cases[i].given, __FILE__, (int)i);
}

static void the_user_may_name_the_host(void)
{
    size_t log = log_in("one/Windows/Security.evtx");
    size_t page = log_in("u_ex210303.log");
    w.findings.evidence[page].path = STR("/elsewhere/u_ex210303.log");
    host_seen(log, "mail.example.org", 1);
    T_STR(host_of(page), "unnamed (/elsewhere)");
    named = STR("MAIL");
    T_STR(host_of(log), "mail.example.org");
    T_STR(host_of(page), "mail.example.org");
    T_EQ(w.verdict.n_hosts, 1);
    named = STR("WEB");
    T_STR(host_of(log), "mail.example.org");
    T_STR(host_of(page), "WEB");
    T_EQ(w.verdict.n_hosts, 2);
    named = STR("");
}

/* A member whose name leads out of its archive was not read, and is no other server's. */
static void names_that_lead_out_make_no_host(void)
{
    static const char *const names[] = {"x.zip", "x.zip/C/inetpub/wwwroot/a.aspx",
                                        "x.zip/../up.log", "x.zip/../../inetpub/wwwroot/b.aspx",
                                        "x.zip/a/.."};
    size_t archive = log_in(names[0]);
    for (size_t i = 1; i < sizeof names / sizeof *names; i++) {
        size_t member = log_in(names[i]);
        w.findings.evidence[member].carrier = 1 + archive;
    }
    (void)host_of(archive);
    T_EQ(w.verdict.n_hosts, 1);
}

int main(void)
{
    static void (*const tests[])(void) = {
        short_and_full_names_are_one_host,     files_belong_to_their_collection,
        collected_logs_belong_to_their_server, an_exchange_log_outweighs_forwarded_events,
        the_host_most_told_of_owns_the_rest,   nothing_named_at_all,
        a_hit_belongs_to_the_host_it_names,    names_that_lead_out_make_no_host,
        folders_of_one_drive_are_one_hosts,    the_user_may_name_the_host,
    };
    IN_WORLDS(tests);
    return t_done();
}
