#include "report/stix_int.h"

#include "base/hash.h"
#include "base/ip.h"
#include "base/utf.h"

enum {
    MILLISECOND = 10000,
    IDS_FIRST = 256, /* a power of two */
    VALID_DAYS = 30, /* of an address behind its last act: addresses change hands */
    MOST_SIGHTED = 999999999,
};

/* Of objects that have no time of their own: a day that never changes, so that `created` does not. */
#define ALWAYS INT64_C(17672256000000000) /* 2026-01-01T00:00:00Z */

/* Source: OASIS cti-stix-common-objects, extension-definition-specifications/tlp-2.0 */
static const struct {
    const char *id, *word;
} MARKINGS[] = {
    [TLP_CLEAR] = {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"},
    [TLP_GREEN] = {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"},
    [TLP_AMBER] = {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"},
    [TLP_AMBER_STRICT] = {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
                          "amber+strict"},
    [TLP_RED] = {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "red"},
};

/* --- pieces -------------------------------------------------------------------------------- */

static size_t slot_of(const struct stix *x, struct str id)
{
    size_t at = (size_t)hash_bytes(str_bytes(id)) & (x->cap_ids - 1);
    while (x->ids[at].n && !str_eq(x->ids[at], id))
        at = (at + 1) & (x->cap_ids - 1);
    return at;
}

static void grow_ids(struct stix *x)
{
    struct str *old = x->ids;
    size_t n = x->cap_ids;
    x->cap_ids = n ? 2 * n : IDS_FIRST;
    x->ids = ARENA_ARRAY(x->arena, struct str, x->cap_ids);
    for (size_t i = 0; i < n; i++)
        if (old[i].n)
            x->ids[slot_of(x, old[i])] = old[i];
}

bool stix_has(struct stix *x, struct str id)
{
    if (2 * (x->n_ids + 1) > x->cap_ids)
        grow_ids(x);
    size_t at = slot_of(x, id);
    if (x->ids[at].n)
        return true;
    x->ids[at] = id;
    x->n_ids++;
    return false;
}

void stix_add_ref(struct stix *x, struct stix_refs *refs, struct str id)
{
    refs->at = arena_grow(x->arena, refs->at, refs->n, &refs->cap, sizeof *refs->at);
    refs->at[refs->n++] = id;
}

void stix_put(struct stix *x, const char *key, struct str text)
{
    if (text.n == 0)
        return;
    json_key(&x->j, key);
    json_str(&x->j, text);
}

void stix_put_time(struct stix *x, const char *key, instant t)
{
    char text[INSTANT_TEXT];
    int64_t rest = t % INSTANT_SECOND;
    rest = rest < 0 ? rest + INSTANT_SECOND : rest;
    stix_put(x, key,
             arena_printf(x->arena, "%.19s.%03dZ", instant_text(t, text).p,
                          (int)(rest / MILLISECOND)));
}

void stix_put_refs(struct stix *x, const char *key, const struct stix_refs *refs)
{
    if (refs->n == 0)
        return;
    json_key(&x->j, key);
    json_begin(&x->j, '[');
    for (size_t i = 0; i < refs->n; i++)
        json_str(&x->j, refs->at[i]);
    json_end(&x->j, ']');
}

static void put_ref(struct stix *x, const char *key, struct str id)
{
    struct stix_refs one = {.at = &id, .n = 1};
    stix_put_refs(x, key, &one);
}

void stix_mark(struct stix *x)
{
    put_ref(x, "object_marking_refs", x->marking);
}

/* created is of the thing and part of its id; modified is when that was last known. */
static void begin(struct stix *x, const char *type, struct str id, instant created)
{
    json_begin(&x->j, '{');
    stix_put(x, "type", str_of(type));
    stix_put(x, "spec_version", STR("2.1"));
    stix_put(x, "id", id);
    if (x->identity.n)
        stix_put(x, "created_by_ref", x->identity);
    stix_put_time(x, "created", created);
    stix_put_time(x, "modified", created > x->modified ? created : x->modified);
    if (x->identity.n)
        stix_add_ref(x, &x->objects, id);
}

static void end(struct stix *x)
{
    stix_mark(x);
    json_end(&x->j, '}');
}

static struct str time_text(struct stix *x, instant t)
{
    char text[INSTANT_TEXT];
    return arena_str(x->arena, instant_text(t, text));
}

/* An id of parts and of when the thing began. */
static struct str id_of_thing(struct stix *x, const char *type, struct str a, struct str b,
                              instant created)
{
    const struct str parts[] = {a, b, time_text(x, created)};
    return stix_id(x->arena, type, parts, sizeof parts / sizeof *parts);
}

static void relate(struct stix *x, const char *how, struct str from, struct str to,
                   instant created)
{
    const struct str parts[] = {str_of(how), from, to};
    struct str id = stix_id(x->arena, "relationship", parts, sizeof parts / sizeof *parts);
    if (stix_has(x, id))
        return;
    begin(x, "relationship", id, created);
    stix_put(x, "relationship_type", str_of(how));
    stix_put(x, "source_ref", from);
    stix_put(x, "target_ref", to);
    end(x);
}

/* --- who tells ----------------------------------------------------------------------------- */

static void put_marking(struct stix *x, enum tlp tlp)
{
    json_begin(&x->j, '{');
    stix_put(x, "type", STR("marking-definition"));
    stix_put(x, "spec_version", STR("2.1"));
    stix_put(x, "id", str_of(MARKINGS[tlp].id));
    stix_put(x, "created", STR("2022-10-01T00:00:00.000Z"));
    stix_put(x, "name", str_of(tlp_name(tlp)));
    json_key(&x->j, "extensions");
    json_begin(&x->j, '{');
    json_key(&x->j, "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d");
    json_begin(&x->j, '{');
    stix_put(x, "extension_type", STR("property-extension"));
    stix_put(x, "tlp_2_0", str_of(MARKINGS[tlp].word));
    json_end(&x->j, '}');
    json_end(&x->j, '}');
    json_end(&x->j, '}');
}

static void put_identity(struct stix *x)
{
    const struct str name = STR("assay");
    instant modified = x->modified;
    struct str id = stix_id(x->arena, "identity", &name, 1);
    x->modified = ALWAYS; /* the program, not the case */
    begin(x, "identity", id, ALWAYS);
    stix_put(x, "name", name);
    stix_put(x, "description", STR("Program that judges servers by their own evidence"));
    stix_put(x, "identity_class", STR("system"));
    end(x);
    x->identity = id;
    x->modified = modified;
}

static struct str put_host(struct stix *x, const struct gathered *g)
{
    struct str name = share_host(x->share, g->host, x->arena);
    const struct str parts[] = {STR("host"), name};
    struct str id = stix_id(x->arena, "identity", parts, 2);
    if (stix_has(x, id))
        return id;
    begin(x, "identity", id, ALWAYS);
    stix_put(x, "name", name);
    stix_put(x, "identity_class", STR("system"));
    end(x);
    return id;
}

/* --- the incident -------------------------------------------------------------------------- */

static struct str described(struct stix *x, const struct gathered *g)
{
    static const char *const axes[] = {"exposure", "entry", "backdoor", "action", "loss"};
    struct buf b = buf_new(SIZE_MAX / 4);
    buf_add_str(&b, share_text(x->share, share_member(g->campaign, "headline"), x->arena));
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        const struct json *axis = json_get(g->campaign, axes[i]);
        struct str sure = share_member(axis, "confidence");
        buf_addf(&b, "\n%s: %.*s", axes[i], STR_ARG(share_member(axis, "state")));
        if (sure.n)
            buf_addf(&b, " (%.*s)", STR_ARG(sure));
        if (share_member(axis, "reason").n)
            buf_addf(&b, "; %.*s",
                     STR_ARG(share_text(x->share, share_member(axis, "reason"), x->arena)));
    }
    struct str ret = arena_str(x->arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

static struct str put_incident(struct stix *x, const struct gathered *g, instant created)
{
    struct str host = share_host(x->share, g->host, x->arena);
    struct str campaign = share_member(g->campaign, "id");
    struct str id = id_of_thing(x, "incident", host, campaign, created);
    begin(x, "incident", id, created);
    stix_put(x, "name",
             arena_printf(x->arena, "%.*s: %.*s", STR_ARG(host),
                          STR_ARG(share_member(g->campaign, "title"))));
    stix_put(x, "description", described(x, g));
    json_key(&x->j, "external_references");
    json_begin(&x->j, '[');
    json_begin(&x->j, '{');
    stix_put(x, "source_name", STR("assay"));
    stix_put(x, "external_id", campaign);
    json_end(&x->j, '}');
    json_end(&x->j, ']');
    end(x);
    return id;
}

static void put_note(struct stix *x, const struct gathered *g, struct str incident,
                     instant created)
{
    struct buf b = buf_new(SIZE_MAX / 4);
    gather_acts(x->share, g, &b);
    begin(x, "note", id_of_thing(x, "note", incident, STR("acts"), created), created);
    stix_put(x, "abstract", STR("What was found, in order of time"));
    stix_put(x, "content", buf_str(&b));
    put_ref(x, "object_refs", incident);
    end(x);
    buf_free(&b);
}

static void put_vulnerabilities(struct stix *x, const struct gathered *g, struct str incident,
                                instant created)
{
    for (const struct json *c = share_list(g->pack, "cves"); c; c = c->next) {
        if (!gather_is_cve(c->text))
            continue;
        struct str id = stix_id(x->arena, "vulnerability", &c->text, 1);
        if (!stix_has(x, id)) {
            begin(x, "vulnerability", id, ALWAYS);
            stix_put(x, "name", c->text);
            json_key(&x->j, "external_references");
            json_begin(&x->j, '[');
            json_begin(&x->j, '{');
            stix_put(x, "source_name", STR("cve"));
            stix_put(x, "external_id", c->text);
            json_end(&x->j, '}');
            json_end(&x->j, ']');
            end(x);
        }
        relate(x, "related-to", incident, id, created);
    }
}

/* --- what was observed --------------------------------------------------------------------- */

/* The observed data of a fact; "" where it has no time, or holds nothing that can be observed. */
static struct str put_observed(struct stix *x, const struct gathered *g,
                               const struct json *fact)
{
    struct stix_refs refs = {0};
    instant first = share_time(fact, "time");
    instant last = share_time(fact, "last");
    size_t n = 0;
    if (first == INSTANT_NONE) {
        x->told.undated++;
        return STR("");
    }
    last = last == INSTANT_NONE || last < first ? first : last;
    stix_observe(x, g, fact, &refs);
    if (refs.n == 0)
        return STR("");
    for (const struct json *f = share_list(fact, "findings"); f && n < MOST_SIGHTED;
         f = f->next)
        n++;
    struct str id = id_of_thing(x, "observed-data", share_host(x->share, g->host, x->arena),
                                share_member(fact, "id"), first);
    if (stix_has(x, id))
        return id;
    begin(x, "observed-data", id, first);
    stix_put_time(x, "first_observed", first);
    stix_put_time(x, "last_observed", last);
    json_key(&x->j, "number_observed");
    json_u64(&x->j, n ? n : 1);
    stix_put_refs(x, "object_refs", &refs);
    end(x);
    return id;
}

/* --- indicators ---------------------------------------------------------------------------- */

static void put_literal(struct buf *b, struct str text)
{
    buf_add_char(b, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'' || text.p[i] == '\\')
            buf_add_char(b, '\\');
        buf_add_char(b, text.p[i]);
    }
    buf_add_char(b, '\'');
}

/* "[object = 'value']" */
static struct str pattern(struct stix *x, const char *object, struct str value)
{
    struct buf b = buf_new(SIZE_MAX / 4);
    buf_addf(&b, "[%s = ", object);
    put_literal(&b, utf8_repair(str_bytes(value), x->arena));
    buf_add_char(&b, ']');
    struct str ret = arena_str(x->arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

struct indicated {
    struct str pattern, name, about, type;
    instant first, last; /* first use; last, or INSTANT_NONE: it does not end */
};

static struct str put_indicator(struct stix *x, const struct indicated *i)
{
    struct str id = id_of_thing(x, "indicator", i->pattern, STR(""), i->first);
    if (stix_has(x, id))
        return id;
    begin(x, "indicator", id, i->first);
    stix_put(x, "name", i->name);
    stix_put(x, "description", i->about);
    put_ref(x, "indicator_types", i->type);
    stix_put(x, "pattern", i->pattern);
    stix_put(x, "pattern_type", STR("stix"));
    stix_put(x, "pattern_version", STR("2.1"));
    stix_put_time(x, "valid_from", i->first);
    if (i->last != INSTANT_NONE)
        stix_put_time(x, "valid_until", i->last + VALID_DAYS * INSTANT_DAY);
    end(x);
    return id;
}

struct sighted {
    struct str indicator, host, incident;
    instant first, last;
    struct stix_refs observed;
    uint64_t n;
};

static void put_sighting(struct stix *x, const struct sighted *s)
{
    begin(x, "sighting", id_of_thing(x, "sighting", s->indicator, s->incident, s->first),
          s->first);
    stix_put_time(x, "first_seen", s->first);
    stix_put_time(x, "last_seen", s->last < s->first ? s->first : s->last);
    json_key(&x->j, "count");
    json_u64(&x->j, s->n ? s->n : 1);
    stix_put(x, "sighting_of_ref", s->indicator);
    stix_put_refs(x, "observed_data_refs", &s->observed);
    put_ref(x, "where_sighted_refs", s->host);
    end(x);
    if (s->observed.n)
        relate(x, "based-on", s->indicator, s->observed.at[0], s->first);
    relate(x, "related-to", s->indicator, s->incident, s->first);
}

struct told { /* of a campaign on a host */
    const struct gathered *g;
    struct str incident, host;
    struct str *observed; /* one for each of its facts */
};

/* The observed data of those facts that a list names. */
static void sight(struct stix *x, const struct told *t, const struct json *ids,
                  struct sighted *s)
{
    for (; ids; ids = ids->next) {
        for (size_t i = 0; i < t->g->n_facts; i++) {
            if (!str_eq(share_member(t->g->facts[i], "id"), ids->text))
                continue;
            s->n++;
            if (t->observed[i].n)
                stix_add_ref(x, &s->observed, t->observed[i]);
        }
    }
}

/* Only public addresses: what is private here is somebody else's there. */
static void indicate_address(struct stix *x, const struct told *t, const struct json *i)
{
    struct ip ip;
    struct str value = share_member(i, "value");
    instant first = share_time(i, "first");
    instant last = share_time(i, "last");
    if (!str_eq(share_member(i, "kind"), STR("address")) || !ip_parse(value, &ip) ||
        !ip_is_public(&ip) || first == INSTANT_NONE)
        return;
    if (x->share->redact) {
        x->told.without_indicator++;
        return;
    }
    last = last == INSTANT_NONE || last < first ? first : last;
    if (ip.v4)
        value = arena_printf(x->arena, "%u.%u.%u.%u", ip.byte[12], ip.byte[13], ip.byte[14],
                             ip.byte[15]);
    struct indicated in = {
        .pattern = pattern(x, ip.v4 ? "ipv4-addr:value" : "ipv6-addr:value", value),
        .name = arena_printf(x->arena, "%.*s, address of an intruder", STR_ARG(value)),
        .about = STR("The evidence of a server shows acts of an intruder from here. An address "
                     "changes hands: it says something for the time given."),
        .type = STR("malicious-activity"),
        .first = first,
        .last = last,
    };
    struct sighted s = {.indicator = put_indicator(x, &in),
                        .host = t->host,
                        .incident = t->incident,
                        .first = first,
                        .last = last};
    sight(x, t, share_list(i, "facts"), &s);
    put_sighting(x, &s);
}

static void indicate(struct stix *x, const struct told *t, const struct gathered_item *item,
                     const struct indicated *in)
{
    struct sighted s = {.indicator = put_indicator(x, in),
                        .host = t->host,
                        .incident = t->incident,
                        .first = item->first,
                        .last = item->last == INSTANT_NONE ? item->first : item->last};
    sight(x, t, share_list(item->of, "facts"), &s);
    put_sighting(x, &s);
}

static void indicate_item(struct stix *x, const struct told *t,
                          const struct gathered_item *item)
{
    if (item->first == INSTANT_NONE)
        return;
    struct indicated in = {
        .name = share_text(x->share, item->what, x->arena),
        .first = item->first,
        .last = INSTANT_NONE,
    };
    struct str where = share_text(x->share, item->where, x->arena);
    if (item->sha256.n) {
        in.pattern = pattern(x, "file:hashes.'SHA-256'", item->sha256);
        in.type = STR("malicious-activity");
        in.about = STR("Content of a file that an intruder left as a way back.");
        indicate(x, t, item, &in);
    }
    if (item->common || where.n == 0 || !str_eq(where, item->where))
        return; /* everybody's, or redacted: it would match nothing or anything */
    in.type = STR("anomalous-activity");
    in.about =
        STR("Place of a back door on one server. A name proves nothing by itself: look at "
            "what is there.");
    if (where.p[0] == '/')
        in.pattern =
            pattern(x, "network-traffic:extensions.'http-request-ext'.request_value", where);
    else
        in.pattern = pattern(x, "file:name", item->name);
    indicate(x, t, item, &in);
}

/* --- all of it ----------------------------------------------------------------------------- */

static void put_campaign(struct stix *x, const struct gathered *g)
{
    instant created = g->first == INSTANT_NONE ? ALWAYS : g->first;
    struct told t = {.g = g, .host = put_host(x, g)};
    t.incident = put_incident(x, g, created);
    relate(x, "related-to", t.incident, t.host, created);
    put_note(x, g, t.incident, created);
    put_vulnerabilities(x, g, t.incident, created);
    t.observed = ARENA_ARRAY(x->arena, struct str, g->n_facts + 1);
    for (size_t i = 0; i < g->n_facts; i++)
        t.observed[i] = put_observed(x, g, g->facts[i]);
    for (size_t i = 0; i < g->n_intruders; i++)
        indicate_address(x, &t, g->intruders[i]);
    for (size_t i = 0; i < g->n_items; i++)
        indicate_item(x, &t, &g->items[i]);
}

static void put_report(struct stix *x, const struct gathering *g)
{
    instant created = g->end == INSTANT_NONE ? ALWAYS : g->end;
    struct stix_refs refs = x->objects;
    if (refs.n == 0)
        return;
    struct str digest =
        redact_value(x->share->redact, REDACT_ENCODED, x->share->reader->digest, x->arena);
    begin(x, "report", id_of_thing(x, "report", digest, STR(""), created), created);
    stix_put(x, "name", STR("What the evidence of these servers says"));
    put_ref(x, "report_types", STR("observed-data"));
    stix_put_time(x, "published", created > x->modified ? created : x->modified);
    stix_put_refs(x, "object_refs", &refs);
    end(x);
}

void stix_bundle(const struct share *s, const struct gathering *g, instant modified,
                 struct buf *out, struct stix_told *ret)
{
    enum tlp tlp = s->tlp == TLP_NONE ? TLP_AMBER : s->tlp;
    instant known = g->end == INSTANT_NONE ? ALWAYS : g->end;
    struct stix x = {.share = s,
                     .arena = arena_new(),
                     .j = json_out(out),
                     .marking = str_of(MARKINGS[tlp].id),
                     .modified = modified == INSTANT_NONE ? known : modified};
    const struct str parts[] = {
        redact_value(s->redact, REDACT_ENCODED, s->reader->digest, x.arena),
        str_of(MARKINGS[tlp].word)};
    json_begin(&x.j, '{');
    stix_put(&x, "type", STR("bundle"));
    stix_put(&x, "id", stix_id(x.arena, "bundle", parts, 2));
    json_key(&x.j, "objects");
    json_begin(&x.j, '[');
    put_marking(&x, tlp);
    put_identity(&x);
    for (size_t i = 0; i < g->n; i++)
        put_campaign(&x, &g->all[i]);
    put_report(&x, g);
    json_end(&x.j, ']');
    json_end(&x.j, '}');
    buf_add_char(out, '\n');
    *ret = x.told;
    arena_free(x.arena);
}
