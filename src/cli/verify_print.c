/* What was found out, for people and for programs. */
#include "base/json.h"
#include "base/safe.h"
#include "cli/verify.h"

enum { SHOWN = 20 }; /* differences of a kind; the rest is counted. JSON has all */

static const char *difference_name(enum difference_kind kind)
{
    return kind == DIFFERENCE_CHANGED   ? "changed"
           : kind == DIFFERENCE_MISSING ? "missing"
                                        : "added";
}

static const struct statement *either(const struct difference *d)
{
    return d->sealed ? d->sealed : d->found;
}

static struct str about(const struct difference *d, struct arena *arena)
{
    return manifest_plain(either(d)->about, arena);
}

/* --- for people ---------------------------------------------------------------------------- */

static void put_more(struct buf *out, size_t n)
{
    if (n > SHOWN)
        buf_addf(out, "    and %zu more\n", n - SHOWN);
}

/* minisign parts what it says by tabs. */
static void put_comment(struct buf *out, struct str comment)
{
    for (size_t tab; (tab = str_find(comment, STR("\t"), 0)) != SIZE_MAX;
         comment = str_part(comment, tab + 1, comment.n)) {
        safe_terminal(out, str_part(comment, 0, tab));
        buf_add_cstr(out, ", ");
    }
    safe_terminal(out, comment);
    buf_add_char(out, '\n');
}

static void text_signature(const struct verification *v, struct buf *out)
{
    buf_add_cstr(out, "  signature  ");
    switch (v->signature) {
    case SIGNATURE_HOLDS:
        buf_addf(out, "holds: signed with the key %s\n             ", v->key);
        put_comment(out, v->comment);
        break;
    case SIGNATURE_FAILS:
        buf_add_cstr(out, "DOES NOT HOLD: ");
        safe_terminal(out, v->why);
        buf_add_char(out, '\n');
        break;
    case SIGNATURE_UNCHECKED:
        buf_addf(out, "not checked: no key was given. It names the key %s\n", v->key);
        break;
    case SIGNATURE_ABSENT:
        buf_add_cstr(out, "none: anybody could have written this manifest\n");
        break;
    }
}

/* What kind of thing a statement is about, in words. */
static const char *in_words(struct str kind)
{
    static const struct {
        const char *kind, *words;
    } words[] = {
        {"bucket", "rows"},     {"case", "case"},           {"file", "evidence"},
        {"member", "evidence"}, {"part", "in the verdict"}, {"row", "row"},
        {"setup", "setup"},     {"table", "table"},         {"verdict", "verdict"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(kind, str_of(words[i].kind)))
            return words[i].words;
    return "statement";
}

/* A row tells more than the table that it is in: tables come last, where rows are named. */
static void text_statements(const struct verification *v, struct buf *out)
{
    struct arena *arena = arena_new();
    buf_addf(out, "  case       ");
    if (v->damaged.n) {
        buf_add_cstr(out, "DAMAGED: ");
        safe_terminal(out, v->damaged);
        buf_add_char(out, '\n');
    } else if (v->n == 0) {
        buf_addf(out, "holds: %zu statements\n", v->sealed.n);
    } else {
        buf_addf(out, "DIFFERS in %zu of %zu statements\n", v->n, v->sealed.n);
    }
    for (size_t i = 0; i < v->n && i < SHOWN; i++) {
        buf_addf(out, "    %-8s %s ", difference_name(v->list[i].kind),
                 in_words(either(&v->list[i])->kind));
        safe_terminal(out, about(&v->list[i], arena));
        buf_add_char(out, '\n');
    }
    put_more(out, v->n);
    if (v->n == 1 &&
        str_eq(v->list[0].sealed ? v->list[0].sealed->about : STR(""), STR("file")) &&
        !v->damaged.n)
        buf_add_cstr(out, "    All rows are as sealed: the bytes that differ are free space or "
                          "an index.\n");
    arena_free(arena);
}

static void text_files(const struct verification *v, struct buf *out)
{
    const struct verify_files *f = &v->files;
    if (!f->done) {
        buf_add_cstr(out, "  evidence   not looked at (--evidence)\n");
        return;
    }
    buf_addf(out, "  evidence   %s %llu files are as sealed, %zu differ\n",
             f->n ? "DIFFERS:" : "holds:", (unsigned long long)f->same, f->n);
    for (size_t i = 0; i < f->n && i < SHOWN; i++) {
        buf_addf(out, "    %-8s ", difference_name(f->list[i].kind));
        safe_terminal(out, f->list[i].path);
        if (f->list[i].why.n) {
            buf_add_cstr(out, ": ");
            safe_terminal(out, f->list[i].why);
        }
        buf_add_char(out, '\n');
    }
    put_more(out, f->n);
    if (f->members)
        buf_addf(out, "    %llu members of archives and images hold as their carriers do\n",
                 (unsigned long long)f->members);
    if (f->unsealed)
        buf_addf(out, "    %llu files could not be read when they were sealed: not compared\n",
                 (unsigned long long)f->unsealed);
}

static void text_replay(const struct verification *v, struct buf *out)
{
    const struct verify_replay *r = &v->replay;
    if (!r->done) {
        buf_add_cstr(out, "  replay     not done (--replay)\n");
        return;
    }
    buf_addf(out, "  replay     %s\n", r->same ? "holds: the same verdict" : "ANOTHER VERDICT");
    if (r->other_program)
        buf_addf(out, "    by another program: %.*s then, %.*s now\n", STR_ARG(r->then),
                 STR_ARG(r->now));
    for (size_t i = 0; i < r->n && i < SHOWN; i++) {
        buf_addf(out, "    %s ", r->list[i].what);
        safe_terminal(out, r->list[i].name);
        buf_add_cstr(out, ": ");
        safe_terminal(out, r->list[i].how);
        buf_add_char(out, '\n');
    }
    put_more(out, r->n);
}

void verify_text(const struct verification *v, struct buf *out)
{
    safe_terminal(out, str_of(v->path));
    buf_add_cstr(out, " against ");
    safe_terminal(out, str_of(v->manifest_path));
    buf_add_char(out, '\n');
    text_signature(v, out);
    text_statements(v, out);
    text_files(v, out);
    text_replay(v, out);
    buf_add_cstr(out, !v->holds ? "Something differs.\n"
                      : v->signature == SIGNATURE_HOLDS
                          ? "All that was checked holds.\n"
                          : "All that was checked holds; who sealed it was not checked.\n");
}

/* --- for programs -------------------------------------------------------------------------- */

static void put_text(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    if (text.n)
        json_str(j, text);
    else
        json_null(j);
}

static void put_number(struct json_out *j, const char *key, uint64_t n)
{
    json_key(j, key);
    json_u64(j, n);
}

static void json_signature(const struct verification *v, struct json_out *j)
{
    static const char *const states[] = {
        [SIGNATURE_ABSENT] = "absent",
        [SIGNATURE_UNCHECKED] = "not_checked",
        [SIGNATURE_HOLDS] = "holds",
        [SIGNATURE_FAILS] = "fails",
    };
    json_key(j, "signature");
    json_begin(j, '{');
    put_text(j, "state", str_of(states[v->signature]));
    put_text(j, "key", str_of(v->key));
    put_text(j, "comment", v->comment);
    put_text(j, "why", v->why);
    json_end(j, '}');
}

static void json_statements(const struct verification *v, struct json_out *j)
{
    struct arena *arena = arena_new();
    json_key(j, "case");
    json_begin(j, '{');
    put_number(j, "statements", v->sealed.n);
    put_text(j, "damaged", v->damaged);
    json_key(j, "differences");
    json_begin(j, '[');
    for (size_t i = 0; i < v->n; i++) {
        const struct difference *d = &v->list[i];
        json_begin(j, '{');
        put_text(j, "state", str_of(difference_name(d->kind)));
        put_text(j, "kind", either(d)->kind);
        put_text(j, "about", about(d, arena));
        put_text(j, "sealed", d->sealed ? d->sealed->says : STR(""));
        put_text(j, "found", d->found ? d->found->says : STR(""));
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
    arena_free(arena);
}

static void json_files(const struct verify_files *f, struct json_out *j)
{
    json_key(j, "evidence");
    if (!f->done) {
        json_null(j);
        return;
    }
    json_begin(j, '{');
    put_number(j, "same", f->same);
    put_number(j, "bytes", f->bytes);
    put_number(j, "members", f->members);
    put_number(j, "not_sealed", f->unsealed);
    json_key(j, "differences");
    json_begin(j, '[');
    for (size_t i = 0; i < f->n; i++) {
        json_begin(j, '{');
        put_text(j, "state", str_of(difference_name(f->list[i].kind)));
        put_text(j, "path", f->list[i].path);
        put_text(j, "why", f->list[i].why);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void json_replay(const struct verify_replay *r, struct json_out *j)
{
    json_key(j, "replay");
    if (!r->done) {
        json_null(j);
        return;
    }
    json_begin(j, '{');
    json_key(j, "same");
    json_bool(j, r->same);
    put_text(j, "sealed", str_of(r->sealed));
    put_text(j, "found", str_of(r->found));
    put_text(j, "program_then", r->then);
    put_text(j, "program_now", r->now);
    json_key(j, "same_program");
    json_bool(j, !r->other_program);
    json_key(j, "differences");
    json_begin(j, '[');
    for (size_t i = 0; i < r->n; i++) {
        json_begin(j, '{');
        put_text(j, "what", str_of(r->list[i].what));
        put_text(j, "name", r->list[i].name);
        put_text(j, "how", r->list[i].how);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
}

void verify_json(const struct verification *v, int status, struct buf *out)
{
    struct json_out j = json_out(out);
    json_begin(&j, '{');
    put_text(&j, "schema", STR("assay.verification/1"));
    put_text(&j, "file", str_of(v->path));
    put_text(&j, "manifest", str_of(v->manifest_path));
    json_key(&j, "holds");
    json_bool(&j, v->holds);
    put_number(&j, "exit_status", (uint64_t)status);
    json_signature(v, &j);
    json_statements(v, &j);
    json_files(&v->files, &j);
    json_replay(&v->replay, &j);
    json_end(&j, '}');
    buf_add_char(out, '\n');
}
