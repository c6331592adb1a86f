#include "event/map_oab.h"

#include "t_log.h"

#define CSV                                                                                  \
    "#Software: Microsoft Exchange Server\r\n#Version: 15.01.2176.002\r\n"                   \
    "#Log-type: OABGeneratorLog\r\n#Date: 2021-03-03T06:00:00.000Z\r\n"                      \
    "#Fields: DateTime,Server,EventData\r\n"                                                 \
    "2021-03-03T06:40:13.250Z,MX01,S:Task=Generate;S:Oab=Default\r\n"                        \
    "2021-03-03T06:41:00.000Z,MX01,\"Download failed and temporary file "                    \
    "'\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\x.aspx' needs to be removed\"\r\n" \
    "2021-03-03T06:42:00.000Z,MX01,\"Download failed and temporary file "                    \
    "'C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\OAB\\Temp\\1.lzx' "  \
    "needs to be removed\"\r\n"

#define FREE                                                                       \
    "2021-03-03 06:40:13 OABGenerator: begin, Oab=Default;Mode=full\r\n"           \
    "no time on this line\r\n"                                                     \
    "2021-03-03T06:40:20Z Download failed and temporary file 'D:\\x\\y' needs to " \
    "be removed.\r\n"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

static void rows_have_the_columns_that_the_log_names(void)
{
    struct t_log l = t_log_open(of(CSV), "OABGeneratorLog/OABGeneratorLog2021030306-1.LOG");
    char t[INSTANT_TEXT];
    T_OK(t_log_next(&l));
    T_EQ(l.ev.kind, EVENT_OAB_GENERATOR);
    T_STR(instant_text(l.ev.time, t), "2021-03-03T06:40:13.250Z");
    T_EQ(l.ev.marks, 0);
    T_FIELD(l, "Server", "MX01");
    T_FIELD(l, "Task", "Generate");
    T_FIELD(l, "Oab", "Default");
    T_FIELD(l, "TempFile", "");
    T_OK(t_log_next(&l));
    T_FIELD(l, "TempFile", "\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\x.aspx");
    T_FIELD(l, "TempFileExpected", "false");
    T_FIELD(l, "WebPath", "/aspnet_client/x.aspx");
    T_OK(t_log_next(&l));
    T_FIELD(l, "TempFileExpected", "true");
    T_OK(!t_log_next(&l));
    t_log_close(&l);
}

static void free_text_has_what_time_it_tells(void)
{
    struct t_log l = t_log_open(of(FREE), "x.log");
    char t[INSTANT_TEXT];
    T_OK(t_log_next(&l));
    T_STR(instant_text(l.ev.time, t), "2021-03-03T06:40:13Z");
    T_EQ(l.ev.marks, MARK_TIME_GUESSED | MARK_NO_ZONE);
    T_FIELD(l, "Message", "OABGenerator: begin, Oab=Default;Mode=full");
    T_FIELD(l, "Mode", "full");
    T_OK(t_log_next(&l));
    T_STR(instant_text(l.ev.time, t), "2021-03-03T06:40:13Z");
    T_EQ(l.ev.marks, MARK_TIME_GUESSED);
    T_OK(t_log_next(&l));
    T_EQ(l.ev.marks, 0);
    T_FIELD(l, "TempFile", "D:\\x\\y");
    T_FIELD(l, "TempFileExpected", "false");
    t_log_close(&l);
}

static void a_log_without_times_has_that_of_its_name(void)
{
    static const char text[] = "#Log-type: OABGeneratorSimpleLog\r\nfirst\r\n";
    struct t_log l = t_log_open(of(text), "a/OABGen2021030306-1.LOG");
    char t[INSTANT_TEXT];
    T_OK(t_log_next(&l));
    T_STR(instant_text(l.ev.time, t), "2021-03-03T06:00:00Z");
    T_EQ(l.ev.marks, MARK_TIME_GUESSED);
    T_FIELD(l, "Message", "first");
    t_log_close(&l);
}

static void only_exchanges_own_folder_is_expected(void)
{
    static const struct {
        const char *path, *expected;
    } cases[] = {
        {"C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\OAB\\Temp\\a.lzx",
         "true"},
        {"d:\\exchange\\clientaccess\\oab\\Temp\\{1}\\oab.xml", "true"},
        {"D:\\Exchange\\ClientAccess\\OAB\\Temp\\a.aspx", "false"},
        {"D:\\Exchange\\ClientAccess\\OAB\\Temp\\a.aspx.tmp", "false"},
        {"D:\\Exchange\\ClientAccess\\OAB\\..\\..\\FrontEnd\\a.lzx", "false"},
        {"C:\\inetpub\\wwwroot\\ClientAccess\\OAB\\a.lzx", "false"},
        {"\\\\127.0.0.1\\c$\\Exchange\\ClientAccess\\OAB\\a.lzx", "false"},
        {"C:\\Windows\\Temp\\a.lzx", "false"},
        {"ClientAccess\\OAB\\a.lzx", "false"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "2021-03-03T06:40:20Z Download failed and temporary file '%s' needs to "
                       "be removed.\r\n",
                       cases[i].path);
        struct t_log l = t_log_open(of(text), "x.log");
        T_OK(t_log_next(&l));
        if (!str_eq(event_text(&l.ev, "TempFileExpected"), str_of(cases[i].expected)))
            t_failed += printf("%s\n", cases[i].path) > 0;
        t_log_close(&l);
    }
}

static void survives_truncation_and_flips(void)
{
    t_each_prefix(of(CSV), t_log_read);
    t_each_prefix(of(FREE), t_log_read);
    t_log_flips(of(FREE));
}

int main(void)
{
    T_RUN(rows_have_the_columns_that_the_log_names);
    T_RUN(free_text_has_what_time_it_tells);
    T_RUN(a_log_without_times_has_that_of_its_name);
    T_RUN(only_exchanges_own_folder_is_expected);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
