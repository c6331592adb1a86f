#include "event/map_setup.h"

#include "t_log.h"

#define T1 "[03/13/2021 05:01:2"
#define START(version)                                                               \
    T1 "8.0382] [0] **********************************************\r\n" T1           \
       "9.0411] [0] Starting Microsoft Exchange Server 2016 Setup\r\n" T1            \
       "9.0411] [0] Local time zone: (UTC-06:00) Central Time (US & Canada).\r\n" T1 \
       "9.0427] [0] Setup version: " version ".\r\n" T1                              \
       "9.0427] [0] Logged on user: EXAMPLE\\admin.\r\n"
#define MODE(mode) T1 "9.0567] [0] Command Line Parameter Name='mode', Value='" mode "'.\r\n"
#define PARAMETER(name, value) \
    T1 "9.0567] [0] Command Line Parameter Name='" name "', Value='" value "'.\r\n"
#define NAME_OF_HOST                                                                        \
    T1 "9.0700] [0] Setup will search for an Exchange Server object for the local machine " \
       "with name 'MX01'.\r\n"
#define INSTALLED(version) T1 "9.0800] [0] The locally installed version is " version ".\r\n"
#define SCRIPT                                                                            \
    T1 "9.0900] [1] Executing:\r\n\t\t  Do-Something -Path 'C:\\x'\r\n\r\n\t\t  }\r\n" T1 \
       "9.0901] [2] [ERROR] it failed\r\n"
#define DONE T1 "9.0999] [0] The Exchange Server setup operation completed successfully.\r\n"
#define NOT_DONE T1 "9.0999] [0] The Exchange Server setup operation didn't complete.\r\n"
#define END T1 "9.0999] [0] End of Setup\r\n"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

/* The builds that the log proves, joined by blanks. */
static void builds_are(const char *text, const char *want)
{
    struct t_log l = t_log_open(of(text), "ExchangeSetup.log");
    char got[256] = "";
    while (t_log_next(&l)) {
        struct str b = event_text(&l.ev, "Build");
        size_t n = strlen(got);
        if (b.n)
            (void)snprintf(got + n, sizeof got - n, "%s%.*s", n ? " " : "", STR_ARG(b));
    }
    if (strcmp(got, want) != 0)
        t_failed += printf("\"%s\", want \"%s\" for:\n%s\n", got, want, text) > 0;
    t_log_close(&l);
}

static void entries_become_events(void)
{
    struct t_log l =
        t_log_open(of(START("15.1.2242.4") MODE("Upgrade") NAME_OF_HOST SCRIPT DONE END), "x");
    char t[INSTANT_TEXT];
    T_OK(t_log_next(&l));
    T_EQ(l.ev.kind, EVENT_EXCHANGE_SETUP);
    T_STR(instant_text(l.ev.time, t), "2021-03-13T05:01:28.382Z");
    T_EQ(l.ev.marks, 0);
    T_STR(l.ev.host, "MX01"); /* told further below, true for all */
    T_OK(t_log_find(&l, "SetupUser", "admin"));
    T_FIELD(l, "SetupUser", "EXAMPLE\\admin");
    T_FIELD(l, "SetupProduct", "Microsoft Exchange Server 2016");
    T_FIELD(l, "SetupVersion", "15.1.2242.4");
    T_OK(t_log_find(&l, "Message", "Executing:"));
    T_FIELD(l, "Message", "Executing:\r\n\t\t  Do-Something -Path 'C:\\x'\r\n\r\n\t\t  }");
    T_FIELD(l, "Level", "1");
    T_FIELD(l, "SetupMode", "Upgrade");
    T_OK(t_log_next(&l));
    T_FIELD(l, "Severity", "ERROR");
    T_FIELD(l, "Message", "it failed");
    T_FIELD(l, "SetupResult", "");
    T_OK(t_log_next(&l));
    T_FIELD(l, "SetupResult", "success");
    T_FIELD(l, "Build", "15.1.2242.4");
    T_OK(t_log_next(&l));
    T_FIELD(l, "SetupResult", "");
    T_FIELD(l, "Build", "");
    T_OK(!t_log_next(&l));
    T_EQ(l.gaps, 0);
    t_log_close(&l);
}

static void only_a_setup_that_came_to_its_end_installed_its_version(void)
{
    builds_are(START("15.1.2242.4") MODE("Upgrade") DONE, "15.1.2242.4");
    builds_are(START("15.1.2242.4") MODE("Install") DONE, "15.1.2242.4");
    builds_are(START("15.1.2242.4") MODE("RecoverServer") DONE, "15.1.2242.4");
    builds_are(START("15.1.2242.4") MODE("Upgrade") NOT_DONE END, "");
    builds_are(START("15.1.2242.4") MODE("Upgrade"), "");
    builds_are(START("15.1.2242.4") MODE("Uninstall") DONE, "");
    /* without a mode on the command line: what setup chose */
    builds_are(START("15.1.2242.4") T1 "9.0600] [0] The installation mode is set to: "
                                       "'BuildToBuildUpgrade'.\r\n" DONE,
               "15.1.2242.4");
    /* only the directory, or only the tools */
    builds_are(START("15.1.2242.4") PARAMETER("preparead", "") T1
               "9.0600] [0] The installation mode is set to: "
               "'Install'.\r\n" DONE,
               "");
    builds_are(START("15.1.2242.4") MODE("Install") PARAMETER("roles", "ManagementTools") DONE,
               "");
    builds_are(START("15.1.2242.4") DONE, "");
    builds_are(DONE "Exchange " DONE, "");
}

static void a_version_found_installed_counts_unless_half_way(void)
{
    builds_are(START("15.1.2242.4") MODE("Upgrade") INSTALLED("15.1.2106.2") NOT_DONE,
               "15.1.2106.2");
    builds_are(START("15.1.2242.4") MODE("Upgrade") INSTALLED("15.1.2106.2") DONE,
               "15.1.2106.2 15.1.2242.4");
    builds_are(START("15.1.2242.4") MODE("Upgrade") T1
               "9.0700] [0] The backup copy of the previously installed version is "
               "'15.1.2106.2'.\r\n" INSTALLED("15.1.2242.4") NOT_DONE,
               "");
    builds_are(START("15.1.2242.4") MODE("Upgrade") INSTALLED("not a version") NOT_DONE, "");
}

static void a_run_knows_nothing_of_the_one_before(void)
{
    builds_are(START("15.1.2242.4") MODE("Upgrade") NOT_DONE END START("15.1.2106.2")
                   PARAMETER("preparead", "") DONE END,
               "");
}

static void what_has_no_head_is_an_entry_with_a_guessed_time(void)
{
    struct t_log l = t_log_open(of(START("15.1.2242.4")), "x");
    struct t_log m;
    T_OK(t_log_next(&l));
    t_log_close(&l);
    static const char text[] = "left over from before\r\n" START("15.1.2242.4");
    m = t_log_open(of(text), "x");
    T_OK(t_log_next(&m));
    T_EQ(m.ev.time, INSTANT_NONE);
    T_EQ(m.ev.marks, MARK_TIME_GUESSED);
    T_FIELD(m, "Message", "left over from before");
    T_OK(t_log_next(&m));
    T_EQ(m.ev.marks, 0);
    t_log_close(&m);
}

static void survives_truncation_and_flips(void)
{
    static const char text[] =
        START("15.1.2242.4") MODE("Upgrade") NAME_OF_HOST INSTALLED("15.1.2106.2") SCRIPT DONE;
    t_each_prefix(of(text), t_log_read);
    t_log_flips(of(text));
}

int main(void)
{
    T_RUN(entries_become_events);
    T_RUN(only_a_setup_that_came_to_its_end_installed_its_version);
    T_RUN(a_version_found_installed_counts_unless_half_way);
    T_RUN(a_run_knows_nothing_of_the_one_before);
    T_RUN(what_has_no_head_is_an_entry_with_a_guessed_time);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
