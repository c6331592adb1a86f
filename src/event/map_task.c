#include "event/map_task.h"

#include "event/map_file.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/xml.h"

enum {
    VALUES_MAX = 512
}; /* fields of one task: a task has 32 actions and 48 triggers at most */

struct value {
    struct str name, text;
};

struct task_events {
    struct bytes file;
    struct str path;
    struct value values[VALUES_MAX];
    size_t n;
    struct err damaged; /* behind the task: its rest could not be read */
    uint64_t damaged_at;
    bool begun;
};

struct task_events *task_events_open(struct bytes file, struct str path, struct arena *arena)
{
    struct task_events *s = ARENA_NEW(arena, struct task_events);
    s->file = file;
    s->path = path;
    return s;
}

/* Elements whose text is told, each under its own name. */
static bool is_told(struct str name)
{
    static const char *const names[] = {
        "Author",      "Description",   "Date",     "URI",     "UserId",
        "GroupId",     "LogonType",     "RunLevel", "Hidden",  "Enabled",
        "Command",     "Arguments",     "ClassId",  "Data",    "WorkingDirectory",
        "Interval",    "StartBoundary", "Source",   "Version", "SecurityDescriptor",
        "Subscription"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(name, str_of(names[i])))
            return true;
    return false;
}

static void add_value(struct task_events *s, struct str name, struct str text)
{
    if (s->n < VALUES_MAX)
        s->values[s->n++] = (struct value){name, text};
}

/* An element opens: those below Triggers and Actions are kinds of them. "Enabled" of a trigger is
 * not that of the task, and "Date" and "Command" may stand anywhere only in a forged one. */
static void take_open(struct task_events *s, const struct xml_item *item,
                      const struct str *around)
{
    if (item->depth != 2)
        return;
    if (str_eq(around[1], STR("Triggers")))
        add_value(s, STR("Trigger"), item->name);
    if (str_eq(around[1], STR("Actions")))
        add_value(s, STR("Action"), item->name);
}

static void take_text(struct task_events *s, const struct xml_item *item,
                      const struct str *around)
{
    if (item->depth < 3 || !is_told(around[item->depth - 1]))
        return;
    bool of_trigger = str_eq(around[1], STR("Triggers"));
    struct str name = around[item->depth - 1];
    if (of_trigger && (str_eq(name, STR("Enabled")) || str_eq(name, STR("UserId"))))
        return;
    add_value(s, name, str_trim(item->text));
}

/* The task as a whole lies in the arena of its event: the file is small. */
static void read_task(struct task_events *s, struct arena *arena)
{
    struct xml *xml = xml_open(s->file, arena);
    struct str around[XML_DEPTH_MAX] = {{0}};
    struct xml_item item;
    s->n = 0;
    s->damaged = (struct err){0};
    while (xml_next(xml, arena, &item, &s->damaged) > 0) {
        if (item.kind == XML_OPEN) {
            around[item.depth] = item.name;
            take_open(s, &item, around);
        } else if (item.kind == XML_TEXT) {
            take_text(s, &item, around);
        }
    }
    s->damaged_at = xml_offset(xml);
}

static struct str value_of(const struct task_events *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->values[i].name, str_of(name)))
            return s->values[i].text;
    return STR("");
}

static bool has_zone(struct str date)
{
    struct str time = str_part(date, str_find(date, STR("T"), 0), date.n);
    return str_find(time, STR("Z"), 0) != SIZE_MAX || str_find(time, STR("+"), 0) != SIZE_MAX ||
           str_find(time, STR("-"), 0) != SIZE_MAX;
}

int task_events_next(struct task_events *s, struct arena *arena, struct event *ret,
                     struct span *gap, struct err *err)
{
    if (s->begun) {
        if (s->damaged.code == ERR_NONE)
            return 0;
        *err = s->damaged;
        *gap = (struct span){.from = s->damaged_at, .to = s->file.n};
        s->damaged = (struct err){0};
        return -1;
    }
    s->begun = true;
    read_task(s, arena);
    struct str date = value_of(s, "Date");
    *ret = (struct event){
        .kind = EVENT_TASK,
        .time = INSTANT_NONE,
        .size = s->file.n,
        .host = STR(""),
        .part = STR(""),
        .channel = STR(""),
        .provider = STR(""),
        .utc_hint = INSTANT_NONE,
    };
    if (instant_parse(date, &ret->time) && !has_zone(date))
        ret->marks = MARK_NO_ZONE;
    return 1;
}

/* --- fields --------------------------------------------------------------------------------- */

static struct str without_quotes(struct str s)
{
    s = str_trim(s);
    while (s.n && s.p[0] == '"')
        s = str_part(s, 1, s.n);
    while (s.n && s.p[s.n - 1] == '"')
        s.n--;
    return s;
}

struct place {
    const char *folder, *name;
};

struct str task_command_place(struct str command)
{
    static const struct place places[] = {
        {"Windows/Temp", "temp"},
        {"AppData/Local/Temp", "temp"},
        {"%temp%", "temp"},
        {"%tmp%", "temp"},
        {"Windows/Tasks", "temp"},
        {"Windows/debug", "temp"},
        {"ProgramData", "programdata"},
        {"%ProgramData%", "programdata"},
        {"%ALLUSERSPROFILE%", "programdata"},
        {"All Users", "programdata"},
        {"PerfLogs", "temp"},
        {"$Recycle.Bin", "temp"},
        {"Users/Public", "user"},
        {"AppData", "user"},
        {"%APPDATA%", "user"},
        {"%LOCALAPPDATA%", "user"},
        {"%PUBLIC%", "user"},
        {"Users", "user"},
        {"inetpub", "web"},
        {"FrontEnd/HttpProxy", "web"},
        {"ClientAccess", "web"},
        {"Program Files", "program"},
        {"Program Files (x86)", "program"},
        {"%ProgramFiles%", "program"},
        {"%ProgramFiles(x86)%", "program"},
        {"Windows", "system"},
        {"%windir%", "system"},
        {"%SystemRoot%", "system"},
    };
    size_t end;
    struct str path = without_quotes(command);
    if (str_starts(path, STR("\\\\")) && !str_starts(path, STR("\\\\?\\")))
        return STR("unc");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (path_has_folder(path, str_of(places[i].folder), &end))
            return str_of(places[i].name);
    return path_base_name(path).n == path.n ? STR("system") : STR("other");
}

/* The path below the folder that Windows keeps tasks in: "\Microsoft\Windows\Defrag\..." */
static struct str name_of(struct str path)
{
    size_t end = 0;
    size_t at = path_has_folder(path, STR("System32/Tasks"), &end)   ? end
                : path_has_folder(path, STR("SysWOW64/Tasks"), &end) ? end
                                                                     : SIZE_MAX;
    if (at == SIZE_MAX)
        return path_base_name(path);
    while (at > 0 && path.p[at - 1] == '\\')
        at--;
    return str_part(path, at, path.n);
}

static void derive_commands(const struct task_events *s, struct arena *arena, struct event *ev)
{
    for (size_t i = 0; i < s->n; i++) {
        if (!str_eq(s->values[i].name, STR("Command")))
            continue;
        bool more = i + 1 < s->n && str_eq(s->values[i + 1].name, STR("Arguments"));
        struct str line = s->values[i].text;
        if (more)
            line = web_join(line, ' ', s->values[i + 1].text, arena);
        web_derive(ev, arena, "CommandLine", line);
        web_derive(ev, arena, "CommandPlace", task_command_place(s->values[i].text));
    }
}

void task_events_fill(struct task_events *s, struct arena *arena, struct event *ev)
{
    struct str path = file_windows_path(s->path, arena);
    for (size_t i = 0; i < s->n; i++)
        event_add(ev, arena, SECTION_DATA, s->values[i].text.n ? FIELD_TEXT : FIELD_NULL,
                  s->values[i].name, s->values[i].text);
    web_derive(ev, arena, "ConfigPath", path);
    web_derive(ev, arena, "TaskName", name_of(path));
    derive_commands(s, arena, ev);
}
