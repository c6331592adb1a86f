#include "report/misp.h"

#include "base/ip.h"
#include "base/json.h"
#include "base/utf.h"
#include "report/stix_id.h"

struct misp {
    const struct share *share;
    struct arena *arena;
    struct json_out j;
    struct str timestamp; /* seconds, as text */
    struct str event;     /* uuid */
    struct str above;     /* uuid of the object that attributes are of; or of the event */
    struct str *told;     /* values that are attributes of the event already */
    size_t n_told, cap_told;
};

struct attribute {
    const char *type, *category;
    const char *relation; /* in its object; NULL: it is the event's */
    struct str value, comment;
    bool to_ids;
    instant first, last;
};

static void put(struct misp *m, const char *key, struct str text)
{
    json_key(&m->j, key);
    json_str(&m->j, text);
}

static void put_seen(struct misp *m, const char *key, instant t)
{
    char text[INSTANT_TEXT];
    if (t == INSTANT_NONE)
        return;
    int64_t rest = t % INSTANT_SECOND;
    rest = rest < 0 ? rest + INSTANT_SECOND : rest;
    put(m, key,
        arena_printf(m->arena, "%.19s.%06d+00:00", instant_text(t, text).p, (int)(rest / 10)));
}

static struct str seconds(struct misp *m, instant t)
{
    int64_t s = t == INSTANT_NONE || t < 0 ? 0 : t / INSTANT_SECOND;
    return arena_printf(m->arena, "%lld", (long long)s);
}

static void put_attribute(struct misp *m, const struct attribute *a)
{
    const struct str parts[] = {m->above, str_of(a->type),
                                str_of(a->relation ? a->relation : ""), a->value};
    if (a->value.n == 0)
        return;
    json_begin(&m->j, '{');
    put(m, "uuid", stix_uuid(m->arena, "misp-attribute", parts, 4));
    put(m, "type", str_of(a->type));
    put(m, "category", str_of(a->category));
    if (a->relation)
        put(m, "object_relation", str_of(a->relation));
    put(m, "value", a->value);
    put(m, "comment", a->comment);
    json_key(&m->j, "to_ids");
    json_bool(&m->j, a->to_ids);
    json_key(&m->j, "disable_correlation");
    json_bool(&m->j, !a->to_ids);
    put(m, "distribution", STR("5")); /* as the event's */
    put(m, "timestamp", m->timestamp);
    put_seen(m, "first_seen", a->first);
    put_seen(m, "last_seen",
             a->first != INSTANT_NONE && a->last < a->first ? a->first : a->last);
    json_end(&m->j, '}');
}

/* Whether an attribute of the event has been told of for another host or campaign. */
static bool was_told(struct misp *m, struct str value)
{
    for (size_t i = 0; i < m->n_told; i++)
        if (str_eq(m->told[i], value))
            return true;
    m->told = arena_grow(m->arena, m->told, m->n_told, &m->cap_told, sizeof *m->told);
    m->told[m->n_told++] = value;
    return false;
}

/* --- attributes of the event --------------------------------------------------------------- */

static struct str summary(struct misp *m, const struct gathered *g)
{
    static const char *const axes[] = {"exposure", "entry", "backdoor", "action", "loss"};
    struct buf b = buf_new(SIZE_MAX / 4);
    buf_addf(&b, "%.*s, %.*s: ", STR_ARG(share_host(m->share, g->host, m->arena)),
             STR_ARG(share_member(g->campaign, "title")));
    buf_add_str(&b, share_text(m->share, share_member(g->campaign, "headline"), m->arena));
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++)
        buf_addf(&b, "\n%s: %.*s", axes[i], STR_ARG(gather_state(g, axes[i])));
    buf_add_char(&b, '\n');
    gather_acts(m->share, g, &b);
    struct str ret = arena_str(m->arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

static void put_intruder(struct misp *m, const struct json *i)
{
    struct ip ip;
    struct str value = share_member(i, "value");
    if (!str_eq(share_member(i, "kind"), STR("address")) || !ip_parse(value, &ip) ||
        ip_is_loopback(&ip) || was_told(m, value))
        return;
    if (ip.v4)
        value = arena_printf(m->arena, "%u.%u.%u.%u", ip.byte[12], ip.byte[13], ip.byte[14],
                             ip.byte[15]);
    bool open = !m->share->redact;
    put_attribute(m,
                  &(struct attribute){
                      .type = "ip-src",
                      .category = "Network activity",
                      .value = open ? value : redact_address(m->share->redact, value, m->arena),
                      .comment = STR("address of an intruder, at that time"),
                      .to_ids = open && ip_is_public(&ip),
                      .first = share_time(i, "first"),
                      .last = share_time(i, "last"),
                  });
}

static void put_attributes(struct misp *m, const struct gathered *g)
{
    struct str host = share_host(m->share, g->host, m->arena);
    for (size_t i = 0; i < g->n_intruders; i++)
        put_intruder(m, g->intruders[i]);
    for (const struct json *c = share_list(g->pack, "cves"); c; c = c->next)
        if (gather_is_cve(c->text) && !was_told(m, c->text))
            put_attribute(m, &(struct attribute){.type = "vulnerability",
                                                 .category = "External analysis",
                                                 .value = c->text,
                                                 .first = INSTANT_NONE,
                                                 .last = INSTANT_NONE});
    if (!was_told(m, g->host))
        put_attribute(m, &(struct attribute){.type = "target-machine",
                                             .category = "Targeting data",
                                             .value = host,
                                             .first = INSTANT_NONE,
                                             .last = INSTANT_NONE});
    put_attribute(m, &(struct attribute){.type = "text",
                                         .category = "Other",
                                         .value = summary(m, g),
                                         .comment = STR("what was found, in order of time"),
                                         .first = g->first,
                                         .last = g->last});
}

/* --- objects ------------------------------------------------------------------------------- */

struct template
{
    const char *name, *category, *uuid, *version;
};

/* Source: misp-objects, objects/file and objects/http-request */
static const struct template FILE_OBJECT = {"file", "file",
                                            "688c46fb-5edb-40a3-8273-1af7923e2215", "25"},
                             REQUEST_OBJECT = {"http-request", "network",
                                               "b4a8d163-8110-4239-bfcf-e08f3a9fdf7b", "4"};

static void begin_object(struct misp *m, const struct template *t, const struct gathered *g,
                         const struct gathered_item *item)
{
    const struct str parts[] = {m->event,
                                str_of(t->name),
                                share_host(m->share, g->host, m->arena),
                                share_member(g->campaign, "id"),
                                share_text(m->share, item->where, m->arena),
                                item->sha256};
    json_begin(&m->j, '{');
    m->above = stix_uuid(m->arena, "misp-object", parts, 6);
    put(m, "uuid", m->above);
    put(m, "name", str_of(t->name));
    put(m, "meta-category", str_of(t->category));
    put(m, "template_uuid", str_of(t->uuid));
    put(m, "template_version", str_of(t->version));
    put(m, "distribution", STR("5"));
    put(m, "timestamp", m->timestamp);
    put(m, "comment",
        utf8_repair(str_bytes(share_text(m->share, item->what, m->arena)), m->arena));
    put_seen(m, "first_seen", item->first);
    put_seen(m, "last_seen", item->last == INSTANT_NONE ? item->first : item->last);
    json_key(&m->j, "Attribute");
    json_begin(&m->j, '[');
}

static void end_object(struct misp *m)
{
    json_end(&m->j, ']');
    json_end(&m->j, '}');
    m->above = m->event;
}

static void put_part(struct misp *m, const char *type, const char *relation, struct str value,
                     bool to_ids)
{
    put_attribute(m, &(struct attribute){.type = type,
                                         .category = strcmp(type, "sha256") == 0 ||
                                                             strcmp(type, "filename") == 0
                                                         ? "Payload delivery"
                                                     : strcmp(type, "text") == 0
                                                         ? "Other"
                                                         : "Network activity",
                                         .relation = relation,
                                         .value = value,
                                         .to_ids = to_ids,
                                         .first = INSTANT_NONE,
                                         .last = INSTANT_NONE});
}

static void put_file(struct misp *m, const struct gathered *g, const struct gathered_item *item)
{
    struct str where = share_text(m->share, item->where, m->arena);
    struct str name = share_text(m->share, item->name, m->arena);
    bool own = str_eq(name, item->name) && !item->common;
    begin_object(m, &FILE_OBJECT, g, item);
    put_part(m, "filename", "filename", name, own);
    put_part(m, "sha256", "sha256", item->sha256, true);
    if (where.n && where.p[0] != '/')
        put_part(m, "text", "fullpath", where, false);
    end_object(m);
}

static void put_request(struct misp *m, const struct gathered *g,
                        const struct gathered_item *item)
{
    struct str where = share_text(m->share, item->where, m->arena);
    begin_object(m, &REQUEST_OBJECT, g, item);
    put_part(m, "uri", "uri", where, !item->common && str_eq(where, item->where));
    put_part(m, "hostname", "host", share_host(m->share, g->host, m->arena), false);
    end_object(m);
}

static void put_objects(struct misp *m, const struct gathered *g)
{
    for (size_t i = 0; i < g->n_items; i++) {
        const struct gathered_item *item = &g->items[i];
        bool path = str_find(item->where, STR(":\\"), 0) != SIZE_MAX && item->name.n;
        if (item->sha256.n || path)
            put_file(m, g, item);
        if (item->where.n && item->where.p[0] == '/')
            put_request(m, g, item);
    }
}

/* --- the event ----------------------------------------------------------------------------- */

/* 1 high: somebody was in; 2: it was tried. */
static const char *threat_of(const struct gathering *g)
{
    for (size_t i = 0; i < g->n; i++)
        if (!str_eq(gather_state(&g->all[i], "entry"), STR("attempted")) || g->all[i].n_items)
            return "1";
    return g->n ? "2" : "4";
}

static struct str info(struct misp *m, const struct gathering *g)
{
    if (g->n == 0)
        return STR("assay: nothing more than a look was seen");
    struct str host = share_host(m->share, g->all[0].host, m->arena);
    struct str rest = g->n > 1 ? arena_printf(m->arena, " (and %zu more)", g->n - 1) : STR("");
    return arena_printf(m->arena, "assay: %.*s, %.*s%.*s",
                        STR_ARG(share_member(g->all[0].campaign, "title")), STR_ARG(host),
                        STR_ARG(rest));
}

static void put_head(struct misp *m, const struct gathering *g, instant modified)
{
    static const char *const tags[] = {[TLP_CLEAR] = "tlp:clear",
                                       [TLP_GREEN] = "tlp:green",
                                       [TLP_AMBER] = "tlp:amber",
                                       [TLP_AMBER_STRICT] = "tlp:amber+strict",
                                       [TLP_RED] = "tlp:red"};
    char at[INSTANT_TEXT];
    instant first = g->n && g->all[0].first != INSTANT_NONE ? g->all[0].first : modified;
    for (size_t i = 1; i < g->n; i++)
        if (g->all[i].first != INSTANT_NONE && g->all[i].first < first)
            first = g->all[i].first;
    put(m, "uuid", m->event);
    put(m, "info", info(m, g));
    put(m, "date", str_part(instant_text(first, at), 0, strlen("2021-03-02")));
    put(m, "threat_level_id", str_of(threat_of(g)));
    put(m, "analysis", STR("2"));
    put(m, "distribution", STR("0")); /* the importing organisation only: a person widens it */
    json_key(&m->j, "published");
    json_bool(&m->j, false);
    put(m, "timestamp", m->timestamp);
    json_key(&m->j, "Tag");
    json_begin(&m->j, '[');
    json_begin(&m->j, '{');
    put(m, "name", str_of(tags[m->share->tlp == TLP_NONE ? TLP_AMBER : m->share->tlp]));
    json_end(&m->j, '}');
    json_end(&m->j, ']');
}

void misp_event(const struct share *s, const struct gathering *g, instant modified,
                struct buf *out)
{
    struct misp m = {.share = s, .arena = arena_new(), .j = json_out(out)};
    struct str digest = redact_value(s->redact, REDACT_ENCODED, s->reader->digest, m.arena);
    instant at = modified != INSTANT_NONE ? modified : g->end != INSTANT_NONE ? g->end : 0;
    m.timestamp = seconds(&m, at);
    m.event = stix_uuid(m.arena, "misp-event", &digest, 1);
    m.above = m.event;
    json_begin(&m.j, '{');
    json_key(&m.j, "Event");
    json_begin(&m.j, '{');
    put_head(&m, g, at);
    json_key(&m.j, "Attribute");
    json_begin(&m.j, '[');
    for (size_t i = 0; i < g->n; i++)
        put_attributes(&m, &g->all[i]);
    json_end(&m.j, ']');
    json_key(&m.j, "Object");
    json_begin(&m.j, '[');
    for (size_t i = 0; i < g->n; i++)
        put_objects(&m, &g->all[i]);
    json_end(&m.j, ']');
    json_end(&m.j, '}');
    json_end(&m.j, '}');
    buf_add_char(out, '\n');
    arena_free(m.arena);
}
