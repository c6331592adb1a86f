#include "format/line.h"

#include <inttypes.h>
#include <string.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf.h"

enum {
    NUL_RUN = 8,            /* fewer NULs than this, with text behind them, stay in the line */
    NUL_WINDOW = 64 * 1024, /* bytes searched for NUL at once */
    LOW_WINDOW = 16 * 1024, /* and for what is not ASCII, which is not that rare */
    WIDE = 2,
};

static bool starts(struct bytes b, const char *head, size_t n)
{
    return b.n >= n && memcmp(b.p, head, n) == 0;
}

static size_t clamp(uint64_t v, size_t most)
{
    return v < most ? (size_t)v : most;
}

/* Bytes of the byte order mark at the start of a file. */
static size_t mark_size(struct bytes file)
{
    return starts(file, "\xef\xbb\xbf", 3) ? 3 : starts(file, "\xff\xfe", 2) ? 2 : 0;
}

struct lines lines_of(struct bytes file, uint64_t from, uint64_t to, struct arena *arena)
{
    struct lines l = {.text = file, .unit = utf16le_looks(file) ? WIDE : 1, .arena = arena};
    if (!file.p)
        l.text.p = (const uint8_t *)"";
    l.text.n -= l.text.n % l.unit;
    l.end = clamp(to, l.text.n);
    l.at = clamp(from, l.end);
    l.at += l.at % l.unit;
    if (l.at == 0)
        l.at = mark_size(l.text);
    l.no_nul = l.at;
    l.searched = SIZE_MAX;
    return l;
}

static bool is_nul(const struct lines *l, size_t at)
{
    return l->text.p[at] == 0 && l->text.p[at + l->unit - 1] == 0;
}

/* Bytes of the NULs that stand at `at`. */
static size_t nul_run(const struct lines *l, size_t at)
{
    size_t n = 0;
    while (at + n < l->text.n && is_nul(l, at + n))
        n += l->unit;
    return n;
}

static bool is_run(const struct lines *l, size_t at, size_t run)
{
    return run >= NUL_RUN * l->unit || at + run == l->text.n;
}

/* The first place in [from, to) with a NUL; `to` if there is none. */
static size_t find_nul(const struct lines *l, size_t from, size_t to)
{
    while (from < to) {
        const uint8_t *nul = memchr(l->text.p + from, 0, to - from);
        if (!nul)
            return to;
        size_t at = (size_t)(nul - l->text.p);
        if (l->unit == 1)
            return at;
        at -= at % WIDE;
        if (is_nul(l, at))
            return at;
        from = at + WIDE;
    }
    return to;
}

/* Lines are short, and hardly a log holds NULs: they are looked for in large windows. */
static bool is_free_of_nul(struct lines *l, size_t from, size_t to)
{
    if (l->unit != 1)
        return false;
    if (to <= l->no_nul)
        return true;
    size_t window = l->text.n - from < NUL_WINDOW ? l->text.n : from + NUL_WINDOW;
    window = window < to ? to : window;
    l->no_nul = find_nul(l, from, window);
    return to <= l->no_nul;
}

/* The first run of NULs worth the name in [from, to); `to` if there is none. */
static size_t find_nul_run(struct lines *l, size_t from, size_t to)
{
    if (is_free_of_nul(l, from, to))
        return to;
    while (from < to) {
        size_t at = find_nul(l, from, to);
        if (at == to)
            return to;
        size_t run = nul_run(l, at);
        if (is_run(l, at, run))
            return at;
        from = at + run;
    }
    return to;
}

static size_t find_newline(struct bytes text, size_t from, size_t unit)
{
    while (from < text.n) {
        const uint8_t *nl = memchr(text.p + from, '\n', text.n - from);
        if (!nl)
            return text.n;
        size_t at = (size_t)(nl - text.p);
        if (unit == 1 || (at % WIDE == 0 && at + 1 < text.n && nl[1] == 0))
            return at;
        from = at + 1;
    }
    return text.n;
}

/* The newline that ends the line at `from`. It is looked for once: runs of NULs may cut what
 * lies before it into many lines. */
static size_t next_newline(struct lines *l, size_t from)
{
    if (from < l->searched || from > l->newline) {
        l->newline = find_newline(l->text, from, l->unit);
        l->searched = from;
    }
    return l->newline;
}

/* Passes over NULs at the start of a line: 1 went on, 0 they fill the rest, -1 gap. */
static int skip_nuls(struct lines *l, struct line *ret, struct err *err)
{
    size_t run = nul_run(l, l->at);
    if (l->at + run == l->text.n) {
        l->at = l->end;
        return 0;
    }
    if (run < NUL_RUN * l->unit)
        return 1;
    *ret = (struct line){.offset = l->at, .size = run};
    l->at += run;
    return err_set(err, ERR_CORRUPT, "%zu NUL bytes inside the log", run);
}

static struct bytes without_return(const struct lines *l, size_t from, size_t to)
{
    size_t unit = l->unit;
    if (to - from >= unit && l->text.p[to - unit] == '\r' && l->text.p[to - 1] <= '\r' &&
        (unit == 1 || l->text.p[to - 1] == 0))
        to -= unit;
    return (struct bytes){l->text.p + from, to - from};
}

static struct bytes without_mark(struct bytes text)
{
    size_t n = starts(text, "\xef\xbb\xbf", 3) ? 3 : 0; /* logs that were put together */
    return (struct bytes){text.p + n, text.n - n};
}

/* Makes the room larger; what it holds stays in it. */
static void grow_room(struct lines *l, size_t need)
{
    char *room = ARENA_ARRAY(l->arena, char, 2 * need);
    if (l->room)
        memcpy(room, l->room, l->room_n);
    l->room = room;
    l->room_size = 2 * need;
}

/* The text of a line, decoded into our room; of a line that is joined, only what was not
 * decoded yet is. */
static struct bytes decoded(struct lines *l, size_t from, size_t to)
{
    if (l->from != from || l->so_far < from || l->so_far > to) {
        l->from = l->so_far = from;
        l->room_n = 0;
    }
    size_t need = (to - from) / WIDE * 3;
    if (need > l->room_size || !l->room)
        grow_room(l, need);
    struct bytes more = {l->text.p + l->so_far, to - l->so_far};
    l->room_n += utf16le_put(l->room + l->room_n, more);
    l->so_far = to;
    return (struct bytes){(const uint8_t *)l->room, l->room_n};
}

static struct bytes text_of(struct lines *l, size_t from, size_t to, bool ended)
{
    struct bytes raw = {l->text.p + from, to - from};
    if (ended)
        raw = without_return(l, from, to);
    return without_mark(l->unit == 1 ? raw : decoded(l, from, from + raw.n));
}

int line_next(struct lines *l, struct line *ret, struct err *err)
{
    if (l->at >= l->end)
        return 0;
    if (l->text.p[l->at] == 0 && is_nul(l, l->at)) {
        int went = skip_nuls(l, ret, err);
        if (went <= 0)
            return went;
    }

    size_t from = l->at;
    size_t nl = next_newline(l, from);
    size_t stop = find_nul_run(l, from, nl);
    size_t next = stop < nl || nl == l->text.n ? stop : nl + l->unit;
    *ret = (struct line){.offset = from, .size = next - from, .cut = next != nl + l->unit};
    l->at = next;
    if (stop - from > LIMIT_LINE * l->unit)
        return err_set(err, ERR_LIMIT, "a line of %zu bytes", stop - from);
    l->so_far = 0;
    l->room_n = 0;
    ret->text = text_of(l, from, stop, !ret->cut);
    return 1;
}

bool line_is_ascii(struct lines *l, const struct line *line)
{
    size_t from = (size_t)(line->text.p - l->text.p);
    size_t to = from + line->text.n;
    if (l->unit != 1)
        return false;
    if (from < l->low_from || to > l->low_to) {
        size_t left = l->text.n - from;
        size_t look = left < LOW_WINDOW ? left : LOW_WINDOW;
        look = look < line->text.n ? line->text.n : look;
        l->low_from = from;
        l->low_to = from + ascii_run((const char *)line->text.p, look);
    }
    return to <= l->low_to;
}

bool line_join(struct lines *l, struct line *line)
{
    if (line->cut || l->at >= l->text.n)
        return false;
    size_t from = (size_t)line->offset;
    size_t nl = next_newline(l, l->at);
    if (nl - from > LIMIT_LINE * l->unit || find_nul_run(l, l->at, nl) != nl)
        return false;
    line->cut = nl == l->text.n;
    line->text = text_of(l, from, nl, true);
    l->at = line->cut ? nl : nl + l->unit;
    line->size = l->at - from;
    return true;
}

void line_back(struct lines *l, const struct lines *to)
{
    char *room = l->room;
    size_t size = l->room_size;
    *l = *to;
    l->room = room;
    l->room_size = size;
    l->room_n = l->so_far = 0;
}

size_t line_peek(const struct lines *l, char *out, size_t n)
{
    size_t left = (l->text.n - l->at) / l->unit;
    n = n < left ? n : left;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *p = l->text.p + l->at + i * l->unit;
        out[i] = p[0] < 0x80 && (l->unit == 1 || p[1] == 0) ? (char)p[0] : '?';
    }
    return n;
}

struct bytes line_at(const struct lines *l, uint64_t offset, uint64_t *ret_next)
{
    size_t from = clamp(offset, l->text.n);
    from -= from % l->unit;
    if (from == 0)
        from = mark_size(l->text);
    size_t to = find_newline(l->text, from, l->unit);
    if (ret_next)
        *ret_next = to < l->text.n ? to + l->unit : l->text.n;
    if (to - from > LIMIT_LINE * l->unit)
        to = from + LIMIT_LINE * l->unit;
    struct lines once = *l;
    once.room = NULL; /* the text must outlive the next line */
    once.room_size = once.room_n = once.so_far = 0;
    return text_of(&once, from, to, true);
}

uint64_t line_cut(struct bytes file, uint64_t at)
{
    size_t unit = utf16le_looks(file) ? WIDE : 1;
    size_t nl = find_newline(file, clamp(at, file.n), unit);
    return nl < file.n ? nl + unit : file.n;
}
