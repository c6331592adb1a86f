#include "report/report_lines.h"

#include "base/csv.h"
#include "base/json.h"
#include "judge/ids.h"
#include "rule/indicator.h"

struct line {
    struct str id, host, level, rule, title, path, what, how, tuned, provenance, indicator,
        indicator_type, field, tlp;
    instant time;
    uint64_t offset, record;
};

/* The first fact that each hit supports; n_facts where there is none. */
static size_t *facts_of_hits(const struct report_input *in, struct arena *arena)
{
    const struct verdict *v = in->verdict;
    size_t *fact = ARENA_ARRAY(arena, size_t, in->findings->n_hits);
    for (size_t i = 0; i < in->findings->n_hits; i++)
        fact[i] = v->n_facts;
    for (size_t i = 0; i < v->n_facts; i++)
        for (size_t k = 0; k < v->facts[i].n_hits; k++)
            if (fact[v->facts[i].hits[k]] == v->n_facts)
                fact[v->facts[i].hits[k]] = i;
    return fact;
}

static void put_member(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    if (text.n)
        json_str(j, text);
    else
        json_null(j);
}

static void put_json(const struct line *l, struct buf *out)
{
    struct json_out j = json_out(out);
    json_begin(&j, '{');
    json_key(&j, "id");
    json_str(&j, l->id);
    json_key(&j, "time");
    json_time(&j, l->time);
    json_key(&j, "host");
    json_str(&j, l->host);
    json_key(&j, "level");
    json_str(&j, l->level);
    json_key(&j, "rule");
    json_str(&j, l->rule);
    json_key(&j, "title");
    json_str(&j, l->title);
    json_key(&j, "path");
    json_str(&j, l->path);
    json_key(&j, "offset");
    json_u64(&j, l->offset);
    json_key(&j, "record");
    if (l->record)
        json_u64(&j, l->record);
    else
        json_null(&j);
    json_key(&j, "what");
    json_str(&j, l->what);
    json_key(&j, "how");
    if (l->how.n)
        json_str(&j, l->how);
    else
        json_null(&j);
    json_key(&j, "tuned");
    if (l->tuned.n)
        json_str(&j, l->tuned);
    else
        json_null(&j);
    json_key(&j, "provenance");
    if (l->provenance.n)
        json_str(&j, l->provenance);
    else
        json_null(&j);
    put_member(&j, "indicator", l->indicator);
    put_member(&j, "indicator_type", l->indicator_type);
    put_member(&j, "field", l->field);
    put_member(&j, "tlp", l->tlp);
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

static void put_csv(const struct line *l, struct buf *out)
{
    struct csv_out c = csv_out(out);
    csv_str(&c, l->id);
    csv_time(&c, l->time);
    csv_str(&c, l->host);
    csv_str(&c, l->level);
    csv_str(&c, l->rule);
    csv_str(&c, l->title);
    csv_str(&c, l->path);
    csv_u64(&c, l->offset);
    if (l->record)
        csv_u64(&c, l->record);
    else
        csv_null(&c);
    csv_str(&c, l->what);
    csv_str(&c, l->how);
    csv_str(&c, l->tuned);
    csv_str(&c, l->provenance);
    csv_str(&c, l->indicator);
    csv_str(&c, l->indicator_type);
    csv_str(&c, l->field);
    csv_str(&c, l->tlp);
    csv_end(&c);
}

/* A record may hold several indicators: its fact names one, each finding its own. */
static void tell_indicator(const struct indicators *set, const struct hit *h,
                           struct arena *arena, struct line *l)
{
    const struct indicator *it = &set->list[h->indicator - 1];
    l->what = indicator_sentence(set, h->indicator - 1, h->field, h->time, arena);
    l->indicator = it->value;
    l->indicator_type = str_of(indicator_type_name((enum indicator_type)it->type));
    l->field = h->field;
    l->tlp = str_of(tlp_name((enum tlp)it->tlp));
}

void report_findings(const struct report_input *in, enum report_lines form, struct buf *out)
{
    const struct findings *f = in->findings;
    struct arena *arena = arena_new();
    struct finding_ids ids;
    finding_ids(in->verdict, f->n_hits, arena, &ids);
    const size_t *fact = facts_of_hits(in, arena);
    if (form == REPORT_CSV)
        buf_add_cstr(
            out, "id,time,host,level,rule,title,path,offset,record,what,how,tuned,provenance,"
                 "indicator,indicator_type,field,tlp\r\n");
    for (size_t i = 0; i < f->n_hits; i++) {
        if (ids.first[i] != i)
            continue;
        const struct hit *h = &f->hits[i].hit;
        const struct rule *rule = ruleset_get(in->rules, h->rule);
        struct line line = {
            .id = str_of(ids.at[i]),
            .host = in->verdict->hosts[in->verdict->hit_host[i]].name,
            .level = str_of(level_name(tune_level(f->hits[i].tuned, rule))),
            .rule = rule->id,
            .title = rule->title,
            .path = f->evidence[f->hits[i].evidence].path,
            .what =
                fact[i] < in->verdict->n_facts ? in->verdict->facts[fact[i]].what : rule->title,
            .how = h->how,
            .provenance = h->marks & MARK_RECOVERED ? STR("recovered")
                          : h->marks & MARK_DELETED ? STR("deleted")
                                                    : STR(""),
            .time = h->time,
            .tuned = f->hits[i].tuned ? f->hits[i].tuned->reason : STR(""),
            .offset = h->offset,
            .record = h->record,
        };
        if (h->indicator)
            tell_indicator(rule->indicators, h, arena, &line);
        form == REPORT_CSV ? put_csv(&line, out) : put_json(&line, out);
    }
    arena_free(arena);
}
