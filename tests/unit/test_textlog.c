#include "format/textlog.h"

#include "t.h"

static instant at(int y, int mo, int d, int h, int mi, int s, int ms)
{
    return instant_of_civil(y, mo, d, h, mi, s) + ms * (INSTANT_SECOND / 1000);
}

static void reads_times_in_their_forms(void)
{
    instant march = at(2021, 3, 13, 5, 1, 28, 0);
    const struct {
        struct str text;
        size_t n;
        instant want;
        bool zone;
    } cases[] = {
        {STR("2021-03-13T05:01:28Z,x"), 20, march, true},
        {STR("2021-03-13 05:01:28 Info: x"), 19, march, false},
        {STR("2021-03-13T06:01:28+01:00 x"), 25, march, true},
        {STR("2021-03-13T05:01:28.250Z x"), 24, march + INSTANT_SECOND / 4, true},
        {STR("[2021-03-13 05:01:28] x"), 21, march, false},
        {STR("[03/13/2021 05:01:28.0000] [0] x"), 26, march, false},
        {STR("[03.13.2021 05:01:28.0] x"), 23, march, false},
        {STR("[03.13.2021 05:01:28.1234567] x"), 29, march, false},
        {STR("03.13.2021 05:01:28. x"), 19, march, false},
        {STR("03.13.2021 05:01:28 x"), 19, march, false},
        {STR("03-13-2021 05.01.28 x"), 19, march, false},
        {STR("13/03/2021 05:01:28 x"), 19, march, false},
        {STR("3/13/2021 5:01:28 x"), 17, march, false},
        {STR("[03/13/2021 05:01:28.0000 x"), 0, 0, false},
        {STR("2021-03-13"), 0, 0, false},
        {STR("13/13/2021 05:01:28"), 0, 0, false},
        {STR("02/30/2021 05:01:28"), 0, 0, false},
        {STR("x 2021-03-13 05:01:28"), 0, 0, false},
        {STR("03/13/2021"), 0, 0, false},
        {STR(""), 0, 0, false},
        {STR("["), 0, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instant t = 7;
        bool zone = false;
        size_t n = textlog_time(cases[i].text, &t, &zone);
        if (n != cases[i].n || (n && (t != cases[i].want || zone != cases[i].zone)) ||
            (!n && t != 7))
            t_failed += printf("%.*s: %zu\n", STR_ARG(cases[i].text), n) > 0;
    }
}

static void the_fraction_is_milliseconds_in_four_digits(void)
{
    instant t;
    bool zone;
    T_EQ(textlog_time(STR("03/13/2021 05:01:28.0382"), &t, &zone), 24);
    T_EQ(t, at(2021, 3, 13, 5, 1, 28, 382));
}

static void reads_what_asctime_writes(void)
{
    instant t = 7;
    T_OK(textlog_asctime(STR("Wed Aug 12 08:12:08 2026"), &t));
    T_EQ(t, at(2026, 8, 12, 8, 12, 8, 0));
    T_OK(textlog_asctime(STR("Sun Mar  7 18:02:03 2021"), &t));
    T_EQ(t, at(2021, 3, 7, 18, 2, 3, 0));
    t = 7;
    T_OK(!textlog_asctime(STR("Wed Aug 12 08:12:08 2026 x"), &t));
    T_OK(!textlog_asctime(STR("Mer Aou 12 08:12:08 2026"), &t));
    T_OK(!textlog_asctime(STR("Wed Aug 32 08:12:08 2026"), &t));
    T_OK(!textlog_asctime(STR(""), &t));
    T_EQ(t, 7);
}

static void finds_the_date_in_a_name(void)
{
    T_EQ(textlog_name_time(STR("OABGeneratorLog2021030306-1.LOG")), at(2021, 3, 3, 6, 0, 0, 0));
    T_EQ(textlog_name_time(STR("x_20210303.log")), at(2021, 3, 3, 0, 0, 0, 0));
    T_EQ(textlog_name_time(STR("x_20211303.log")), INSTANT_NONE);
    T_EQ(textlog_name_time(STR("x_123456789.log")), INSTANT_NONE);
    T_EQ(textlog_name_time(STR("")), INSTANT_NONE);
}

static void reads_heads_of_setup_entries(void)
{
    struct setup_line l;
    T_OK(textlog_setup_line(STR("[03/13/2021 05:01:29.0427] [0] Setup version: 15.0.1497.2."),
                            &l));
    T_EQ(l.time, at(2021, 3, 13, 5, 1, 29, 427));
    T_OK(!l.odd);
    T_STR(l.level, "0");
    T_STR(l.severity, "");
    T_STR(l.text, "Setup version: 15.0.1497.2.");
    T_OK(textlog_setup_line(STR("[11.14.2022 17:13:08.0074] [2] [ERROR] it failed"), &l));
    T_EQ(l.time, at(2022, 11, 14, 17, 13, 8, 74));
    T_STR(l.level, "2");
    T_STR(l.severity, "ERROR");
    T_STR(l.text, "it failed");
    T_OK(textlog_setup_line(STR("[14.11.2022 17:13:08.0074] [1] [x] y"), &l));
    T_OK(l.odd);
    T_EQ(l.time, at(2022, 11, 14, 17, 13, 8, 74));
    T_STR(l.text, "[x] y");
    T_OK(!textlog_setup_line(STR("[03/13/2021 05:01:29.0427] [main] other program"), &l));
    T_OK(!textlog_setup_line(STR("[03/13/2021 05:01:29.0427] other program here"), &l));
    T_OK(!textlog_setup_line(STR("[03/13/2021 05:01:29.0427 [0] not closed at all"), &l));
    T_OK(!textlog_setup_line(STR("03/13/2021 05:01:29.0427 [0] without brackets"), &l));
}

static void tells_the_logs_apart(void)
{
    const struct {
        enum textlog want;
        const char *head;
    } cases[] = {
        {TEXTLOG_SETUP,
         "[03/13/2021 05:01:28.0382] [0] *****\r\n"
         "[03/13/2021 05:01:29.0411] [0] Starting Microsoft Exchange Server 2013 "
         "Setup\r\n"},
        {TEXTLOG_NONE, "[03/13/2021 05:01:28.0382] [0] *****\r\n"
                       "[03/13/2021 05:01:29.0411] [0] Starting Frobnicate\r\n"},
        {TEXTLOG_NONE, "Search [03/13/2021 05:01:28.0382] [0] in an Exchange setup log\r\n"},
        {TEXTLOG_SCANNER, "-----\r\nMicrosoft Safety Scanner v1.405, (build 1.405.445.0)\r\n"
                          "Started On Thu Feb 22 13:33:34 2024\r\n"},
        {TEXTLOG_SCANNER,
         "reboot-mode: 0\r\nMicrosoft Windows Malicious Software Removal Tool v5.144, (build "
         "5.144.26080.1002)\r\nStarted On Wed Aug 12 08:12:08 2026\r\n"},
        {TEXTLOG_NONE, "Microsoft Safety Scanner v1.405 can be had from our web site.\r\n"},
        {TEXTLOG_EOMT, "2021-03-16 10:11:12 Info: Starting EOMT.ps1 version 1 on MX01\r\n"},
        {TEXTLOG_NONE, "2021-03-16 10:11:12 Info: Starting Frobnicate on MX01\r\n"},
        {TEXTLOG_NONE, "2021-03-16T10:11:12Z Info: Starting EOMT.ps1 version 1 on MX01\r\n"},
        {TEXTLOG_SUMMARY, "Microsoft Safety Scanner and CVE-2021-26855 mitigation summary\r\n"},
        {TEXTLOG_SUMMARY, "EOMTv2 mitigation summary\r\nMessage: x\r\n"},
        {TEXTLOG_MITIGATIONS, "VERBOSE: [INFO] Starting mitigation process on MX01\r\n"},
        {TEXTLOG_NONE, "VERBOSE: [INFO] Starting something on MX01\r\n"},
        {TEXTLOG_NONE, "function A {\r\n Write-Verbose \"[INFO] Starting mitigation process on "
                       "$env:computername\"\r\n"},
        {TEXTLOG_HASHES, "\"FileName\",\"PDir\",\"Error\",\"FilePath\",\"FileHash\","
                         "\"LastWriteTimeUtc\"\r\n"},
        {TEXTLOG_NONE, "\"FileName\",\"Error\",\"FilePath\",\"FileHash\"\r\n"},
        {TEXTLOG_OAB, "#Software: Microsoft Exchange Server\r\n#Log-type: OABGeneratorLog\r\n"},
        {TEXTLOG_OAB, "#Log-type: OAB Generator Simple Log\r\n#Fields: DateTime,Message\r\n"},
        {TEXTLOG_OAB, "2021-03-03T06:40:13.000Z OABGenerator: started\r\n"},
        {TEXTLOG_OAB, "2021-03-03T06:40:13.000Z Download failed and temporary file 'C:\\x' "
                      "needs to be removed\r\n"},
        {TEXTLOG_NONE, "#Log-type: HttpProxy Logs\r\n#Fields: DateTime,AnchorMailbox\r\n"
                       "2021-03-03T06:40:13Z,OABGenerator\r\n"},
        {TEXTLOG_NONE, "# How to look for CVE-2021-26858\r\nOABGeneratorLog holds\r\n"},
        {TEXTLOG_NONE, "2021-03-03T06:40:13.000Z something else\r\n"},
        {TEXTLOG_NONE, "#Software: Microsoft Internet Information Services 10.0\r\n"
                       "2021-03-03 06:40:13 GET /OABGenerator\r\n"},
        {TEXTLOG_NONE, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (textlog_sniff(str_of(cases[i].head)) != cases[i].want)
            t_failed += printf("%zu: %s\n", i, cases[i].head) > 0;
}

static void finds_what_stands_between(void)
{
    T_STR(textlog_between(STR("temporary file 'a' needs to go"), "FILE", "needs"), "'a'");
    T_STR(textlog_between(STR("temporary file 'a'"), "file", "needs"), "");
    T_STR(textlog_between(STR("Action: Remove, Result: 0x0\nx"), "Result:", ""), "0x0");
    T_STR(textlog_between(STR("x"), "y", ""), "");
}

static void any(struct bytes b)
{
    instant t;
    bool zone;
    struct setup_line l;
    struct str s = {(const char *)b.p, b.n};
    (void)textlog_sniff(s);
    (void)textlog_time(s, &t, &zone);
    (void)textlog_asctime(s, &t);
    (void)textlog_name_time(s);
    (void)textlog_setup_line(s, &l);
}

static void survives_truncation(void)
{
    const struct str samples[] = {
        STR("[03/13/2021 05:01:28.0382] [0] [ERROR] Starting Microsoft Exchange Server"),
        STR("Wed Aug 12 08:12:08 2026"),
        STR("2021-03-16T10:11:12.123+01:00 Info: EOMT"),
        STR("OABGeneratorLog2021030306-1.LOG"),
        STR("#Log-type: OABGeneratorLog\r\n#Fields: a\r\n"),
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        t_each_prefix(str_bytes(samples[i]), any);
}

int main(void)
{
    T_RUN(reads_times_in_their_forms);
    T_RUN(the_fraction_is_milliseconds_in_four_digits);
    T_RUN(reads_what_asctime_writes);
    T_RUN(finds_the_date_in_a_name);
    T_RUN(reads_heads_of_setup_entries);
    T_RUN(tells_the_logs_apart);
    T_RUN(finds_what_stands_between);
    T_RUN(survives_truncation);
    return t_done();
}
