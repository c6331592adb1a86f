#include "event/map_iis_config.h"

#include "base/buf.h"
#include "event/map_file.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/xml.h"

enum {
    SECTION_TEXT = 4096, /* bytes of the joined names around an element */
    SHOWN_SECRET = 8,    /* characters of a secret that are told: enough to compare */
};

struct level {
    struct str name;  /* of the element */
    struct str label; /* what names it among its like: a site's name, a location's path */
};

struct iis_config_events {
    struct xml *xml;
    struct arena *arena;
    struct str path;
    uint64_t size; /* of the file */
    struct level levels[XML_DEPTH_MAX];
    struct xml_item item; /* of the event given last */
};

struct iis_config_events *iis_config_events_open(struct bytes file, struct str path,
                                                 struct arena *arena)
{
    struct iis_config_events *s = ARENA_NEW(arena, struct iis_config_events);
    s->xml = xml_open(file, arena);
    s->arena = arena;
    s->path = path;
    s->size = file.n;
    return s;
}

static bool is_named(const struct level *l, const char *name)
{
    return str_eq(l->name, str_of(name));
}

/* The attribute that names an element among its like. */
static struct str label_of(const struct xml_item *item)
{
    struct str name = xml_attribute(item, "name");
    return name.n ? name : xml_attribute(item, "path");
}

/* Whether an element is inside one of that name. */
static bool is_inside(const struct iis_config_events *s, unsigned depth, const char *name)
{
    for (unsigned i = 0; i < depth; i++)
        if (is_named(&s->levels[i], name))
            return true;
    return false;
}

static bool is_told(const struct iis_config_events *s, const struct xml_item *item)
{
    if (item->depth == 0 || is_inside(s, item->depth, "configSections"))
        return false;
    return item->n_attributes || str_eq(item->name, STR("clear"));
}

static bool has_secret(const struct xml_item *item)
{
    static const char *const names[] = {"validationKey", "decryptionKey", "password",
                                        "connectionString", "sqlConnectionString"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (xml_attribute(item, names[i]).n)
            return true;
    return str_ifind(xml_attribute(item, "attributes"), STR("Secure"), 0) != SIZE_MAX;
}

int iis_config_events_next(struct iis_config_events *s, struct arena *arena, struct event *ret,
                           struct span *gap, struct err *err)
{
    for (;;) {
        struct xml_item *item = &s->item;
        int got = xml_next(s->xml, arena, item, err);
        if (got < 0)
            *gap = (struct span){.from = xml_offset(s->xml), .to = s->size};
        if (got <= 0)
            return got;
        if (item->kind != XML_OPEN)
            continue;
        s->levels[item->depth] =
            (struct level){item->name, arena_str(s->arena, label_of(item))};
        if (!is_told(s, item))
            continue;
        *ret = (struct event){
            .kind = EVENT_IIS_CONFIG,
            .time = INSTANT_NONE,
            .offset = item->offset,
            .size = has_secret(item) ? 0 : item->size, /* 0: what is kept of it is the event */
            .host = STR(""),
            .part = STR(""),
            .channel = STR(""),
            .provider = STR(""),
            .utc_hint = INSTANT_NONE,
        };
        return 1;
    }
}

/* --- fields --------------------------------------------------------------------------------- */

static void add(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    if (value.n)
        event_add(ev, arena, SECTION_DATA, FIELD_TEXT, str_of(name), value);
}

static bool is_secret(const struct xml_item *item, struct str name)
{
    static const char *const names[] = {"validationKey", "decryptionKey", "password",
                                        "connectionString", "sqlConnectionString"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(name, str_of(names[i])))
            return true;
    bool secure = str_ifind(xml_attribute(item, "attributes"), STR("Secure"), 0) != SIZE_MAX;
    return secure && str_ieq(name, STR("value"));
}

static struct str shortened(struct str value, struct arena *arena)
{
    if (value.n <= SHOWN_SECRET || str_istarts(value, STR("AutoGenerate")))
        return value;
    size_t n = SHOWN_SECRET;
    while (n > 0 && ((unsigned char)value.p[n] & 0xc0) == 0x80)
        n--;
    return arena_printf(arena, "%.*s...", (int)n, value.p);
}

static void add_attributes(const struct xml_item *item, struct arena *arena, struct event *ev)
{
    for (size_t i = 0; i < item->n_attributes; i++) {
        const struct xml_attribute *a = &item->attributes[i];
        struct str value = is_secret(item, a->name) ? shortened(a->value, arena) : a->value;
        event_add(ev, arena, SECTION_DATA, value.n ? FIELD_TEXT : FIELD_NULL, a->name, value);
    }
}

/* The label of the nearest element of that name around the one in hand, or itself. */
static struct str label_around(const struct iis_config_events *s, const char *name)
{
    for (unsigned i = s->item.depth + 1; i > 0; i--)
        if (is_named(&s->levels[i - 1], name))
            return s->levels[i - 1].label;
    return STR("");
}

/* The same of an <add> or other element that lies right below one of that name. */
static struct str label_below(const struct iis_config_events *s, const char *name)
{
    for (unsigned i = s->item.depth; i > 0; i--)
        if (is_named(&s->levels[i - 1], name))
            return s->levels[i].label;
    return STR("");
}

/* Site and application of a location: "Default Web Site/owa". */
static struct str site_of(const struct iis_config_events *s, struct str location)
{
    struct str site = label_around(s, "site");
    return site.n ? site : str_part(location, 0, str_find(location, STR("/"), 0));
}

static struct str section_of(const struct iis_config_events *s, struct arena *arena)
{
    struct buf b = buf_new(SECTION_TEXT);
    for (unsigned i = 1; i < s->item.depth; i++) {
        if (is_named(&s->levels[i], "location"))
            continue;
        if (b.n)
            buf_add_char(&b, '/');
        buf_add_str(&b, s->levels[i].name);
    }
    struct str ret = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

/* The folder of IIS's own backups: "CFGHISTORY_0000000012". */
static struct str history_of(struct str path)
{
    size_t at = str_ifind(path, STR("CFGHISTORY_"), 0);
    if (at == SIZE_MAX)
        return STR("");
    size_t to = at;
    while (to < path.n && path.p[to] != '/' && path.p[to] != '\\')
        to++;
    return to < path.n ? str_part(path, at, to) : STR("");
}

/* "Name.Of.Type, Assembly, Version=1.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35" */
static void derive_type(struct event *ev, struct arena *arena, struct str type)
{
    size_t at = 0;
    for (size_t part = 0; at <= type.n && type.n; part++) {
        size_t to = str_find(type, STR(","), at);
        struct str text = str_trim(str_part(type, at, to));
        if (part == 0)
            web_derive(ev, arena, "TypeName", text);
        if (part == 1 && str_find(text, STR("="), 0) == SIZE_MAX)
            web_derive(ev, arena, "TypeAssembly", text);
        if (str_istarts(text, STR("PublicKeyToken=")))
            web_derive(ev, arena, "PublicKeyToken",
                       text_lower(str_part(text, sizeof "PublicKeyToken=" - 1, text.n), arena));
        if (to == SIZE_MAX)
            break;
        at = to + 1;
    }
}

static bool is_automatic(struct str key)
{
    return key.n == 0 || str_istarts(key, STR("AutoGenerate"));
}

/* "LM/W3SVC/2/ROOT/owa/15.2.922.7": a folder that setup made for a build's pages. */
static struct str build_of(struct str key)
{
    struct str name = path_base_name(key);
    size_t dots = 0;
    for (size_t i = 0; i < name.n; i++) {
        dots += name.p[i] == '.';
        if (name.p[i] != '.' && (name.p[i] < '0' || name.p[i] > '9'))
            return STR("");
    }
    return dots == 3 && str_istarts(name, STR("15.")) ? name : STR("");
}

static void derive(const struct iis_config_events *s, struct arena *arena, struct event *ev)
{
    const struct xml_item *item = &s->item;
    struct str path = file_windows_path(s->path, arena);
    web_derive(ev, arena, "ConfigPath", path);
    web_derive(ev, arena, "ConfigName", path_base_name(path));
    web_derive(ev, arena, "History", history_of(s->path));
    web_derive(ev, arena, "WebPath", webpath_of_file(path, arena));
    derive_type(ev, arena, xml_attribute(item, "type"));
    if (str_eq(item->name, STR("machineKey")))
        web_derive(ev, arena, "MachineKey",
                   is_automatic(xml_attribute(item, "validationKey")) &&
                           is_automatic(xml_attribute(item, "decryptionKey"))
                       ? STR("auto")
                       : STR("explicit"));
    if (str_eq(item->name, STR("key")) && is_inside(s, item->depth, "customMetadata"))
        web_derive(ev, arena, "InstalledBuild", build_of(xml_attribute(item, "path")));
}

void iis_config_events_fill(struct iis_config_events *s, struct arena *arena, struct event *ev)
{
    struct str location = label_around(s, "location");
    add(ev, arena, "Section", section_of(s, arena));
    add(ev, arena, "Element", s->item.name);
    add(ev, arena, "Location", location);
    add(ev, arena, "Site", site_of(s, location));
    add(ev, arena, "Application", label_around(s, "application"));
    add(ev, arena, "Rule", label_around(s, "rule"));
    add(ev, arena, "Pool", label_below(s, "applicationPools"));
    add(ev, arena, "MetadataKey", label_below(s, "customMetadata"));
    add_attributes(&s->item, arena, ev);
    derive(s, arena, ev);
}
