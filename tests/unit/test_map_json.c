#include "event/map_json.h"

#include "base/buf.h"
#include "t.h"

static struct arena *arena;

/* One process creation as Sysmon wrote it, in the words of each exporter. */
static const struct {
    const char *name;
    const char *json;
} SAME[] = {
    {"evtx_dump",
     "{\"Event\":{\"#attributes\":{\"xmlns\":\"http://schemas.microsoft.com/win/2004/08/events/"
     "event\"},"
     "\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"Microsoft-Windows-Sysmon\","
     "\"Guid\":\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\"}},\"EventID\":1,\"Version\":5,"
     "\"Level\":4,"
     "\"Task\":1,\"Opcode\":0,\"Keywords\":\"0x8000000000000000\",\"TimeCreated\":{\"#"
     "attributes\":"
     "{\"SystemTime\":\"2021-03-14T06:40:13.660000Z\"}},\"EventRecordID\":77,\"Correlation\":"
     "null,"
     "\"Execution\":{\"#attributes\":{\"ProcessID\":2920,\"ThreadID\":3652}},"
     "\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"MX.example\","
     "\"Security\":{\"#attributes\":{\"UserID\":\"S-1-5-18\"}}},\"EventData\":{"
     "\"UtcTime\":\"2021-03-14 "
     "06:40:13.659\",\"ProcessGuid\":\"6004D249-0957-604D-6019-000000000900\","
     "\"ProcessId\":12252,\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\","
     "\"CommandLine\":\"\\\"cmd\\\" /c whoami\",\"Empty\":\"\"}}}"},
    {"evtx_dump, attributes apart",
     "{\"Event\":{\"System\":{\"Provider\":null,\"Provider_attributes\":{\"Name\":\"Microsoft-"
     "Windows-Sysmon\","
     "\"Guid\":\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\"},\"EventID\":1,\"Version\":5,\"Level\":"
     "4,"
     "\"Task\":1,\"Opcode\":0,\"Keywords\":\"0x8000000000000000\",\"TimeCreated_attributes\":"
     "{\"SystemTime\":\"2021-03-14T06:40:13.660000Z\"},\"EventRecordID\":77,"
     "\"Execution_attributes\":{\"ProcessID\":2920,\"ThreadID\":3652},"
     "\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"MX.example\","
     "\"Security_attributes\":{\"UserID\":\"S-1-5-18\"}},\"EventData\":{"
     "\"UtcTime\":\"2021-03-14 "
     "06:40:13.659\",\"ProcessGuid\":\"6004D249-0957-604D-6019-000000000900\","
     "\"ProcessId\":12252,\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\","
     "\"CommandLine\":\"\\\"cmd\\\" /c whoami\",\"Empty\":\"\"}}}"},
    {"xmltodict",
     "{\"Event\":{\"@xmlns\":\"http://schemas.microsoft.com/win/2004/08/events/"
     "event\",\"System\":{"
     "\"Provider\":{\"@Name\":\"Microsoft-Windows-Sysmon\",\"@Guid\":\"{5770385F-C22A-43E0-"
     "BF4C-06F5698FFBD9}\"},"
     "\"EventID\":{\"@Qualifiers\":\"\",\"#text\":\"1\"},\"Version\":\"5\",\"Level\":\"4\","
     "\"Task\":\"1\","
     "\"Opcode\":\"0\",\"Keywords\":\"0x8000000000000000\","
     "\"TimeCreated\":{\"@SystemTime\":\"2021-03-14 "
     "06:40:13.660000Z\"},\"EventRecordID\":\"77\","
     "\"Correlation\":null,\"Execution\":{\"@ProcessID\":\"2920\",\"@ThreadID\":\"3652\"},"
     "\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"MX.example\","
     "\"Security\":{\"@UserID\":\"S-1-5-18\"}},\"EventData\":{\"Data\":["
     "{\"@Name\":\"UtcTime\",\"#text\":\"2021-03-14 06:40:13.659\"},"
     "{\"@Name\":\"ProcessGuid\",\"#text\":\"{6004D249-0957-604D-6019-000000000900}\"},"
     "{\"@Name\":\"ProcessId\",\"#text\":\"12252\"},"
     "{\"@Name\":\"Image\",\"#text\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\"},"
     "{\"@Name\":\"CommandLine\",\"#text\":\"\\\"cmd\\\" /c "
     "whoami\"},{\"@Name\":\"Empty\"}]}}}"},
    {"Velociraptor",
     "{\"System\":{\"Provider\":{\"Name\":\"Microsoft-Windows-Sysmon\","
     "\"Guid\":\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\"},\"EventID\":{\"Value\":1},\"Version\":"
     "5,"
     "\"Level\":4,\"Task\":1,\"Opcode\":0,\"Keywords\":9223372036854775808,"
     "\"TimeCreated\":{\"SystemTime\":1615704013.66},\"EventRecordID\":77,\"Correlation\":{},"
     "\"Execution\":{\"ProcessID\":2920,\"ThreadID\":3652},"
     "\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"MX.example\","
     "\"Security\":{\"UserID\":\"S-1-5-18\"}},\"EventData\":{\"UtcTime\":\"2021-03-14 "
     "06:40:13.659\","
     "\"ProcessGuid\":\"6004D249-0957-604D-6019-000000000900\",\"ProcessId\":12252,"
     "\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\",\"CommandLine\":\"\\\"cmd\\\" /c "
     "whoami\","
     "\"Empty\":\"\"},\"Message\":\"Process Create\",\"OSPath\":\"C:\\\\x.evtx\"}"},
    {"Winlogbeat",
     "{\"@timestamp\":\"2021-03-14T06:40:13.660Z\",\"@metadata\":{\"beat\":\"winlogbeat\"},"
     "\"event\":{\"code\":\"1\",\"kind\":\"event\",\"created\":\"2021-03-14T07:00:00Z\"},"
     "\"log\":{\"level\":\"information\"},\"message\":\"Process "
     "Create\",\"host\":{\"name\":\"other\"},"
     "\"winlog\":{\"provider_name\":\"Microsoft-Windows-Sysmon\","
     "\"provider_guid\":\"{5770385f-c22a-43e0-bf4c-06f5698ffbd9}\",\"event_id\":\"1\","
     "\"version\":5,"
     "\"task\":\"Process Create (rule: ProcessCreate)\",\"opcode\":\"Info\",\"record_id\":77,"
     "\"channel\":\"Microsoft-Windows-Sysmon/"
     "Operational\",\"computer_name\":\"MX.example\",\"api\":\"wineventlog\","
     "\"process\":{\"pid\":2920,\"thread\":{\"id\":3652}},\"user\":{\"identifier\":\"S-1-5-"
     "18\",\"name\":\"SYSTEM\"},"
     "\"event_data\":{\"UtcTime\":\"2021-03-14 06:40:13.659\","
     "\"ProcessGuid\":\"{6004D249-0957-604D-6019-000000000900}\",\"ProcessId\":\"12252\","
     "\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\",\"CommandLine\":\"\\\"cmd\\\" /c "
     "whoami\",\"Empty\":\"\"}}}"},
    {"Winlogbeat, dotted",
     "{\"@timestamp\":\"2021-03-14T06:40:13.660Z\",\"event.code\":1,\"log.level\":"
     "\"information\","
     "\"winlog.provider_name\":\"Microsoft-Windows-Sysmon\","
     "\"winlog.provider_guid\":\"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}\",\"winlog.event_id\":"
     "1,"
     "\"winlog.record_id\":77,\"winlog.channel\":\"Microsoft-Windows-Sysmon/Operational\","
     "\"winlog.computer_name\":\"MX.example\",\"winlog.process.pid\":2920,\"winlog.process."
     "thread.id\":3652,"
     "\"winlog.event_data.UtcTime\":\"2021-03-14 06:40:13.659\","
     "\"winlog.event_data.ProcessGuid\":\"{6004D249-0957-604D-6019-000000000900}\","
     "\"winlog.event_data.ProcessId\":\"12252\","
     "\"winlog.event_data.Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\","
     "\"winlog.event_data.CommandLine\":\"\\\"cmd\\\" /c "
     "whoami\",\"winlog.event_data.Empty\":\"\","
     "\"agent.name\":\"a\"}"},
    {"Winlogbeat 6",
     "{\"@timestamp\":\"2021-03-14T06:40:13.660Z\",\"type\":\"wineventlog\",\"event_id\":1,"
     "\"level\":\"Information\","
     "\"log_name\":\"Microsoft-Windows-Sysmon/"
     "Operational\",\"source_name\":\"Microsoft-Windows-Sysmon\","
     "\"provider_guid\":\"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}\",\"computer_name\":\"MX."
     "example\","
     "\"record_number\":\"77\",\"process_id\":2920,\"thread_id\":3652,\"version\":5,"
     "\"user\":{\"identifier\":\"S-1-5-18\"},\"message\":\"Process Create\",\"event_data\":{"
     "\"UtcTime\":\"2021-03-14 "
     "06:40:13.659\",\"ProcessGuid\":\"{6004D249-0957-604D-6019-000000000900}\","
     "\"ProcessId\":\"12252\",\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\","
     "\"CommandLine\":\"\\\"cmd\\\" /c whoami\",\"Empty\":\"\"}}"},
    {"NXLog",
     "{\"EventTime\":\"2021-03-14T06:40:13.660Z\",\"Hostname\":\"MX.example\",\"Keywords\":-"
     "9223372036854775808,"
     "\"EventType\":\"INFO\",\"SeverityValue\":2,\"Severity\":\"INFO\",\"EventID\":1,"
     "\"SourceName\":\"Microsoft-Windows-Sysmon\",\"ProviderGuid\":\"{5770385F-C22A-43E0-BF4C-"
     "06F5698FFBD9}\","
     "\"Version\":5,\"Task\":1,\"OpcodeValue\":0,\"RecordNumber\":77,\"ExecutionProcessID\":"
     "2920,"
     "\"ThreadID\":3652,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Domain\":\"NT "
     "AUTHORITY\","
     "\"AccountName\":\"SYSTEM\",\"UserID\":\"S-1-5-18\",\"AccountType\":\"User\",\"Message\":"
     "\"Process Create\","
     "\"Category\":\"Process Create\",\"Opcode\":\"Info\",\"UtcTime\":\"2021-03-14 "
     "06:40:13.659\","
     "\"ProcessGuid\":\"{6004D249-0957-604D-6019-000000000900}\",\"ProcessId\":\"12252\","
     "\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\",\"CommandLine\":\"\\\"cmd\\\" /c "
     "whoami\",\"Empty\":\"\","
     "\"EventReceivedTime\":\"2021-03-14 06:41:00\",\"SourceModuleName\":\"eventlog\","
     "\"SourceModuleType\":\"im_msvistalog\",\"@version\":\"1\",\"host\":\"wec\",\"port\":"
     "60737,"
     "\"tags\":[\"dataset\"],\"@timestamp\":\"2021-03-14T09:00:00Z\"}"},
    {"flat, as in Mordor",
     "{\"SourceName\":\"Microsoft-Windows-Sysmon\",\"ProviderGuid\":\"{5770385F-C22A-43E0-BF4C-"
     "06F5698FFBD9}\","
     "\"Level\":\"4\",\"Keywords\":\"0x8000000000000000\",\"Channel\":\"Microsoft-Windows-"
     "Sysmon/Operational\","
     "\"Hostname\":\"MX.example\",\"TimeCreated\":\"2021-03-14T06:40:13.660Z\","
     "\"@timestamp\":\"2021-03-14T06:40:13.660Z\",\"EventID\":1,\"Message\":\"Process "
     "Create\",\"Task\":\"1\","
     "\"UtcTime\":\"2021-03-14 "
     "06:40:13.659\",\"ProcessGuid\":\"{6004D249-0957-604D-6019-000000000900}\","
     "\"ProcessId\":\"12252\",\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\","
     "\"CommandLine\":\"\\\"cmd\\\" /c whoami\",\"Empty\":\"\"}"},
    {"Velociraptor's rows",
     "{\"EventTime\":\"2021-03-14T06:40:13.66Z\",\"Computer\":\"MX.example\","
     "\"Channel\":\"Microsoft-Windows-Sysmon/"
     "Operational\",\"Provider\":\"Microsoft-Windows-Sysmon\","
     "\"EventID\":1,\"EventRecordID\":77,\"UserSID\":\"S-1-5-18\",\"Username\":\"SYSTEM\","
     "\"EventData\":{"
     "\"UtcTime\":\"2021-03-14 "
     "06:40:13.659\",\"ProcessGuid\":\"6004D249-0957-604D-6019-000000000900\","
     "\"ProcessId\":12252,\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\","
     "\"CommandLine\":\"\\\"cmd\\\" /c whoami\",\"Empty\":\"\"},\"Message\":\"Process Create\","
     "\"OSPath\":\"C:\\\\Windows\\\\x.evtx\"}"},
};

enum { SAMES = sizeof SAME / sizeof *SAME };

/* Fields of one section as lines "name=value"; GUID and null as a suffix. */
static struct str section_text(const struct event *ev, enum field_section section)
{
    struct buf out = buf_new(1 << 16);
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        if (f->section != section)
            continue;
        buf_addf(&out, "%.*s=%.*s", STR_ARG(f->name), STR_ARG(f->value));
        buf_add_cstr(&out, f->type == FIELD_GUID   ? " (guid)\n"
                           : f->type == FIELD_NULL ? " (null)\n"
                                                   : "\n");
    }
    struct str text = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return text;
}

/* The first event of the text, with its fields; false if there is none. */
static bool first_event(struct str json, struct event *ret)
{
    struct bytes file = str_bytes(json);
    struct json_events *s =
        json_events_open(file, FORMAT_JSON, (struct span){.to = file.n}, arena);
    struct span gap;
    struct err err;
    bool got = json_events_next(s, arena, ret, &gap, &err) == 1;
    if (got) {
        json_events_fill(s, arena, ret);
        ret->channel = arena_str(arena, ret->channel);
        ret->provider = arena_str(arena, ret->provider);
        ret->host = arena_str(arena, ret->host);
        for (size_t i = 0; i < ret->n; i++) {
            ret->fields[i].name = arena_str(arena, ret->fields[i].name);
            ret->fields[i].value = arena_str(arena, ret->fields[i].value);
        }
    }
    json_events_close(&s);
    return got;
}

static struct str data_of(struct str json)
{
    struct event ev;
    return first_event(json, &ev) ? section_text(&ev, SECTION_DATA) : STR("no event");
}

static struct str system_value(struct str json, const char *name)
{
    struct event ev;
    if (!first_event(json, &ev))
        return STR("no event");
    for (size_t i = 0; i < ev.n; i++) {
        if (ev.fields[i].section == SECTION_SYSTEM && str_eq(ev.fields[i].name, str_of(name)))
            return ev.fields[i].value;
    }
    return STR("none");
}

static void check_same(const char *name, struct str got, struct str want)
{
    if (!str_eq(got, want))
        t_failed += printf("%s:\n%.*s  want\n%.*s", name, STR_ARG(got), STR_ARG(want)) > 0;
}

static void every_shape_gives_the_same_data(void)
{
    for (size_t i = 0; i < SAMES; i++) {
        struct event ev = {0};
        T_OK(first_event(str_of(SAME[i].json), &ev));
        check_same(SAME[i].name, section_text(&ev, SECTION_DATA),
                   STR("UtcTime=2021-03-14 06:40:13.659\n"
                       "ProcessGuid={6004D249-0957-604D-6019-000000000900} (guid)\n"
                       "ProcessId=12252\n"
                       "Image=C:\\Windows\\System32\\cmd.exe\n"
                       "CommandLine=\"cmd\" /c whoami\n"
                       "Empty=\n"));
        T_STR(section_text(&ev, SECTION_DERIVED), "");
        struct str message = section_text(&ev, SECTION_MESSAGE);
        T_OK(message.n == 0 || str_eq(message, STR("Message=Process Create\n")));
    }
}

/* A shape may leave something out; what it says must be what EVTX says. */
static void every_shape_gives_the_same_head(void)
{
    struct str all = STR("Provider_Name=Microsoft-Windows-Sysmon\n"
                         "Provider_Guid={5770385F-C22A-43E0-BF4C-06F5698FFBD9} (guid)\n"
                         "EventID=1\nVersion=5\nLevel=4\nTask=1\nOpcode=0\n"
                         "Keywords=0x8000000000000000\n"
                         "TimeCreated=2021-03-14T06:40:13.6600000Z\nEventRecordID=77\n"
                         "Execution_ProcessID=2920\nExecution_ThreadID=3652\n"
                         "Channel=Microsoft-Windows-Sysmon/Operational\nComputer=MX.example\n"
                         "Security_UserID=S-1-5-18\n");
    for (size_t i = 0; i < SAMES; i++) {
        struct event ev = {0};
        T_OK(first_event(str_of(SAME[i].json), &ev));
        T_EQ(ev.kind, EVENT_WINDOWS);
        T_EQ(ev.event_id, 1);
        T_EQ(ev.time, INT64_C(16157040136600000));
        T_EQ(ev.utc_hint, INT64_C(16157040136590000));
        T_EQ(ev.marks, 0);
        T_STR(ev.channel, "Microsoft-Windows-Sysmon/Operational");
        T_STR(ev.provider, "Microsoft-Windows-Sysmon");
        T_STR(ev.host, "MX.example");
        size_t at = 0;
        for (size_t k = 0; k < ev.n; k++) {
            const struct field *f = &ev.fields[k];
            if (f->section != SECTION_SYSTEM)
                continue;
            struct str line =
                arena_printf(arena, "%.*s=%.*s%s\n", STR_ARG(f->name), STR_ARG(f->value),
                             f->type == FIELD_GUID ? " (guid)" : "");
            size_t found = str_find(all, line, at);
            if (found == SIZE_MAX)
                t_failed += printf("%s: %.*s", SAME[i].name, STR_ARG(line)) > 0;
            else
                at = found;
        }
    }
    struct event ev = {0};
    T_OK(first_event(str_of(SAME[0].json), &ev));
    check_same("evtx_dump", section_text(&ev, SECTION_SYSTEM), all);
}

#define XML(data)                                                                  \
    STR("{\"Event\":{\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"P\"}}," \
        "\"EventID\":{\"#attributes\":{\"Qualifiers\":16384},\"#text\":7036},"     \
        "\"Channel\":\"System\"}," data "}}")

static void unnamed_data_is_one_field_of_many_values(void)
{
    T_STR(data_of(XML("\"EventData\":{\"Data\":{\"#text\":[\"a\",\"b\"]}}")),
          "Data=a\nData=b\n");
    T_STR(data_of(XML("\"EventData\":{\"Data\":[\"a\",\"b\"],\"Binary\":\"00FF\"}")),
          "Data=a\nData=b\nBinary=00FF\n");
    T_STR(data_of(XML("\"EventData\":{\"Data\":\"a\"}")), "Data=a\n");
    T_STR(data_of(XML(
              "\"EventData\":{\"Data\":{\"#attributes\":{\"Name\":\"x\"},\"#text\":\"a\"}}")),
          "x=a\n");
    T_STR(
        data_of(XML(
            "\"EventData\":[{\"Name\":\"x\",\"#text\":\"a\"},{\"@Name\":\"y\",\"#text\":1}]")),
        "x=a\ny=1\n");
    T_STR(data_of(XML("\"EventData\":null")), "");
}

static void user_data_is_named_by_its_leaves(void)
{
    T_STR(data_of(XML(
              "\"UserData\":{\"Operation\":{\"#attributes\":{\"xmlns\":\"u\",\"kind\":\"k\"},"
              "\"Id\":\"{00000000-0000-0000-0000-00000000000a}\",\"Inner\":{\"Code\":5}}}")),
          "Operation_kind=k\nId={00000000-0000-0000-0000-00000000000a}\nCode=5\n");
}

static void sections_keep_fields_named_like_wrapping(void)
{
    T_STR(data_of(XML("\"EventData\":{\"#attributes\":{\"Name\":\"TaskDisabled\"},"
                      "\"Name\":\"n\",\"Value\":\"v\"}")),
          "EventData_Name=TaskDisabled\nName=n\nValue=v\n");
}

static void values_have_their_types(void)
{
    T_STR(data_of(XML(
              "\"EventData\":{\"a\":true,\"b\":false,\"c\":null,\"d\":-1.5,\"e\":[1,null]}")),
          "a=true\nb=false\nc= (null)\nd=-1.5\ne=1\ne= (null)\n");
    /* text that happens to be a GUID is in lower case */
    T_STR(data_of(XML(
              "\"EventData\":{\"ScriptBlockId\":\"d9d86a2c-0000-4000-8000-0123456789ab\"}")),
          "ScriptBlockId=d9d86a2c-0000-4000-8000-0123456789ab\n");
}

static void qualifiers_are_apart_from_the_id(void)
{
    T_STR(system_value(XML("\"EventData\":null"), "EventID"), "7036");
    T_STR(system_value(XML("\"EventData\":null"), "EventID_Qualifiers"), "16384");
}

#define FLAT(members) STR("{\"EventID\":4624,\"Channel\":\"Security\"" members "}")

static void shared_names_are_told_by_their_value(void)
{
    T_STR(data_of(FLAT(",\"ProcessID\":\"12252\"")), "ProcessID=12252\n");
    T_STR(data_of(FLAT(",\"ProcessID\":712,\"ThreadID\":3096")), "");
    T_STR(system_value(FLAT(",\"ProcessID\":712,\"ThreadID\":3096"), "Execution_ProcessID"),
          "712");
    T_STR(data_of(FLAT(",\"ProcessID\":712,\"ExecutionProcessID\":4")), "ProcessID=712\n");
    T_STR(data_of(FLAT(",\"EventType\":\"SetValue\",\"Category\":\"x\",\"Domain\":\"d\"")),
          "EventType=SetValue\nCategory=x\nDomain=d\n");
    T_STR(data_of(FLAT(",\"EventType\":\"AUDIT_SUCCESS\"")), "");
}

static void words_are_no_numbers(void)
{
    T_STR(system_value(FLAT(",\"Opcode\":\"Info\",\"OpcodeValue\":2"), "Opcode"), "2");
    T_STR(system_value(FLAT(",\"Opcode\":\"Info\",\"Task\":\"Logon\""), "Opcode"), "none");
    T_STR(system_value(FLAT(",\"Level\":\"Warning\""), "Level"), "3");
    T_STR(system_value(FLAT(",\"Keywords\":-9214364837600034816"), "Keywords"),
          "0x8020000000000000");
    T_STR(
        system_value(STR("{\"winlog\":{\"event_id\":4625,\"channel\":\"Security\",\"keywords\":"
                         "[\"Audit Failure\"]},\"log\":{\"level\":\"information\"}}"),
                     "Keywords"),
        "0x8010000000000000");
    T_STR(system_value(STR("{\"winlog\":{\"event_id\":4625,\"channel\":\"Security\"},"
                           "\"log\":{\"level\":\"information\"}}"),
                       "Level"),
          "0");
}

static void numbered_parameters_are_data_too(void)
{
    struct event ev = {0};
    T_OK(first_event(STR("{\"winlog\":{\"event_id\":1,\"channel\":\"MSExchange Management\","
                         "\"provider_name\":\"MSExchange CmdletLogs\",\"event_data\":"
                         "{\"param1\":\"New-X\",\"param2\":\"-ExternalUrl y\"},"
                         "\"user_data\":{\"xml_name\":\"X\",\"Name\":\"n\"}}}"),
                     &ev));
    T_STR(section_text(&ev, SECTION_DATA), "Data=New-X\nData=-ExternalUrl y\nName=n\n");
    T_STR(event_text(&ev, "param2"), "-ExternalUrl y");
}

static instant time_of(struct str json)
{
    struct event ev = {0};
    T_OK(first_event(json, &ev));
    return ev.time;
}

static void reads_times_in_many_forms(void)
{
    const instant second = INT64_C(16157040130000000);
    T_EQ(time_of(FLAT(",\"TimeCreated\":1615704013")), second);
    T_EQ(time_of(FLAT(",\"TimeCreated\":1615704013.6601234")), second + 6601234);
    T_EQ(time_of(FLAT(",\"TimeCreated\":1615704013660")), second + 6600000);
    T_EQ(time_of(FLAT(",\"TimeCreated\":1615704013660123")), second + 6601230);
    T_EQ(time_of(FLAT(",\"TimeCreated\":\"/Date(1615704013660)/\"")), second + 6600000);
    T_EQ(time_of(FLAT(",\"TimeCreated\":\"2021-03-14T08:40:13+02:00\"")), second);
    T_EQ(time_of(FLAT(",\"TimeCreated\":\"yesterday\"")), INSTANT_NONE);
    T_EQ(time_of(FLAT("")), INSTANT_NONE);
    /* the event's own time goes before the transport's */
    T_EQ(
        time_of(FLAT(
            ",\"@timestamp\":\"2021-03-15T00:00:00Z\",\"EventTime\":\"2021-03-14T06:40:13Z\"")),
        second);
}

static void a_time_without_its_zone_is_marked(void)
{
    struct event ev = {0};
    T_OK(first_event(FLAT(",\"EventTime\":\"2021-03-14 06:40:13\""), &ev));
    T_EQ(ev.marks, MARK_TIME_GUESSED);
}

static void only_sysmon_has_a_hint_of_utc(void)
{
    struct event ev = {0};
    T_OK(first_event(FLAT(",\"UtcTime\":\"2021-03-14 06:40:13.659\""), &ev));
    T_EQ(ev.utc_hint, INSTANT_NONE);
}

static void other_json_is_one_gap(void)
{
    struct str text = STR("{\"x\":1}\n"
                          "{\"EventID\":1,\"Channel\":\"c\"}\n"
                          "bad\n"
                          "{\"EventID\":\"none\",\"Channel\":\"c\"}\n"
                          "{\"EventID\":2}\n");
    struct bytes file = str_bytes(text);
    struct json_events *s =
        json_events_open(file, FORMAT_JSON_LINES, (struct span){.to = file.n}, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_EQ(json_events_next(s, arena, &ev, &gap, &err), 1);
    T_EQ(ev.offset, 8);
    T_EQ(json_events_next(s, arena, &ev, &gap, &err), -1);
    T_EQ(err.code, ERR_CORRUPT);
    T_EQ(json_events_next(s, arena, &ev, &gap, &err), -1);
    T_EQ(err.code, ERR_UNSUPPORTED);
    T_OK(strstr(err.msg, "3 JSON objects") != NULL);
    T_EQ(gap.from, 0);
    T_EQ(gap.to, file.n - 1);
    T_EQ(json_events_next(s, arena, &ev, &gap, &err), 0);
    json_events_close(&s);
    T_OK(!s);
    json_events_close(&s);
}

static void a_span_sees_only_its_events(void)
{
    struct str line = FLAT("");
    struct str text =
        arena_printf(arena, "%.*s\n%.*s\n%.*s\n", STR_ARG(line), STR_ARG(line), STR_ARG(line));
    struct span span = {.from = line.n + 1, .to = 2 * (line.n + 1)};
    struct json_events *s = json_events_open(str_bytes(text), FORMAT_JSON_LINES, span, arena);
    struct event ev;
    struct span gap;
    struct err err;
    T_EQ(json_events_next(s, arena, &ev, &gap, &err), 1);
    T_EQ(ev.offset, line.n + 1);
    T_EQ(ev.size, line.n);
    T_EQ(json_events_next(s, arena, &ev, &gap, &err), 0);
    json_events_close(&s);
}

static void read_all(struct bytes b)
{
    struct json_events *s = json_events_open(b, FORMAT_JSON, (struct span){.to = b.n}, arena);
    struct event ev;
    struct span gap;
    struct err err;
    int r;
    while ((r = json_events_next(s, arena, &ev, &gap, &err)) != 0) {
        if (r > 0)
            json_events_fill(s, arena, &ev);
    }
    json_events_close(&s);
}

static void survives_truncation_and_flipped_bits(void)
{
    for (size_t i = 0; i < SAMES; i++) {
        struct bytes data = str_bytes(str_of(SAME[i].json));
        t_each_prefix(data, read_all);
        uint8_t *copy = malloc(data.n);
        for (size_t k = 0; k < data.n; k++) {
            memcpy(copy, data.p, data.n);
            copy[k] ^= (uint8_t)(1U << k % 8);
            read_all((struct bytes){copy, data.n});
        }
        free(copy);
        arena_reset(arena);
    }
}

int main(void)
{
    arena = arena_new();
    T_RUN(every_shape_gives_the_same_data);
    T_RUN(every_shape_gives_the_same_head);
    T_RUN(unnamed_data_is_one_field_of_many_values);
    T_RUN(user_data_is_named_by_its_leaves);
    T_RUN(sections_keep_fields_named_like_wrapping);
    T_RUN(values_have_their_types);
    T_RUN(qualifiers_are_apart_from_the_id);
    T_RUN(shared_names_are_told_by_their_value);
    T_RUN(words_are_no_numbers);
    T_RUN(numbered_parameters_are_data_too);
    T_RUN(reads_times_in_many_forms);
    T_RUN(a_time_without_its_zone_is_marked);
    T_RUN(only_sysmon_has_a_hint_of_utc);
    T_RUN(other_json_is_one_gap);
    T_RUN(a_span_sees_only_its_events);
    T_RUN(survives_truncation_and_flipped_bits);
    arena_free(arena);
    return t_done();
}
