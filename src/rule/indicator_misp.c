/* indicator_misp.c - MISP's events, feeds and searches.
 *
 * Source: MISP core format (draft-dulaunoy-misp-core-format); MISP's categories and types.
 */
#include "base/json_read.h"
#include "rule/indicator_import.h"
#include "rule/indicator_json.h"

enum { DEPTH_MAX = 8 };

struct misp {
    struct indicators *set;
    struct arena *arena; /* of one attribute */
    struct str info;     /* of the event */
    enum tlp tlp;        /* of the event */
    uint32_t place;      /* attributes so far */
    bool damaged;
};

static struct str text_of(const struct json *object, const char *key)
{
    const struct json *v = object ? json_get(object, key) : NULL;
    return v && (v->type == JSON_STRING || v->type == JSON_NUMBER) ? v->text : STR("");
}

static bool is_true(const struct json *object, const char *key, bool missing)
{
    const struct json *v = json_get(object, key);
    if (!v)
        return missing;
    return v->type == JSON_TRUE || (v->type != JSON_FALSE && (str_eq(v->text, STR("1")) ||
                                                              str_ieq(v->text, STR("true"))));
}

/* The strictest of the tags "tlp:amber". */
static enum tlp tlp_of(const struct json *tags, enum tlp tlp)
{
    for (const struct json *t = tags ? tags->child : NULL; t; t = t->next) {
        enum tlp found = TLP_NONE;
        struct str name = t->type == JSON_OBJECT ? text_of(t, "name") : t->text;
        if (str_istarts(name, STR("tlp:")) && tlp_parse(name, &found) && found > tlp)
            tlp = found;
    }
    return tlp;
}

static const struct json *read_value(struct misp *m, struct str text)
{
    struct json *value = NULL;
    struct err err = {0};
    size_t at = 0;
    return json_next(text, &at, m->arena, &value, &err) == 1 ? value : NULL;
}

static void attribute(struct misp *m, struct str text)
{
    struct indicator_item item = INDICATOR_ITEM;
    m->place++;
    arena_reset(m->arena);
    const struct json *a = read_value(m, text);
    if (!a || a->type != JSON_OBJECT) {
        indicators_refuse(m->set, m->place, text, "an attribute that is no JSON object");
        return;
    }
    if (!is_true(a, "to_ids", false) || is_true(a, "deleted", false)) {
        indicators_leave(m->set);
        return;
    }
    struct str comment = text_of(a, "comment");
    item.place = m->place;
    item.value = text_of(a, "value");
    item.tlp = tlp_of(json_get(a, "Tag"), m->tlp);
    item.about = comment.n && m->info.n
                     ? arena_printf(m->arena, "%.*s; %.*s", STR_ARG(m->info), STR_ARG(comment))
                 : comment.n ? comment
                             : m->info;
    if (!indicators_add_named(m->set, item, text_of(a, "type")))
        indicators_refuse(m->set, m->place, item.value, "of a type that is not looked for");
}

static void walk(struct misp *m, struct str text, int depth);

static void attributes(struct misp *m, struct str text)
{
    struct json_place p;
    struct str key;
    struct str value;
    if (!json_enter(text, 0, &p))
        return;
    while (json_step(&p, &key, &value))
        attribute(m, value);
    m->damaged = m->damaged || p.damaged;
}

/* What an event says of itself stands beside its attributes, before or behind them. */
static void read_head(struct misp *m, struct str text, struct arena *arena)
{
    struct json_place p;
    struct str key;
    struct str value;
    if (!json_enter(text, 0, &p) || !p.object)
        return;
    while (json_step(&p, &key, &value)) {
        bool info = str_eq(key, STR("info"));
        if (!info && !str_eq(key, STR("Tag")))
            continue;
        arena_reset(m->arena);
        const struct json *v = read_value(m, value);
        if (v && info && v->type == JSON_STRING)
            m->info = arena_str(arena, v->text);
        else if (v && !info)
            m->tlp = tlp_of(v, m->tlp);
    }
}

static void event(struct misp *m, struct str text, int depth)
{
    struct arena *arena = arena_new();
    struct str info = m->info;
    enum tlp tlp = m->tlp;
    m->info = STR("");
    m->tlp = TLP_NONE;
    read_head(m, text, arena);
    walk(m, text, depth);
    m->info = info;
    m->tlp = tlp;
    arena_free(arena);
}

static void walk(struct misp *m, struct str text, int depth)
{
    struct json_place p;
    struct str key;
    struct str value;
    if (depth == DEPTH_MAX || !json_enter(text, 0, &p))
        return;
    while (json_step(&p, &key, &value)) {
        if (!p.object || str_eq(key, STR("response")) || str_eq(key, STR("Object")) ||
            str_eq(key, STR("ObjectReference")))
            walk(m, value, depth + 1);
        else if (str_eq(key, STR("Event")))
            event(m, value, depth + 1);
        else if (str_eq(key, STR("Attribute")))
            attributes(m, value);
    }
    m->damaged = m->damaged || p.damaged;
}

void indicators_read_misp(struct indicators *set, struct str text)
{
    struct misp m = {.set = set, .arena = arena_new(), .info = STR("")};
    event(&m, text, 0);
    if (m.damaged)
        indicators_refuse(set, m.place + 1, STR(""),
                          "the JSON is damaged or ends early: the rest is not read");
    arena_free(m.arena);
}
