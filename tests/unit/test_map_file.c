#include "event/map_file.h"

#include "t.h"

static struct event event_of(const char *path, enum format format, struct str content,
                             struct arena *a)
{
    struct file_facts facts = {
        .path = str_of(path),
        .size = content.n,
        .modified = instant_of_civil(2021, 3, 14, 6, 40, 13),
        .sha256 = STR("ab"),
        .format = format,
        .content = str_bytes(content),
    };
    struct event ev;
    file_event(&facts, a, &ev);
    return ev;
}

static void finds_the_path_on_the_server(void)
{
    static const char *const cases[][2] = {
        {"case/C/inetpub/wwwroot/x.aspx", "C:\\inetpub\\wwwroot\\x.aspx"},
        {"uploads/auto/c%3A/Windows/x", "C:\\Windows\\x"},
        {"Users/ann/cases/D:/Program Files/y", "D:\\Program Files\\y"},
        {"srv1/inetpub/wwwroot/x.aspx", "\\inetpub\\wwwroot\\x.aspx"},
        {"x/E/Exchange/FrontEnd/HttpProxy/owa/auth/x.aspx",
         "E:\\Exchange\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx"},
        {"a/b.txt", "\\a\\b.txt"},
        {"plain.txt", "\\plain.txt"},
        {"/C/", "C:\\"},
        {"", "\\"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event ev = event_of(cases[i][0], FORMAT_TEXT, STR(""), a);
        struct str got = event_text(&ev, "Path");
        if (!str_eq(got, str_of(cases[i][1])))
            printf("  %s: %.*s\n", cases[i][0], STR_ARG(got));
        T_OK(str_eq(got, str_of(cases[i][1])));
    }
    arena_free(a);
}

#define EX "C/Program Files/Microsoft/Exchange Server/V15/"

static void knows_roots_and_shipped_names(void)
{
    static const struct {
        const char *path, *root, *web, *shipped, *script;
    } cases[] = {
        {EX "FrontEnd/HttpProxy/owa/auth/logon.aspx", "owa\\auth", "/owa/auth/logon.aspx",
         "logon.aspx", "true"},
        {EX "FrontEnd/HttpProxy/owa/auth/LogOn.aspx", "owa\\auth", "/owa/auth/logon.aspx",
         "logon.aspx", "true"},
        {EX "FrontEnd/HttpProxy/owa/auth/Current/logon.aspx", "owa\\auth",
         "/owa/auth/current/logon.aspx", "", "true"},
        {EX "FrontEnd/HttpProxy/owa/auth/RedirSuiteServerProxy.aspx", "owa\\auth",
         "/owa/auth/redirsuiteserverproxy.aspx", "", "true"},
        {EX "FrontEnd/HttpProxy/ecp/auth/TimeoutLogout.aspx", "ecp\\auth",
         "/ecp/auth/timeoutlogout.aspx", "TimeoutLogout.aspx", "true"},
        {EX "FrontEnd/HttpProxy/OAB/log.aspx", "FrontEnd\\HttpProxy", "/oab/log.aspx", "",
         "true"},
        {EX "ClientAccess/Owa/auth/error2.aspx", "ClientAccess", "/owa/auth/error2.aspx",
         "error2.aspx", "true"},
        {"C/inetpub/wwwroot/aspnet_client/logon.aspx", "aspnet_client",
         "/aspnet_client/logon.aspx", "", "true"},
        {"C/inetpub/wwwroot/iisstart.htm", "wwwroot", "/iisstart.htm", "", ""},
        {"C/Windows/Temp/x.aspx", "", "", "", "true"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event ev = event_of(cases[i].path, FORMAT_TEXT, STR(""), a);
        T_OK(str_eq(event_text(&ev, "WebRoot"), str_of(cases[i].root)));
        T_OK(str_eq(event_text(&ev, "WebPath"), str_of(cases[i].web)));
        T_OK(str_eq(event_text(&ev, "Shipped"), str_of(cases[i].shipped)));
        T_OK(str_eq(event_text(&ev, "ScriptType"), str_of(cases[i].script)));
    }
    arena_free(a);
}

static void plain_facts(void)
{
    struct arena *a = arena_new();
    struct event ev = event_of("C/Users/x/A.Tar.GZ", FORMAT_GZIP, STR("1234"), a);
    T_EQ(ev.kind, EVENT_FILE);
    T_STR(event_text(&ev, "FileName"), "A.Tar.GZ");
    T_STR(event_text(&ev, "Extension"), "gz");
    T_STR(event_text(&ev, "Directory"), "C:\\Users\\x");
    T_STR(event_text(&ev, "Size"), "4");
    T_STR(event_text(&ev, "Modified"), "2021-03-14T06:40:13Z");
    T_STR(event_text(&ev, "Sha256"), "ab");
    T_STR(event_text(&ev, "Format"), "gzip");
    T_STR(event_text(&ev, "KnownGood"), "false");
    arena_free(a);
}

static bool has_mark(const struct event *ev, const char *mark)
{
    size_t at = 0;
    const struct field *f;
    while ((f = event_find(ev, STR("ScriptMarks"), &at)))
        if (str_eq(f->value, str_of(mark)))
            return true;
    return false;
}

static void script_that_is_encoded_is_script(void)
{
    struct arena *a = arena_new();
    struct event ev =
        event_of("C/inetpub/wwwroot/aspnet_client/x.aspx", FORMAT_SCRIPT,
                 STR("<script language=JScript runat=\"server\">eval(\"\\u0065\\u0076"
                     "\\u0061\"+\"\\u006c(Request[1])\");</script>"),
                 a);
    T_OK(has_mark(&ev, "eval-request"));
    T_STR(event_text(&ev, "ScriptHidden"), "script in strings");
    ev = event_of("C/inetpub/wwwroot/aspnet_client/y.aspx", FORMAT_SCRIPT,
                  STR("<script runat=\"server\">eval(Request[1]); x = \"a\" + \"b\"</script>"),
                  a);
    T_OK(has_mark(&ev, "eval-request"));
    T_STR(event_text(&ev, "ScriptHidden"), ""); /* it says so as it stands */
    arena_free(a);
}

static void a_dump_tells_how_it_was_made(void)
{
    struct arena *a = arena_new();
    struct event ev = event_of(
        "C/inetpub/wwwroot/aspnet_client/x.aspx", FORMAT_VDIR_DUMP,
        STR("Name                : OAB (Default Web Site)\r\n"
            "AdminDisplayVersion : Version 15.1 (Build 2106.2)\r\n"
            "Server              : MXS01\r\n"
            "InternalUrl         : https://mxs01/OAB\r\n"
            "ExternalUrl         : http://f/<script runat=\"server\">eval(Request[\"k\"],\"un"
            "safe\")</script>\r\n"
            "WhenChangedUTC      : 3/14/2021 6:40:12 AM\r\n"),
        a);
    T_STR(event_text(&ev, "DumpObject"), "OAB (Default Web Site)");
    T_STR(event_text(&ev, "DumpServer"), "MXS01");
    T_STR(event_text(&ev, "DumpInternalUrl"), "https://mxs01/OAB");
    T_STR(event_text(&ev, "DumpWhenChanged"), "2021-03-14T06:40:12Z");
    T_STR(event_text(&ev, "DumpBuild"), "15.1.2106.2");
    T_STR(event_text(&ev, "DumpScript"), "true");
    T_STR(event_text(&ev, "DumpKey"), "k");
    T_OK(has_mark(&ev, "eval-request"));
    T_OK(!has_mark(&ev, "file-write"));
    arena_free(a);
}

static void marks_of_scripts(void)
{
    struct arena *a = arena_new();
    struct event ev = event_of("x.ashx", FORMAT_SCRIPT,
                               STR("<% Process.Start(c); f.SaveAs(p); Assembly.Load(b) %>"), a);
    T_OK(has_mark(&ev, "process-start"));
    T_OK(has_mark(&ev, "file-write"));
    T_OK(has_mark(&ev, "assembly-load"));
    T_OK(!has_mark(&ev, "eval-request"));
    ev = event_of("x.jpg", FORMAT_IMAGE, STR("GIF89a<%eval(request(\"x\"))%>"), a);
    T_OK(has_mark(&ev, "eval-request"));
    ev = event_of("x.txt", FORMAT_TEXT, STR("eval(request)"), a);
    T_OK(!has_mark(&ev, "eval-request"));
    struct str wide = STR("\xff\xfe<\0%\0e\0v\0a\0l\0(\0r\0e\0q\0u\0e\0s\0t\0");
    ev = event_of("x.aspx", FORMAT_SCRIPT, wide, a);
    T_OK(has_mark(&ev, "eval-request"));
    ev = event_of("x.aspx.1.compiled", FORMAT_ASPNET_COMPILED,
                  STR("<preserve virtualPath=\"/owa/auth/x.aspx\">"), a);
    T_STR(event_text(&ev, "CompiledPage"), "/owa/auth/x.aspx");
    arena_free(a);
}

int main(void)
{
    T_RUN(finds_the_path_on_the_server);
    T_RUN(knows_roots_and_shipped_names);
    T_RUN(plain_facts);
    T_RUN(script_that_is_encoded_is_script);
    T_RUN(a_dump_tells_how_it_was_made);
    T_RUN(marks_of_scripts);
    return t_done();
}
