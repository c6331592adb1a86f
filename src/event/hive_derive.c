#include <inttypes.h>

#include "base/num.h"
#include "event/hive_task.h"
#include "event/hive_value.h"
#include "event/map_hive_int.h"
#include "event/map_task.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/exch_build.h"

struct at { /* a value, and where its event is made */
    struct hive_events *r;
    struct str name, text;
    struct arena *arena;
    struct event *ev;
};

static void put(const struct at *a, const char *field, struct str value)
{
    web_derive(a->ev, a->arena, field, value);
}

static void put_number(const struct at *a, const char *field, uint64_t value)
{
    put(a, field, arena_printf(a->arena, "%" PRIu64, value));
}

static void put_time(const struct at *a, const char *field, instant t)
{
    char iso[INSTANT_TEXT];
    put(a, field, arena_str(a->arena, instant_text(t, iso)));
}

static void put_true(const struct at *a, const char *field)
{
    put(a, field, STR("true"));
}

static struct bytes own_data(const struct at *a)
{
    struct err ignored = {0};
    struct bytes data = {0};
    (void)hive_data(a->r->from, &a->r->item.value, a->arena, &data, &ignored);
    return data;
}

/* --- other values of the same key --------------------------------------------------------------- */

static struct bytes sibling(const struct at *a, const char *name, struct hive_value *ret)
{
    struct err ignored = {0};
    struct bytes data = {0};
    if (hive_find_value(a->r->from, a->r->item.key, str_of(name), ret))
        (void)hive_data(a->r->from, ret, a->arena, &data, &ignored);
    return data;
}

static struct str sibling_text(const struct at *a, const char *name)
{
    struct hive_value v = {0};
    struct bytes data = sibling(a, name, &v);
    return hive_value_is_text(v.type) ? hive_value_string(data, a->arena) : STR("");
}

static bool sibling_number(const struct at *a, const char *name, uint64_t *ret)
{
    struct hive_value v;
    return hive_find_value(a->r->from, a->r->item.key, str_of(name), &v) &&
           hive_value_number(a->r->from, &v, ret);
}

static bool has_sibling(const struct at *a, const char *name)
{
    struct hive_value v;
    return hive_find_value(a->r->from, a->r->item.key, str_of(name), &v);
}

/* --- what is run or loaded ------------------------------------------------------------------------ */

static void derive_autostart(const struct at *a)
{
    const struct placed *placed = &a->r->placed;
    struct str kind = hive_autostart(placed, a->name);
    struct str command = a->r->is_piece ? a->r->pieces.string : a->text;
    bool nothing = command.n == 0 || str_eq(command, STR("\"\""));
    if (kind.n == 0 || nothing || (a->r->pieces.any && !a->r->is_piece))
        return;
    put(a, "AutostartKind", kind);
    put(a, "AutostartName", placed->name.n ? placed->name : a->name);
    put(a, "AutostartCommand", command);
    put(a, "AutostartImage", command_image(command, a->arena));
}

static void derive_service(const struct at *a)
{
    static const char *const starts[] = {"boot", "system", "auto", "manual", "disabled"};
    put(a, "ServiceName", a->r->placed.name);
    derive_autostart(a);
    uint64_t start;
    if (!str_ieq(a->name, STR("ImagePath")))
        return;
    if (sibling_number(a, "Start", &start) && start < sizeof starts / sizeof *starts)
        put(a, "ServiceStart", str_of(starts[start]));
    put(a, "ServiceAccount", sibling_text(a, "ObjectName"));
    put(a, "ServiceDisplayName", sibling_text(a, "DisplayName"));
}

/* Whether this system keeps the descriptors of tasks in the cache at all. */
static bool keeps_descriptors(const struct at *a)
{
    static const char *const keys[] = {
        "Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tree",
        "Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tree\\Microsoft"};
    for (size_t i = 0; i < 2; i++) {
        struct hive_key key;
        struct hive_value sd;
        if (hive_find_key(&a->r->h, str_of(keys[i]), &key) &&
            hive_find_value(&a->r->h, &key, STR("SD"), &sd))
            return true;
    }
    return false;
}

/* A task whose key has lost its security descriptor is shown by no tool of Windows, and
 * runs. Folders of tasks have no Id. */
static void derive_task(const struct at *a)
{
    if (!str_ieq(a->name, STR("Id")))
        return;
    put(a, "TaskPath", arena_printf(a->arena, "\\%.*s", STR_ARG(a->r->placed.name)));
    put(a, "TaskId", a->text);
    if (a->r->is_deleted) /* its descriptor may only have been written over */
        return;
    bool hidden = !has_sibling(a, "SD") && keeps_descriptors(a);
    uint64_t index;
    put(a, "TaskHidden", hidden ? STR("true") : STR("false"));
    if (sibling_number(a, "Index", &index))
        put_number(a, "TaskIndex", index);
}

static void put_actions(const struct at *a)
{
    enum { ACTIONS_MOST = 64 }; /* the scheduler allows 32 */
    struct hive_value v = {0};
    struct bytes data = sibling(a, "Actions", &v);
    struct task_actions actions;
    struct task_action one;
    if (!task_actions_open(data, a->arena, &actions))
        return;
    for (int i = 0; i < ACTIONS_MOST && task_actions_next(&actions, a->arena, &one); i++) {
        put(a, "Action", one.kind);
        put(a, "Command", one.command);
        put(a, "Arguments", one.arguments);
        put(a, "WorkingDirectory", one.folder);
        put(a, "ClassId", one.class_id);
        put(a, "Data", one.data);
        if (one.command.n == 0)
            continue;
        put(a, "CommandLine",
            one.arguments.n ? web_join(one.command, ' ', one.arguments, a->arena)
                            : one.command);
        put(a, "CommandPlace", task_command_place(one.command));
    }
    if (actions.c.bad)
        put_true(a, "ActionsCut");
}

/* What a task runs, whatever its file says; told with its path. */
static void derive_task_entry(const struct at *a)
{
    struct hive_value v = {0};
    struct task_runs runs;
    if (!str_ieq(a->name, STR("Path")) || a->text.n == 0)
        return;
    put(a, "TaskPath", a->text);
    put(a, "TaskId", a->r->placed.name);
    put_actions(a);
    if (!task_runs_read(sibling(a, "DynamicInfo", &v), &runs))
        return;
    if (runs.registered != INSTANT_NONE)
        put_time(a, "TaskRegistered", runs.registered);
    if (runs.started != INSTANT_NONE)
        put_time(a, "TaskStarted", runs.started);
}

/* --- what is switched off or left out ----------------------------------------------------------- */

static void derive_exclusion(const struct at *a)
{
    put(a, "ExclusionKind", a->r->placed.name);
    put(a, "Exclusion", a->name);
    if (str_ieq(a->r->placed.name, STR("Paths")))
        put(a, "WebPath", webpath_of_file(a->name, a->arena));
}

static void derive_request(const struct at *a)
{
    if (str_ieq(a->name, STR("Blob")))
        put(a, "CertificateText", printable_text(own_data(a), a->arena));
}

/* --- what is installed ---------------------------------------------------------------------------- */

/* Told with the last of its four numbers. */
static void derive_build(const struct at *a)
{
    static const char *const names[] = {"MsiProductMajor", "MsiProductMinor", "MsiBuildMajor",
                                        "MsiBuildMinor"};
    uint64_t n[4];
    struct exch_build build;
    if (!str_ieq(a->name, STR("MsiBuildMinor")) || a->r->is_deleted)
        return;
    for (size_t i = 0; i < 4; i++)
        if (!sibling_number(a, names[i], &n[i]))
            return;
    struct str text = arena_printf(a->arena, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".%" PRIu64,
                                   n[0], n[1], n[2], n[3]);
    if (exch_build_parse(text, &build))
        put(a, "Build", exch_build_text(build, a->arena));
}

/* The product itself is listed with the version of its cumulative update. */
static struct str build_installed(const struct at *a)
{
    struct exch_build build;
    struct str version = sibling_text(a, "DisplayVersion");
    struct str update = exch_update_text(a->text, a->arena);
    if (update.n || !exch_is_product(a->text) || !exch_build_parse(version, &build))
        return update;
    return exch_build_text(build, a->arena);
}

static void derive_installed(const struct at *a)
{
    bool package = str_ieq(a->name, STR("PackageName"));
    if (!package && !str_ieq(a->name, STR("DisplayName")))
        return;
    struct str update = exch_update_kb(a->text);
    if (!a->r->is_deleted)
        put(a, "Build", build_installed(a));
    put(a, "InstalledProgram", a->text);
    put(a, "InstalledUpdate", update.n ? update : exch_update_kb(a->r->placed.name));
    put(a, "InstalledVersion", sibling_text(a, "DisplayVersion"));
    put(a, "InstalledOn", sibling_text(a, package ? "InstalledDate" : "InstallDate"));
}

/* --- programs ---------------------------------------------------------------------------------------- */

static void put_program(const struct at *a, struct str path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '\\' && path.p[at - 1] != '/')
        at--;
    put(a, "ProgramPath", path);
    put(a, "ProgramName", str_part(path, at, path.n));
}

static void derive_userassist(const struct at *a)
{
    struct program p;
    if (!userassist_read(a->name, own_data(a), a->arena, &p))
        return;
    put_program(a, p.path);
    put_number(a, "ProgramCount", p.count);
    put_time(a, "ProgramTime", p.time);
}

static void derive_bam(const struct at *a)
{
    struct program p;
    if (!bam_read(a->name, own_data(a), &p))
        return;
    put_program(a, p.path);
    put_time(a, "ProgramTime", p.time);
    put(a, "ProgramUser", a->r->placed.name);
}

static void derive_appcompat(const struct at *a)
{
    const struct program *p = &a->r->pieces.program;
    if (!a->r->is_piece)
        return;
    put_program(a, p->path);
    put_time(a, "ProgramModified", p->time);
    put_number(a, "ProgramPosition", p->position);
}

/* Four zeros stand before the SHA-1, which is of the file's first 31 MiB. */
static void put_sha1(const struct at *a, struct str id)
{
    enum { ZEROS = 4, SHA1_DIGITS = 40 };
    if (id.n == ZEROS + SHA1_DIGITS && str_starts(id, STR("0000")))
        put(a, "ProgramSha1", str_part(id, ZEROS, id.n));
}

/* How a layout of Amcache names what it keeps of a file. */
struct amcache_names {
    const char *path, *id, *size, *linked, *publisher, *product, *version;
};

/* Numbers of QWORD and DWORD; some versions of Windows 10 write a size as text, in hex. */
static bool sibling_size(const struct at *a, const char *name, uint64_t *ret)
{
    return sibling_number(a, name, ret) || num_hex(sibling_text(a, name), ret);
}

static bool digits_at(struct str s, size_t at, size_t n, int *ret)
{
    int64_t value;
    if (!num_i64(str_part(s, at, at + n), &value))
        return false;
    *ret = (int)value;
    return true;
}

/* "03/12/2021 05:20:00", whatever the system's language; INSTANT_NONE if it is no such time. */
static instant month_first(struct str s)
{
    enum { LENGTH = 19, DAY = 3, YEAR = 6, HOUR = 11, MINUTE = 14, SECOND = 17 };
    int month;
    int day;
    int year;
    int hour;
    int minute;
    int second;
    if (s.n != LENGTH || !digits_at(s, 0, 2, &month) || !digits_at(s, DAY, 2, &day) ||
        !digits_at(s, YEAR, 4, &year) || !digits_at(s, HOUR, 2, &hour) ||
        !digits_at(s, MINUTE, 2, &minute) || !digits_at(s, SECOND, 2, &second))
        return INSTANT_NONE;
    return instant_of_civil(year, month, day, hour, minute, second);
}

/* When a program was linked, as its header says: seconds in the older layout. */
static void put_linked(const struct at *a, const char *name)
{
    uint64_t seconds = 0;
    instant t = INSTANT_NONE;
    if (!sibling_number(a, name, &seconds))
        t = month_first(sibling_text(a, name));
    else if (seconds && seconds <= UINT32_MAX) /* as wide as in the header */
        t = instant_of_unix((int64_t)seconds);
    if (t != INSTANT_NONE)
        put_time(a, "ProgramLinked", t);
}

/* Told with the file's path; with its digest where the path is lost. */
static void derive_amcache(const struct at *a, const struct amcache_names *names)
{
    uint64_t size;
    bool here = str_ieq(a->name, str_of(names->path)) ||
                (str_ieq(a->name, str_of(names->id)) && !has_sibling(a, names->path));
    if (!here)
        return;
    put_program(a, sibling_text(a, names->path));
    put_sha1(a, sibling_text(a, names->id));
    if (sibling_size(a, names->size, &size))
        put_number(a, "ProgramSize", size);
    put_linked(a, names->linked);
    put(a, "ProgramPublisher", sibling_text(a, names->publisher));
    put(a, "ProgramProduct", sibling_text(a, names->product));
    put(a, "ProgramVersion", sibling_text(a, names->version));
}

static void derive_amcache_new(const struct at *a)
{
    static const struct amcache_names names = {
        "LowerCaseLongPath", "FileId",      "Size",   "LinkDate",
        "Publisher",         "ProductName", "Version"};
    derive_amcache(a, &names);
}

/* The names of these values are numbers, in hex. */
static void derive_amcache_old(const struct at *a)
{
    static const struct amcache_names names = {"15", "101", "6", "f", "1", "0", "5"};
    derive_amcache(a, &names);
}

/* --- accounts ------------------------------------------------------------------------------------------ */

enum {
    V_HEAD = 0xcc, /* bytes before the texts of V, which its first part names */
    V_NAME = 0x0c,
    V_FULL_NAME = 0x18,
    V_COMMENT = 0x24,
    F_LAST_LOGON = 8,
    F_PASSWORD_SET = 24,
    F_RID = 48,
    F_FLAGS = 56,
    F_LOGONS = 66,
    ACCOUNT_DISABLED = 1,
    ACCOUNT_NO_PASSWORD = 4,
};

/* Source: docs/formats/registry.md, "Accounts" */
static struct str v_text(struct bytes v, size_t entry, struct arena *arena)
{
    struct cur c = cur_of(v, 0);
    cur_seek(&c, entry);
    uint32_t at = cur_u32(&c);
    uint32_t n = cur_u32(&c);
    if (c.bad || at > UINT32_MAX - V_HEAD)
        return STR("");
    cur_seek(&c, V_HEAD + (size_t)at);
    return hive_value_string(cur_take(&c, n), arena);
}

static bool is_administrator(const struct hive_events *r, uint32_t rid)
{
    for (size_t i = 0; i < r->n_administrators; i++)
        if (r->administrators[i] == rid)
            return true;
    return false;
}

/* The name's own key was written when the account got that name. */
static void put_created(const struct at *a, struct str name)
{
    struct hive_key names;
    struct hive_key key;
    if (hive_find_key(&a->r->h, STR("SAM\\Domains\\Account\\Users\\Names"), &names) &&
        hive_find_subkey(&a->r->h, &names, name, &key))
        put_time(a, "AccountCreated", key.modified);
}

static void put_account_state(const struct at *a, struct bytes f)
{
    struct cur c = cur_of(f, 0);
    cur_seek(&c, F_LAST_LOGON);
    uint64_t logon = cur_u64(&c);
    cur_seek(&c, F_PASSWORD_SET);
    uint64_t set = cur_u64(&c);
    cur_seek(&c, F_RID);
    uint32_t rid = cur_u32(&c);
    cur_seek(&c, F_FLAGS);
    uint16_t flags = cur_u16(&c);
    cur_seek(&c, F_LOGONS);
    uint16_t logons = cur_u16(&c);
    uint64_t own = 0;
    if (c.bad)
        return;
    put_time(a, "AccountLastLogon", instant_of_filetime(logon));
    put_time(a, "AccountPasswordSet", instant_of_filetime(set));
    put(a, "AccountDisabled", flags & ACCOUNT_DISABLED ? STR("true") : STR("false"));
    if (flags & ACCOUNT_NO_PASSWORD)
        put_true(a, "AccountNoPassword");
    put_number(a, "AccountLogons", logons);
    if (num_hex(a->r->placed.name, &own) && own != rid)
        put_number(a, "AccountActsAs", rid);
}

static void derive_account(const struct at *a)
{
    struct hive_value ignored;
    uint64_t rid;
    if (!str_ieq(a->name, STR("V")) || !num_hex(a->r->placed.name, &rid))
        return;
    struct bytes v = own_data(a);
    struct str name = v_text(v, V_NAME, a->arena);
    put(a, "Account", name);
    put_number(a, "AccountRid", rid);
    put(a, "AccountFullName", v_text(v, V_FULL_NAME, a->arena));
    put(a, "AccountComment", v_text(v, V_COMMENT, a->arena));
    put(a, "AccountAdministrator",
        rid <= UINT32_MAX && is_administrator(a->r, (uint32_t)rid) ? STR("true")
                                                                   : STR("false"));
    put_account_state(a, sibling(a, "F", &ignored));
    put_created(a, name);
}

/* The members of an alias are SIDs behind a head that says where, and how many. */
void hive_find_administrators(struct hive_events *r)
{
    enum { LIST_AT = 0x28, COUNT_AT = 0x30, HEAD = 0x34, SID_HEAD = 8 };
    struct hive_key key;
    struct hive_value v;
    struct err ignored = {0};
    struct bytes data = {0};
    if (!hive_find_key(&r->h, STR("SAM\\Domains\\Builtin\\Aliases\\00000220"), &key) ||
        !hive_find_value(&r->h, &key, STR("C"), &v) ||
        hive_data(&r->h, &v, r->arena, &data, &ignored) < 0)
        return;
    struct cur c = cur_of(data, 0);
    cur_seek(&c, LIST_AT);
    uint32_t list = cur_u32(&c);
    cur_seek(&c, COUNT_AT);
    uint32_t n = cur_u32(&c);
    cur_seek(&c, HEAD + (size_t)list);
    for (uint32_t i = 0; i < n && !c.bad && r->n_administrators < ADMINISTRATORS_MOST; i++) {
        struct cur sid = c;
        cur_skip(&sid, 1);
        uint8_t parts = cur_u8(&sid);
        size_t size = SID_HEAD + (size_t)parts * 4;
        struct bytes raw = cur_take(&c, size);
        if (c.bad || parts == 0)
            return;
        struct cur last = cur_of(raw, 0);
        cur_seek(&last, size - 4);
        r->administrators[r->n_administrators++] = cur_u32(&last);
    }
}

/* --- all of it ------------------------------------------------------------------------------------------- */

void hive_derive(struct hive_events *r, struct str text, struct arena *arena, struct event *ev)
{
    struct at a = {r, hive_text(r->item.value.name, arena), text, arena, ev};
    switch (r->placed.place) {
    case PLACE_NONE:
        return;
    case PLACE_AUTOSTART:
        derive_autostart(&a);
        return;
    case PLACE_SERVICE:
    case PLACE_SERVICE_PARAMETERS:
        derive_service(&a);
        return;
    case PLACE_TASK:
        derive_task(&a);
        return;
    case PLACE_TASK_ENTRY:
        derive_task_entry(&a);
        return;
    case PLACE_EXCLUSION:
        derive_exclusion(&a);
        return;
    case PLACE_REQUEST:
        derive_request(&a);
        return;
    case PLACE_CHANNEL:
        put(&a, "ChannelName", r->placed.name);
        return;
    case PLACE_EXCHANGE:
        derive_build(&a);
        return;
    case PLACE_UNINSTALL:
        derive_installed(&a);
        return;
    case PLACE_ACCOUNT:
        derive_account(&a);
        return;
    case PLACE_USERASSIST:
        derive_userassist(&a);
        return;
    case PLACE_BAM:
        derive_bam(&a);
        return;
    case PLACE_APPCOMPAT:
        derive_appcompat(&a);
        return;
    case PLACE_AMCACHE:
        derive_amcache_new(&a);
        return;
    case PLACE_AMCACHE_OLD:
        derive_amcache_old(&a);
        return;
    }
}
