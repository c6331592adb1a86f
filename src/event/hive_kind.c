#include "event/hive_kind.h"

#include <inttypes.h>

#include "event/hive_value.h"

struct known {
    enum hive_kind kind;
    const char *name, *prefix;
    const char *keys[3]; /* each of these is there */
};

/* Source: docs/formats/registry.md, "Which hive" */
static const struct known KNOWN[] = {
    {HIVE_SYSTEM, "SYSTEM", "HKLM\\SYSTEM", {"Select", "ControlSet001", NULL}},
    {HIVE_SOFTWARE, "SOFTWARE", "HKLM\\SOFTWARE", {"Microsoft\\Windows NT", "Classes", NULL}},
    {HIVE_SAM, "SAM", "HKLM\\SAM", {"SAM\\Domains", NULL, NULL}},
    {HIVE_SECURITY, "SECURITY", "HKLM\\SECURITY", {"Policy\\PolAdtEv", NULL, NULL}},
    {HIVE_SECURITY, "SECURITY", "HKLM\\SECURITY", {"Policy\\Secrets", NULL, NULL}},
    {HIVE_AMCACHE, "AMCACHE", "AMCACHE", {"Root\\InventoryApplicationFile", NULL, NULL}},
    {HIVE_AMCACHE, "AMCACHE", "AMCACHE", {"Root\\File", "Root\\Programs", NULL}},
    {HIVE_NTUSER, "NTUSER", "HKCU", {"Software\\Microsoft", "Environment", NULL}},
    {HIVE_NTUSER, "NTUSER", "HKCU", {"Software\\Microsoft", "Control Panel", NULL}},
    {HIVE_USRCLASS, "USRCLASS", "HKCU\\Software\\Classes", {"Local Settings", NULL, NULL}},
    {HIVE_COMPONENTS, "COMPONENTS", "HKLM\\COMPONENTS", {"DerivedData", NULL, NULL}},
    {HIVE_COMPONENTS, "COMPONENTS", "HKLM\\COMPONENTS", {"CanonicalData", NULL, NULL}},
    {HIVE_DRIVERS, "DRIVERS", "HKLM\\DRIVERS", {"DriverDatabase", NULL, NULL}},
    {HIVE_BCD, "BCD", "HKLM\\BCD00000000", {"Objects", "Description", NULL}},
    {HIVE_SOFTWARE, "SOFTWARE", "HKLM\\SOFTWARE", {"Microsoft", "Classes", NULL}},
};

static bool has_keys(const struct hive *h, const struct known *k)
{
    struct hive_key key;
    for (size_t i = 0; i < sizeof k->keys / sizeof *k->keys && k->keys[i]; i++)
        if (!hive_find_key(h, str_of(k->keys[i]), &key))
            return false;
    return true;
}

static bool value_at(const struct hive *h, struct str key, struct str name,
                     struct hive_value *ret)
{
    struct hive_key k;
    return hive_find_key(h, key, &k) && hive_find_value(h, &k, name, ret);
}

struct str hive_lookup_text(const struct hive *h, struct str key, struct str value,
                            struct arena *arena)
{
    struct hive_value v;
    struct err ignored = {0};
    struct bytes data;
    if (!value_at(h, key, value, &v) || !hive_value_is_text(v.type) ||
        hive_data(h, &v, arena, &data, &ignored) < 0)
        return STR("");
    return hive_value_string(data, arena);
}

bool hive_lookup_number(const struct hive *h, struct str key, struct str value, uint64_t *ret)
{
    struct hive_value v;
    return value_at(h, key, value, &v) && hive_value_number(h, &v, ret);
}

/* --- whose ---------------------------------------------------------------------------------- */

/* A user's own hive grants that user everything: the first account that its root's access
 * list names which is neither a group of the system nor the system. */
static struct str user_of(const struct hive *h, struct arena *arena)
{
    enum { DACL_AT = 16, ACL_HEAD = 8, ACE_HEAD = 8, ACES = 64 };
    struct hive_key root;
    if (!hive_find_key(h, STR(""), &root))
        return STR("");
    struct bytes sd = hive_security(h, &root);
    struct cur c = cur_of(sd, 0);
    cur_seek(&c, DACL_AT);
    uint32_t dacl = cur_u32(&c);
    if (dacl == 0)
        return STR("");
    cur_seek(&c, dacl);
    cur_skip(&c, 4);
    uint16_t n = cur_u16(&c);
    cur_skip(&c, 2);
    for (int i = 0; i < n && i < ACES && !c.bad; i++) {
        cur_skip(&c, 2);
        uint16_t size = cur_u16(&c);
        struct cur ace = cur_sub(&c, size >= 4 ? (size_t)size - 4 : 0);
        cur_skip(&ace, 4);
        struct str sid = hive_value_sid(cur_take(&ace, cur_left(&ace)), arena);
        if (size < ACE_HEAD)
            return STR("");
        if (str_starts(sid, STR("S-1-5-21-")))
            return sid;
    }
    return STR("");
}

static void name_user(const struct hive *h, struct hive_about *a, struct arena *arena)
{
    struct str sid = user_of(h, arena);
    if (a->kind == HIVE_NTUSER && str_ieq(h->name, STR("DEFAULT"))) {
        a->kind = HIVE_DEFAULT;
        a->name = STR("DEFAULT");
        a->prefix = STR("HKU\\.DEFAULT");
    } else if (sid.n) {
        a->prefix = arena_printf(arena, "HKU\\%.*s%s", STR_ARG(sid),
                                 a->kind == HIVE_USRCLASS ? "_Classes" : "");
    }
}

static void name_system(const struct hive *h, struct hive_about *a, struct arena *arena)
{
    enum { SETS_MOST = 999, NAME_MOST = 255 };
    uint64_t n = 1;
    if (!hive_lookup_number(h, STR("Select"), STR("Current"), &n) || n > SETS_MOST)
        n = 1;
    a->control_set = arena_printf(arena, "ControlSet%03" PRIu64, n);
    struct str set = a->control_set;
    struct str name = hive_lookup_text(
        h, arena_printf(arena, "%.*s\\Control\\ComputerName\\ComputerName", STR_ARG(set)),
        STR("ComputerName"), arena);
    struct str tcpip = arena_printf(arena, "%.*s\\Services\\Tcpip\\Parameters", STR_ARG(set));
    struct str domain = hive_lookup_text(h, tcpip, STR("Domain"), arena);
    struct str full = hive_lookup_text(h, tcpip, STR("Hostname"), arena);
    if (name.n == 0 || name.n > NAME_MOST || domain.n > NAME_MOST)
        return;
    a->host = name;
    /* The name of the NetBIOS form is cut to 15 characters; the other one is not. */
    if (full.n > name.n && full.n <= NAME_MOST && str_istarts(full, name))
        name = full;
    if (domain.n)
        a->host = arena_printf(arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(domain));
}

struct hive_about hive_about(const struct hive *h, struct arena *arena)
{
    struct hive_about a = {.kind = HIVE_OTHER,
                           .name = STR("OTHER"),
                           .prefix = STR("OTHER"),
                           .host = STR(""),
                           .control_set = STR("")};
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN && a.kind == HIVE_OTHER; i++)
        if (has_keys(h, &KNOWN[i])) {
            a.kind = KNOWN[i].kind;
            a.name = str_of(KNOWN[i].name);
            a.prefix = str_of(KNOWN[i].prefix);
        }
    if (a.kind == HIVE_SYSTEM)
        name_system(h, &a, arena);
    if (a.kind & (HIVE_NTUSER | HIVE_USRCLASS))
        name_user(h, &a, arena);
    return a;
}
