/* The parts of the document that are about correlations. */
#include "report/json_int.h"

static void put_text(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    json_text(j, text);
}

static void put_u64(struct json_out *j, const char *key, uint64_t v)
{
    json_key(j, key);
    json_u64(j, v);
}

static void put_event(struct json_report *r, const struct correlated_event *event)
{
    struct json_out *j = &r->j;
    const struct evidence *e = &r->in->findings->evidence[event->evidence];
    const struct rule *rule = ruleset_get(r->in->rules, event->rule);
    json_begin(j, '{');
    put_text(j, "rule", rule->id);
    put_text(j, "title", rule->title);
    json_key(j, "time");
    json_time(j, event->time);
    put_text(j, "host", event->host);
    put_text(j, "path", e->path);
    put_text(j, "sha256", e->read ? str_of(e->sha256_text) : STR(""));
    put_u64(j, "offset", event->offset);
    put_u64(j, "size", event->size);
    json_key(j, "record");
    if (event->record)
        json_u64(j, event->record);
    else
        json_null(j);
    json_marks(j, event->marks);
    json_end(j, '}');
}

static void put_group(struct json_out *j, const struct correlated *c)
{
    json_key(j, "group");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_group; i++) {
        json_begin(j, '{');
        put_text(j, "field", c->fields[i]);
        put_text(j, "value", c->values[i]);
        json_end(j, '}');
    }
    json_end(j, ']');
}

void json_correlated(struct json_report *r, uint32_t rule, const struct correlated *c)
{
    struct json_out *j = &r->j;
    json_key(j, "correlation");
    if (!c) {
        json_null(j);
        return;
    }
    const struct correlation *k = ruleset_get(r->in->rules, rule)->correlation;
    json_begin(j, '{');
    put_text(j, "type", str_of(correlation_type_name(k->type)));
    json_key(j, "timespan_seconds");
    if (k->endless)
        json_null(j);
    else
        json_i64(j, k->span / INSTANT_SECOND);
    json_key(j, "first");
    json_time(j, c->first);
    json_key(j, "last");
    json_time(j, c->last);
    put_u64(j, "count", c->count);
    put_text(j, "measure", c->measure);
    put_group(j, c);
    json_key(j, "events");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_events; i++)
        put_event(r, &c->events[i]);
    json_end(j, ']');
    json_end(j, '}');
}

void json_correlations(struct json_report *r)
{
    struct json_out *j = &r->j;
    const struct findings *f = r->in->findings;
    json_key(j, "correlations");
    json_begin(j, '[');
    for (size_t i = 0; i < f->n_correlations; i++) {
        const struct correlate_told *t = &f->correlations[i];
        const struct rule *rule = ruleset_get(r->in->rules, t->rule);
        json_begin(j, '{');
        put_text(j, "id", rule->id);
        put_text(j, "title", rule->title);
        put_text(j, "failed", f->correlations_failed);
        put_u64(j, "matches", t->matches);
        put_u64(j, "copies", t->copies);
        put_u64(j, "without_time", t->without_time);
        put_u64(j, "without_group", t->without_group);
        put_u64(j, "without_value", t->without_value);
        put_u64(j, "lost", t->lost);
        put_u64(j, "results", t->results);
        json_end(j, '}');
    }
    json_end(j, ']');
}
