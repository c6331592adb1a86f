#include "cli/search_case.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/json_read.h"
#include "base/limits.h"
#include "base/utf.h"
#include "cli/cmd.h"
#include "cli/run.h"
#include "rule/nearest.h"
#include "rule/trace.h"
#include "store/caseread.h"

enum { FLUSH_AT = 64 * 1024 };

enum entry_kind { OF_FINDING, OF_FACT, OF_EVIDENCE, ENTRY_KINDS };

static const struct {
    const char *one, *many;
} names[ENTRY_KINDS] = {{"finding", "findings"}, {"fact", "facts"}, {"evidence", "evidence"}};

struct job {
    const struct case_search *search;
    struct case_reader reader;
    struct matcher *matcher;
    struct tracer *tracer;
    struct arena *arena; /* of an entry */
    struct buf print;

    const struct str *fields; /* of the expression */
    size_t n_fields;
    bool *seen;
    struct nearest *near; /* beside `fields` */

    bool stopped; /* at the limit */
    uint64_t found, undecided;
    uint64_t entries[ENTRY_KINDS]; /* looked into */
    uint64_t not_kept;             /* findings without a record */
    uint64_t cut;                  /* findings with a part of it */
    uint64_t events;               /* of the evidence, as the case counts them */
};

struct entry {
    enum entry_kind kind;
    struct str path;
    struct found found;
};

/* --- an entry as an event ------------------------------------------------------------------ */

/* Looked for by its name, and by words alone. */
static void words(struct job *j, struct entry *e, const char *name, struct str value)
{
    if (value.n)
        event_add(&e->found.ev, j->arena, SECTION_DATA, FIELD_TEXT, str_of(name),
                  utf8_repair(str_bytes(value), j->arena));
}

/* Looked for by its name only: words of ours, ids and digests. */
static void column(struct job *j, struct entry *e, const char *name, struct str value)
{
    if (value.n)
        event_add(&e->found.ev, j->arena, SECTION_DERIVED, FIELD_TEXT, str_of(name),
                  utf8_repair(str_bytes(value), j->arena));
}

static struct str value_text(const struct json *v)
{
    return v->type == JSON_TRUE ? STR("true") : v->type == JSON_FALSE ? STR("false") : v->text;
}

/* Values under the names that they stand by; the reader of JSON bounds the depth. */
static void add_value(struct job *j, struct entry *e, const struct json *v, struct str name)
{
    if (v->type == JSON_ARRAY || v->type == JSON_OBJECT) {
        for (const struct json *c = v->child; c; c = c->next)
            add_value(j, e, c, c->key.n ? c->key : name);
        return;
    }
    event_add(&e->found.ev, j->arena, SECTION_DATA,
              v->type == JSON_NULL     ? FIELD_NULL
              : v->type == JSON_NUMBER ? FIELD_NUMBER
                                       : FIELD_TEXT,
              name, value_text(v));
}

/* A record that is kept as JSON (as `assay dump` prints it, or as it was logged) has its fields
 * again. False: it is none, or not whole. */
static bool add_record(struct job *j, struct entry *e, struct str text)
{
    static const char *const sections[] = {"system", "fields", "message", "derived"};
    struct json *record = NULL;
    struct err ignored = {0};
    if (text.n > LIMIT_EXCERPT || !str_starts(text, STR("{\"")) ||
        json_document(text, j->arena, &record, &ignored) < 0)
        return false;
    if (!str_starts(text, STR("{\"kind\":"))) {
        add_value(j, e, record, STR(""));
        return true;
    }
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const struct json *section = json_get(record, sections[i]);
        if (section)
            add_value(j, e, section, STR(""));
    }
    return true;
}

static void of_finding(struct job *j, const struct case_finding *f, struct entry *e)
{
    bool json = str_starts(f->excerpt, STR("{\""));
    bool yara = str_eq(f->rule_source, STR("yara"));
    e->found.id = f->id;
    e->found.ev.time = case_finding_when(f);
    e->found.ev.host = f->host;
    e->path = f->path;
    words(j, e, "title", f->title);
    words(j, e, "host", f->host);
    words(j, e, "path", f->path);
    words(j, e, "indicator", f->indicator);
    words(j, e, "how", f->how);
    column(j, e, "level", f->level);
    column(j, e, "rule", f->rule_id);
    column(j, e, "rule_source", f->rule_source);
    column(j, e, "pack", f->pack);
    column(j, e, "kind", f->kind);
    column(j, e, "source", f->source);
    column(j, e, "sha256", f->sha256);
    column(j, e, "id", f->id);
    if (f->record)
        column(j, e, "record", arena_printf(j->arena, "%" PRIu64, f->record));
    bool whole = add_record(j, e, f->excerpt);
    if (!whole)
        words(j, e, "excerpt", f->excerpt);
    if (!j->search->plain)
        words(j, e, "decoded", f->decoded);
    j->not_kept += f->excerpt.n == 0;
    j->cut += f->excerpt.n && !whole &&
              (json || f->excerpt.n >= LIMIT_EXCERPT || (!yara && f->size > LIMIT_EXCERPT));
}

static void of_fact(struct job *j, const struct case_fact *f, struct entry *e)
{
    e->found.id = f->id;
    e->found.ev.time = f->first;
    e->found.ev.host = f->host;
    words(j, e, "what", f->what);
    words(j, e, "host", f->host);
    words(j, e, "object", f->object);
    words(j, e, "request", f->request);
    words(j, e, "mailbox", f->mailbox);
    for (size_t i = 0; i < f->n_initiators; i++)
        words(j, e, "initiator", f->initiators[i]);
    column(j, e, "pack", f->pack);
    column(j, e, "axis", f->axis);
    column(j, e, "state", f->state);
    column(j, e, "kind", f->kind);
    column(j, e, "confidence", f->confidence);
    column(j, e, "id", f->id);
}

static void of_evidence(struct job *j, const struct case_evidence *f, struct entry *e)
{
    e->found.ev.time = f->first;
    e->path = f->path;
    words(j, e, "path", f->path);
    column(j, e, "sha256", f->sha256);
    column(j, e, "format", f->format);
}

/* --- looking ------------------------------------------------------------------------------- */

/* Which fields of the expression anything has at all. */
static void look_for_fields(struct job *j, const struct event *ev)
{
    (void)tracer_see(j->tracer, ev, j->seen);
    for (size_t i = 0; i < j->n_fields; i++)
        for (size_t k = 0; k < ev->n && !j->seen[i] && j->entries[OF_FINDING] < 1000; k++) {
            struct str before = j->near[i].best;
            nearest_try(&j->near[i], ev->fields[k].name);
            if (j->near[i].best.p != before.p) /* the entry's memory ends with it */
                j->near[i].best = arena_str(j->search->arena, j->near[i].best);
        }
}

static void mark_hits(struct job *j, struct found *f)
{
    struct trace *trace = NULL;
    for (size_t i = 0; i < tracer_feeds(j->tracer); i++)
        if (tracer_run(j->tracer, i, &f->ev, j->arena, &trace) == FEED_TAKES && trace->result) {
            f->n_hits = trace_hits(trace, f->hit, FOUND_HITS);
            return;
        }
}

static int flush(struct job *j, size_t limit, struct err *err)
{
    if (j->print.n < limit)
        return 0;
    int failed = run_print(buf_str(&j->print), err);
    buf_clear(&j->print);
    return failed;
}

/* 1: the limit is reached */
static int look_at(struct job *j, struct entry *e, struct err *err)
{
    const struct case_search *s = j->search;
    const uint32_t *rules = NULL;
    uint64_t given_up = matcher_limits(j->matcher);
    struct evidence evidence = {.path = e->path};
    j->entries[e->kind]++;
    look_for_fields(j, &e->found.ev);
    bool hit = matcher_wants(j->matcher, &e->found.ev) &&
               matcher_run(j->matcher, &e->found.ev, &rules) > 0;
    j->undecided += matcher_limits(j->matcher) != given_up;
    if (!hit)
        return 0;
    j->found++;
    if (!s->count_only) {
        mark_hits(j, &e->found);
        if (s->form.format == AS_JSON && j->found > 1)
            buf_add_cstr(&j->print, ",\n");
        found_print(&s->form, &evidence, &e->found, &j->print);
        if (flush(j, s->form.fit || j->found == 1 ? 1 : FLUSH_AT, err) < 0)
            return -1;
    }
    j->stopped = s->limit && j->found == s->limit;
    return j->stopped;
}

/* What lies outside the times asked for from its first to its last; without a time it is in. */
static bool is_outside(const struct job *j, instant first, instant last)
{
    const struct case_search *s = j->search;
    return (s->from != INSTANT_NONE && last != INSTANT_NONE && last < s->from) ||
           (s->to != INSTANT_NONE && first != INSTANT_NONE && first >= s->to);
}

static struct entry *new_entry(struct job *j, enum entry_kind kind)
{
    arena_reset(j->arena);
    struct entry *e = ARENA_NEW(j->arena, struct entry);
    *e = (struct entry){.kind = kind};
    /* a kind that the log source "any" takes, whose names no mapping changes */
    e->found.ev = (struct event){.kind = EVENT_EXCHANGE, .time = INSTANT_NONE};
    e->found.ev.utc_hint = INSTANT_NONE;
    e->found.entry = str_of(names[kind].one);
    return e;
}

static int search_findings(struct job *j, struct err *err)
{
    const struct case_filter all = CASE_FILTER_ALL;
    AUTO(case_rows_close) struct case_rows rows = {0};
    struct case_finding f;
    int got;
    int done = 0;
    if (case_findings(&j->reader, &all, &rows, err) < 0)
        return -1;
    while (done == 0 && (got = case_findings_next(&rows, &f, err)) != 0) {
        if (got < 0)
            return -1;
        if (is_outside(j, case_finding_when(&f), case_finding_when(&f)))
            continue;
        struct entry *e = new_entry(j, OF_FINDING);
        of_finding(j, &f, e);
        done = look_at(j, e, err);
    }
    return done;
}

static int search_facts(struct job *j, struct err *err)
{
    AUTO(case_rows_close) struct case_rows rows = {0};
    struct case_fact f;
    int got;
    int done = 0;
    if (case_facts(&j->reader, &rows, err) < 0)
        return -1;
    while (done == 0 && (got = case_facts_next(&rows, &f, err)) != 0) {
        if (got < 0)
            return -1;
        if (is_outside(j, f.first, f.last == INSTANT_NONE ? f.first : f.last))
            continue;
        struct entry *e = new_entry(j, OF_FACT);
        of_fact(j, &f, e);
        done = look_at(j, e, err);
    }
    return done;
}

static int search_evidence(struct job *j, struct err *err)
{
    AUTO(case_rows_close) struct case_rows rows = {0};
    struct case_evidence f;
    int got;
    int done = 0;
    if (case_evidence(&j->reader, &rows, err) < 0)
        return -1;
    while (done == 0 && (got = case_evidence_next(&rows, &f, err)) != 0) {
        if (got < 0)
            return -1;
        j->events += f.events + f.recovered;
        if (is_outside(j, f.first, f.last))
            continue;
        struct entry *e = new_entry(j, OF_EVIDENCE);
        of_evidence(j, &f, e);
        done = look_at(j, e, err);
    }
    return done;
}

/* --- what is told at the end --------------------------------------------------------------- */

static void tell(const struct job *j)
{
    if (j->stopped) {
        (void)fprintf(stderr,
                      "assay: %" PRIu64 " entr%s; stopped at --limit: there may be more\n",
                      j->found, j->found == 1 ? "y" : "ies");
    } else {
        (void)fprintf(stderr,
                      "assay: %" PRIu64 " of the case's entries match: %" PRIu64
                      " findings, %" PRIu64 " facts, %" PRIu64 " files were searched\n",
                      j->found, j->entries[OF_FINDING], j->entries[OF_FACT],
                      j->entries[OF_EVIDENCE]);
        for (size_t i = 0; i < j->n_fields; i++)
            if (!j->seen[i])
                found_tell_no_field("the case's entries has", j->fields[i], j->near[i].best);
        (void)fprintf(stderr,
                      "assay: not searched: what no finding is about (the evidence has %" PRIu64
                      " records), and what files contain\n",
                      j->events);
    }
    if (j->not_kept || j->cut)
        (void)fprintf(stderr,
                      "assay: of %" PRIu64 " findings the case does not keep the record, of "
                      "%" PRIu64 " only a part of it: search their evidence\n",
                      j->not_kept, j->cut);
    if (j->undecided)
        (void)fprintf(stderr,
                      "assay: %" PRIu64 " entries on which a regular expression was given up\n",
                      j->undecided);
}

static void put_json_end(const struct job *j, struct buf *out)
{
    struct json_out o = {.buf = out, .comma = true};
    const struct {
        const char *key;
        uint64_t n;
    } counts[] = {{"found", j->found},
                  {"not_kept", j->not_kept},
                  {"cut", j->cut},
                  {"undecided", j->undecided},
                  {"events", j->events},
                  {names[OF_FINDING].many, j->entries[OF_FINDING]},
                  {names[OF_FACT].many, j->entries[OF_FACT]},
                  {names[OF_EVIDENCE].many, j->entries[OF_EVIDENCE]}};
    buf_add_cstr(out, "]");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_key(&o, counts[i].key);
        json_u64(&o, counts[i].n);
    }
    json_key(&o, "stopped");
    json_bool(&o, j->stopped);
    json_key(&o, "fields_not_seen");
    json_begin(&o, '[');
    for (size_t i = 0; i < j->n_fields && !j->stopped; i++)
        if (!j->seen[i])
            json_str(&o, j->fields[i]);
    json_end(&o, ']');
    json_end(&o, '}');
    buf_add_char(out, '\n');
}

static int finish(struct job *j, struct err *err)
{
    if (j->search->form.format == AS_JSON)
        put_json_end(j, &j->print);
    else if (j->search->count_only)
        buf_addf(&j->print, "%" PRIu64 "\n", j->found);
    if (flush(j, 1, err) < 0)
        return EXIT_ERROR;
    tell(j);
    if (j->found)
        return EXIT_OK;
    return j->not_kept || j->cut || j->undecided ? EXIT_NOT_COVERED : EXIT_SEEN;
}

/* --- all of it ----------------------------------------------------------------------------- */

static int prepare(struct job *j, struct err *err)
{
    struct arena *arena = j->search->arena;
    if (tracer_new(j->search->rules, 0, &j->tracer, err) < 0)
        return -1;
    j->matcher = matcher_new(j->search->rules);
    j->n_fields = tracer_fields(j->tracer, &j->fields);
    j->seen = ARENA_ARRAY(arena, bool, j->n_fields);
    j->near = ARENA_ARRAY(arena, struct nearest, j->n_fields);
    for (size_t i = 0; i < j->n_fields; i++)
        j->near[i] = nearest_to(j->fields[i]);
    return 0;
}

static int search_all(struct job *j, struct err *err)
{
    static int (*const parts[])(struct job *, struct err *) = {search_findings, search_facts,
                                                               search_evidence};
    const struct case_search *s = j->search;
    if (s->form.format == AS_JSON)
        buf_add_cstr(&j->print, "{\"records\":[");
    else if (!s->count_only)
        found_head(&s->form, &j->print);
    int done = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && done == 0; i++)
        done = parts[i](j, err);
    return done < 0 ? EXIT_ERROR : finish(j, err);
}

int search_case(const char *path, const struct case_search *search, struct err *err)
{
    struct job j = {.search = search, .arena = arena_new(), .print = buf_new(SIZE_MAX / 4)};
    int status = EXIT_ERROR;
    if (case_reader_open_rows(path, search->arena, &j.reader, err) == 0 &&
        prepare(&j, err) == 0)
        status = search_all(&j, err);
    case_reader_close(&j.reader);
    matcher_free(j.matcher);
    tracer_free(j.tracer);
    buf_free(&j.print);
    arena_free(j.arena);
    return status;
}
