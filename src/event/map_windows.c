#include "event/map_windows.h"

#include <inttypes.h>
#include <stdint.h>

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

static const char *const NAMES[DATA_KINDS] = {
    [TARGET_FILENAME] = "TargetFilename",
    [RELATIVE_TARGET] = "RelativeTargetName",
    [OBJECT_NAME] = "ObjectName",
    [PATH] = "Path",
    [NEW_PROCESS_ID] = "NewProcessId",
    [PROCESS_ID] = "ProcessId",
    [PROCESS_ID_UPPER] = "ProcessID",
    [PARENT_PROCESS_ID] = "ParentProcessId",
    [NEW_PROCESS_NAME] = "NewProcessName",
    [IMAGE] = "Image",
    [PROCESS_NAME] = "ProcessName",
    [PARENT_IMAGE] = "ParentImage",
    [PARENT_PROCESS_NAME] = "ParentProcessName",
    [COMMAND_LINE] = "CommandLine",
    [PARENT_COMMAND_LINE] = "ParentCommandLine",
};

static void collect(const struct event *ev, struct str ret[DATA_KINDS])
{
    for (size_t k = 0; k < DATA_KINDS; k++)
        ret[k] = STR("");
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        if (f->section != SECTION_DATA)
            continue;
        for (size_t k = 0; k < DATA_KINDS; k++)
            if (ret[k].n == 0 && str_eq(f->name, str_of(NAMES[k])))
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

static void derive_number(struct event *ev, struct arena *arena, const char *name,
                          struct str value)
{
    int64_t v;
    if (value.n && num_any(str_trim(value), &v))
        web_derive(ev, arena, name, arena_printf(arena, "%" PRId64, v));
}

static void derive_process(struct event *ev, struct arena *arena, const struct str *data)
{
    /* 4688 calls the creator ProcessId and the new process NewProcessId. */
    bool created = data[NEW_PROCESS_ID].n > 0;
    struct str own = first_of(data, NEW_PROCESS_ID, PROCESS_ID, PROCESS_ID_UPPER);
    derive_number(ev, arena, "PidNumber", own);
    derive_number(ev, arena, "ParentPidNumber",
                  created ? data[PROCESS_ID] : data[PARENT_PROCESS_ID]);
    struct str image = first_of(data, NEW_PROCESS_NAME, IMAGE, PROCESS_NAME);
    web_derive(ev, arena, "ImageName", text_lower(path_base_name(image), arena));
    struct str parent = first_of(data, PARENT_IMAGE, PARENT_PROCESS_NAME, PARENT_PROCESS_NAME);
    web_derive(ev, arena, "ParentImageName", text_lower(path_base_name(parent), arena));
}

/* The pool in a worker's command line: w3wp.exe -ap "MSExchangeOWAAppPool" ... */
static struct str pool_of(struct str command)
{
    struct str mark = STR("-ap \"");
    size_t at =
        str_ifind(command, STR("w3wp"), 0) == SIZE_MAX ? SIZE_MAX : str_find(command, mark, 0);
    if (at == SIZE_MAX)
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

void windows_derive(struct event *ev, struct arena *arena)
{
    struct str data[DATA_KINDS];
    collect(ev, data);
    struct str file = first_of(data, TARGET_FILENAME, RELATIVE_TARGET, OBJECT_NAME);
    if (file.n == 0)
        file = data[PATH];
    web_derive(ev, arena, "WebPath", webpath_of_file(file, arena));
    derive_compiled(ev, arena, data[TARGET_FILENAME]);
    derive_process(ev, arena, data);
    struct str pool = pool_of(data[PARENT_COMMAND_LINE]);
    web_derive(ev, arena, "AppPool", pool.n ? pool : pool_of(data[COMMAND_LINE]));
    if (str_ieq(ev->provider, STR("MSExchange Control Panel")))
        derive_control_panel(ev, arena);
}
