#include "event/map_removal.h"

#include "t_log.h"

#define MSERT                                                                           \
    "-----------------------------------------------------------------------------\r\n" \
    "Microsoft Safety Scanner v1.333, (build 1.333.160.0)\r\n"                          \
    "Started On Sun Mar  7 18:02:03 2021\r\n\r\n"                                       \
    "Engine: 1.1.17900.7\r\nSignatures: 1.333.160.0\r\n"                                \
    "Run Mode: Scan Run in Quiet Mode\r\n\r\n"                                          \
    "Quick Scan Results:\r\n-------------------\r\n"                                    \
    "Threat Detected: Backdoor:JS/Webshell.A and Removed!\r\n"                          \
    "  Action: Remove, Result: 0x00000000\r\n"                                          \
    "    file://C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx->(SCRIPT0000)\r\n"          \
    "        SigSeq: 0x0000055555555555\r\n"                                            \
    "    containerfile://C:\\inetpub\\wwwroot\\a.zip\r\n"                               \
    "    process://pid:12708,ProcessStart:134309266990404241\r\n"                       \
    "Threat Detected: Exploit:ASP/Chopper.F!dha, not removed.\r\n"                      \
    "  Action: NoAction, Result: 0x00000000\r\n"                                        \
    "    file://C:\\inetpub\\wwwroot\\y.aspx\r\n"                                       \
    "Threat Detected: Trojan:JS/Z and Removed!\r\n"                                     \
    "  Action: Remove, Result: 0x80508023\r\n"                                          \
    "    file://C:\\inetpub\\wwwroot\\z.aspx\r\n\r\n"                                   \
    "Results Summary:\r\n----------------\r\n"                                          \
    "Found Backdoor:JS/Webshell.A and Removed!\r\n"                                     \
    "Microsoft Safety Scanner Finished On Sun Mar  7 18:09:03 2021\r\n\r\n"             \
    "Return code: 6 (0x6)\r\n"

#define MRT                                                                       \
    "---------\r\n"                                                               \
    "reboot-mode: 0, quiet-mode: 1, detect-only-mode: 1, full-scan-mode: 0\r\n"   \
    "Microsoft Windows Malicious Software Removal Tool v5.87, (build 5.87.1)\r\n" \
    "Started On Wed Mar 10 08:12:08 2021\r\n"                                     \
    "Threat Detected: Trojan:JS/Z and Removed!\r\n"                               \
    "    file://C:\\inetpub\\wwwroot\\z.aspx\r\n"                                 \
    "Return code: 7 (0x7)\r\n"

#define EOMT                                                                        \
    "2021-03-16 10:11:12 Info: Starting EOMT.ps1 version 21.03.16.1300 on MX01\r\n" \
    "2021-03-16 10:11:13 Info: MX01 is vulnerable: applying mitigation\r\n"         \
    "2021-03-16 10:11:14 Notice: For long-term protection, please update.\r\n"      \
    "If you don't see this update, upgrade.\r\n"                                    \
    "2021-03-16 10:11:20 Info: Mitigation complete on MX01 :: Default Web Site\r\n" \
    "2021-03-17 09:00:00 Error: Mitigation failed on MX01 :: Default Web Site\r\n"  \
    "2021-03-17 10:00:00 Info: Rollback of mitigation complete on MX01\r\n"         \
    "2021-03-17 11:00:00 Info: Mitigation not present on MX01\r\n"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

static void a_scanner_tells_what_it_removed_and_what_not(void)
{
    struct t_log l = t_log_open(of(MSERT), "debug/msert.log");
    char t[INSTANT_TEXT];
    T_OK(t_log_next(&l));
    T_EQ(l.ev.kind, EVENT_REMEDIATION);
    T_EQ(l.ev.marks, MARK_TIME_GUESSED | MARK_NO_ZONE);
    T_STR(instant_text(l.ev.time, t), "2021-03-07T18:02:03Z"); /* told in the next line */
    T_FIELD(l, "Tool", "MSERT");
    T_FIELD(l, "ToolVersion", "1.333.160.0");
    T_FIELD(l, "Threat", "");
    T_OK(t_log_find(&l, "ResourceKind", "file"));
    T_FIELD(l, "Path", "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx");
    T_FIELD(l, "WebPath", "/aspnet_client/x.aspx");
    T_FIELD(l, "Threat", "Backdoor:JS/Webshell.A");
    T_FIELD(l, "Action", "Remove");
    T_FIELD(l, "Result", "removed");
    T_OK(t_log_find(&l, "ResourceKind", "containerfile"));
    T_FIELD(l, "Path", "C:\\inetpub\\wwwroot\\a.zip");
    T_OK(t_log_find(&l, "ResourceKind", "process"));
    T_FIELD(l, "Path", "");
    T_OK(t_log_find(&l, "Path", "y.aspx"));
    T_FIELD(l, "Threat", "Exploit:ASP/Chopper.F!dha");
    T_FIELD(l, "Result", "not removed");
    T_OK(t_log_find(&l, "Path", "z.aspx"));
    T_FIELD(l, "Result", "not removed"); /* the action came back with an error */
    T_OK(t_log_find(&l, "Message", "Found "));
    T_FIELD(l, "Threat", "Backdoor:JS/Webshell.A");
    T_FIELD(l, "Result", "removed");
    T_FIELD(l, "Path", "");
    T_OK(t_log_find(&l, "Message", "Return code"));
    T_FIELD(l, "Threat", "");
    T_OK(!t_log_next(&l));
    t_log_close(&l);
}

static void a_scanner_told_not_to_remove_removed_nothing(void)
{
    struct t_log l = t_log_open(of(MSERT MRT), "x");
    char t[INSTANT_TEXT];
    T_OK(t_log_find(&l, "Tool", "MRT"));
    T_OK(t_log_find(&l, "Path", "z.aspx"));
    T_STR(instant_text(l.ev.time, t), "2021-03-10T08:12:08Z");
    T_FIELD(l, "Result", "not removed");
    t_log_close(&l);
    l = t_log_open(of(MRT MSERT), "x"); /* the next run starts anew */
    T_OK(t_log_find(&l, "Tool", "MSERT"));
    T_OK(t_log_find(&l, "Path", "x.aspx"));
    T_FIELD(l, "Result", "removed");
    t_log_close(&l);
}

static void a_log_in_utf16_is_the_same(void)
{
    static const char text[] = MSERT;
    for (size_t mark = 0; mark < 2; mark++) {
        uint8_t wide[2 * sizeof text + 2] = {0xff, 0xfe};
        for (size_t i = 0; i + 1 < sizeof text; i++)
            wide[2 * mark + 2 * i] = (uint8_t)text[i];
        if (mark == 0)
            wide[1] = 0;
        struct t_log l = t_log_open((struct bytes){wide, 2 * (sizeof text - 1 + mark)}, "x");
        T_OK(t_log_find(&l, "Path", "x.aspx"));
        T_FIELD(l, "Result", "removed");
        T_EQ(l.ev.offset, 2 * mark + 2 * (size_t)(strstr(text, "    file://") - text));
        t_log_close(&l);
    }
}

static void eomt_tells_what_became_of_the_mitigation(void)
{
    struct t_log l = t_log_open(of(EOMT), "EOMT.log");
    char t[INSTANT_TEXT];
    T_OK(t_log_next(&l));
    T_STR(instant_text(l.ev.time, t), "2021-03-16T10:11:12Z");
    T_EQ(l.ev.marks, MARK_TIME_GUESSED | MARK_NO_ZONE);
    T_STR(l.ev.host, "MX01");
    T_FIELD(l, "Tool", "EOMT");
    T_FIELD(l, "ToolVersion", "21.03.16.1300");
    T_FIELD(l, "Level", "Info");
    T_FIELD(l, "MitigationAction", "");
    T_OK(t_log_find(&l, "Level", "Notice"));
    T_FIELD(
        l, "Message",
        "For long-term protection, please update.\r\nIf you don't see this update, upgrade.");
    T_OK(t_log_next(&l));
    T_FIELD(l, "MitigationAction", "applied");
    T_FIELD(l, "Mitigation", "X-BEResource, X-AnonResource-Backend");
    T_FIELD(l, "Site", "Default Web Site");
    T_OK(t_log_next(&l));
    T_FIELD(l, "MitigationAction", "failed");
    T_OK(t_log_next(&l));
    T_FIELD(l, "MitigationAction", "removed");
    T_OK(t_log_next(&l));
    T_FIELD(l, "MitigationAction", "absent");
    t_log_close(&l);
}

static void the_later_tool_is_for_another_flaw(void)
{
    struct t_log l =
        t_log_open(of("2022-10-01 10:00:00 Info: Starting EOMTv2.ps1 version 1 on MX01\r\n"
                      "2022-10-01 10:00:01 Info: Mitigation complete on MX01 :: x\r\n"),
                   "EOMTv2.log");
    T_OK(t_log_find(&l, "MitigationAction", "applied"));
    T_FIELD(l, "Tool", "EOMTv2");
    T_FIELD(l, "Mitigation", "PowerShell - inbound");
    t_log_close(&l);
}

static void a_summary_is_one_event(void)
{
    static const char head[] =
        "Microsoft Safety Scanner and CVE-2021-26855 mitigation summary\r\n"
        "Message: Microsoft attempted to mitigate your server.\r\n";
    struct t_log l = t_log_open(of(head), "C/EOMTSummary.txt");
    T_OK(t_log_next(&l));
    T_EQ(l.ev.time, INSTANT_NONE);
    T_FIELD(l, "Tool", "EOMT");
    T_FIELD(l, "Result", "complete");
    T_OK(!t_log_next(&l));
    t_log_close(&l);
    l = t_log_open(
        of("EOMTv2 mitigation summary\r\nMessage: x\r\n This attempt was unsuccessful.\r\n"),
        "x");
    T_OK(t_log_next(&l));
    T_FIELD(l, "Tool", "EOMTv2");
    T_FIELD(l, "Result", "failed");
    t_log_close(&l);
}

static void a_transcript_of_the_mitigation_script(void)
{
    struct t_log l = t_log_open(
        of("**********************\r\nWindows PowerShell transcript start\r\n"
           "Start time: 20210305101112\r\n**********************\r\n"
           "VERBOSE: [INFO] Starting mitigation process on MX01\r\n"
           "VERBOSE: [OK] Rewrite rule configuration complete for MX01 :: Default Web Site\r\n"
           "VERBOSE: [OK] Rewrite rule mitigation removed for MX01 :: Default Web Site\r\n"),
        "t.txt");
    char t[INSTANT_TEXT];
    T_OK(t_log_find(&l, "MitigationAction", "applied"));
    T_FIELD(l, "Tool", "ExchangeMitigations");
    T_FIELD(l, "Site", "Default Web Site");
    T_STR(l.ev.host, "MX01");
    T_STR(instant_text(l.ev.time, t), "2021-03-05T10:00:00Z");
    T_OK(t_log_find(&l, "MitigationAction", "removed"));
    t_log_close(&l);
}

static void rows_of_compared_hashes(void)
{
    struct t_log l = t_log_open(
        of("\"FileName\",\"VDir\",\"Error\",\"FilePath\",\"FileHash\",\"LastWriteTimeUtc\","
           "\"PDir\"\r\n"
           "\"x.aspx\",\"/\",\"KnownBadHash\",\"C:\\inetpub\\wwwroot\\x.aspx\",\"B75F\","
           "\"03/03/2021 06:40:13\",\"C:\\inetpub\\wwwroot\"\r\n"),
        "15.1.2176.2_result.csv");
    char t[INSTANT_TEXT];
    T_OK(t_log_next(&l));
    T_STR(instant_text(l.ev.time, t), "2021-03-03T06:40:13Z");
    T_EQ(l.ev.marks, 0);
    T_FIELD(l, "Tool", "CompareExchangeHashes");
    T_FIELD(l, "Result", "KnownBadHash");
    T_FIELD(l, "Path", "C:\\inetpub\\wwwroot\\x.aspx");
    T_FIELD(l, "WebPath", "/x.aspx");
    T_FIELD(l, "FileHash", "B75F");
    T_OK(!t_log_next(&l));
    t_log_close(&l);
}

static void survives_truncation_and_flips(void)
{
    t_each_prefix(of(MSERT MRT), t_log_read);
    t_each_prefix(of(EOMT), t_log_read);
    t_log_flips(of(MRT));
    t_log_flips(of(EOMT));
}

int main(void)
{
    T_RUN(a_scanner_tells_what_it_removed_and_what_not);
    T_RUN(a_scanner_told_not_to_remove_removed_nothing);
    T_RUN(a_log_in_utf16_is_the_same);
    T_RUN(eomt_tells_what_became_of_the_mitigation);
    T_RUN(the_later_tool_is_for_another_flaw);
    T_RUN(a_summary_is_one_event);
    T_RUN(a_transcript_of_the_mitigation_script);
    T_RUN(rows_of_compared_hashes);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
