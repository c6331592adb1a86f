#include "format/line.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf.h"

enum {
    NUL_RUN = 8, /* fewer NUL bytes than this, with text behind them, stay in the line */
};

static bool starts(struct bytes b, const char *head, size_t n)
{
    return b.n >= n && memcmp(b.p, head, n) == 0;
}

static size_t clamp(uint64_t v, size_t most)
{
    return v < most ? (size_t)v : most;
}

struct lines lines_of(struct bytes file, uint64_t from, uint64_t to, struct arena *arena)
{
    struct lines l = {.text = file, .file_size = file.n};
    if (!file.p)
        l.text.p = (const uint8_t *)"";
    file = l.text;
    if (starts(file, "\xff\xfe", 2)) {
        l.wide = true;
        l.units = 1;
        struct bytes body = {file.p + 2, file.n - 2};
        l.text = from == 0 ? str_bytes(utf16le_decode(body, arena)) : (struct bytes){file.p, 0};
        l.end = l.text.n;
        return l;
    }
    l.end = clamp(to, file.n);
    l.at = clamp(from, l.end);
    if (l.at == 0 && starts(file, "\xef\xbb\xbf", 3))
        l.at = 3;
    return l;
}

/* UTF-16 units that a piece of UTF-8 came from: one for each lead byte, two for the lead
 * bytes of four. */
static uint64_t utf16_units(const uint8_t *p, size_t n)
{
    uint64_t units = 0;
    for (size_t i = 0; i < n; i++)
        units += (p[i] & 0xc0) != 0x80 ? 1U + (p[i] >= 0xf0) : 0U;
    return units;
}

/* Where a place in the text lies in the file. Places must not decrease. */
static uint64_t file_offset(struct lines *l, size_t at)
{
    if (!l->wide)
        return at;
    if (at > l->counted) {
        l->units += utf16_units(l->text.p + l->counted, at - l->counted);
        l->counted = at;
    }
    return at == l->text.n ? l->file_size : l->units * 2;
}

static void place(struct lines *l, struct line *line, size_t from, size_t to)
{
    line->offset = file_offset(l, from);
    line->size = file_offset(l, to) - line->offset;
    l->at = to;
}

static size_t nul_run(struct bytes text, size_t at)
{
    size_t n = 0;
    while (at + n < text.n && text.p[at + n] == 0)
        n++;
    return n;
}

/* The first NUL run worth the name in [from, to); `to` if there is none. */
static size_t find_nul_run(struct bytes text, size_t from, size_t to)
{
    while (from < to) {
        const uint8_t *nul = memchr(text.p + from, 0, to - from);
        if (!nul)
            return to;
        size_t at = (size_t)(nul - text.p);
        size_t run = nul_run(text, at);
        if (run >= NUL_RUN || at + run == text.n)
            return at;
        from = at + run;
    }
    return to;
}

static size_t find_newline(struct bytes text, size_t from)
{
    const uint8_t *nl = from < text.n ? memchr(text.p + from, '\n', text.n - from) : NULL;
    return nl ? (size_t)(nl - text.p) : text.n;
}

/* Passes over NUL bytes at the start of a line: 1 went on, 0 they fill the rest, -1 gap. */
static int skip_nuls(struct lines *l, struct line *ret, struct err *err)
{
    size_t run = nul_run(l->text, l->at);
    if (l->at + run == l->text.n) {
        l->at = l->end;
        return 0;
    }
    if (run < NUL_RUN)
        return 1;
    *ret = (struct line){0};
    place(l, ret, l->at, l->at + run);
    return err_set(err, ERR_CORRUPT, "%zu NUL bytes inside the log", run);
}

int line_next(struct lines *l, struct line *ret, struct err *err)
{
    if (l->at >= l->end)
        return 0;
    if (l->text.p[l->at] == 0) {
        int went = skip_nuls(l, ret, err);
        if (went <= 0)
            return went;
    }

    size_t from = l->at;
    size_t nl = find_newline(l->text, from);
    size_t stop = find_nul_run(l->text, from, nl);
    size_t next = stop < nl || nl == l->text.n ? stop : nl + 1;
    struct line line = {.cut = next != nl + 1};
    place(l, &line, from, next);
    if (stop - from > LIMIT_LINE) {
        *ret = line;
        return err_set(err, ERR_LIMIT, "a line of %zu bytes", stop - from);
    }
    size_t to = !line.cut && stop > from && l->text.p[stop - 1] == '\r' ? stop - 1 : stop;
    line.text = (struct bytes){l->text.p + from, to - from};
    if (starts(line.text, "\xef\xbb\xbf", 3)) /* logs that were put together */
        line.text = (struct bytes){line.text.p + 3, line.text.n - 3};
    *ret = line;
    return 1;
}

bool line_join(struct lines *l, struct line *line)
{
    if (line->cut || l->at >= l->text.n)
        return false;
    size_t from = (size_t)(line->text.p - l->text.p);
    size_t nl = find_newline(l->text, l->at);
    if (nl - from > LIMIT_LINE || find_nul_run(l->text, l->at, nl) != nl)
        return false;
    size_t to = nl > from && l->text.p[nl - 1] == '\r' ? nl - 1 : nl;
    line->cut = nl == l->text.n;
    line->text.n = to - from;
    l->at = line->cut ? nl : nl + 1;
    line->size = file_offset(l, l->at) - line->offset;
    return true;
}

struct bytes line_at(const struct lines *l, uint64_t offset)
{
    if (l->wide || offset >= l->text.n)
        return (struct bytes){l->text.p, 0};
    size_t from = (size_t)offset;
    if (from == 0 && starts(l->text, "\xef\xbb\xbf", 3))
        from = 3;
    size_t to = find_newline(l->text, from);
    if (to - from > LIMIT_LINE)
        to = from + LIMIT_LINE;
    if (to > from && l->text.p[to - 1] == '\r')
        to--;
    return (struct bytes){l->text.p + from, to - from};
}
