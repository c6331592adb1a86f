#include "report/export.h"

#include "base/auto.h"
#include "base/csv.h"
#include "base/json.h"
#include "event/event.h"

enum { FULL = 1 << 16 };

/* One row in either form: a column's name and its value, in turn. */
struct row {
    enum export_form form;
    bool head; /* of a CSV: names, no values */
    struct json_out j;
    struct csv_out c;
};

struct table {
    const struct share *share;
    enum export_form form;
    struct outfile *out;
    struct arena *arena; /* of a row */
    struct buf buf;
    struct export_told told;
};

static void text(struct row *r, const char *name, struct str v)
{
    if (r->form == EXPORT_CSV) {
        csv_str(&r->c, r->head ? str_of(name) : v);
        return;
    }
    json_key(&r->j, name);
    if (v.n)
        json_str(&r->j, v);
    else
        json_null(&r->j);
}

static void when(struct row *r, const char *name, instant t)
{
    char at[INSTANT_TEXT];
    text(r, name, instant_text(t, at));
}

static void number_or_null(struct row *r, const char *name, int64_t v, bool is_there)
{
    if (r->form == EXPORT_CSV && r->head) {
        csv_cstr(&r->c, name);
    } else if (r->form == EXPORT_CSV) {
        if (is_there)
            csv_i64(&r->c, v);
        else
            csv_null(&r->c);
    } else {
        json_key(&r->j, name);
        if (is_there)
            json_i64(&r->j, v);
        else
            json_null(&r->j);
    }
}

static void number(struct row *r, const char *name, uint64_t v)
{
    number_or_null(r, name, (int64_t)v, true);
}

static struct row begin(struct table *t, bool head)
{
    struct row r = {
        .form = t->form, .head = head, .j = json_out(&t->buf), .c = csv_out(&t->buf)};
    if (r.form == EXPORT_JSONL)
        json_begin(&r.j, '{');
    return r;
}

static int end(struct table *t, struct row *r, struct err *err)
{
    if (r->form == EXPORT_CSV) {
        csv_end(&r->c);
    } else {
        json_end(&r->j, '}');
        buf_add_char(&t->buf, '\n');
    }
    t->told.rows += !r->head;
    if (t->buf.full)
        return err_set(err, ERR_LIMIT, "a row is too long");
    if (t->buf.n < FULL)
        return 0;
    int failed = outfile_put(t->out, buf_str(&t->buf), err);
    buf_clear(&t->buf);
    return failed;
}

/* --- findings ------------------------------------------------------------------------------ */

static struct str marks_text(unsigned marks, struct arena *arena)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{MARK_CRC_BAD, "checksum_wrong"},
                 {MARK_NO_HEADER, "no_header"},
                 {MARK_TIME_GUESSED, "time_guessed"},
                 {MARK_NO_ZONE, "time_local"},
                 {MARK_RECOVERED, "recovered"},
                 {MARK_REASSEMBLED, "reassembled"},
                 {MARK_DECODED, "decoded"},
                 {MARK_DELETED, "deleted"},
                 {MARK_REDUCED, "reduced"}};
    struct buf b = buf_new(4096);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (marks & names[i].bit)
            buf_addf(&b, "%s%s", b.n ? " " : "", names[i].name);
    struct str ret = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

/* Of a redacted one the records themselves are left out: they hold everything. */
static int put_finding(struct table *t, const struct case_finding *f, bool head,
                       struct err *err)
{
    const struct share *s = t->share;
    bool raw = s->redact == NULL;
    struct row r = begin(t, head);
    text(&r, "id", f->id);
    when(&r, "time", f->time);
    when(&r, "time_corrected", case_finding_when(f));
    text(&r, "host", share_host(s, f->host, t->arena));
    text(&r, "level", f->level);
    text(&r, "rule", f->rule_id);
    text(&r, "title", share_text(s, f->title, t->arena));
    text(&r, "rule_source", f->rule_source);
    text(&r, "pack", f->pack);
    text(&r, "kind", f->kind);
    text(&r, "source", f->source);
    text(&r, "path", share_path(s, f->path, t->arena));
    text(&r, "sha256", f->sha256);
    number(&r, "offset", f->offset);
    number(&r, "size", f->size);
    number_or_null(&r, "record", (int64_t)f->record, f->record != 0);
    text(&r, "marks", marks_text(f->marks, t->arena));
    text(&r, "how", share_text(s, f->how, t->arena));
    text(&r, "indicator", share_text(s, f->indicator, t->arena));
    text(&r, "tlp", f->tlp);
    text(&r, "decoded", raw ? f->decoded : STR(""));
    text(&r, "excerpt", raw ? f->excerpt : STR(""));
    return end(t, &r, err);
}

static int put_findings(struct table *t, const struct case_filter *filter, struct err *err)
{
    struct case_finding f;
    AUTO(case_rows_close) struct case_rows rows = {0};
    int got = case_findings(t->share->reader, filter, &rows, err);
    while (got >= 0 && !t->out->gone && (got = case_findings_next(&rows, &f, err)) > 0) {
        arena_reset(t->arena);
        if (!share_may(t->share, f.tlp))
            t->told.kept_back++;
        else if (put_finding(t, &f, false, err) < 0)
            return -1;
    }
    return got < 0 ? -1 : 0;
}

/* --- facts --------------------------------------------------------------------------------- */

int export_keeps_back(const struct share *s, const struct json *fact, struct err *err)
{
    if (s->tlp == TLP_NONE || s->tlp == TLP_RED)
        return 0;
    struct arena *arena = arena_new();
    int kept = 0;
    for (const struct json *id = share_list(fact, "findings"); id && kept == 0; id = id->next) {
        struct case_finding f;
        int got = case_finding(s->reader, id->text, arena, &f, err);
        kept = got < 0 ? -1 : got > 0 && !share_may(s, f.tlp);
        arena_reset(arena);
    }
    arena_free(arena);
    return kept;
}

/* Values of a list; in a cell of a CSV with a blank between them. */
static void list(struct table *t, struct row *r, const char *name, const struct json *values,
                 bool redacted)
{
    struct buf b = buf_new(SIZE_MAX / 4);
    if (r->form == EXPORT_JSONL) {
        json_key(&r->j, name);
        json_begin(&r->j, '[');
    }
    for (const struct json *n = values; n; n = n->next) {
        struct str v = redacted ? share_initiator(t->share, n->text, t->arena) : n->text;
        if (r->form == EXPORT_JSONL)
            json_str(&r->j, v);
        buf_add_cstr(&b, b.n ? " " : "");
        buf_add_str(&b, v);
    }
    if (r->form == EXPORT_JSONL)
        json_end(&r->j, ']');
    else
        text(r, name, buf_str(&b));
    buf_free(&b);
}

static int put_fact(struct table *t, const struct json *f, struct str host, bool head,
                    struct err *err)
{
    const struct share *s = t->share;
    struct row r = begin(t, head);
    text(&r, "id", share_member(f, "id"));
    text(&r, "time", share_member(f, "time"));
    text(&r, "last", share_member(f, "last"));
    text(&r, "host", share_host(s, host, t->arena));
    text(&r, "pack", share_member(f, "pack"));
    text(&r, "axis", share_member(f, "axis"));
    text(&r, "state", share_member(f, "state"));
    text(&r, "kind", share_member(f, "kind"));
    text(&r, "confidence", share_member(f, "confidence"));
    text(&r, "what", share_text(s, share_member(f, "what"), t->arena));
    list(t, &r, "initiators", share_list(f, "initiators"), true);
    text(&r, "object", share_text(s, share_member(f, "object"), t->arena));
    text(&r, "request", share_text(s, share_member(f, "request"), t->arena));
    text(&r, "mailbox",
         redact_value(s->redact, REDACT_MAILBOX, share_member(f, "mailbox"), t->arena));
    text(&r, "time_of", share_member(f, "time_of"));
    number_or_null(&r, "time_corrected_seconds", share_signed(f, "time_corrected_seconds"),
                   true);
    list(t, &r, "findings", share_list(f, "findings"), false);
    return end(t, &r, err);
}

static bool lets_through(const struct case_filter *filter, const struct json *fact)
{
    instant at = share_time(fact, "time");
    if (filter->from == INSTANT_NONE && filter->to == INSTANT_NONE)
        return true;
    return at != INSTANT_NONE && (filter->from == INSTANT_NONE || at >= filter->from) &&
           (filter->to == INSTANT_NONE || at <= filter->to);
}

static int put_facts(struct table *t, const struct case_filter *filter, struct err *err)
{
    const struct json *doc = t->share->reader->document;
    for (const struct json *h = share_list(doc, "hosts"); h; h = h->next) {
        struct str host = share_member(h, "host");
        if (filter->host.n && !str_eq(host, filter->host))
            continue;
        for (const struct json *f = share_list(h, "facts"); f; f = f->next) {
            arena_reset(t->arena);
            int kept = lets_through(filter, f) ? export_keeps_back(t->share, f, err) : 2;
            t->told.kept_back += kept == 1;
            if (kept < 0 || (kept == 0 && put_fact(t, f, host, false, err) < 0))
                return -1;
        }
    }
    return 0;
}

/* --- evidence ------------------------------------------------------------------------------ */

static int put_file(struct table *t, const struct case_evidence *e, bool head, struct err *err)
{
    struct row r = begin(t, head);
    text(&r, "path", share_path(t->share, e->path, t->arena));
    text(&r, "sha256", e->sha256);
    text(&r, "format", e->format);
    number(&r, "bytes", e->bytes);
    number(&r, "events", e->events);
    when(&r, "first", e->first);
    when(&r, "last", e->last);
    when(&r, "modified", e->modified);
    return end(t, &r, err);
}

static int put_files(struct table *t, struct err *err)
{
    struct case_evidence e;
    AUTO(case_rows_close) struct case_rows rows = {0};
    int got = case_evidence(t->share->reader, &rows, err);
    while (got >= 0 && (got = case_evidence_next(&rows, &e, err)) > 0) {
        arena_reset(t->arena);
        if (put_file(t, &e, false, err) < 0)
            return -1;
    }
    return got < 0 ? -1 : 0;
}

/* --- all of it ----------------------------------------------------------------------------- */

static int put_head(struct table *t, enum export_table table, struct err *err)
{
    const struct case_finding finding = {.time = INSTANT_NONE};
    const struct case_evidence file = {.first = INSTANT_NONE};
    if (t->form != EXPORT_CSV)
        return 0;
    if (table == EXPORT_FINDINGS)
        return put_finding(t, &finding, true, err);
    return table == EXPORT_FACTS ? put_fact(t, NULL, STR(""), true, err)
                                 : put_file(t, &file, true, err);
}

static int put_all(struct table *t, const struct case_filter *filter, enum export_table table,
                   struct err *err)
{
    if (put_head(t, table, err) < 0)
        return -1;
    int failed = table == EXPORT_FINDINGS ? put_findings(t, filter, err)
                 : table == EXPORT_FACTS  ? put_facts(t, filter, err)
                                          : put_files(t, err);
    return failed < 0 ? -1 : outfile_put(t->out, buf_str(&t->buf), err);
}

int export_table(const struct share *s, const struct case_filter *filter,
                 enum export_table table, enum export_form form, struct outfile *out,
                 struct export_told *ret, struct err *err)
{
    struct table t = {.share = s,
                      .form = form,
                      .out = out,
                      .arena = arena_new(),
                      .buf = buf_new(SIZE_MAX / 4)};
    int failed = put_all(&t, filter, table, err);
    *ret = t.told;
    buf_free(&t.buf);
    arena_free(t.arena);
    return failed;
}
