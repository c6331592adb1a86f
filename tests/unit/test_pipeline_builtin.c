/* The pipelines that the program brings along, against a table of facts: which events a log
 * source means, and what fields are called there. And how a user's pipeline works together
 * with the mapping of log sources.
 *
 * Source of the facts: pySigma 1.5.1, pySigma-pipeline-sysmon 2.0.0, pySigma-pipeline-windows
 * 2.0.1, which tests/test_pysigma.py asks themselves where they are.
 */
#include "pipeline_t.h"
#include "rule/rules.h"

struct category_fact {
    const char *category;
    uint32_t ids[3]; /* 0 ends */
};

struct service_fact {
    const char *service;
    const char *channels[4]; /* NULL ends */
};

static const struct category_fact sysmon[] = {
    {"process_creation", {1}},
    {"file_change", {2}},
    {"network_connection", {3}},
    {"sysmon_status", {4, 16}},
    {"process_termination", {5}},
    {"driver_load", {6}},
    {"image_load", {7}},
    {"create_remote_thread", {8}},
    {"raw_access_thread", {9}},
    {"process_access", {10}},
    {"file_event", {11}},
    {"registry_add", {12}},
    {"registry_delete", {12}},
    {"registry_set", {13}},
    {"registry_rename", {14}},
    {"registry_event", {12, 13, 14}},
    {"create_stream_hash", {15}},
    {"pipe_created", {17, 18}},
    {"wmi_event", {19, 20, 21}},
    {"dns_query", {22}},
    {"file_delete", {23}},
    {"clipboard_capture", {24}},
    {"process_tampering", {25}},
    {"file_delete_detected", {26}},
    {"file_block_executable", {27}},
    {"file_block_shredding", {28}},
    {"file_executable_detected", {29}},
    {"sysmon_error", {255}},
};

static const struct service_fact services[] = {
    {"security", {"Security"}},
    {"application", {"Application"}},
    {"system", {"System"}},
    {"sysmon", {"Microsoft-Windows-Sysmon/Operational"}},
    {"powershell", {"Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational"}},
    {"powershell-classic", {"Windows PowerShell"}},
    {"taskscheduler", {"Microsoft-Windows-TaskScheduler/Operational"}},
    {"wmi", {"Microsoft-Windows-WMI-Activity/Operational"}},
    {"dns-server", {"DNS Server"}},
    {"dns-server-audit", {"Microsoft-Windows-DNS-Server/Audit"}},
    {"dns-server-analytic", {"Microsoft-Windows-DNS-Server/Analytical"}},
    {"driver-framework", {"Microsoft-Windows-DriverFrameworks-UserMode/Operational"}},
    {"ntlm", {"Microsoft-Windows-NTLM/Operational"}},
    {"dhcp", {"Microsoft-Windows-DHCP-Server/Operational"}},
    {"msexchange-management", {"MSExchange Management"}},
    {"applocker",
     {"Microsoft-Windows-AppLocker/MSI and Script", "Microsoft-Windows-AppLocker/EXE and DLL",
      "Microsoft-Windows-AppLocker/Packaged app-Deployment",
      "Microsoft-Windows-AppLocker/Packaged app-Execution"}},
    {"printservice-admin", {"Microsoft-Windows-PrintService/Admin"}},
    {"printservice-operational", {"Microsoft-Windows-PrintService/Operational"}},
    {"codeintegrity-operational", {"Microsoft-Windows-CodeIntegrity/Operational"}},
    {"smbclient-security", {"Microsoft-Windows-SmbClient/Security"}},
    {"firewall-as", {"Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"}},
    {"bits-client", {"Microsoft-Windows-Bits-Client/Operational"}},
    {"windefend", {"Microsoft-Windows-Windows Defender/Operational"}},
    {"terminalservices-localsessionmanager",
     {"Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"}},
    {"microsoft-servicebus-client",
     {"Microsoft-ServiceBus-Client/Admin", "Microsoft-ServiceBus-Client/Operational"}},
    {"ldap_debug", {"Microsoft-Windows-LDAP-Client/Debug"}},
    {"security-mitigations",
     {"Microsoft-Windows-Security-Mitigations/Kernel Mode",
      "Microsoft-Windows-Security-Mitigations/User Mode"}},
    {"diagnosis-scripted", {"Microsoft-Windows-Diagnosis-Scripted/Operational"}},
    {"shell-core", {"Microsoft-Windows-Shell-Core/Operational"}},
    {"openssh", {"OpenSSH/Operational"}},
    {"bitlocker", {"Microsoft-Windows-BitLocker/BitLocker Management"}},
    {"vhdmp", {"Microsoft-Windows-VHDMP/Operational"}},
    {"appxdeployment-server", {"Microsoft-Windows-AppXDeploymentServer/Operational"}},
    {"lsa-server", {"Microsoft-Windows-LSA/Operational"}},
    {"appxpackaging-om", {"Microsoft-Windows-AppxPackaging/Operational"}},
    {"dns-client", {"Microsoft-Windows-DNS Client Events/Operational"}},
    {"appmodel-runtime", {"Microsoft-Windows-AppModel-Runtime/Admin"}},
    {"capi2", {"Microsoft-Windows-CAPI2/Operational"}},
    {"certificateservicesclient-lifecycle-system",
     {"Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational"}},
};

static const char SYSMON[] = "Microsoft-Windows-Sysmon/Operational";

/* One rule, one event: whether it matches; -1 if the rule was refused. */
static int matches_two(const char *pipeline, const char *pack, const char *rule,
                       const char *channel, uint32_t id, const char *const fields[4])
{
    struct ruleset *set = ruleset_new();
    const struct refusal *refusals = NULL;
    const uint32_t *hits = NULL;
    struct str text = cstr(pipeline);
    struct err err = {0};
    int got = -1;
    (void)pipeline_builtin(text, &text);
    if (text.n)
        T_EQ(ruleset_pipeline(set, STR("p.yml"), text, &err), 0);
    ruleset_add(set, STR("r.yml"), cstr(pack), cstr(rule));
    ruleset_freeze(set);
    if (ruleset_refusals(set, &refusals) == 0) {
        struct matcher *m = matcher_new(set);
        struct arena *arena = arena_new();
        struct event ev = {.kind = EVENT_WINDOWS,
                           .time = INSTANT_NONE,
                           .event_id = id,
                           .channel = cstr(channel)};
        for (size_t i = 0; i < 4 && fields[i]; i += 2)
            event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, cstr(fields[i]),
                      cstr(fields[i + 1]));
        bool wants = matcher_wants(m, &ev);
        got = matcher_run(m, &ev, &hits) > 0;
        T_OK(wants || !got);
        arena_free(arena);
        matcher_free(m);
    }
    ruleset_free(set);
    return got;
}

static int matches(const char *pipeline, const char *pack, const char *rule,
                   const char *channel, uint32_t id, const char *field, const char *value)
{
    const char *const fields[4] = {field, value};
    return matches_two(pipeline, pack, rule, channel, id, fields);
}

static const char *rule_about(const char *logsource, const char *selection)
{
    static char text[1024];
    (void)snprintf(text, sizeof text,
                   "title: t\nlogsource: {product: windows, %s}\ndetection: {s: %s, condition: "
                   "s}\n",
                   logsource, selection);
    return text;
}

static void expect(const char *what, int got, int want)
{
    if (got != want)
        t_failed += printf("%s: %d, want %d\n", what, got, want) > 0;
}

static void categories_are_sysmon_events(void)
{
    for (size_t i = 0; i < sizeof sysmon / sizeof sysmon[0]; i++) {
        char logsource[80];
        (void)snprintf(logsource, sizeof logsource, "category: %s", sysmon[i].category);
        const char *rule = rule_about(logsource, "{F: a}");
        for (uint32_t id = 0; id <= 256; id += id == 30 ? 224 : 1) {
            const uint32_t *ids = sysmon[i].ids;
            bool want = id && (id == ids[0] || id == ids[1] || id == ids[2]);
            /* The mapping knows which of the events 12 tell of values made and deleted. */
            bool split = id == 12 && (strcmp(sysmon[i].category, "registry_add") == 0 ||
                                      strcmp(sysmon[i].category, "registry_delete") == 0);
            if (!split)
                expect(sysmon[i].category, matches("sysmon", "", rule, SYSMON, id, "F", "a"),
                       want);
        }
        expect(sysmon[i].category,
               matches("sysmon", "", rule, "Security", sysmon[i].ids[0], "F", "a"), 0);
    }
    const char *add = rule_about("category: registry_add", "{F|exists: false}");
    T_EQ(matches("sysmon", "", add, SYSMON, 12, "EventType", "CreateKey"), 1);
    T_EQ(matches("sysmon", "", add, SYSMON, 12, "EventType", "DeleteKey"), 0);
}

static void services_are_channels(void)
{
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        char logsource[80];
        (void)snprintf(logsource, sizeof logsource, "service: %s", services[i].service);
        for (size_t k = 0; k < 4 && services[i].channels[k]; k++) {
            const char *channel = services[i].channels[k];
            const char *rule = rule_about(logsource, "{F: a}");
            const char *names[] = {"windows-logsources", ""};
            for (size_t n = 0; n < 2; n++) {
                expect(channel, matches(names[n], "", rule, channel, 7, "F", "a"), 1);
                expect(channel, matches(names[n], "", rule, "Other", 7, "F", "a"), 0);
            }
        }
    }
}

static void powershell_categories_are_events(void)
{
    static const struct {
        const char *logsource, *channel;
        uint32_t id;
    } facts[] = {
        {"category: ps_module", "Microsoft-Windows-PowerShell/Operational", 4103},
        {"category: ps_module", "PowerShellCore/Operational", 4103},
        {"category: ps_script", "Microsoft-Windows-PowerShell/Operational", 4104},
        {"category: ps_script", "PowerShellCore/Operational", 4104},
        {"category: ps_classic_start", "Windows PowerShell", 400},
        {"category: ps_classic_provider_start", "Windows PowerShell", 600},
        {"category: ps_classic_script", "Windows PowerShell", 800},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const char *rule = rule_about(facts[i].logsource, "{F: a}");
        for (uint32_t off = 0; off < 2; off++)
            expect(facts[i].logsource,
                   matches("windows-logsources", "", rule, facts[i].channel, facts[i].id + off,
                           "F", "a"),
                   off == 0);
        expect(facts[i].logsource,
               matches("windows-logsources", "", rule, "Security", facts[i].id, "F", "a"), 0);
    }
}

static void audit_events_have_their_own_fields(void)
{
    static const struct {
        const char *category, *field, *name;
        uint32_t id;
        const char *operation; /* NULL: the event has none */
        int want;
    } facts[] = {
        {"process_creation", "Image", "NewProcessName", 4688, NULL, 1},
        {"process_creation", "ParentImage", "ParentProcessName", 4688, NULL, 1},
        {"process_creation", "LogonId", "SubjectLogonId", 4688, NULL, 1},
        {"process_creation", "CommandLine", "CommandLine", 4688, NULL, 1},
        {"process_creation", "Image", "Image", 4688, NULL, 0},
        {"process_creation", "Image", "NewProcessName", 4689, NULL, 0},
        {"registry_set", "Image", "ProcessName", 4657, "%%1905", 1},
        {"registry_set", "Image", "ProcessName", 4657, "Existing registry value modified", 1},
        {"registry_set", "Image", "ProcessName", 4657, "%%1904", 0},
        {"registry_set", "Image", "ProcessName", 4657, "%%1906", 0},
        {"registry_add", "TargetObject", "ObjectName", 4657, "%%1904", 1},
        {"registry_add", "TargetObject", "ObjectName", 4657, "New registry value created", 1},
        {"registry_add", "TargetObject", "ObjectName", 4657, "%%1905", 0},
        {"registry_event", "Details", "NewValue", 4657, "%%1904", 1},
        {"registry_event", "Details", "NewValue", 4657, "%%1905", 1},
        {"registry_event", "LogonId", "SubjectLogonId", 4657, "%%1905", 1},
        {"registry_event", "EventType", "EventType", 4657, "%%1905", -1},
        {"registry_set", "NewName", "NewName", 4657, "%%1905", -1},
        {"registry_add", "User", "User", 4657, "%%1904", -1},
        {"process_creation", "User", "User", 4688, NULL, 1},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char logsource[80];
        char selection[200];
        const char *const fields[4] = {facts[i].name, "a",
                                       facts[i].operation ? "OperationType" : NULL,
                                       facts[i].operation};
        (void)snprintf(logsource, sizeof logsource, "category: %s", facts[i].category);
        (void)snprintf(selection, sizeof selection, "{%s: a}", facts[i].field);
        int got = matches_two("windows-audit", "", rule_about(logsource, selection), "Security",
                              facts[i].id, fields);
        if (got != facts[i].want)
            t_failed += printf("%s %s %s: %d\n", facts[i].category, facts[i].field,
                               facts[i].operation ? facts[i].operation : "", got) > 0;
    }
}

/* Where nothing changes the log source, the mapping goes on as without a pipeline. */
static void the_mapping_goes_on(void)
{
    static const char rename[] =
        "transformations: [{type: field_name_mapping, mapping: {Proc: Image}}]";
    const char *rule = rule_about("category: process_creation", "{Proc: a}");
    T_EQ(matches(rename, "", rule, "Security", 4688, "NewProcessName", "a"), 1);
    T_EQ(matches(rename, "", rule, SYSMON, 1, "Image", "a"), 1);
    T_EQ(matches(rename, "", rule, SYSMON, 3, "Image", "a"), 0);
    /* A name of the event itself is found where the event has it. */
    static const char native[] =
        "transformations: [{type: field_name_mapping, mapping: {Image: NewProcessName}}]";
    rule = rule_about("category: process_creation", "{Image: a}");
    T_EQ(matches(native, "", rule, "Security", 4688, "NewProcessName", "a"), 1);
    T_EQ(matches(native, "", rule, SYSMON, 1, "Image", "a"), 0);
    /* Another product's log source made one that we read. */
    static const char moved[] = "transformations: [{type: change_logsource, product: windows, "
                                "service: security}]";
    T_EQ(matches(moved, "",
                 "title: t\nlogsource: {product: x}\ndetection: {s: {F: a}, "
                 "condition: s}",
                 "Security", 1, "F", "a"),
         1);
}

static void one_of_several_fields_is_enough(void)
{
    static const char p[] =
        "transformations: [{type: field_name_mapping, mapping: {A: [B, C]}}]";
    const char *rule = rule_about("service: system", "{A: a}");
    T_EQ(matches(p, "", rule, "System", 1, "B", "a"), 1);
    T_EQ(matches(p, "", rule, "System", 1, "C", "a"), 1);
    T_EQ(matches(p, "", rule, "System", 1, "A", "a"), 0);
    rule = rule_about("service: system", "{A: a, D: b}");
    T_EQ(matches(p, "", rule, "System", 1, "B", "a"), 0);
}

/* What a pipeline drops is no part of the condition. */
static void what_is_dropped_is_left_out(void)
{
    static const char p[] = "transformations: [{type: drop_detection_item, "
                            "field_name_conditions: [{type: include_fields, fields: [D]}]}]";
    static const struct {
        const char *condition;
        int want;
    } cases[] = {
        {"s and d", 1},
        {"s and not d", 1},
        {"n and d", 0},
        {"not d or n", 0},
        {"s or d", 1},
        {"n or d", 0},
        {"not (d or not d) and s", 1},
        {"all of d*", 1},
        {"1 of d*", 1},
        {"2 of d*", -1},
        {"1 of d and s", 1},
        {"d", -1},
        {"not d", -1},
        {"1 of d", -1},
        {"d and", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char rule[512];
        (void)snprintf(
            rule, sizeof rule,
            "title: t\nlogsource: {product: windows, service: system}\n"
            "detection: {s: {A: a}, n: {A: x}, d: {D: a}, d2: {A: a}, condition: %s}\n",
            cases[i].condition);
        expect(cases[i].condition, matches(p, "", rule, "System", 1, "A", "a"), cases[i].want);
    }
}

static void rules_of_packs_stay(void)
{
    static const char p[] = "transformations: [{type: rule_failure, message: none}]";
    const char *rule = rule_about("service: system", "{A: a}");
    T_EQ(matches(p, "", rule, "System", 1, "A", "a"), (uint64_t)-1);
    T_EQ(matches(p, "pack", rule, "System", 1, "A", "a"), 1);
}

/* Expressions made of values cover the field as the values did. */
static void a_value_as_an_expression_means_the_same(void)
{
    static const char p[] = "transformations: [{type: regex}]";
    const char *rule = rule_about("service: system", "{A: 'a.b'}");
    T_EQ(matches(p, "", rule, "System", 1, "A", "A.B"), 1);
    T_EQ(matches(p, "", rule, "System", 1, "A", "axb"), 0);
    T_EQ(matches(p, "", rule, "System", 1, "A", "xa.b"), 0);
    T_EQ(matches(p, "", rule, "System", 1, "A", "a.b\n"), 0);
    rule = rule_about("service: system", "{A|startswith: 'a (b) c\\\\'}");
    T_EQ(matches(p, "", rule, "System", 1, "A", "a (b) c\\x\ny"), 1);
    static const char cased[] = "transformations: [{type: regex, method: plain}]";
    rule = rule_about("service: system", "{A: ab}");
    T_EQ(matches(cased, "", rule, "System", 1, "A", "ab"), 1);
    T_EQ(matches(cased, "", rule, "System", 1, "A", "aB"), 0);
}

static void a_set_tells_of_pipelines(void)
{
    struct ruleset *set = ruleset_new();
    struct err err = {0};
    const struct refusal *notices = NULL;
    T_EQ(ruleset_pipeline(set, STR("bad.yml"), STR("transformations: [{type: x}]"), &err),
         (uint64_t)-1);
    T_STR(cstr(err.msg), "bad.yml: line 1, column 26: unknown transformation 'x'");
    T_EQ(ruleset_pipeline(set, STR("p.yml"), STR("finalizers: [{type: concat}]"), &err), 0);
    ruleset_freeze(set);
    T_EQ(ruleset_notices(set, &notices), 1);
    T_STR(notices[0].path, "p.yml");
    ruleset_free(set);
}

static void there_are_three(void)
{
    struct str text = {0};
    T_OK(!pipeline_builtin(STR("sysmo"), &text));
    T_OK(!pipeline_builtin(STR(""), &text));
    T_OK(pipeline_builtin(STR("sysmon"), &text));
    T_OK(pipeline_builtin(STR("windows-audit"), &text));
    T_OK(pipeline_builtin(STR("windows-logsources"), &text));
}

int main(void)
{
    T_RUN(there_are_three);
    T_RUN(categories_are_sysmon_events);
    T_RUN(services_are_channels);
    T_RUN(powershell_categories_are_events);
    T_RUN(audit_events_have_their_own_fields);
    T_RUN(the_mapping_goes_on);
    T_RUN(one_of_several_fields_is_enough);
    T_RUN(what_is_dropped_is_left_out);
    T_RUN(rules_of_packs_stay);
    T_RUN(a_value_as_an_expression_means_the_same);
    T_RUN(a_set_tells_of_pipelines);
    return t_done();
}
