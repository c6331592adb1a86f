#include "detect/side.h"

#include "base/buf.h"
#include "detect/packed.h"

enum { SIDE_MAX = 1 << 20 };

bool side_may(const struct event *ev)
{
    bool cached = ev->kind == EVENT_REGISTRY && str_eq(ev->part, STR("tasks")) &&
                  !(ev->marks & MARK_DELETED);
    return cached || ev->kind == EVENT_TASK || ev->kind == EVENT_IIS_CONFIG;
}

struct str side_setting(const struct event *ev)
{
    static const char *const sections[][2] = {{"globalModules", "native modules"},
                                              {"/modules", "modules"},
                                              {"/handlers", "handlers"},
                                              {"/isapiFilters", "filters"}};
    static const char *const elements[][2] = {{"machineKey", "machine keys"},
                                              {"virtualDirectory", "folders"},
                                              {"httpLogging", "logging"},
                                              {"logFile", "logging"}};
    struct str section = event_text(ev, "Section");
    struct str element = event_text(ev, "Element");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (str_iends(section, str_of(sections[i][0])))
            return str_of(sections[i][1]);
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (str_eq(element, str_of(elements[i][0])))
            return str_of(elements[i][1]);
    return str_ifind(section, STR("rewrite/"), 0) != SIZE_MAX ? STR("rewrite rules") : STR("");
}

/* Of a task's key one value is told, of a configuration what decides about requests; web.config has
 * no versions. */
static bool is_side(const struct event *ev)
{
    if (ev->kind == EVENT_IIS_CONFIG)
        return str_istarts(event_text(ev, "ConfigName"), STR("applicationHost.config")) &&
               side_setting(ev).n;
    return ev->kind == EVENT_TASK || event_text(ev, "TaskId").n;
}

bool side_write(struct buf *out, const struct event *ev)
{
    if (!is_side(ev))
        return true;
    struct buf packed = buf_new(SIDE_MAX);
    packed_put_number(&packed, ev->kind);
    packed_put(&packed, ev->part);
    packed_put_number(&packed, ev->marks);
    packed_put_number(&packed, ev->n);
    packed_put_fields(&packed, ev, ev->n);
    bool fits = !packed.full;
    if (fits)
        signal_write(out, &(struct signal){.type = SIGNAL_LATER,
                                           .later = LATER_SIDE,
                                           .host = STR(""),
                                           .text = STR(""),
                                           .format = buf_str(&packed),
                                           .from = ev->time,
                                           .to = INSTANT_NONE,
                                           .b = ev->offset,
                                           .c = ev->size});
    buf_free(&packed);
    return fits;
}

int side_read(const struct signal *s, struct arena *arena, struct event *ret, struct err *err)
{
    struct packed r = {.in = s->format};
    struct event ev = {.time = s->from, .offset = s->b, .size = s->c, .utc_hint = INSTANT_NONE};
    ev.kind = (enum event_kind)packed_get_below(&r, EVENT_KINDS);
    ev.part = packed_get(&r);
    ev.marks = packed_get_below(&r, UINT32_MAX);
    uint32_t n = packed_get_below(&r, UINT32_MAX);
    packed_get_fields(&r, n, arena, &ev);
    if (r.bad || r.at != r.in.n || !side_may(&ev))
        return err_set(err, ERR_CORRUPT, "a worker's reply is damaged");
    *ret = ev;
    return 0;
}
