#include "format/json_stream.h"

#include <assert.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "format/unpack.h"

enum {
    PIECE = 64 * 1024,    /* unpacked at a time */
    CONTAINER_HEAD = 4096 /* bytes in which a container's array has to start */
};

/* A window on the content. Of a plain file it is the whole span; of a compressed one it
 * slides: what lies before `mark` may go when more is unpacked. */
struct json_stream {
    const char *p;
    size_t n;
    size_t at;     /* next byte: 0..n */
    size_t mark;   /* first byte that is still needed: 0..at */
    uint64_t base; /* where p[0] lies in the content */
    bool inside;   /* a container was opened: what stands around its objects is skipped */

    struct unpack *unpack; /* NULL: nothing behind the window */
    struct buf buf;
    char *piece;
    struct err tail; /* why unpacking stopped, told at the end */
};

struct json_stream *json_stream_open(struct bytes file, uint64_t from, uint64_t to,
                                     struct arena *arena)
{
    struct json_stream *s = ARENA_NEW(arena, struct json_stream);
    size_t end = to < file.n ? (size_t)to : file.n;
    size_t start = from < end ? (size_t)from : end;
    s->p = file.p ? (const char *)file.p + start : "";
    s->n = end - start;
    s->base = start;
    return s;
}

struct json_stream *json_stream_unpack(struct bytes file, enum format format,
                                       struct arena *arena)
{
    struct json_stream *s = ARENA_NEW(arena, struct json_stream);
    s->p = "";
    s->unpack = unpack_open(file, format, arena);
    s->buf = buf_new((size_t)LIMIT_JSON_VALUE + (size_t)4 * PIECE);
    s->piece = ARENA_ARRAY(arena, char, PIECE);
    return s;
}

void json_stream_close(struct json_stream **s)
{
    if (!*s)
        return;
    unpack_close(&(*s)->unpack);
    buf_free(&(*s)->buf);
    *s = NULL;
}

/* Lets the window slide and grow; false if nothing more is there. */
static bool more(struct json_stream *s)
{
    if (!s->unpack)
        return false;
    size_t n = 0;
    int r = unpack_read(s->unpack, s->piece, PIECE, &n, &s->tail);
    if (r <= 0) {
        unpack_close(&s->unpack);
        return false;
    }
    size_t keep = s->buf.n - s->mark;
    if (keep && s->mark)
        memmove(s->buf.p, s->buf.p + s->mark, keep);
    s->buf.n = keep;
    buf_add(&s->buf, s->piece, n);
    assert(!s->buf.full); /* objects above the limit are not kept */
    s->base += s->mark;
    s->at -= s->mark;
    s->mark = 0;
    s->p = s->buf.p;
    s->n = s->buf.n;
    return true;
}

/* The next byte, not passed; -1 at the end. */
static int look(struct json_stream *s)
{
    if (s->at >= s->n && !more(s))
        return -1;
    return (unsigned char)s->p[s->at];
}

static uint64_t offset(const struct json_stream *s)
{
    return s->base + s->at;
}

struct bytes json_stream_peek(struct json_stream *s)
{
    s->mark = s->at;
    while (s->n - s->at < PIECE && more(s))
        ;
    return (struct bytes){(const uint8_t *)s->p + s->at, s->n - s->at};
}

/* ---- the end of an object, found by its brackets ---- */

struct brackets {
    size_t depth;
    bool object[LIMIT_JSON_DEPTH]; /* '{' or '[' at each depth */
    int before;                    /* last byte that was not blank */
};

/* Passes the bytes that mean nothing in a string: all but quotes, backslashes, line ends. */
static void pass_plain(struct json_stream *s)
{
    const char *p = s->p;
    size_t at = s->at;
    while (at < s->n && p[at] != '"' && p[at] != '\\' && p[at] != '\n' && p[at] != '\r')
        at++;
    s->at = at;
}

/* Passes the string whose opening quote the stream stands on. Raw line ends are not part of
 * strings: one that is not closed must not swallow what follows. */
static int pass_string(struct json_stream *s, struct err *err)
{
    s->at++;
    for (;;) {
        pass_plain(s);
        int c = look(s);
        if (c < 0 || c == '\n' || c == '\r')
            return err_set(err, ERR_CORRUPT, "string is not closed");
        if (s->at - s->mark > LIMIT_JSON_VALUE)
            return err_set(err, ERR_LIMIT, "string of more than %d bytes", LIMIT_JSON_VALUE);
        s->at++;
        if (c == '"')
            return 0;
        if (c == '\\' && look(s) >= 0)
            s->at++;
    }
}

static int pass_opening(struct brackets *b, int before, int c, struct err *err)
{
    bool placed = b->depth == 0 || before == ',' || before == ':' || before == '[';
    if (!placed)
        return err_set(err, ERR_CORRUPT, "an object starts inside another");
    if (b->depth == LIMIT_JSON_DEPTH)
        return err_set(err, ERR_LIMIT, "nested more than %d deep", LIMIT_JSON_DEPTH);
    b->object[b->depth++] = c == '{';
    return 0;
}

static int pass_closing(struct brackets *b, int c, struct err *err)
{
    if (b->object[b->depth - 1] != (c == '}'))
        return err_set(err, ERR_CORRUPT, "'%c' closes another bracket", c);
    b->depth--;
    return 0;
}

/* Passes one byte of an object, or a whole string. */
static int pass_token(struct json_stream *s, struct brackets *b, struct err *err)
{
    int c = look(s);
    if (c < 0)
        return err_set(err, ERR_CORRUPT, "object is not closed");
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        int before = b->before;
        b->before = c;
        if (c == '"')
            return pass_string(s, err);
        if ((c == '{' || c == '[') && pass_opening(b, before, c, err) < 0)
            return -1;
        if ((c == '}' || c == ']') && pass_closing(b, c, err) < 0)
            return -1;
    }
    s->at++;
    return 0;
}

/* Moves from the '{' at `mark` behind its '}'. */
static int pass_object(struct json_stream *s, struct err *err)
{
    struct brackets b = {0};
    do {
        if (s->at - s->mark >= LIMIT_JSON_VALUE)
            return err_set(err, ERR_LIMIT, "object of more than %d bytes", LIMIT_JSON_VALUE);
        if (pass_token(s, &b, err) < 0)
            return -1;
    } while (b.depth > 0);
    return 0;
}

/* ---- containers ---- */

static bool is_one_of(struct str s, const char *const *names)
{
    for (; *names; names++) {
        if (str_eq(s, str_of(*names)))
            return true;
    }
    return false;
}

static const char *const CONTAINERS[] = {"Events",  "events",  "Event", "records", "Records",
                                         "results", "Results", "hits",  NULL};

/* What may stand before the array in an answer of Elasticsearch. */
static const char *const ANSWER_HEADS[] = {"took",   "timed_out", "_shards",   "_scroll_id",
                                           "pit_id", "total",     "max_score", NULL};

static size_t skip_blanks(struct str text, size_t at)
{
    while (at < text.n && strchr(" \t\r\n", text.p[at]) && text.p[at])
        at++;
    return at;
}

/* Reads `"key" :` at *at, and the blanks around. */
static bool pass_key(struct str text, size_t *at, struct str *ret)
{
    size_t i = skip_blanks(text, *at);
    if (i == text.n || text.p[i] != '"')
        return false;
    const char *end = memchr(text.p + i + 1, '"', text.n - i - 1);
    if (!end)
        return false;
    *ret = (struct str){text.p + i + 1, (size_t)(end - text.p) - i - 1};
    i = skip_blanks(text, i + ret->n + 2);
    if (i == text.n || text.p[i] != ':')
        return false;
    *at = skip_blanks(text, i + 1);
    return true;
}

/* Whether the object at the start of text is a container; then *ret is where its contents
 * start. `arena` is for the members passed on the way. */
static bool is_container(struct str text, struct arena *arena, size_t *ret)
{
    size_t at = 1;
    bool outermost = true;
    struct str key;
    while (pass_key(text, &at, &key) && at < text.n) {
        char c = text.p[at];
        bool names_container = is_one_of(key, CONTAINERS);
        bool single = c == '{' && str_eq(key, STR("Event"));
        if (names_container && (c == '[' || (single && !outermost))) {
            *ret = at;
            return true;
        }
        if (names_container && c == '{' && !single) {
            at++;
            outermost = false;
            continue;
        }
        if (!is_one_of(key, ANSWER_HEADS))
            return false;
        struct json *v;
        struct err err;
        if (json_next(text, &at, arena, &v, &err) <= 0)
            return false;
        at = skip_blanks(text, at);
        if (at == text.n || text.p[at] != ',')
            return false;
        at++;
    }
    return false;
}

/* Steps into the container at the stream's place, if it is one. */
static bool open_container(struct json_stream *s, struct arena *arena)
{
    s->mark = s->at;
    while (s->n - s->at < CONTAINER_HEAD && more(s))
        ;
    size_t n = s->n - s->at;
    size_t in;
    struct str head = {s->p + s->at, n < CONTAINER_HEAD ? n : CONTAINER_HEAD};
    if (!is_container(head, arena, &in))
        return false;
    s->at += in;
    s->inside = true;
    return true;
}

/* ---- between objects ---- */

/* Passes what may stand between objects. Returns the byte that may not, or -1. */
static int pass_separators(struct json_stream *s)
{
    for (;;) {
        s->mark = s->at;
        int c = look(s);
        bool mark = c == 0xef || c == 0xbb || c == 0xbf; /* a byte order mark's */
        if (c < 0 || (!mark && !strchr(" \t\r\n,[]", c)) || c == '\0')
            return c;
        s->at++;
    }
}

/* Inside a container: passes one byte or string of what stands around its objects. */
static void pass_wrapping(struct json_stream *s)
{
    struct err ignored;
    if (look(s) == '"')
        (void)pass_string(s, &ignored);
    else
        s->at++;
}

/* Moves to the next line that starts with at most `indent` blanks and a '{'; no further
 * than `stop`, an offset in the content. */
static void pass_damage(struct json_stream *s, size_t indent, uint64_t stop)
{
    bool line_start = false;
    size_t blanks = 0;
    while (offset(s) < stop) {
        s->mark = s->at;
        int c = look(s);
        if (c < 0 || (c == '{' && line_start && blanks <= indent))
            return;
        s->at++;
        if (c == '\n') {
            line_start = true;
            blanks = 0;
        } else if (c == ' ' || c == '\t') {
            blanks++;
        } else {
            line_start = false;
        }
    }
}

/* How many blanks stand before the stream's place, if nothing else does on its line. */
static size_t indent_here(const struct json_stream *s)
{
    size_t i = s->at;
    while (i > 0 && (s->p[i - 1] == ' ' || s->p[i - 1] == '\t'))
        i--;
    return i == 0 || s->p[i - 1] == '\n' ? s->at - i : 0;
}

/* Passes the damaged object that starts at `from`, and says where it lay. `end` is behind
 * its last bracket, or UINT64_MAX if its brackets do not match. Returns -1. */
static int leave_object(struct json_stream *s, uint64_t from, size_t indent, uint64_t end,
                        struct json_gap *gap)
{
    s->at = s->mark + 1;
    pass_damage(s, indent, end);
    *gap = (struct json_gap){from, offset(s)};
    return -1;
}

/* Passes a line "Record 12", with which evtx_dump heads each object. */
static bool pass_record_number(struct json_stream *s)
{
    struct str word = STR("Record ");
    while (s->n - s->at < word.n && more(s))
        ;
    if (!str_starts((struct str){s->p + s->at, s->n - s->at}, word))
        return false;
    s->at += word.n;
    int c = look(s);
    for (; c >= '0' && c <= '9'; c = look(s))
        s->mark = s->at++;
    return c < 0 || c == '\r' || c == '\n';
}

static int leave_garbage(struct json_stream *s, struct json_gap *gap, struct err *err)
{
    gap->from = offset(s);
    pass_damage(s, SIZE_MAX, UINT64_MAX);
    gap->to = offset(s);
    return err_set(err, ERR_CORRUPT, "no JSON object");
}

/* Of an answer's hit, the document. */
static const struct json *unwrap(const struct json *v)
{
    const struct json *source = json_get(v, "_source");
    return source && source->type == JSON_OBJECT ? source : v;
}

/* Text that lives as long as the arena. */
static struct str keep(const struct json_stream *s, struct str text, struct arena *arena)
{
    if (!s->buf.max) /* a plain file outlives the stream */
        return text;
    return arena_str(arena, text);
}

/* Reads the object at the stream's place. */
static int read_object(struct json_stream *s, struct arena *arena, struct json_record *ret,
                       struct json_gap *gap, struct err *err)
{
    size_t indent = indent_here(s);
    uint64_t from = offset(s);
    s->mark = s->at;
    if (pass_object(s, err) < 0)
        return leave_object(s, from, indent, UINT64_MAX, gap);

    struct str text = {s->p + s->mark, s->at - s->mark};
    struct json *v;
    size_t at = 0;
    if (json_next(keep(s, text, arena), &at, arena, &v, err) < 0)
        return leave_object(s, from, indent, offset(s), gap);
    *ret = (struct json_record){unwrap(v), from, text.n};
    return 1;
}

static int tell_tail(struct json_stream *s, struct json_gap *gap, struct err *err)
{
    if (s->tail.code == ERR_NONE)
        return 0;
    *err = s->tail;
    s->tail = (struct err){0};
    *gap = (struct json_gap){offset(s), offset(s)};
    return -1;
}

int json_stream_next(struct json_stream *s, struct arena *arena, struct json_record *ret,
                     struct json_gap *gap, struct err *err)
{
    for (;;) {
        int c = pass_separators(s);
        if (c < 0)
            return tell_tail(s, gap, err);
        if (c == '{' && !open_container(s, arena))
            return read_object(s, arena, ret, gap, err);
        if (c == '{')
            continue;
        if (s->inside)
            pass_wrapping(s);
        else if (!pass_record_number(s))
            return leave_garbage(s, gap, err);
    }
}
