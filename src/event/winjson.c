#include "event/winjson.h"

#include <inttypes.h>

#include "base/num.h"
#include "event/json_field.h"
#include "format/evtx_value.h"

static const struct {
    const char *name;
    enum field_type type;
} SYSTEM[WJ_SYSTEM_FIELDS] = {
    [WJ_PROVIDER_NAME] = {"Provider_Name", FIELD_TEXT},
    [WJ_PROVIDER_GUID] = {"Provider_Guid", FIELD_GUID},
    [WJ_EVENT_ID] = {"EventID", FIELD_NUMBER},
    [WJ_QUALIFIERS] = {"EventID_Qualifiers", FIELD_NUMBER},
    [WJ_VERSION] = {"Version", FIELD_NUMBER},
    [WJ_LEVEL] = {"Level", FIELD_NUMBER},
    [WJ_TASK] = {"Task", FIELD_NUMBER},
    [WJ_OPCODE] = {"Opcode", FIELD_NUMBER},
    [WJ_KEYWORDS] = {"Keywords", FIELD_TEXT},
    [WJ_TIME] = {"TimeCreated", FIELD_TEXT},
    [WJ_RECORD] = {"EventRecordID", FIELD_NUMBER},
    [WJ_ACTIVITY] = {"Correlation_ActivityID", FIELD_GUID},
    [WJ_RELATED_ACTIVITY] = {"Correlation_RelatedActivityID", FIELD_GUID},
    [WJ_PROCESS] = {"Execution_ProcessID", FIELD_NUMBER},
    [WJ_THREAD] = {"Execution_ThreadID", FIELD_NUMBER},
    [WJ_CHANNEL] = {"Channel", FIELD_TEXT},
    [WJ_COMPUTER] = {"Computer", FIELD_TEXT},
    [WJ_USER] = {"Security_UserID", FIELD_TEXT},
};

static const struct json_style AS_WINDOWS = {.bare_guids = false};
static const struct json_style BARE_GUIDS = {.bare_guids = true};

/* ---- values of the head in canonical form ---- */

static bool is_digits(struct str s)
{
    uint64_t v;
    return num_u64(s, &v);
}

/* Exporters print these as the number, or as the words of the viewer in its language. The
 * English words of Level have a number; of the others only numbers are taken. */
static struct str number_text(enum winjson_system field, struct str text)
{
    static const char *const levels[] = {"LogAlways", "Critical",    "Error",
                                         "Warning",   "Information", "Verbose"};
    static const struct str digits = {"012345", 6};
    if (is_digits(text) || field != WJ_LEVEL)
        return is_digits(text) ? text : STR("");
    for (size_t i = 0; i < digits.n; i++) {
        if (str_ieq(text, str_of(levels[i])))
            return str_part(digits, i, i + 1);
    }
    return STR("");
}

/* The bit mask as Windows writes it. NXLog prints it as a signed number. */
static struct str keywords_text(struct str text, struct arena *arena)
{
    uint64_t mask;
    int64_t number;
    if (num_u64(text, &mask))
        return arena_printf(arena, "0x%" PRIx64, mask);
    if (num_i64(text, &number))
        return arena_printf(arena, "0x%" PRIx64, (uint64_t)number);
    if (str_istarts(text, STR("0x")))
        return text;
    if (str_ieq(text, STR("Audit Success")))
        return STR("0x8020000000000000");
    if (str_ieq(text, STR("Audit Failure")))
        return STR("0x8010000000000000");
    return STR("");
}

static struct str canonical(enum winjson_system field, struct str text, struct arena *arena)
{
    if (SYSTEM[field].type == FIELD_NUMBER)
        return number_text(field, text);
    if (SYSTEM[field].type == FIELD_GUID)
        return json_guid(text, arena);
    return field == WJ_KEYWORDS ? keywords_text(text, arena) : text;
}

/* Takes a value for a field of the head, unless it has one. */
static void take(struct winjson *w, struct arena *arena, enum winjson_system field,
                 const struct json *v)
{
    if (!v || w->system[field].n)
        return;
    if (v->type == JSON_ARRAY) /* Winlogbeat's keywords */
        v = v->child;
    w->system[field] = canonical(field, json_scalar_text(v), arena);
}

/* ---- time ---- */

/* The digits behind the point as 100 ns steps. */
static int64_t fraction_ticks(struct str digits)
{
    int64_t ticks = 0;
    for (size_t i = 0; i < 7; i++) {
        bool digit = i < digits.n && digits.p[i] >= '0' && digits.p[i] <= '9';
        ticks = ticks * 10 + (digit ? digits.p[i] - '0' : 0);
    }
    return ticks;
}

/* Seconds since 1970, with a fraction perhaps; or milli-, micro- or nanoseconds, which the
 * number of digits tells. */
static bool epoch_time(struct str text, instant *ret)
{
    size_t point = str_find(text, STR("."), 0);
    struct str whole = str_part(text, 0, point);
    uint64_t v;
    if (whole.n > 19 || !num_u64(whole, &v))
        return false;
    uint64_t unit = whole.n <= 11   ? 1
                    : whole.n <= 14 ? 1000
                    : whole.n <= 17 ? 1000000
                                    : 1000000000;
    *ret = (int64_t)(v / unit) * INSTANT_SECOND;
    if (unit > 1)
        *ret += (int64_t)(v % unit * 10 * 1000000 / unit);
    else if (point != SIZE_MAX)
        *ret += fraction_ticks(str_part(text, point + 1, text.n));
    return true;
}

/* Whether a time of day is followed by its offset from UTC. */
static bool has_zone(struct str text)
{
    enum { DATE = sizeof "2021-03-14" };
    for (size_t i = DATE; i < text.n; i++) {
        if (strchr("Zz+-U", text.p[i]) && text.p[i])
            return true;
    }
    return false;
}

static void take_time(struct winjson *w, const struct json *v)
{
    struct str text = json_scalar_text(v);
    if (w->time != INSTANT_NONE || text.n == 0)
        return;
    if (str_starts(text, STR("/Date(")) && str_iends(text, STR(")/"))) /* PowerShell */
        text = str_part(text, 6, text.n - 2);
    if (epoch_time(text, &w->time))
        return;
    if (instant_parse(text, &w->time))
        w->zoneless = !has_zone(text);
}

/* The form EVTX gives it: always seven digits. */
static struct str time_text(instant t, struct arena *arena)
{
    static const uint64_t unix_epoch = UINT64_C(116444736000000000); /* as FILETIME */
    uint64_t filetime = (uint64_t)t + unix_epoch;
    uint8_t raw[sizeof filetime];
    for (size_t i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)(filetime >> 8 * i);
    return evtx_value_text(EVTX_TYPE_FILETIME, (struct bytes){raw, sizeof raw}, arena);
}

/* ---- the XML's own structure ---- */

/* The element itself, or where evtx_dump puts attributes on request. */
static const struct json *element_attribute(const struct json *system, const char *element,
                                            const char *name, struct arena *arena)
{
    const struct json *v = json_attribute(json_get(system, element), name);
    if (v)
        return v;
    struct str beside = arena_printf(arena, "%s_attributes", element);
    return json_get(json_member(system, beside), name);
}

static bool read_xml(const struct json *record, struct arena *arena, struct winjson *w)
{
    static const struct {
        enum winjson_system field;
        const char *element;
        const char *attribute; /* NULL: its text */
    } places[] = {
        {WJ_PROVIDER_NAME, "Provider", "Name"},
        {WJ_PROVIDER_GUID, "Provider", "Guid"},
        {WJ_EVENT_ID, "EventID", NULL},
        {WJ_QUALIFIERS, "EventID", "Qualifiers"},
        {WJ_VERSION, "Version", NULL},
        {WJ_LEVEL, "Level", NULL},
        {WJ_TASK, "Task", NULL},
        {WJ_OPCODE, "Opcode", NULL},
        {WJ_KEYWORDS, "Keywords", NULL},
        {WJ_RECORD, "EventRecordID", NULL},
        {WJ_ACTIVITY, "Correlation", "ActivityID"},
        {WJ_RELATED_ACTIVITY, "Correlation", "RelatedActivityID"},
        {WJ_PROCESS, "Execution", "ProcessID"},
        {WJ_THREAD, "Execution", "ThreadID"},
        {WJ_CHANNEL, "Channel", NULL},
        {WJ_COMPUTER, "Computer", NULL},
        {WJ_USER, "Security", "UserID"},
    };
    const struct json *event = json_get(record, "Event");
    w->root = event ? event : record;
    const struct json *system = json_get(w->root, "System");
    if (!system || system->type != JSON_OBJECT)
        return false;

    w->shape = WJ_XML;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct json *element = json_get(system, places[i].element);
        const char *attribute = places[i].attribute;
        take(w, arena, places[i].field,
             attribute ? element_attribute(system, places[i].element, attribute, arena)
                       : element);
    }
    if (!w->system[WJ_PROVIDER_NAME].n)
        take(w, arena, WJ_PROVIDER_NAME, json_get(system, "Provider"));
    w->braced_guids = str_starts(
        json_scalar_text(element_attribute(system, "Provider", "Guid", arena)), STR("{"));
    take_time(w, element_attribute(system, "TimeCreated", "SystemTime", arena));
    take_time(w, json_get(system, "TimeCreated"));

    w->message = json_scalar_text(json_path(w->root, "RenderingInfo.Message"));
    if (!w->message.n)
        w->message = json_scalar_text(json_get(w->root, "Message"));
    if (!w->message.n)
        w->message = json_scalar_text(json_get(record, "Message"));
    return true;
}

/* Other members of the event: columns that a collector put beside it are not data. */
static bool is_data_section(struct str name)
{
    return str_eq(name, STR("EventData")) || str_eq(name, STR("UserData")) ||
           str_eq(name, STR("ProcessingErrorData")) || str_eq(name, STR("DebugData")) ||
           str_eq(name, STR("BinaryEventData"));
}

static void fill_sections(const struct winjson *w, struct arena *arena, struct event *ev)
{
    for (const struct json *m = w->root->child; m; m = m->next) {
        if (is_data_section(m->key))
            json_add_section(ev, arena, w->braced_guids ? AS_WINDOWS : BARE_GUIDS, m);
    }
}

/* ---- Winlogbeat ---- */

static bool is_beats(const struct json *record)
{
    return json_path(record, "winlog.event_id") || json_path(record, "winlog.channel") ||
           (json_get(record, "event_id") &&
            (json_get(record, "log_name") || json_get(record, "source_name")));
}

static bool read_beats(const struct json *record, struct arena *arena, struct winjson *w)
{
    static const struct {
        enum winjson_system field;
        const char *path;
    } places[] = {
        {WJ_PROVIDER_NAME, "winlog.provider_name"},
        {WJ_PROVIDER_NAME, "event.provider"},
        {WJ_PROVIDER_NAME, "source_name"},
        {WJ_PROVIDER_GUID, "winlog.provider_guid"},
        {WJ_PROVIDER_GUID, "provider_guid"},
        {WJ_EVENT_ID, "winlog.event_id"},
        {WJ_EVENT_ID, "event.code"},
        {WJ_EVENT_ID, "event_id"},
        {WJ_VERSION, "winlog.version"},
        {WJ_VERSION, "version"},
        {WJ_LEVEL, "winlog.level"},
        {WJ_LEVEL, "log.level"},
        {WJ_LEVEL, "level"},
        {WJ_TASK, "winlog.task"},
        {WJ_TASK, "task"},
        {WJ_OPCODE, "winlog.opcode"},
        {WJ_OPCODE, "opcode"},
        {WJ_KEYWORDS, "winlog.keywords"},
        {WJ_KEYWORDS, "keywords"},
        {WJ_RECORD, "winlog.record_id"},
        {WJ_RECORD, "record_number"},
        {WJ_ACTIVITY, "winlog.activity_id"},
        {WJ_ACTIVITY, "activity_id"},
        {WJ_RELATED_ACTIVITY, "winlog.related_activity_id"},
        {WJ_RELATED_ACTIVITY, "related_activity_id"},
        {WJ_PROCESS, "winlog.process.pid"},
        {WJ_PROCESS, "process_id"},
        {WJ_THREAD, "winlog.process.thread.id"},
        {WJ_THREAD, "thread_id"},
        {WJ_CHANNEL, "winlog.channel"},
        {WJ_CHANNEL, "log_name"},
        {WJ_COMPUTER, "winlog.computer_name"},
        {WJ_COMPUTER, "computer_name"},
        {WJ_USER, "winlog.user.identifier"},
        {WJ_USER, "user.identifier"},
    };
    if (!is_beats(record))
        return false;
    w->shape = WJ_BEATS;
    w->root = record;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        take(w, arena, places[i].field, json_path(record, places[i].path));
    take_time(w, json_path(record, "winlog.time_created"));
    take_time(w, json_get(record, "@timestamp"));
    w->message = json_scalar_text(json_get(record, "message"));
    /* The Security log's level is LogAlways, which is shown with the same word. */
    if (str_ieq(w->system[WJ_CHANNEL], STR("Security")) &&
        str_ieq(json_scalar_text(json_path(record, "log.level")), STR("information")))
        w->system[WJ_LEVEL] = STR("0");
    return true;
}

/* "param1", ...: Winlogbeat's names for data without a name; also real names of some
 * providers, such as the Service Control Manager. */
static bool is_numbered(struct str name)
{
    return str_starts(name, STR("param")) && name.n > 5 && is_digits(str_part(name, 5, name.n));
}

static void add_beats_data(struct event *ev, struct arena *arena, struct str name,
                           const struct json *v)
{
    if (str_eq(name, STR("xml_name")))
        return;
    if (is_numbered(name)) {
        event_add(ev, arena, SECTION_DERIVED, FIELD_TEXT, name, json_scalar_text(v));
        name = STR("Data");
    }
    json_add(ev, arena, AS_WINDOWS, name, v);
}

/* Data under a path: as members of an object there, and as members of `object` whose names
 * start with the path and a dot. */
static void add_beats_section(struct event *ev, struct arena *arena, const struct json *object,
                              struct str path)
{
    if (!object || object->type != JSON_OBJECT)
        return;
    for (const struct json *m = object->child; m; m = m->next) {
        if (str_eq(m->key, path) && m->type == JSON_OBJECT) {
            for (const struct json *v = m->child; v; v = v->next)
                add_beats_data(ev, arena, v->key, v);
        } else if (str_starts(m->key, path) && m->key.n > path.n + 1 &&
                   m->key.p[path.n] == '.') {
            add_beats_data(ev, arena, str_part(m->key, path.n + 1, m->key.n), m);
        }
    }
}

static void fill_beats(const struct winjson *w, struct arena *arena, struct event *ev)
{
    const struct json *winlog = json_get(w->root, "winlog");
    add_beats_section(ev, arena, winlog, STR("event_data"));
    add_beats_section(ev, arena, w->root, STR("winlog.event_data"));
    add_beats_section(ev, arena, w->root, STR("event_data"));
    add_beats_section(ev, arena, winlog, STR("user_data"));
    add_beats_section(ev, arena, w->root, STR("winlog.user_data"));
    add_beats_section(ev, arena, w->root, STR("user_data"));
}

/* ---- flat ---- */

enum flat_role { /* beyond enum winjson_system */
                 ROLE_DATA = WJ_SYSTEM_FIELDS,
                 ROLE_MESSAGE,
                 ROLE_META,       /* of the exporter or its transport: not part of the event */
                 ROLE_META_NXLOG, /* the same, where NXLog wrote the record; else data */
};

/* What a member of a flat record is. Of several for one role the first here wins. */
static const struct {
    const char *name;
    unsigned role;
} FLAT[] = {
    {"Provider_Name", WJ_PROVIDER_NAME},
    {"ProviderName", WJ_PROVIDER_NAME},
    {"SourceName", WJ_PROVIDER_NAME},
    {"Provider", WJ_PROVIDER_NAME},
    {"Provider_Guid", WJ_PROVIDER_GUID},
    {"ProviderGuid", WJ_PROVIDER_GUID},
    {"EventID", WJ_EVENT_ID},
    {"EventId", WJ_EVENT_ID},
    {"Qualifiers", WJ_QUALIFIERS},
    {"Version", WJ_VERSION},
    {"Level", WJ_LEVEL},
    {"TaskValue", WJ_TASK},
    {"Task", WJ_TASK},
    {"OpcodeValue", WJ_OPCODE},
    {"Opcode", WJ_OPCODE},
    {"Keywords", WJ_KEYWORDS},
    {"SystemTime", WJ_TIME},
    {"TimeCreated", WJ_TIME},
    {"EventTime", WJ_TIME},
    {"@timestamp", WJ_TIME},
    {"Timestamp", WJ_TIME},
    {"timestamp", WJ_TIME},
    {"EventRecordID", WJ_RECORD},
    {"EventRecordId", WJ_RECORD},
    {"RecordNumber", WJ_RECORD},
    {"RecordID", WJ_RECORD},
    {"Correlation_ActivityID", WJ_ACTIVITY},
    {"ActivityID", WJ_ACTIVITY},
    {"Correlation_RelatedActivityID", WJ_RELATED_ACTIVITY},
    {"RelatedActivityID", WJ_RELATED_ACTIVITY},
    {"Execution_ProcessID", WJ_PROCESS},
    {"ExecutionProcessID", WJ_PROCESS},
    {"Execution_ThreadID", WJ_THREAD},
    {"ExecutionThreadID", WJ_THREAD},
    {"Channel", WJ_CHANNEL},
    {"LogName", WJ_CHANNEL},
    {"Computer", WJ_COMPUTER},
    {"Hostname", WJ_COMPUTER},
    {"ComputerName", WJ_COMPUTER},
    {"MachineName", WJ_COMPUTER},
    {"Security_UserID", WJ_USER},
    {"Message", ROLE_MESSAGE},
    {"message", ROLE_MESSAGE},
    {"@version", ROLE_META},
    {"host", ROLE_META},
    {"port", ROLE_META},
    {"tags", ROLE_META},
    {"type", ROLE_META},
    {"_id", ROLE_META},
    {"_index", ROLE_META},
    {"EventReceivedTime", ROLE_META},
    {"SourceModuleName", ROLE_META},
    {"SourceModuleType", ROLE_META},
    {"Severity", ROLE_META},
    {"SeverityValue", ROLE_META},
    {"AccountName", ROLE_META_NXLOG},
    {"AccountType", ROLE_META_NXLOG},
    {"Category", ROLE_META_NXLOG},
    {"Domain", ROLE_META_NXLOG},
};

enum { FLAT_NAMES = sizeof FLAT / sizeof *FLAT };

/* NXLog's kind of an event; Sysmon's registry events have data of the same name. */
static bool is_nxlog_kind(struct str text)
{
    static const char *const kinds[] = {"INFO",    "WARNING",       "ERROR",        "CRITICAL",
                                        "VERBOSE", "AUDIT_SUCCESS", "AUDIT_FAILURE"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_eq(text, str_of(kinds[i])))
            return true;
    }
    return false;
}

/* Names that are both the head's and some events' data: the value tells. NXLog writes the
 * ids of the execution as numbers and event data as text. */
static unsigned role_of_shared_name(const struct winjson *w, const struct json *m)
{
    bool number = m->type == JSON_NUMBER;
    if (str_eq(m->key, STR("ProcessID")) && number && !w->has_execution)
        return WJ_PROCESS;
    if (str_eq(m->key, STR("ThreadID")) && number)
        return WJ_THREAD;
    if (str_eq(m->key, STR("UserID")) && str_starts(json_scalar_text(m), STR("S-1-")))
        return WJ_USER;
    if (str_eq(m->key, STR("EventType")) && is_nxlog_kind(json_scalar_text(m)))
        return ROLE_META;
    return w->has_data ? ROLE_META : ROLE_DATA;
}

/* The place of a name in FLAT; FLAT_NAMES if it is not there. */
static size_t rank_of(struct str name)
{
    size_t i = 0;
    while (i < FLAT_NAMES && !str_eq(name, str_of(FLAT[i].name)))
        i++;
    return i;
}

static unsigned role_of(const struct winjson *w, const struct json *m)
{
    size_t rank = rank_of(m->key);
    if (rank == FLAT_NAMES)
        return role_of_shared_name(w, m);
    if (FLAT[rank].role == ROLE_META_NXLOG)
        return w->nxlog ? ROLE_META : ROLE_DATA;
    return FLAT[rank].role;
}

static void look_at_flat(const struct json *record, struct winjson *w)
{
    for (const struct json *m = record->child; m; m = m->next) {
        if (str_eq(m->key, STR("SourceModuleType")) || str_eq(m->key, STR("SeverityValue")))
            w->nxlog = true;
        if (str_eq(m->key, STR("ExecutionProcessID")) ||
            str_eq(m->key, STR("Execution_ProcessID")))
            w->has_execution = true;
        if (m->type == JSON_OBJECT && is_data_section(m->key))
            w->has_data = true;
    }
}

static void take_flat(struct winjson *w, struct arena *arena, unsigned role,
                      const struct json *v)
{
    if (role == WJ_TIME)
        take_time(w, v);
    else if (role < WJ_SYSTEM_FIELDS)
        take(w, arena, (enum winjson_system)role, v);
    else if (role == ROLE_MESSAGE && !w->message.n)
        w->message = json_scalar_text(v);
}

static void read_flat(const struct json *record, struct arena *arena, struct winjson *w)
{
    const struct json *found[FLAT_NAMES + 1] = {0}; /* by rank; the last is of no use */
    w->shape = WJ_FLAT;
    w->root = record;
    look_at_flat(record, w);
    for (const struct json *m = record->child; m; m = m->next)
        found[rank_of(m->key)] = m;
    for (size_t i = 0; i < FLAT_NAMES; i++) {
        if (found[i])
            take_flat(w, arena, FLAT[i].role, found[i]);
    }
    for (const struct json *m = record->child; m; m = m->next) {
        if (rank_of(m->key) == FLAT_NAMES)
            take_flat(w, arena, role_of_shared_name(w, m), m);
    }
}

static void fill_flat(const struct winjson *w, struct arena *arena, struct event *ev)
{
    if (w->has_data) {
        fill_sections(w, arena, ev);
        return;
    }
    for (const struct json *m = w->root->child; m; m = m->next) {
        if (role_of(w, m) == ROLE_DATA)
            json_add(ev, arena, AS_WINDOWS, m->key, m);
    }
}

/* ---- all shapes ---- */

bool winjson_read(const struct json *record, struct arena *arena, struct winjson *ret)
{
    struct winjson w = {.time = INSTANT_NONE};
    for (size_t i = 0; i < WJ_SYSTEM_FIELDS; i++)
        w.system[i] = STR("");
    w.message = STR("");
    if (!read_xml(record, arena, &w) && !read_beats(record, arena, &w))
        read_flat(record, arena, &w);

    if (!w.system[WJ_EVENT_ID].n || (!w.system[WJ_CHANNEL].n && !w.system[WJ_PROVIDER_NAME].n))
        return false;
    if (w.time != INSTANT_NONE)
        w.system[WJ_TIME] = time_text(w.time, arena);
    *ret = w;
    return true;
}

void winjson_fill(const struct winjson *w, struct arena *arena, struct event *ev)
{
    for (size_t i = 0; i < WJ_SYSTEM_FIELDS; i++) {
        if (w->system[i].n)
            event_add(ev, arena, SECTION_SYSTEM, SYSTEM[i].type, str_of(SYSTEM[i].name),
                      w->system[i]);
    }
    if (w->shape == WJ_XML)
        fill_sections(w, arena, ev);
    else if (w->shape == WJ_BEATS)
        fill_beats(w, arena, ev);
    else
        fill_flat(w, arena, ev);
    if (w->message.n)
        event_add(ev, arena, SECTION_MESSAGE, FIELD_TEXT, STR("Message"), w->message);
}

/* The Data element of this name in a list of them. */
static const struct json *named_data(const struct json *list, const char *name)
{
    if (!list || list->type != JSON_ARRAY)
        return NULL;
    for (const struct json *v = list->child; v; v = v->next) {
        if (str_eq(json_scalar_text(json_attribute(v, "Name")), str_of(name)))
            return v;
    }
    return NULL;
}

instant winjson_utc_hint(const struct winjson *w)
{
    static const char *const paths[] = {"EventData.UtcTime", "winlog.event_data.UtcTime",
                                        "event_data.UtcTime", "UtcTime"};
    instant t = INSTANT_NONE;
    if (!str_ieq(w->system[WJ_PROVIDER_NAME], STR("Microsoft-Windows-Sysmon")))
        return t;
    const struct json *v = named_data(json_path(w->root, "EventData.Data"), "UtcTime");
    for (size_t i = 0; !v && i < sizeof paths / sizeof *paths; i++)
        v = json_path(w->root, paths[i]);
    (void)instant_parse(json_scalar_text(v), &t);
    return t;
}
