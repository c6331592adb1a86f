/* The document: hosts with their campaigns and facts, findings, evidence. */
#include "report/report_json.h"

#include "report/json_int.h"
#include "report/report_indicators.h"
#include "rule/yaml.h"
#include "sys/jail.h"

static void put_cstr(struct json_out *j, const char *key, const char *text)
{
    json_key(j, key);
    json_cstr(j, text);
}

static void put_text(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    json_text(j, text);
}

static void put_time(struct json_out *j, const char *key, instant t)
{
    json_key(j, key);
    json_time(j, t);
}

static void put_u64(struct json_out *j, const char *key, uint64_t v)
{
    json_key(j, key);
    json_u64(j, v);
}

/* The number of an event's record; null where records have none. */
static void put_record(struct json_out *j, uint64_t record)
{
    json_key(j, "record");
    if (record)
        json_u64(j, record);
    else
        json_null(j);
}

static void put_sha256(struct json_out *j, const struct evidence *e)
{
    put_text(j, "sha256", e->read ? str_of(e->sha256_text) : STR(""));
}

/* --- facts --------------------------------------------------------------------------------- */

/* Which of a fact's hits are to be named: each finding once. */
static bool take_hit(struct json_report *r, size_t fact, size_t hit)
{
    size_t first = r->ids.first[hit];
    if (r->written[first] == fact + 1)
        return false;
    r->written[first] = fact + 1;
    return true;
}

static void put_place(struct json_report *r, size_t hit)
{
    struct json_out *j = &r->j;
    const struct found_hit *h = &r->in->findings->hits[hit];
    const struct evidence *e = &r->in->findings->evidence[h->evidence];
    json_begin(j, '{');
    put_text(j, "path", e->path);
    put_sha256(j, e);
    put_u64(j, "offset", h->hit.offset);
    put_record(j, h->hit.record);
    json_end(j, '}');
}

static void put_spot(struct json_report *r, const struct spot *s)
{
    struct json_out *j = &r->j;
    const struct evidence *e = &r->in->findings->evidence[s->evidence];
    json_begin(j, '{');
    put_text(j, "path", e->path);
    put_sha256(j, e);
    json_key(j, "offset");
    json_null(j);
    put_record(j, s->record);
    json_end(j, '}');
}

static void put_rests_on(struct json_report *r, size_t fact)
{
    struct json_out *j = &r->j;
    const struct fact *f = &r->in->verdict->facts[fact];
    size_t *hits = ARENA_ARRAY(r->arena, size_t, f->n_hits);
    size_t n = 0;
    for (size_t i = 0; i < f->n_hits; i++)
        if (take_hit(r, fact, f->hits[i]))
            hits[n++] = r->ids.first[f->hits[i]];
    json_key(j, "findings");
    json_begin(j, '[');
    for (size_t i = 0; i < n; i++)
        json_cstr(j, r->ids.at[hits[i]]);
    json_end(j, ']');
    json_key(j, "where");
    json_begin(j, '[');
    for (size_t i = 0; i < n; i++)
        put_place(r, hits[i]);
    for (size_t i = 0; i < f->n_spots; i++)
        put_spot(r, &f->spots[i]);
    json_end(j, ']');
}

static void put_fact(struct json_report *r, size_t fact)
{
    struct json_out *j = &r->j;
    const struct fact *f = &r->in->verdict->facts[fact];
    json_begin(j, '{');
    put_cstr(j, "id", f->id);
    put_time(j, "time", f->first);
    put_time(j, "last", f->last);
    put_text(j, "time_of",
             f->first == INSTANT_NONE ? STR("")
             : f->of_change           ? STR("last_change")
                                      : STR("event"));
    put_text(j, "what", f->what);
    put_text(j, "pack", f->pack);
    put_text(j, "axis", str_of(axis_name(f->axis)));
    put_text(j, "state", str_of(state_name(f->state)));
    put_text(j, "kind", f->kind);
    put_text(j, "confidence", str_of(confidence_name(f->confidence)));
    json_key(j, "time_corrected_seconds");
    json_i64(j, f->corrected / INSTANT_SECOND);
    json_key(j, "initiators");
    json_begin(j, '[');
    for (size_t i = 0; i < f->n_initiators; i++)
        json_str(j, f->initiators[i]);
    json_end(j, ']');
    put_text(j, "object", f->object);
    put_text(j, "request", f->request);
    put_text(j, "mailbox", f->mailbox);
    put_rests_on(r, fact);
    json_end(j, '}');
}

/* --- hosts --------------------------------------------------------------------------------- */

/* Facts of each host, in their order: those of host h are order[start[h]] to
 * order[start[h + 1]]. */
struct by_host {
    size_t *start, *order;
};

static struct by_host facts_by_host(struct json_report *r)
{
    const struct verdict *v = r->in->verdict;
    size_t *next = ARENA_ARRAY(r->arena, size_t, v->n_hosts + 1);
    struct by_host ret = {
        .start = ARENA_ARRAY(r->arena, size_t, v->n_hosts + 1),
        .order = ARENA_ARRAY(r->arena, size_t, v->n_facts),
    };
    for (size_t i = 0; i < v->n_facts; i++)
        ret.start[v->facts[i].host + 1]++;
    for (size_t h = 0; h < v->n_hosts; h++) {
        ret.start[h + 1] += ret.start[h];
        next[h + 1] = ret.start[h + 1];
    }
    for (size_t i = 0; i < v->n_facts; i++)
        ret.order[next[v->facts[i].host]++] = i;
    return ret;
}

static void put_skews(struct json_report *r, const struct host_verdict *h)
{
    struct json_out *j = &r->j;
    json_key(j, "clock_against");
    json_begin(j, '[');
    for (size_t i = 0; i < h->n_skews; i++) {
        json_begin(j, '{');
        put_text(j, "host", r->in->verdict->hosts[h->skews[i].host].name);
        json_key(j, "ahead_seconds");
        json_i64(j, h->skews[i].ahead / INSTANT_SECOND);
        put_u64(j, "requests", h->skews[i].n);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_host(struct json_report *r, const struct host_verdict *h,
                     const struct by_host *facts)
{
    struct json_out *j = &r->j;
    const struct verdict *v = r->in->verdict;
    json_begin(j, '{');
    json_key(j, "host");
    json_str(j, v->hosts[h->host].name);
    put_text(j, "clock", h->corrected);
    put_skews(r, h);
    json_key(j, "campaigns");
    json_begin(j, '[');
    for (size_t i = 0; i < h->n_campaigns; i++)
        json_campaign(r, &h->campaigns[i]);
    json_end(j, ']');
    json_key(j, "not_applicable");
    json_begin(j, '[');
    for (size_t i = 0; i < h->n_left_out; i++)
        json_str(j, h->left_out[i].pack->id);
    json_end(j, ']');
    json_key(j, "not_applicable_why");
    json_begin(j, '[');
    for (size_t i = 0; i < h->n_left_out; i++)
        json_str(j, h->left_out[i].why);
    json_end(j, ']');
    json_key(j, "facts");
    json_begin(j, '[');
    for (size_t i = facts->start[h->host]; i < facts->start[h->host + 1]; i++)
        put_fact(r, facts->order[i]);
    json_end(j, ']');
    json_key(j, "unattributed");
    json_begin(j, '[');
    for (size_t i = 0; i < h->unattributed.n; i++)
        json_cstr(j, v->facts[h->unattributed.at[i]].id);
    json_end(j, ']');
    json_key(j, "logging");
    json_begin(j, '[');
    for (size_t i = 0; i < h->logging.n; i++)
        json_cstr(j, v->facts[h->logging.at[i]].id);
    json_end(j, ']');
    json_end(j, '}');
}

static void put_hosts(struct json_report *r)
{
    struct by_host facts = facts_by_host(r);
    json_key(&r->j, "hosts");
    json_begin(&r->j, '[');
    for (size_t h = 0; h < r->in->verdict->n_hosts; h++)
        put_host(r, &r->in->verdict->per_host[h], &facts);
    json_end(&r->j, ']');
}

/* --- clusters ------------------------------------------------------------------------------ */

static void put_intrusion(struct json_report *r, const struct intrusion *it)
{
    put_text(&r->j, "host", r->in->verdict->hosts[it->host].name);
    put_text(&r->j, "campaign", it->campaign->pack->id);
    put_time(&r->j, "first", it->first);
    put_time(&r->j, "last", it->last);
}

static void put_members(struct json_report *r, const struct cluster *c)
{
    struct json_out *j = &r->j;
    json_key(j, "intrusions");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n; i++) {
        const struct intrusion *it = &r->in->verdict->intrusions[c->members[i]];
        json_begin(j, '{');
        put_intrusion(r, it);
        json_key(j, "facts");
        json_begin(j, '[');
        for (size_t k = 0; k < it->facts.n; k++)
            json_cstr(j, r->in->verdict->facts[it->facts.at[k]].id);
        json_end(j, ']');
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_shared(struct json_report *r, const struct cluster *c)
{
    struct json_out *j = &r->j;
    json_key(j, "shared");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_shared; i++) {
        json_begin(j, '{');
        put_cstr(j, "kind", share_name(c->shared[i].kind));
        put_text(j, "value", c->shared[i].value);
        put_u64(j, "intrusions", c->shared[i].n);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_alternatives(struct json_report *r, const struct cluster *c)
{
    struct json_out *j = &r->j;
    json_key(j, "alternatives");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_alternatives; i++) {
        json_begin(j, '{');
        put_intrusion(r, &r->in->verdict->intrusions[c->alternatives[i].intrusion]);
        put_cstr(j, "kind", share_name(c->alternatives[i].kind));
        put_text(j, "value", c->alternatives[i].value);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_clusters(struct json_report *r)
{
    const struct verdict *v = r->in->verdict;
    json_key(&r->j, "clusters");
    json_begin(&r->j, '[');
    for (size_t i = 0; i < v->n_clusters; i++) {
        json_begin(&r->j, '{');
        put_cstr(&r->j, "id", v->clusters[i].id);
        put_members(r, &v->clusters[i]);
        put_shared(r, &v->clusters[i]);
        put_alternatives(r, &v->clusters[i]);
        json_end(&r->j, '}');
    }
    json_end(&r->j, ']');
}

/* --- findings, gaps, evidence -------------------------------------------------------------- */

static void put_rule(struct json_out *j, const struct rule *rule, enum level level)
{
    json_key(j, "rule");
    json_begin(j, '{');
    put_text(j, "id", rule->id);
    put_text(j, "title", rule->title);
    put_cstr(j, "level", level_name(level));
    put_cstr(j, "source", rule_source(rule));
    json_end(j, '}');
}

/* Why a finding has not its rule's level; null where it has. */
static void put_tuned(struct json_out *j, const struct rule *rule,
                      const struct tune_entry *tuned)
{
    json_key(j, "tuned");
    if (!tuned) {
        json_null(j);
        return;
    }
    json_begin(j, '{');
    put_cstr(j, "from", level_name(rule->level));
    put_text(j, "reason", tuned->reason);
    json_end(j, '}');
}

void json_marks(struct json_out *j, unsigned marks)
{
    json_key(j, "marks");
    json_begin(j, '[');
    if (marks & MARK_CRC_BAD)
        json_cstr(j, "checksum_wrong");
    if (marks & MARK_NO_HEADER)
        json_cstr(j, "no_header");
    if (marks & MARK_TIME_GUESSED)
        json_cstr(j, "time_guessed");
    if (marks & MARK_NO_ZONE)
        json_cstr(j, "time_local");
    if (marks & MARK_RECOVERED)
        json_cstr(j, "recovered");
    if (marks & MARK_REASSEMBLED)
        json_cstr(j, "reassembled");
    if (marks & MARK_DECODED)
        json_cstr(j, "decoded");
    if (marks & MARK_REDUCED)
        json_cstr(j, "reduced");
    if (marks & MARK_DELETED)
        json_cstr(j, "deleted");
    json_end(j, ']');
}

static void put_finding(struct json_report *r, size_t hit)
{
    struct json_out *j = &r->j;
    const struct verdict *v = r->in->verdict;
    const struct found_hit *h = &r->in->findings->hits[hit];
    const struct evidence *e = &r->in->findings->evidence[h->evidence];
    json_begin(j, '{');
    put_cstr(j, "id", r->ids.at[hit]);
    const struct rule *rule = ruleset_get(r->in->rules, h->hit.rule);
    put_rule(j, rule, tune_level(h->tuned, rule));
    put_tuned(j, rule, h->tuned);
    put_time(j, "time", h->hit.time);
    put_text(j, "host", v->hosts[v->hit_host[hit]].name);
    put_text(j, "how", h->hit.how);
    json_key(j, "where");
    json_begin(j, '{');
    put_text(j, "path", e->path);
    put_sha256(j, e);
    put_u64(j, "offset", h->hit.offset);
    put_u64(j, "size", h->hit.size);
    put_record(j, h->hit.record);
    json_marks(j, h->hit.marks);
    json_end(j, '}');
    json_correlated(r, h->hit.rule, h->hit.correlated);
    indicator_json(r, &h->hit);
    json_end(j, '}');
}

/* A list of which a case holds rows instead. Each element is digested with a newline behind
 * it, so that a document without them still says which they were. */
struct long_list {
    struct json_out whole;
    struct buf one; /* the element in hand */
    struct sha256_run *run;
};

static void list_begin(struct json_report *r, struct long_list *l, const char *name)
{
    *l = (struct long_list){.whole = r->j, .one = buf_new(SIZE_MAX / 4), .run = sha256_start()};
    json_key(&l->whole, name);
    json_begin(&l->whole, '[');
    r->j = json_out(&l->one);
}

static void list_next(struct json_report *r, struct long_list *l) /* behind each element */
{
    if (!r->of_case)
        json_raw(&l->whole, buf_str(&l->one));
    buf_add_char(&l->one, '\n');
    sha256_add(l->run, str_bytes(buf_str(&l->one)));
    buf_clear(&l->one);
    r->j = json_out(&l->one);
}

static void list_end(struct json_report *r, struct long_list *l, const char *digest_name)
{
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT];
    json_end(&l->whole, ']');
    r->j = l->whole;
    sha256_end(l->run, digest);
    sha256_text(digest, text);
    put_cstr(&r->j, digest_name, text);
    buf_free(&l->one);
}

static void put_findings(struct json_report *r)
{
    struct long_list l;
    list_begin(r, &l, "findings");
    for (size_t i = 0; i < r->in->findings->n_hits; i++) {
        if (r->ids.first[i] != i)
            continue;
        put_finding(r, i);
        list_next(r, &l);
    }
    list_end(r, &l, "findings_sha256");
}

static void put_gaps(struct json_report *r)
{
    struct json_out *j = &r->j;
    const struct findings *f = r->in->findings;
    json_key(j, "gaps");
    json_begin(j, '[');
    for (size_t i = 0; i < f->n_gaps; i++) {
        const struct gap *g = &f->gaps[i];
        bool whole = g->from == 0 && g->to == 0;
        json_begin(j, '{');
        put_text(j, "path", f->evidence[g->evidence].path);
        json_key(j, "from");
        whole ? json_null(j) : json_u64(j, g->from);
        json_key(j, "to");
        whole ? json_null(j) : json_u64(j, g->to);
        put_text(j, "why", g->why);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_counted(struct json_report *r)
{
    struct json_out *j = &r->j;
    const struct findings *f = r->in->findings;
    json_key(j, "counted");
    json_begin(j, '[');
    for (size_t i = 0; i < f->n_counted; i++) {
        json_begin(j, '{');
        const struct rule *rule = ruleset_get(r->in->rules, f->counted[i].rule);
        put_rule(j, rule, tune_level(f->counted[i].tuned, rule));
        put_text(j, "path", f->evidence[f->counted[i].evidence].path);
        put_u64(j, "count", f->counted[i].count);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_suppressed(struct json_report *r)
{
    struct json_out *j = &r->j;
    const struct findings *f = r->in->findings;
    json_key(j, "suppressed");
    json_begin(j, '[');
    for (size_t i = 0; i < f->n_suppressed; i++) {
        const struct rule *rule = ruleset_get(r->in->rules, f->suppressed[i].rule);
        json_begin(j, '{');
        put_rule(j, rule, rule->level);
        put_u64(j, "count", f->suppressed[i].count);
        put_text(j, "reason", f->suppressed[i].by->reason);
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* Only of files in which anything was found beside their own records. */
static void put_recovered(struct json_out *j, const struct evidence *e)
{
    if (e->recovered + e->copies + e->unreadable == 0)
        return;
    json_key(j, "recovered");
    json_begin(j, '{');
    put_u64(j, "records", e->recovered);
    put_u64(j, "copies", e->copies);
    put_u64(j, "unreadable", e->unreadable);
    json_end(j, '}');
}

static void put_one_evidence(struct json_out *j, const struct evidence *e)
{
    json_begin(j, '{');
    put_text(j, "path", e->path);
    put_sha256(j, e);
    put_u64(j, "bytes", e->size);
    put_text(j, "format", e->format < FORMATS ? str_of(format_name(e->format)) : STR(""));
    put_u64(j, "events", e->events);
    put_recovered(j, e);
    put_time(j, "first", e->first);
    put_time(j, "last", e->last);
    put_time(j, "modified", e->no_zone ? INSTANT_NONE : e->modified);
    json_end(j, '}');
}

static void put_evidence(struct json_report *r)
{
    struct long_list l;
    list_begin(r, &l, "evidence");
    for (size_t i = 0; i < r->in->findings->n_evidence; i++) {
        put_one_evidence(&r->j, &r->in->findings->evidence[i]);
        list_next(r, &l);
    }
    list_end(r, &l, "evidence_sha256");
}

/* --- packs and their advice ---------------------------------------------------------------- */

static void put_advice_of(struct json_report *r, const struct pack *pack, const bool *given)
{
    struct json_out *j = &r->j;
    for (size_t i = 0; i < pack->n_advice; i++) {
        if (!given[i])
            continue;
        json_begin(j, '{');
        json_key(j, "pack");
        json_str(j, pack->id);
        json_key(j, "id");
        json_str(j, pack->advice[i].id);
        put_text(j, "text", pack->advice[i].text);
        put_text(j, "source", pack->advice[i].source);
        json_end(j, '}');
    }
}

/* Marks what is advised for any host. */
static void mark_advice(const struct verdict *v, const struct pack *pack, bool *given)
{
    for (size_t h = 0; h < v->n_hosts; h++) {
        for (size_t k = 0; k < v->per_host[h].n_campaigns; k++) {
            const struct campaign *c = &v->per_host[h].campaigns[k];
            for (size_t a = 0; c->pack == pack && a < c->n_advice; a++)
                given[c->advice[a] - pack->advice] = true;
        }
    }
}

static void put_advice(struct json_report *r)
{
    const struct verdict *v = r->in->verdict;
    json_key(&r->j, "advice");
    json_begin(&r->j, '[');
    for (size_t i = 0; i < v->n_packs; i++) {
        bool *given = ARENA_ARRAY(r->arena, bool, v->packs[i].n_advice);
        mark_advice(v, &v->packs[i], given);
        put_advice_of(r, &v->packs[i], given);
    }
    json_end(&r->j, ']');
}

/* The packs, and the oldest of their dates: what is said is not newer than that. */
static void put_cves(struct json_out *j, const struct yaml *cves)
{
    json_key(j, "cves");
    json_begin(j, '[');
    for (const struct yaml *c = cves ? cves->child : NULL; c; c = c->next)
        if (str_starts(yaml_text(c, "id"), STR("CVE-"))) /* or words that there is none */
            json_str(j, yaml_text(c, "id"));
    json_end(j, ']');
}

static void put_packs(struct json_report *r)
{
    struct json_out *j = &r->j;
    const struct verdict *v = r->in->verdict;
    struct str oldest = STR("");
    for (size_t i = 0; i < v->n_packs; i++)
        if (oldest.n == 0 || str_cmp(v->packs[i].as_of, oldest) < 0)
            oldest = v->packs[i].as_of;
    put_text(j, "packs_as_of", oldest);
    json_key(j, "packs");
    json_begin(j, '[');
    for (size_t i = 0; i < v->n_packs; i++) {
        json_begin(j, '{');
        json_key(j, "id");
        json_str(j, v->packs[i].id);
        put_text(j, "title", v->packs[i].title);
        put_text(j, "product", v->packs[i].product);
        put_text(j, "as_of", v->packs[i].as_of);
        put_cves(j, v->packs[i].cves);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static uint64_t recovered_of(const struct findings *f)
{
    uint64_t n = 0;
    for (size_t i = 0; i < f->n_evidence; i++)
        n += f->evidence[i].recovered;
    return n;
}

static void put_stats(struct json_report *r)
{
    struct json_out *j = &r->j;
    const struct findings *f = r->in->findings;
    json_key(j, "stats");
    json_begin(j, '{');
    put_u64(j, "files", f->n_evidence);
    put_u64(j, "bytes", f->bytes);
    put_u64(j, "events", f->events);
    put_u64(j, "recovered", recovered_of(f));
    put_u64(j, "findings", r->ids.unique);
    put_u64(j, "suppressed", report_suppressed(r->in));
    put_u64(j, "facts", r->in->verdict->n_facts);
    put_u64(j, "rules", ruleset_given(r->in->rules));
    put_u64(j, "rules_left_out", ruleset_left_out(r->in->rules));
    json_end(j, '}');
}

/* What confined the processes that read the evidence, and what this system lacked of it. */
static void put_jail(struct json_report *r)
{
    struct json_out *j = &r->j;
    unsigned missing = JAIL_ALL & ~r->in->findings->jail;
    json_key(j, "jail");
    json_begin(j, '{');
    json_key(j, "complete");
    json_bool(j, missing == 0);
    json_key(j, "missing");
    json_begin(j, '[');
    for (unsigned part = 1; part < JAIL_ALL; part <<= 1)
        if (missing & part)
            json_cstr(j, jail_name((enum jail_part)part));
    json_end(j, ']');
    json_end(j, '}');
}

static void put_document(struct json_report *r)
{
    struct json_out *j = &r->j;
    json_begin(j, '{');
    put_cstr(j, "schema", "assay.verdict/1");
    json_key(j, "tool");
    json_begin(j, '{');
    put_cstr(j, "name", "assay");
    put_cstr(j, "version", r->in->version);
    put_jail(r);
    json_end(j, '}');
    put_packs(r);
    json_key(j, "exit_status");
    json_i64(j, r->in->verdict->exit_status);
    put_hosts(r);
    put_clusters(r);
    put_findings(r);
    put_gaps(r);
    put_counted(r);
    json_correlations(r);
    indicators_json(r);
    put_suppressed(r);
    put_evidence(r);
    put_advice(r);
    put_stats(r);
    json_end(j, '}');
}

static void write_document(const struct report_input *in, bool of_case, struct buf *out)
{
    struct json_report r = {
        .j = json_out(out), .in = in, .arena = arena_new(), .of_case = of_case};
    finding_ids(in->verdict, in->findings->n_hits, r.arena, &r.ids);
    r.written = ARENA_ARRAY(r.arena, size_t, in->findings->n_hits);
    put_document(&r);
    buf_add_char(out, '\n');
    arena_free(r.arena);
}

void report_json(const struct report_input *in, struct buf *out)
{
    write_document(in, false, out);
}

void report_json_of_case(const struct report_input *in, struct buf *out)
{
    write_document(in, true, out);
}
