#include "store/manifest.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/safe.h"
#include "base/utf.h"

/* --- fields -------------------------------------------------------------------------------- */

/* Bytes of the character that stands as it is at s[at]; 0: it must be escaped. */
static size_t plain_at(struct str s, size_t at)
{
    unsigned char c = (unsigned char)s.p[at];
    if (c < 0x80)
        return c >= ' ' && c != 0x7f && c != '\\';
    uint32_t cp = 0;
    size_t n = utf8_at(s.p + at, s.n - at, &cp);
    bool seen = cp >= 0xa0 && !safe_is_deceptive(cp) && !safe_is_mark(cp);
    return n && seen ? n : 0;
}

static void put_field(struct buf *out, struct str field)
{
    for (size_t at = 0; at < field.n;) {
        size_t n = plain_at(field, at);
        if (n)
            buf_add(out, field.p + at, n);
        else if (field.p[at] == '\\')
            buf_add_cstr(out, "\\\\");
        else
            buf_addf(out, "\\x%02x", (unsigned char)field.p[at]);
        at += n ? n : 1;
    }
}

void manifest_line(struct buf *out, const struct str *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(out, '\t');
        put_field(out, fields[i]);
    }
    buf_add_char(out, '\n');
}

struct str manifest_plain(struct str field, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, field.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < field.n; i++) {
        uint64_t value = 0;
        if (field.p[i] != '\\') {
            out[n++] = field.p[i];
        } else if (str_starts(str_part(field, i + 1, field.n), STR("x")) &&
                   num_hex(str_part(field, i + 2, i + 4), &value)) {
            out[n++] = (char)value;
            i += 3;
        } else {
            out[n++] = '\\';
            i++;
        }
    }
    return (struct str){out, n};
}

struct str manifest_field(const struct statement *s, size_t at)
{
    struct str rest = s->line;
    for (size_t i = 0; i < at; i++) {
        size_t tab = str_find(rest, STR("\t"), 0);
        if (tab == SIZE_MAX)
            return STR("");
        rest = str_part(rest, tab + 1, rest.n);
    }
    return str_part(rest, 0, str_find(rest, STR("\t"), 0));
}

/* --- the whole ----------------------------------------------------------------------------- */

/* Whether a line is written as this program writes it: nothing in it can be said otherwise. */
static bool is_canonical(struct str line, struct arena *arena, struct buf *scratch)
{
    struct arena_mark mark = arena_mark(arena);
    struct str fields[MANIFEST_FIELDS];
    size_t n = 0;
    struct str rest = line;
    for (;;) {
        size_t tab = str_find(rest, STR("\t"), 0);
        if (n == MANIFEST_FIELDS)
            return false;
        fields[n++] = manifest_plain(str_part(rest, 0, tab), arena);
        if (tab == SIZE_MAX)
            break;
        rest = str_part(rest, tab + 1, rest.n);
    }
    buf_clear(scratch);
    manifest_line(scratch, fields, n);
    arena_back(arena, &mark);
    return n >= 2 && scratch->n == line.n + 1 && memcmp(scratch->p, line.p, line.n) == 0;
}

static struct statement split(struct str line)
{
    struct statement s = {.line = line};
    s.kind = manifest_field(&s, 0);
    s.about = manifest_field(&s, 1);
    s.says = str_part(line, s.kind.n + 1 + s.about.n + 1, line.n);
    return s;
}

static int by_about(const struct statement *a, const struct statement *b)
{
    int d = str_cmp(a->kind, b->kind);
    return d ? d : str_cmp(a->about, b->about);
}

static int by_all(const void *x, const void *y)
{
    const struct statement *a = x;
    const struct statement *b = y;
    int d = by_about(a, b);
    return d ? d : str_cmp(a->says, b->says);
}

static int check_head(struct str line, struct err *err)
{
    const struct str head = STR("assay.manifest\t");
    uint64_t version = 0;
    if (!str_starts(line, head) || !num_u64(str_part(line, head.n, line.n), &version) ||
        version == 0)
        return err_set(err, ERR_INVALID, "no manifest of a case");
    if (version > MANIFEST_VERSION)
        return err_set(err, ERR_UNSUPPORTED, "a manifest of a newer version of assay");
    return 0;
}

int manifest_parse(struct str text, struct arena *arena, struct manifest *ret, struct err *err)
{
    struct manifest m = {0};
    size_t cap = 0;
    struct buf scratch = buf_new(MANIFEST_BYTES * (size_t)4);
    struct err why = {0};
    uint64_t line_number = 0;
    for (struct str rest = text; rest.n && why.code == ERR_NONE;) {
        size_t end = str_find(rest, STR("\n"), 0);
        struct str line = str_part(rest, 0, end);
        line_number++;
        if (line_number == 1 && check_head(line, &why) < 0)
            break;
        if (end == SIZE_MAX || !is_canonical(line, arena, &scratch))
            (void)err_set(&why, ERR_INVALID, "line %llu is no statement of a manifest",
                          (unsigned long long)line_number);
        m.list = arena_grow(arena, m.list, m.n, &cap, sizeof *m.list);
        m.list[m.n++] = split(line);
        rest = str_part(rest, line.n + 1, rest.n);
    }
    buf_free(&scratch);
    if (why.code == ERR_NONE && line_number == 0)
        (void)err_set(&why, ERR_INVALID, "no manifest of a case: it is empty");
    if (why.code != ERR_NONE) {
        *err = why;
        return -1;
    }
    if (m.n)
        qsort(m.list, m.n, sizeof *m.list, by_all);
    *ret = m;
    return 0;
}

/* --- differences --------------------------------------------------------------------------- */

struct differences {
    struct difference *list;
    size_t n, cap;
    struct arena *arena;
};

static void differ(struct differences *d, enum difference_kind kind,
                   const struct statement *sealed, const struct statement *found)
{
    d->list = arena_grow(d->arena, d->list, d->n, &d->cap, sizeof *d->list);
    d->list[d->n++] = (struct difference){kind, sealed, found};
}

size_t manifest_compare(const struct manifest *sealed, const struct manifest *found,
                        struct arena *arena, struct difference **ret)
{
    struct differences d = {.arena = arena};
    size_t i = 0;
    size_t k = 0;
    while (i < sealed->n || k < found->n) {
        const struct statement *a = i < sealed->n ? &sealed->list[i] : NULL;
        const struct statement *b = k < found->n ? &found->list[k] : NULL;
        int order = !a ? 1 : !b ? -1 : by_about(a, b);
        if (order == 0 && !str_eq(a->says, b->says))
            differ(&d, DIFFERENCE_CHANGED, a, b);
        else if (order < 0)
            differ(&d, DIFFERENCE_MISSING, a, NULL);
        else if (order > 0)
            differ(&d, DIFFERENCE_ADDED, NULL, b);
        i += order <= 0;
        k += order >= 0;
    }
    *ret = d.list;
    return d.n;
}
