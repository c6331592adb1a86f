#include "event/map_windows.h"

#include "t.h"

static void add(struct event *ev, struct arena *a, const char *name, const char *value)
{
    event_add(ev, a, SECTION_DATA, FIELD_TEXT, str_of(name), str_of(value));
}

static struct event event_of(const char *provider)
{
    return (struct event){.channel = STR("x"), .provider = str_of(provider)};
}

#define OWA \
    "Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\Oh.aspx"

static void files_get_their_web_path(void)
{
    static const char *const names[] = {"TargetFilename", "RelativeTargetName", "ObjectName",
                                        "Path"};
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct event ev = event_of("x");
        add(&ev, a, names[i], OWA);
        windows_derive(&ev, a);
        T_STR(event_text(&ev, "WebPath"), "/owa/auth/oh.aspx");
    }
    arena_free(a);
}

static void compiled_pages_name_their_source(void)
{
    struct arena *a = arena_new();
    struct event ev = event_of("x");
    add(&ev, a, "TargetFilename",
        "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET "
        "Files\\owa\\8e05b027\\e164d61b\\ohyeah.aspx.f5dba9b9.compiled");
    windows_derive(&ev, a);
    T_STR(event_text(&ev, "CompiledPage"), "ohyeah.aspx");
    T_STR(event_text(&ev, "CompiledApp"), "owa");
    static const char *const others[] = {
        "C:\\Temporary ASP.NET Files\\owa\\x.aspx.f5dba9b.compiled",
        "C:\\Temporary ASP.NET Files\\owa\\x.aspx.0xdba9b9.compiled",
        "C:\\Temporary ASP.NET Files\\x.aspx.f5dba9b9.compiled",
        "C:\\x\\x.aspx.f5dba9b9.compiled", "C:\\Temporary ASP.NET Files\\owa\\.compiled"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ev = event_of("x");
        add(&ev, a, "TargetFilename", others[i]);
        windows_derive(&ev, a);
        T_STR(event_text(&ev, "CompiledPage"), "");
    }
    arena_free(a);
}

static void processes_in_both_notations(void)
{
    struct arena *a = arena_new();
    struct event ev = event_of("Microsoft-Windows-Security-Auditing");
    event_add(&ev, a, SECTION_SYSTEM, FIELD_NUMBER, STR("Execution_ProcessID"), STR("4"));
    add(&ev, a, "NewProcessId", "0x2d54");
    add(&ev, a, "ProcessId", "0x31f4");
    add(&ev, a, "NewProcessName", "C:\\Windows\\System32\\CMD.exe");
    add(&ev, a, "ParentProcessName", "C:\\Windows\\System32\\inetsrv\\w3wp.exe");
    windows_derive(&ev, a);
    T_STR(event_text(&ev, "PidNumber"), "11604");
    T_STR(event_text(&ev, "ParentPidNumber"), "12788");
    T_STR(event_text(&ev, "ImageName"), "cmd.exe");
    T_STR(event_text(&ev, "ParentImageName"), "w3wp.exe");

    ev = event_of("Microsoft-Windows-Sysmon");
    add(&ev, a, "ProcessId", "15300");
    add(&ev, a, "Image", "System");
    add(&ev, a, "ParentProcessId", "10844");
    add(&ev, a, "ParentCommandLine", "c:\\w3wp.exe -ap \"MSExchangeOWAAppPool\" -v \"v4.0\"");
    windows_derive(&ev, a);
    T_STR(event_text(&ev, "PidNumber"), "15300");
    T_STR(event_text(&ev, "ParentPidNumber"), "10844");
    T_STR(event_text(&ev, "ImageName"), "system");
    T_STR(event_text(&ev, "AppPool"), "MSExchangeOWAAppPool");
    arena_free(a);
}

static void control_panel_urls(void)
{
    struct arena *a = arena_new();
    struct event ev = event_of("MSExchange Control Panel");
    event_add(&ev, a, SECTION_MESSAGE, FIELD_TEXT, STR("Message"),
              STR("Current user: 'x'\r\nRequest for URL 'https://s:444/ecp/a.aspx?a=]:444/y' "
                  "failed with the following error:\r\n"));
    windows_derive(&ev, a);
    T_STR(event_text(&ev, "ControlPanelUrl"), "https://s:444/ecp/a.aspx?a=]:444/y");

    ev = event_of("MSExchange Control Panel");
    add(&ev, a, "Data", "user");
    add(&ev, a, "Data", "https://s:444/ecp/b.aspx");
    windows_derive(&ev, a);
    T_STR(event_text(&ev, "ControlPanelUrl"), "https://s:444/ecp/b.aspx");

    ev = event_of("other");
    add(&ev, a, "Data", "https://s:444/ecp/b.aspx");
    windows_derive(&ev, a);
    T_EQ(ev.n, 1);
    arena_free(a);
}

static void odd_values_derive_nothing(void)
{
    struct arena *a = arena_new();
    struct event ev = event_of("MSExchange Control Panel");
    add(&ev, a, "ProcessId", "many");
    add(&ev, a, "TargetFilename", "");
    add(&ev, a, "ParentCommandLine", "w3wp -ap \"");
    event_add(&ev, a, SECTION_MESSAGE, FIELD_TEXT, STR("Message"), STR("Request for URL 'x"));
    size_t n = ev.n;
    windows_derive(&ev, a);
    T_EQ(ev.n, n);
    arena_free(a);
}

int main(void)
{
    T_RUN(files_get_their_web_path);
    T_RUN(compiled_pages_name_their_source);
    T_RUN(processes_in_both_notations);
    T_RUN(control_panel_urls);
    T_RUN(odd_values_derive_nothing);
    return t_done();
}
