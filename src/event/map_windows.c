#include "event/map_windows.h"

#include <stdint.h>
#include <string.h>

#include "base/num.h"
#include "event/web.h"
#include "event/webpath.h"

enum data { /* the data we look for */
            TARGET_FILENAME,
            RELATIVE_TARGET,
            OBJECT_NAME,
            PATH,
            NEW_PROCESS_ID,
            PROCESS_ID,
            PROCESS_ID_UPPER,
            PARENT_PROCESS_ID,
            NEW_PROCESS_NAME,
            IMAGE,
            PROCESS_NAME,
            PARENT_IMAGE,
            PARENT_PROCESS_NAME,
            COMMAND_LINE,
            PARENT_COMMAND_LINE,
            DATA_KINDS,
};

_Static_assert((int)DATA_KINDS == (int)WINDOWS_INPUTS, "the header says how many there are");

enum derivation { /* what is derived together */
                  FROM_FILE = 1,
                  FROM_COMPILED = 2,
                  FROM_IDS = 4,
                  FROM_IMAGES = 8,
                  FROM_COMMANDS = 16,
                  FROM_ALL = 31,
};

#define TEXT(s)            \
    {                      \
        (s), sizeof(s) - 1 \
    }

static const struct input {
    struct str name;
    unsigned use; /* enum derivation: of what it is an input */
} INPUTS[DATA_KINDS] = {
    [TARGET_FILENAME] = {TEXT("TargetFilename"), FROM_FILE | FROM_COMPILED},
    [RELATIVE_TARGET] = {TEXT("RelativeTargetName"), FROM_FILE},
    [OBJECT_NAME] = {TEXT("ObjectName"), FROM_FILE},
    [PATH] = {TEXT("Path"), FROM_FILE},
    [NEW_PROCESS_ID] = {TEXT("NewProcessId"), FROM_IDS},
    [PROCESS_ID] = {TEXT("ProcessId"), FROM_IDS},
    [PROCESS_ID_UPPER] = {TEXT("ProcessID"), FROM_IDS},
    [PARENT_PROCESS_ID] = {TEXT("ParentProcessId"), FROM_IDS},
    [NEW_PROCESS_NAME] = {TEXT("NewProcessName"), FROM_IMAGES},
    [IMAGE] = {TEXT("Image"), FROM_IMAGES},
    [PROCESS_NAME] = {TEXT("ProcessName"), FROM_IMAGES},
    [PARENT_IMAGE] = {TEXT("ParentImage"), FROM_IMAGES},
    [PARENT_PROCESS_NAME] = {TEXT("ParentProcessName"), FROM_IMAGES},
    [COMMAND_LINE] = {TEXT("CommandLine"), FROM_COMMANDS},
    [PARENT_COMMAND_LINE] = {TEXT("ParentCommandLine"), FROM_COMMANDS},
};

static const struct output {
    const char *name;
    unsigned from; /* enum derivation */
} OUTPUTS[] = {
    {"WebPath", FROM_FILE},           {"CompiledPage", FROM_COMPILED},
    {"CompiledApp", FROM_COMPILED},   {"PidNumber", FROM_IDS},
    {"ParentPidNumber", FROM_IDS},    {"ImageName", FROM_IMAGES},
    {"ParentImageName", FROM_IMAGES}, {"AppPool", FROM_COMMANDS},
};

int windows_derived_number(struct str name)
{
    for (size_t i = 0; i < sizeof OUTPUTS / sizeof *OUTPUTS; i++)
        if (event_name_like(str_of(OUTPUTS[i].name), name))
            return (int)i;
    return -1;
}

const char *windows_derived_name(unsigned number)
{
    return OUTPUTS[number].name;
}

unsigned windows_derivation_of(unsigned number)
{
    return OUTPUTS[number].from;
}

struct str windows_input_name(unsigned input)
{
    return INPUTS[input].name;
}

unsigned windows_input_use(unsigned input)
{
    return INPUTS[input].use;
}

/* The first value of each that is not empty. Most names are told apart by their length. */
static void collect(const struct event *ev, struct str ret[DATA_KINDS])
{
    uint32_t lengths = 0; /* bit i: some name has i bytes */
    for (size_t k = 0; k < DATA_KINDS; k++) {
        ret[k] = STR("");
        lengths |= UINT32_C(1) << INPUTS[k].name.n;
    }
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        if (f->section != SECTION_DATA || f->name.n >= 32 || !(lengths >> f->name.n & 1))
            continue;
        for (size_t k = 0; k < DATA_KINDS; k++)
            if (INPUTS[k].name.n == f->name.n && ret[k].n == 0 &&
                memcmp(INPUTS[k].name.p, f->name.p, f->name.n) == 0)
                ret[k] = f->value;
    }
}

static struct str first_of(const struct str *data, enum data a, enum data b, enum data c)
{
    return data[a].n ? data[a] : data[b].n ? data[b] : data[c];
}

static bool is_hex(struct str s)
{
    uint64_t v;
    return s.n == 8 && ascii_lower(s.p[1]) != 'x' && num_hex(s, &v);
}

/* "...\Temporary ASP.NET Files\owa\8e05b027\e164d61b\ohyeah.aspx.f5dba9b9.compiled" */
static void derive_compiled(struct event *ev, struct arena *arena, struct str path)
{
    size_t at;
    struct str tail = STR(".compiled");
    if (!str_iends(path, tail) || !path_has_folder(path, STR("Temporary ASP.NET Files"), &at))
        return;
    struct str app = str_part(path, at, path.n);
    size_t to = 0;
    while (to < app.n && app.p[to] != '\\' && app.p[to] != '/')
        to++;
    if (to == app.n)
        return;
    struct str name = path_base_name(path);
    name.n -= tail.n;
    if (name.n < 10 || name.p[name.n - 9] != '.' || !is_hex(str_part(name, name.n - 8, name.n)))
        return;
    web_derive(ev, arena, "CompiledPage", str_part(name, 0, name.n - 9));
    web_derive(ev, arena, "CompiledApp", str_part(app, 0, to));
}

static struct str decimal(int64_t v, struct arena *arena)
{
    enum { DIGITS = 20 };
    char *out = ARENA_ARRAY(arena, char, DIGITS);
    size_t at = DIGITS;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do
        out[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (v < 0)
        out[--at] = '-';
    return (struct str){out + at, DIGITS - at};
}

static void derive_number(struct event *ev, struct arena *arena, const char *name,
                          struct str value)
{
    int64_t v;
    if (value.n && num_any(str_trim(value), &v))
        web_derive(ev, arena, name, decimal(v, arena));
}

static void derive_ids(struct event *ev, struct arena *arena, const struct str *data)
{
    /* 4688 calls the creator ProcessId and the new process NewProcessId. */
    bool created = data[NEW_PROCESS_ID].n > 0;
    struct str own = first_of(data, NEW_PROCESS_ID, PROCESS_ID, PROCESS_ID_UPPER);
    derive_number(ev, arena, "PidNumber", own);
    derive_number(ev, arena, "ParentPidNumber",
                  created ? data[PROCESS_ID] : data[PARENT_PROCESS_ID]);
}

static void derive_images(struct event *ev, struct arena *arena, const struct str *data)
{
    struct str image = first_of(data, NEW_PROCESS_NAME, IMAGE, PROCESS_NAME);
    web_derive(ev, arena, "ImageName", text_lower(path_base_name(image), arena));
    struct str parent = first_of(data, PARENT_IMAGE, PARENT_PROCESS_NAME, PARENT_PROCESS_NAME);
    web_derive(ev, arena, "ParentImageName", text_lower(path_base_name(parent), arena));
}

/* The pool in a worker's command line: w3wp.exe -ap "MSExchangeOWAAppPool" ... */
static struct str pool_of(struct str command)
{
    struct str mark = STR("-ap \"");
    size_t at = str_find(command, mark, 0);
    if (at == SIZE_MAX || str_ifind(command, STR("w3wp"), 0) == SIZE_MAX)
        return STR("");
    size_t from = at + mark.n;
    size_t to = str_find(command, STR("\""), from);
    return to == SIZE_MAX ? STR("") : str_part(command, from, to);
}

/* "Request for URL 'https://...' failed with the following error": the URL may hold quotes. */
static struct str url_of(struct str message)
{
    struct str mark = STR("Request for URL '");
    size_t at = str_find(message, mark, 0);
    if (at == SIZE_MAX)
        return STR("");
    size_t from = at + mark.n;
    size_t to = str_find(message, STR("' failed"), from);
    if (to == SIZE_MAX)
        to = str_find(message, STR("'"), from);
    return to == SIZE_MAX ? STR("") : str_part(message, from, to);
}

static void derive_control_panel(struct event *ev, struct arena *arena)
{
    struct str url = STR("");
    for (size_t i = 0; i < ev->n && url.n == 0; i++) {
        const struct field *f = &ev->fields[i];
        struct str value = str_trim(f->value);
        if (f->section == SECTION_SYSTEM)
            continue;
        if (str_istarts(value, STR("https://")) || str_istarts(value, STR("http://")))
            url = value;
        else
            url = url_of(value);
    }
    web_derive(ev, arena, "ControlPanelUrl", url);
}

static void derive_file(struct event *ev, struct arena *arena, const struct str *data)
{
    struct str file = first_of(data, TARGET_FILENAME, RELATIVE_TARGET, OBJECT_NAME);
    if (file.n == 0)
        file = data[PATH];
    web_derive(ev, arena, "WebPath", webpath_of_file(file, arena));
}

static void derive_pool(struct event *ev, struct arena *arena, const struct str *data)
{
    struct str pool = pool_of(data[PARENT_COMMAND_LINE]);
    web_derive(ev, arena, "AppPool", pool.n ? pool : pool_of(data[COMMAND_LINE]));
}

void windows_derive_some(struct event *ev, struct arena *arena, unsigned what)
{
    struct str data[DATA_KINDS];
    if (what == 0)
        return;
    collect(ev, data);
    if (what & FROM_FILE)
        derive_file(ev, arena, data);
    if (what & FROM_COMPILED)
        derive_compiled(ev, arena, data[TARGET_FILENAME]);
    if (what & FROM_IDS)
        derive_ids(ev, arena, data);
    if (what & FROM_IMAGES)
        derive_images(ev, arena, data);
    if (what & FROM_COMMANDS)
        derive_pool(ev, arena, data);
}

/* "Log clear": its data hold a name that every record's head has, too. */
static void derive_cleared(struct event *ev, struct arena *arena)
{
    for (size_t i = 0; i < ev->n; i++)
        if (ev->fields[i].section != SECTION_SYSTEM &&
            str_eq(ev->fields[i].name, STR("Channel")))
            web_derive(ev, arena, "ClearedChannel", ev->fields[i].value);
}

static bool is_of_logs(const struct event *head)
{
    return str_ieq(head->provider, STR("Microsoft-Windows-Eventlog"));
}

bool windows_needs_all(const struct event *head)
{
    return str_ieq(head->provider, STR("MSExchange Control Panel")) || is_of_logs(head);
}

void windows_derive(struct event *ev, struct arena *arena)
{
    windows_derive_some(ev, arena, FROM_ALL);
    if (is_of_logs(ev))
        derive_cleared(ev, arena);
    else if (windows_needs_all(ev))
        derive_control_panel(ev, arena);
}
