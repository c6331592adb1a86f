#include "report/timeline.h"

#include <stdlib.h>

#include "base/auto.h"
#include "base/csv.h"
#include "base/json.h"
#include "event/event.h"

enum { CELLS_MAX = 32, FULL = 1 << 16 };

/* A row, before it is written. Texts that are "" are null in JSON. */
struct moment {
    instant at;
    const char *time_how, *desc, *kind;
    struct str host, what, axis, state, level, confidence, initiator, id, rule, rule_title,
        pack, path, sha256, source, tlp;
    int64_t corrected; /* 100 ns */
    bool placed;       /* offset is known */
    uint64_t offset, record;
};

struct mark { /* a fact, or an end of a file: kept in memory and sorted */
    instant at;
    struct str id;
    const struct json *fact;
    struct str host;
    const struct case_evidence *file;
    bool end;
};

struct timeline {
    const struct share *share;
    const struct timeline_options *o;
    struct outfile *out;
    struct arena *arena; /* of all of it */
    struct arena *row;
    struct buf buf;
    struct mark *marks;
    size_t n_marks, cap_marks;
    struct timeline_told told;
};

/* --- rows out ------------------------------------------------------------------------------ */

/* With an offset and always six digits of fraction: programs guess the form from one row. */
static struct str micro_text(instant t, struct arena *arena)
{
    char text[INSTANT_TEXT];
    if (t == INSTANT_NONE)
        return STR("");
    int64_t rest = t % INSTANT_SECOND;
    rest = rest < 0 ? rest + INSTANT_SECOND : rest;
    return arena_printf(arena, "%.19s.%06d+00:00", instant_text(t, text).p, (int)(rest / 10));
}

struct cell {
    const char *name;
    struct str text;
    bool is_number;
    bool is_there; /* of a number */
    int64_t number;
};

static struct cell text_cell(const char *name, struct str text)
{
    return (struct cell){.name = name, .text = text};
}

static struct cell number_cell(const char *name, int64_t v, bool is_there)
{
    return (struct cell){.name = name, .is_number = true, .is_there = is_there, .number = v};
}

/* Timesketch asks for datetime, timestamp_desc and message, of CSV too. */
static size_t cells_of(const struct timeline *t, const struct moment *m,
                       struct cell ret[static CELLS_MAX])
{
    char at[INSTANT_TEXT];
    bool plain = t->o->form == TIMELINE_JSONL;
    bool sketch = t->o->form == TIMELINE_SKETCH;
    size_t n = 0;
    if (plain) {
        ret[n++] = text_cell("time", arena_str(t->row, instant_text(m->at, at)));
    } else {
        ret[n++] = text_cell("datetime", micro_text(m->at, t->row));
        ret[n++] = text_cell("timestamp_desc", str_of(m->desc));
    }
    if (sketch) {
        ret[n++] = number_cell("timestamp", m->at / 10 - (m->at % 10 < 0), true);
        ret[n++] = text_cell("data_type", arena_printf(t->row, "assay:%s", m->kind));
    }
    ret[n++] = text_cell(plain ? "what" : "message", m->what);
    ret[n++] = text_cell(sketch ? "hostname" : "host", m->host);
    ret[n++] = text_cell("kind", str_of(m->kind));
    ret[n++] = text_cell("axis", m->axis);
    ret[n++] = text_cell("state", m->state);
    ret[n++] = text_cell("level", m->level);
    ret[n++] = text_cell("confidence", m->confidence);
    ret[n++] = text_cell("initiator", m->initiator);
    ret[n++] = text_cell("id", m->id);
    ret[n++] = text_cell("rule", m->rule);
    ret[n++] = text_cell("rule_title", m->rule_title);
    ret[n++] = text_cell("pack", m->pack);
    ret[n++] = text_cell("source", m->source);
    ret[n++] = text_cell(sketch ? "filename" : "path", m->path);
    ret[n++] = text_cell("sha256", m->sha256);
    ret[n++] = number_cell("offset", (int64_t)m->offset, m->placed);
    ret[n++] = number_cell("record", (int64_t)m->record, m->record != 0);
    ret[n++] = text_cell("time_how", str_of(m->time_how));
    ret[n++] = number_cell("corrected_seconds", m->corrected / INSTANT_SECOND, true);
    ret[n++] = text_cell("tlp", m->tlp);
    return n;
}

static void put_tags(struct json_out *j, const struct moment *m)
{
    const struct str tags[] = {STR("assay"), str_of(m->kind), m->axis, m->state, m->level};
    json_key(j, "tag");
    json_begin(j, '[');
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (tags[i].n)
            json_str(j, tags[i]);
    json_end(j, ']');
}

static void put_json(struct timeline *t, const struct moment *m, const struct cell *cells,
                     size_t n)
{
    bool sketch = t->o->form == TIMELINE_SKETCH;
    struct json_out j = json_out(&t->buf);
    json_begin(&j, '{');
    for (size_t i = 0; i < n; i++) {
        bool empty = cells[i].is_number ? !cells[i].is_there : cells[i].text.n == 0;
        if (empty && sketch) /* a field of its own for each event: none that is empty */
            continue;
        json_key(&j, cells[i].name);
        if (empty)
            json_null(&j);
        else if (cells[i].is_number)
            json_i64(&j, cells[i].number);
        else
            json_str(&j, cells[i].text);
    }
    if (sketch)
        put_tags(&j, m);
    json_end(&j, '}');
    buf_add_char(&t->buf, '\n');
}

static void put_csv(struct timeline *t, const struct cell *cells, size_t n, bool head)
{
    struct csv_out c = csv_out(&t->buf);
    for (size_t i = 0; i < n; i++) {
        if (head)
            csv_cstr(&c, cells[i].name);
        else if (!cells[i].is_number)
            csv_str(&c, cells[i].text);
        else if (cells[i].is_there)
            csv_i64(&c, cells[i].number);
        else
            csv_null(&c);
    }
    csv_end(&c);
}

static int drain(struct timeline *t, size_t least, struct err *err)
{
    if (t->buf.full)
        return err_set(err, ERR_LIMIT, "a row is too long");
    if (t->buf.n < least)
        return 0;
    int failed = outfile_put(t->out, buf_str(&t->buf), err);
    buf_clear(&t->buf);
    return failed;
}

static int put(struct timeline *t, const struct moment *m, struct err *err)
{
    struct cell cells[CELLS_MAX];
    if (m->at == INSTANT_NONE && t->o->form == TIMELINE_SKETCH) {
        t->told.left_out++;
        return 0;
    }
    size_t n = cells_of(t, m, cells);
    if (t->o->form == TIMELINE_CSV)
        put_csv(t, cells, n, false);
    else
        put_json(t, m, cells, n);
    t->told.rows++;
    t->told.undated += m->at == INSTANT_NONE;
    return drain(t, FULL, err);
}

/* --- facts and files ----------------------------------------------------------------------- */

static bool within(const struct case_filter *f, instant at)
{
    if (at == INSTANT_NONE)
        return f->from == INSTANT_NONE && f->to == INSTANT_NONE;
    return (f->from == INSTANT_NONE || at >= f->from) && (f->to == INSTANT_NONE || at <= f->to);
}

static void add_mark(struct timeline *t, struct mark m)
{
    if (!within(&t->o->filter, m.at)) {
        t->told.left_out += m.at == INSTANT_NONE;
        return;
    }
    t->marks = arena_grow(t->arena, t->marks, t->n_marks, &t->cap_marks, sizeof *t->marks);
    t->marks[t->n_marks++] = m;
}

static void add_facts(struct timeline *t)
{
    const struct json *doc = t->share->reader->document;
    for (const struct json *h = share_list(doc, "hosts"); h; h = h->next) {
        struct str host = share_member(h, "host");
        if (t->o->filter.host.n && !str_eq(host, t->o->filter.host))
            continue;
        for (const struct json *f = share_list(h, "facts"); f; f = f->next)
            add_mark(t, (struct mark){.at = share_time(f, "time"),
                                      .id = share_member(f, "id"),
                                      .fact = f,
                                      .host = host});
    }
}

static int add_files(struct timeline *t, struct err *err)
{
    struct case_evidence e;
    AUTO(case_rows_close) struct case_rows rows = {0};
    int got = case_evidence(t->share->reader, &rows, err);
    while (got >= 0 && (got = case_evidence_next(&rows, &e, err)) > 0) {
        if (e.first == INSTANT_NONE || e.last == INSTANT_NONE)
            continue;
        struct case_evidence *file = ARENA_NEW(t->arena, struct case_evidence);
        *file = e;
        file->path = arena_str(t->arena, e.path);
        file->sha256 = arena_str(t->arena, e.sha256);
        file->format = arena_str(t->arena, e.format);
        add_mark(t, (struct mark){.at = e.first, .id = file->sha256, .file = file});
        add_mark(t, (struct mark){.at = e.last, .id = file->sha256, .file = file, .end = true});
    }
    return got;
}

static int by_time(const void *a, const void *b)
{
    const struct mark *x = a;
    const struct mark *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    int d = str_cmp(x->id, y->id);
    return d ? d : (x->end > y->end) - (x->end < y->end);
}

static struct str joined(struct timeline *t, const struct json *texts)
{
    struct buf b = buf_new(1 << 20);
    for (const struct json *n = texts; n; n = n->next) {
        if (b.n)
            buf_add_char(&b, ' ');
        buf_add_str(&b, share_initiator(t->share, n->text, t->row));
    }
    struct str ret = arena_str(t->row, buf_str(&b));
    buf_free(&b);
    return ret;
}

static void tell_fact(struct timeline *t, const struct mark *mark, struct moment *m)
{
    const struct share *s = t->share;
    const struct json *f = mark->fact;
    const struct json *where = share_list(f, "where");
    bool change = str_eq(share_member(f, "time_of"), STR("last_change"));
    int64_t corrected = share_signed(f, "time_corrected_seconds") * INSTANT_SECOND;
    *m = (struct moment){
        .time_how = mark->at == INSTANT_NONE ? "none"
                    : change                 ? "last change"
                    : corrected              ? "corrected"
                                             : "recorded",
        .desc = change ? "Last change" : "Fact begins",
        .kind = "fact",
        .host = share_host(s, mark->host, t->row),
        .what = share_text(s, share_member(f, "what"), t->row),
        .axis = share_member(f, "axis"),
        .state = share_member(f, "state"),
        .confidence = share_member(f, "confidence"),
        .initiator = joined(t, share_list(f, "initiators")),
        .id = mark->id,
        .pack = share_member(f, "pack"),
        .path = share_path(s, share_member(where, "path"), t->row),
        .sha256 = share_member(where, "sha256"),
        .corrected = corrected,
        .placed = share_member(where, "offset").n > 0,
        .offset = share_number(where, "offset"),
        .record = share_number(where, "record"),
    };
}

static void tell_file(struct timeline *t, const struct mark *mark, struct moment *m)
{
    const struct case_evidence *e = mark->file;
    *m = (struct moment){
        .time_how = "recorded",
        .desc = mark->end ? "Last event" : "First event",
        .kind = "evidence",
        .what = arena_printf(t->row, "%s event of a file of the format %.*s, of %llu",
                             mark->end ? "last" : "first", STR_ARG(e->format),
                             (unsigned long long)e->events),
        .path = share_path(t->share, e->path, t->row),
        .sha256 = e->sha256,
    };
}

static int put_mark(struct timeline *t, const struct mark *mark, struct err *err)
{
    struct moment m;
    arena_reset(t->row);
    if (mark->fact)
        tell_fact(t, mark, &m);
    else
        tell_file(t, mark, &m);
    m.at = mark->at;
    return put(t, &m, err);
}

/* --- findings ------------------------------------------------------------------------------ */

static const char *how_of(const struct case_finding *f)
{
    if (f->time == INSTANT_NONE)
        return "none";
    if (f->corrected)
        return "corrected";
    if (f->marks & MARK_TIME_GUESSED)
        return "guessed";
    return f->marks & MARK_NO_ZONE ? "local time" : "recorded";
}

static int put_finding(struct timeline *t, const struct case_finding *f, struct err *err)
{
    const struct share *s = t->share;
    arena_reset(t->row);
    struct moment m = {
        .at = case_finding_when(f),
        .time_how = how_of(f),
        .desc = "Event recorded",
        .kind = "finding",
        .host = share_host(s, f->host, t->row),
        .what = share_text(s, f->indicator.n ? f->indicator : f->title, t->row),
        .level = f->level,
        .id = f->id,
        .rule = f->rule_id,
        .rule_title = share_text(s, f->title, t->row),
        .pack = f->pack,
        .path = share_path(s, f->path, t->row),
        .sha256 = f->sha256,
        .source = f->source,
        .tlp = f->tlp,
        .corrected = f->corrected,
        .placed = true,
        .offset = f->offset,
        .record = f->record,
    };
    return put(t, &m, err);
}

/* Findings without a time, which a bound of time leaves out. */
static int count_undated(struct timeline *t, struct err *err)
{
    struct case_filter f = t->o->filter;
    struct case_finding row;
    if (f.from == INSTANT_NONE && f.to == INSTANT_NONE)
        return 0;
    f.from = f.to = INSTANT_NONE;
    AUTO(case_rows_close) struct case_rows rows = {0};
    int got = case_findings(t->share->reader, &f, &rows, err);
    while (got >= 0 && (got = case_findings_next(&rows, &row, err)) > 0 &&
           row.time == INSTANT_NONE)
        t->told.left_out++;
    return got < 0 ? -1 : 0;
}

static int merge(struct timeline *t, struct err *err)
{
    struct case_finding f;
    size_t at = 0;
    AUTO(case_rows_close) struct case_rows rows = {0};
    int got = 0;
    if (t->o->findings && (count_undated(t, err) < 0 ||
                           case_findings(t->share->reader, &t->o->filter, &rows, err) < 0))
        return -1;
    while (t->o->findings && !t->out->gone && (got = case_findings_next(&rows, &f, err)) > 0) {
        instant when = case_finding_when(&f);
        while (at < t->n_marks && t->marks[at].at <= when)
            if (put_mark(t, &t->marks[at++], err) < 0)
                return -1;
        if (put_finding(t, &f, err) < 0)
            return -1;
    }
    while (got >= 0 && at < t->n_marks)
        if (put_mark(t, &t->marks[at++], err) < 0)
            return -1;
    return got < 0 ? -1 : drain(t, 0, err);
}

static int lines(struct timeline *t, struct err *err)
{
    struct cell cells[CELLS_MAX];
    struct moment none = {.time_how = "", .desc = "", .kind = ""};
    if (t->o->form == TIMELINE_CSV)
        put_csv(t, cells, cells_of(t, &none, cells), true);
    if (t->o->facts)
        add_facts(t);
    if (t->o->evidence && add_files(t, err) < 0)
        return -1;
    if (t->n_marks)
        qsort(t->marks, t->n_marks, sizeof *t->marks, by_time);
    return merge(t, err);
}

int timeline_write(const struct share *s, const struct timeline_options *o, struct outfile *out,
                   struct timeline_told *ret, struct err *err)
{
    struct timeline t = {.share = s,
                         .o = o,
                         .out = out,
                         .arena = arena_new(),
                         .row = arena_new(),
                         .buf = buf_new(SIZE_MAX / 4)};
    int failed = lines(&t, err);
    *ret = t.told;
    buf_free(&t.buf);
    arena_free(t.row);
    arena_free(t.arena);
    return failed;
}
