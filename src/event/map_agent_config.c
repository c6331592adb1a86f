#include "event/map_agent_config.h"

#include "event/map_file.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/xml.h"

struct agent_config_events {
    struct xml *xml;
    struct str path;
    uint64_t size;                    /* of the file */
    struct str around[XML_DEPTH_MAX]; /* names of the elements */
    struct xml_item item;             /* of the event given last */
};

struct agent_config_events *agent_config_events_open(struct bytes file, struct str path,
                                                     struct arena *arena)
{
    struct agent_config_events *s = ARENA_NEW(arena, struct agent_config_events);
    s->xml = xml_open(file, arena);
    s->path = path;
    s->size = file.n;
    return s;
}

int agent_config_events_next(struct agent_config_events *s, struct arena *arena,
                             struct event *ret, struct span *gap, struct err *err)
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
        s->around[item->depth] = item->name;
        if (item->n_attributes == 0 || item->depth == 0)
            continue;
        *ret = (struct event){
            .kind = EVENT_AGENT_CONFIG,
            .time = INSTANT_NONE,
            .offset = item->offset,
            .size = item->size,
            .host = STR(""),
            .part = STR(""),
            .channel = STR(""),
            .provider = STR(""),
            .utc_hint = INSTANT_NONE,
        };
        return 1;
    }
}

/* Source: agents.config as Exchange 2013 to 2019 install it */
static struct str place_of(struct str path)
{
    static const char *const own[] = {"TransportRoles/agents", "Exchange Server/V15/Bin",
                                      "Exchange Server/V14/Bin"};
    size_t end;
    if (str_find(path, STR(".."), 0) != SIZE_MAX)
        return STR("elsewhere");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (path_has_folder(path, str_of(own[i]), &end) &&
            path_has_folder(path, STR("Exchange Server"), &end))
            return STR("exchange");
    if (path_has_folder(path, STR("Windows/assembly"), &end) ||
        path_has_folder(path, STR("Microsoft.NET/assembly"), &end))
        return STR("gac");
    return STR("elsewhere");
}

void agent_config_events_fill(struct agent_config_events *s, struct arena *arena,
                              struct event *ev)
{
    const struct xml_item *item = &s->item;
    struct str path = file_windows_path(s->path, arena);
    struct str assembly = xml_attribute(item, "assemblyPath");
    struct str section = item->depth > 1 ? s->around[1] : STR("");
    for (unsigned i = 2; i < item->depth; i++)
        section = web_join(section, '/', s->around[i], arena);
    event_add(ev, arena, SECTION_DATA, FIELD_TEXT, STR("Element"), item->name);
    event_add(ev, arena, SECTION_DATA, section.n ? FIELD_TEXT : FIELD_NULL, STR("Section"),
              section);
    for (size_t i = 0; i < item->n_attributes; i++) {
        const struct xml_attribute *a = &item->attributes[i];
        event_add(ev, arena, SECTION_DATA, a->value.n ? FIELD_TEXT : FIELD_NULL, a->name,
                  a->value);
    }
    web_derive(ev, arena, "ConfigPath", path);
    web_derive(ev, arena, "AssemblyName", path_base_name(assembly));
    if (assembly.n)
        web_derive(ev, arena, "AssemblyPlace", place_of(assembly));
}
