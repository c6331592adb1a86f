/* Log sources: which events a rule is asked about, and in whose words. */
#include "rule/rules.h"
#include "t.h"

/* In the order in which a case is read. */
struct source_case { // NOLINT(clang-analyzer-optin.performance.Padding)
    const char *logsource;
    const char *detection; /* "" = { s: { F: a } } */
    enum event_kind kind;
    const char *channel;
    uint32_t event_id;
    const char *fields; /* "name=value\n..." */
    bool want;
};

static struct str cstr(const char *s)
{
    return (struct str){s, strlen(s)};
}

static bool matches(const struct source_case *t, bool *wants)
{
    char rule[1024];
    (void)snprintf(rule, sizeof rule,
                   "title: t\nlogsource: %s\ndetection: {s: %s, condition: s}\n", t->logsource,
                   *t->detection ? t->detection : "{F: a}");
    struct ruleset *set = ruleset_new();
    ruleset_add(set, STR("t"), STR(""), cstr(rule));
    ruleset_freeze(set);
    T_OK(ruleset_count(set) == 1 || strcmp(t->logsource, "{}") == 0);
    struct matcher *m = matcher_new(set);
    struct arena *arena = arena_new();
    struct event ev = {.kind = t->kind,
                       .time = INSTANT_NONE,
                       .event_id = t->event_id,
                       .channel = cstr(t->channel)};
    for (const char *at = *t->fields ? t->fields : "F=a"; *at;) {
        size_t n = strcspn(at, "\n");
        size_t name = strcspn(at, "=");
        event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, (struct str){at, name},
                  (struct str){at + name + 1, n - name - 1});
        at += n + (at[n] == '\n');
    }
    const uint32_t *hits = NULL;
    *wants = matcher_wants(m, &ev);
    size_t n_hits = matcher_run(m, &ev, &hits);
    bool got = n_hits > 0;
    T_OK(n_hits <= 1);
    T_OK(*wants || !got);
    arena_free(arena);
    matcher_free(m);
    ruleset_free(set);
    return got;
}

static void run_cases(const struct source_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool wants = false;
        if (matches(&cases[i], &wants) != cases[i].want) {
            t_failed++;
            printf("%s %s | %s %u %s: want %d\n", cases[i].logsource, cases[i].detection,
                   cases[i].channel, cases[i].event_id, cases[i].fields, cases[i].want);
        }
    }
}

#define RUN(cases) run_cases(cases, sizeof(cases) / sizeof((cases)[0]))
#define SYSMON "Microsoft-Windows-Sysmon/Operational"
#define DEFENDER "Microsoft-Windows-Windows Defender/Operational"
#define PS "Microsoft-Windows-PowerShell/Operational"

static void categories_and_services(void)
{
    static const struct source_case cases[] = {
        {"{product: windows, category: process_creation}", "", 0, SYSMON, 1, "", true},
        {"{product: windows, category: process_creation}", "", 0, SYSMON, 2, "", false},
        {"{product: windows, category: process_creation}", "", 0, "Security", 4688, "", true},
        {"{product: windows, category: process_creation}", "", 0, "SECURITY", 4688, "", true},
        {"{product: windows, category: process_creation}", "", 0, "System", 1, "", false},
        {"{product: linux, category: process_creation}", "", 0, SYSMON, 1, "", false},
        {"{category: process_creation}", "", 0, SYSMON, 1, "", true},
        {"{product: windows, category: process_creation, service: sysmon}", "", 0, SYSMON, 1,
         "", true},
        {"{product: windows, category: process_creation, service: security}", "", 0, SYSMON, 1,
         "", false},
        {"{product: windows, service: security}", "", 0, "Security", 4624, "", true},
        {"{product: windows, service: security}", "", 0, "System", 7045, "", false},
        {"{product: windows}", "", 0, "Anything", 77, "", true},
        {"{product: windows}", "", EVENT_IIS, "", 0, "", false},
        {"{product: windows, category: unheard_of}", "", 0, "Anything", 77, "", false},
        {"{product: windows, service: unheard-of}", "", 0, "Anything", 77, "", false},
        {"{category: antivirus}", "", 0, DEFENDER, 1116, "", true},
        {"{product: windows, category: ps_script}", "", 0, PS, 4104, "", true},
        {"{product: windows, category: ps_script}", "", 0, "PowerShellCore/Operational", 4104,
         "", true},
        {"{product: windows, category: ps_module}", "", 0, PS, 4104, "", false},
        {"{product: windows, service: msexchange-management}", "", 0, "MSExchange Management",
         1, "", true},
        {"{product: exchange, service: management}", "", 0, "MSExchange Management", 1, "",
         true},
        {"{product: exchange, service: httpproxy}", "", EVENT_HTTPPROXY, "", 0, "", true},
        {"{product: exchange, service: httpproxy}", "", EVENT_ECP_SERVER, "", 0, "", false},
        {"{product: exchange, service: ecp-server}", "", EVENT_ECP_SERVER, "", 0, "", true},
        {"{product: exchange, service: rps-http}", "", EVENT_RPS_HTTP, "", 0, "", true},
        {"{product: exchange, service: message-tracking}", "", EVENT_MESSAGE_TRACKING, "", 0,
         "", true},
        {"{product: exchange, service: ews}", "", EVENT_OWA, "", 0, "", false},
        {"{product: exchange, service: other}", "", EVENT_EXCHANGE, "", 0, "", true},
        {"{product: exchange}", "", EVENT_CONNECTIVITY, "", 0, "", true},
        {"{product: exchange}", "", EVENT_IIS, "", 0, "", false},
        {"{product: windows, service: msexchange-management}", "", EVENT_RPS_CMDLET, "", 0, "",
         true},
        {"{product: windows, service: msexchange-management}", "", EVENT_HTTPPROXY, "", 0, "",
         false},
        {"{product: windows, category: file_inventory}", "", EVENT_FILE, "", 0, "", true},
        {"{category: webserver}", "", EVENT_IIS, "", 0, "", true},
        {"{product: windows, service: iis}", "", EVENT_IIS, "", 0, "", true},
        {"{category: webserver, product: windows, service: iis}", "", EVENT_IIS, "", 0, "",
         true},
        {"{service: iis}", "", EVENT_IIS, "", 0, "", true},
        {"{product: iis}", "", EVENT_IIS, "", 0, "", true},
        {"{category: file_inventory}", "", EVENT_FILE, "", 0, "", true},
        {"{category: webserver}", "", EVENT_HTTPPROXY, "", 0, "", false},
        {"{category: webserver, product: apache}", "", EVENT_IIS, "", 0, "", false},
        {"{category: proxy}", "", EVENT_IIS, "", 0, "", false},
        {"{}", "", 0, "Anything", 1, "", false},
    };
    RUN(cases);
}

static void audit_events_in_sysmon_words(void)
{
    static const struct source_case cases[] = {
        {"{product: windows, category: process_creation}", "{Image|endswith: \\cmd.exe}", 0,
         "Security", 4688, "NewProcessName=C:\\Windows\\cmd.exe", true},
        {"{product: windows, category: process_creation}", "{Image|endswith: \\cmd.exe}", 0,
         SYSMON, 1, "NewProcessName=C:\\Windows\\cmd.exe", false},
        {"{product: windows, category: process_creation}", "{ParentImage|contains: w3wp}", 0,
         "Security", 4688, "ParentProcessName=C:\\w3wp.exe", true},
        {"{product: windows, category: process_creation}", "{ProcessId: 500}", 0, "Security",
         4688, "NewProcessId=0x1f4\nProcessId=0x4", true},
        {"{product: windows, category: process_creation}", "{IntegrityLevel: System}", 0,
         "Security", 4688, "MandatoryLabel=S-1-16-16384", true},
        {"{product: windows, category: process_creation}", "{IntegrityLevel: High}", 0,
         "Security", 4688, "MandatoryLabel=S-1-16-16384", false},
        {"{product: windows, category: process_creation}", "{User: 'NT AUTHORITY\\SYSTEM'}", 0,
         "Security", 4688, "SubjectUserName=SYSTEM\nSubjectDomainName=NT AUTHORITY", true},
        {"{product: windows, category: process_creation}", "{Image|fieldref: ParentImage}", 0,
         "Security", 4688, "NewProcessName=a\nParentProcessName=A", true},
        {"{product: windows, category: process_creation}", "{OriginalFileName: null}", 0,
         "Security", 4688, "NewProcessName=a", true},
        {"{product: windows, category: network_connection}", "{Initiated: 'true'}", 0,
         "Security", 5156, "Direction=%%14593", true},
        {"{product: windows, category: network_connection}", "{Initiated: 'true'}", 0,
         "Security", 5156, "Direction=%%14592", false},
        {"{product: windows, category: network_connection}", "{Initiated: true}", 0, SYSMON, 3,
         "Initiated=true", true},
        {"{product: windows, category: network_connection}", "{Image|startswith: 'C:\\Temp\\'}",
         0, "Security", 5156, "Application=\\device\\harddiskvolume12\\temp\\x.exe", true},
        {"{product: windows, category: network_connection}", "{DestinationPort: 443}", 0,
         "Security", 5156, "DestPort=443", true},
        {"{product: windows, category: network_connection}", "{Protocol: tcp}", 0, "Security",
         5156, "Protocol=6", true},
        {"{product: windows, category: registry_set}",
         "{TargetObject: 'HKLM\\Software\\Run\\Evil', Details: x}", 0, "Security", 4657,
         "ObjectName=\\REGISTRY\\MACHINE\\SOFTWARE\\Run\nObjectValueName=Evil\nNewValue=x\n"
         "OperationType=%%1905",
         true},
        {"{product: windows, category: registry_set}",
         "{TargetObject|startswith: 'HKLM\\System\\CurrentControlSet\\Services'}", 0,
         "Security", 4657,
         "ObjectName=\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\Services\\x\n"
         "ObjectValueName=Start\nOperationType=%%1905",
         true},
        {"{product: windows, category: registry_set}", "{EventType: SetValue}", 0, "Security",
         4657, "OperationType=%%1905", true},
        {"{product: windows, category: registry_set}", "{Details|exists: false}", 0, "Security",
         4657, "OperationType=%%1906", false},
        {"{product: windows, category: registry_delete}", "{EventType: DeleteValue}", 0,
         "Security", 4657, "OperationType=%%1906", true},
        {"{product: windows, category: registry_delete}", "", 0, SYSMON, 12,
         "EventType=DeleteKey\nF=a", true},
        {"{product: windows, category: registry_delete}", "", 0, SYSMON, 12,
         "EventType=CreateKey\nF=a", false},
        {"{product: windows, category: registry_add}", "", 0, SYSMON, 12,
         "EventType=CreateKey\nF=a", true},
        {"{product: windows, category: registry_event}", "", 0, SYSMON, 14, "", true},
        {"{category: antivirus}", "{Signature|contains: webshell}", 0, DEFENDER, 1116,
         "Threat Name=Backdoor:ASP/Webshell", true},
    };
    RUN(cases);
}

#define WEB "{category: webserver}"

static void web_requests_in_all_their_forms(void)
{
    static const struct source_case cases[] = {
        {WEB, "{cs-uri-query|contains: x=1}", EVENT_IIS, "", 0, "cs-uri-query=x=1&y", true},
        {WEB, "{cs-uri-query|contains: /ecp/y.js}", EVENT_IIS, "", 0, "cs-uri-stem=/ecp/y.js",
         true},
        {WEB, "{cs-uri-query|contains: '/a.aspx\\?b=c'}", EVENT_IIS, "", 0,
         "cs-uri-stem=/a.aspx\ncs-uri-query=b=c", true},
        {WEB, "{cs-uri-query|contains: ../..}", EVENT_IIS, "", 0, "cs-uri-query=f=..%2f..",
         true},
        {WEB, "{cs-uri-query|contains: '%2f'}", EVENT_IIS, "", 0, "cs-uri-query=f=..%2f..",
         true},
        {WEB, "{cs-uri-query|contains: 'union select'}", EVENT_IIS, "", 0,
         "cs-uri-query=q=union+select", true},
        {WEB, "{cs-uri-query|contains: 'union select'}", EVENT_IIS, "", 0,
         "cs-uri-query=q=union%20select", true},
        {WEB, "{cs-uri-query|contains: 'a+b'}", EVENT_IIS, "", 0, "cs-uri-query=q=a%2bb", true},
        {WEB, "{cs-uri-query|contains: x}", EVENT_IIS, "", 0, "cs-uri-query=%2578", true},
        {WEB, "{cs-uri-query|contains: x}", EVENT_ACCESS, "", 0, "cs-uri-query=%252578", false},
        {WEB, "{cs-uri-query: null}", EVENT_IIS, "", 0, "cs-uri-stem=/x", true},
        {WEB, "{cs-uri-stem|endswith: .aspx}", EVENT_IIS, "", 0,
         "cs-uri-stem=/x\ncs-uri-query=.aspx", false},
        {WEB, "{cs-user-agent: 'Mozilla/5.0 (x)'}", EVENT_IIS, "", 0,
         "cs-user-agent=Mozilla/5.0+(x)", true},
        {WEB, "{cs-user-agent: 'Mozilla/5.0+(x)'}", EVENT_IIS, "", 0,
         "cs-user-agent=Mozilla/5.0+(x)", true},
        {WEB, "{c-useragent|startswith: Mozilla}", EVENT_IIS, "", 0, "cs-user-agent=Mozilla/5",
         true},
        {WEB, "{c-uri|contains: '/a\\?b=/c d'}", EVENT_IIS, "", 0,
         "cs-uri-stem=/a\ncs-uri-query=b=%2fc+d", true},
        {WEB, "{sc-status: [200, 301]}", EVENT_IIS, "", 0, "sc-status=200", true},
        {WEB, "{sc-status|gte: 500}", EVENT_IIS, "", 0, "sc-status=200", false},
        {WEB, "['/etc/passwd']", EVENT_IIS, "", 0, "cs-uri-query=f=%2fetc%2fpasswd", true},
        {WEB, "['/a\\?b']", EVENT_IIS, "", 0, "cs-uri-stem=/a\ncs-uri-query=b", true},
        {"{product: exchange, service: httpproxy}", "{F: a b}", EVENT_HTTPPROXY, "", 0, "F=a+b",
         false},
    };
    RUN(cases);
}

static void heads_alone_tell_what_is_not_wanted(void)
{
    struct source_case t = {"{product: windows, service: security}",
                            "{EventID: 4625}",
                            0,
                            "Security",
                            4624,
                            "F=a",
                            false};
    bool wants = true;
    T_OK(!matches(&t, &wants));
    T_OK(!wants);
    t.detection = "{F: a, EventID: 4625}";
    T_OK(!matches(&t, &wants));
    T_OK(!wants);
    t.detection = "[{EventID: 4625}, {Channel: System}]";
    T_OK(!matches(&t, &wants));
    T_OK(!wants);
    t.detection = "[{EventID: 4625}, {F: a}]";
    T_OK(matches(&t, &wants));
    T_OK(wants);
    t.detection = "{F: a, EventID: 4625}";
    t.event_id = 4625;
    T_OK(matches(&t, &wants));
    T_OK(wants);
}

int main(void)
{
    T_RUN(categories_and_services);
    T_RUN(audit_events_in_sysmon_words);
    T_RUN(web_requests_in_all_their_forms);
    T_RUN(heads_alone_tell_what_is_not_wanted);
    return t_done();
}
