#include "cli/reached.h"

#include <inttypes.h>

#include "base/csv.h"
#include "base/json.h"
#include "cli/sweeping.h"

/* ---- JSON ---- */

static void json_texts(struct json_out *j, const char *key, const struct str *list, size_t n)
{
    json_key(j, key);
    json_begin(j, '[');
    for (size_t i = 0; i < n; i++)
        json_str(j, list[i]);
    json_end(j, ']');
}

static void json_field(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    json_str(j, text);
}

static void json_number(struct json_out *j, const char *key, uint64_t n)
{
    json_key(j, key);
    json_u64(j, n);
}

static void json_need(struct json_out *j, const struct reached *c, const struct reach_need *n)
{
    json_field(j, "source", str_of(event_kind_source(n->kind)));
    json_field(j, "channel", reached_channel(c, n));
    json_key(j, "event_ids");
    json_begin(j, '[');
    for (size_t i = 0; i < n->n_ids; i++)
        json_u64(j, n->ids[i]);
    json_end(j, ']');
    json_field(j, "field", n->field);
}

static void json_class(struct json_out *j, const struct reach_class *k)
{
    json_begin(j, '{');
    json_field(j, "host", k->host);
    json_field(j, "source", str_of(event_kind_source(k->kind)));
    json_field(j, "channel", k->channel);
    json_number(j, "event_id", k->event_id);
    json_number(j, "records", k->records);
    json_key(j, "first");
    json_time(j, k->first);
    json_key(j, "last");
    json_time(j, k->last);
    json_key(j, "fields");
    json_begin(j, '[');
    for (size_t i = 0; i < k->n_fields; i++) {
        json_begin(j, '{');
        json_field(j, "name", k->fields[i].name);
        json_number(j, "records", k->fields[i].records);
        json_number(j, "filled", k->fields[i].filled);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void json_rule(struct json_out *j, const struct reached *c, const struct judged *d)
{
    const struct rule *r = ruleset_get(c->rules, d->rule);
    json_begin(j, '{');
    json_field(j, "id", r->id);
    json_field(j, "title", r->title);
    json_field(j, "level", str_of(level_name(r->level)));
    json_field(j, "pack", r->pack);
    json_field(j, "path", r->path);
    json_field(j, "state", str_of(reach_state_name(d->reach.state)));
    json_key(j, "hosts");
    json_begin(j, '{');
    for (int s = 0; s < REACH_STATES; s++)
        if (d->reach.hosts[s])
            json_number(j, reach_state_name((enum reach_state)s), d->reach.hosts[s]);
    json_end(j, '}');
    json_texts(j, "missing_fields", d->reach.fields, d->reach.n_fields);
    json_texts(j, "missing_in_filters", d->reach.filters, d->reach.n_filters);
    json_key(j, "needs");
    json_begin(j, '[');
    for (size_t i = 0; i < d->reach.n_needs; i++) {
        json_begin(j, '{');
        json_need(j, c, &d->reach.needs[i]);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void json_help(struct json_out *j, const struct reached *c, const struct help *h)
{
    json_begin(j, '{');
    json_need(j, c, &h->need);
    json_number(j, "enables", h->enables);
    json_number(j, "completes", h->completes);
    json_key(j, "levels");
    json_begin(j, '{');
    for (int l = LEVEL_CRITICAL; l >= 0; l--)
        json_number(j, level_name((enum level)l), h->levels[l]);
    json_end(j, '}');
    if (h->advice) {
        json_field(j, "advice", h->advice->say);
        json_field(j, "how", h->advice->how);
        json_field(j, "described_in", h->advice->source);
    }
    json_end(j, '}');
}

static void json_states(struct json_out *j, const struct reached *c)
{
    json_key(j, "states");
    json_begin(j, '{');
    for (int s = REACH_FULL; s >= 0; s--) {
        json_key(j, reach_state_name((enum reach_state)s));
        json_begin(j, '{');
        json_number(j, "rules", reached_sum(c->states[s]));
        for (int l = LEVEL_CRITICAL; l >= 0; l--)
            json_number(j, level_name((enum level)l), c->states[s][l]);
        json_end(j, '}');
    }
    json_end(j, '}');
}

void reached_json(const struct reached *c, struct buf *out)
{
    struct json_out j = json_out(out);
    json_begin(&j, '{');
    json_field(&j, "schema", STR("assay.coverage/1"));
    json_number(&j, "hosts", c->hosts);
    json_states(&j, c);
    json_key(&j, "help");
    json_begin(&j, '[');
    for (size_t i = 0; i < c->n_help; i++)
        json_help(&j, c, &c->help[i]);
    json_end(&j, ']');
    json_key(&j, "techniques");
    json_begin(&j, '[');
    for (size_t i = 0; i < c->n_techniques; i++) {
        json_begin(&j, '{');
        json_field(&j, "id", c->techniques[i].id);
        json_number(&j, "rules", c->techniques[i].rules);
        json_number(&j, "could_fire", c->techniques[i].could_fire);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_key(&j, "rules");
    json_begin(&j, '[');
    for (size_t i = 0; i < c->n_judged; i++)
        json_rule(&j, c, &c->judged[i]);
    json_end(&j, ']');
    json_key(&j, "sources");
    json_begin(&j, '[');
    for (size_t i = 0; i < c->inventory.n; i++)
        json_class(&j, &c->inventory.classes[i]);
    json_end(&j, ']');
    json_number(&j, "records_not_looked_at", c->inventory.lost);
    json_key(&j, "gaps");
    sweeping_json_gaps(&c->inventory.swept, &j);
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

/* ---- CSV ---- */

static void put_cell(struct buf *out, struct str text, bool last)
{
    csv_cell(out, text);
    buf_add_cstr(out, last ? "\r\n" : ",");
}

static struct str joined(const struct str *list, size_t n, struct arena *arena)
{
    struct str text = STR("");
    for (size_t i = 0; i < n; i++)
        text =
            arena_printf(arena, "%.*s%s%.*s", STR_ARG(text), i ? "; " : "", STR_ARG(list[i]));
    return text;
}

void reached_csv(const struct reached *c, struct buf *out)
{
    buf_add_cstr(out, "state,level,id,title,file,hosts,hosts_could_fire,missing_fields,"
                      "missing_in_filters,needs\r\n");
    for (size_t i = 0; i < c->n_judged; i++) {
        const struct reach *d = &c->judged[i].reach;
        const struct rule *r = ruleset_get(c->rules, c->judged[i].rule);
        struct str *needs = ARENA_ARRAY(c->arena, struct str, d->n_needs);
        for (size_t k = 0; k < d->n_needs; k++)
            needs[k] = reached_need(c, &d->needs[k]);
        put_cell(out, str_of(reach_state_name(d->state)), false);
        put_cell(out, str_of(level_name(r->level)), false);
        put_cell(out, r->id, false);
        put_cell(out, r->title, false);
        put_cell(out, r->path, false);
        buf_addf(out, "%zu,%zu,", c->hosts, d->hosts[REACH_PARTLY] + d->hosts[REACH_FULL]);
        put_cell(out, joined(d->fields, d->n_fields, c->arena), false);
        put_cell(out, joined(d->filters, d->n_filters, c->arena), false);
        put_cell(out, joined(needs, d->n_needs, c->arena), true);
    }
}
