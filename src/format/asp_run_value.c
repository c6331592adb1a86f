#include "base/buf.h"
#include "base/utf.h"
#include "format/asp_run.h"

enum {
    ROOM = 32, /* characters, at least */
};

static const char BETWEEN = '\1'; /* elements of a known list: asp_fold.c */

struct run_value run_number(double number)
{
    return (struct run_value){.kind = RUN_NUMBER, .number = number};
}

struct run_value run_truth(bool truth)
{
    return run_number(truth ? -1 : 0);
}

struct run_value run_stop(struct run *r)
{
    r->stop = true;
    return (struct run_value){0};
}

struct run_value run_text(struct run *r, size_t n, uint16_t **ret_p)
{
    *ret_p = NULL;
    if (n > RUN_CHARACTERS || arena_used(r->arena) + n * 4 > RUN_BYTES)
        return run_stop(r);
    struct run_room *room = ARENA_NEW(r->arena, struct run_room);
    room->cap = n * 2 + ROOM;
    room->from = n / 2;
    room->to = room->from + n;
    room->p = ARENA_ARRAY(r->arena, uint16_t, room->cap);
    *ret_p = room->p + room->from;
    return (struct run_value){.kind = RUN_TEXT, .room = room, .at = room->from, .n = n};
}

struct run_value run_part(const struct run_value *text, size_t from, size_t n)
{
    struct run_value part = *text;
    from = from < text->n ? from : text->n;
    part.at += from;
    part.n = n < text->n - from ? n : text->n - from;
    return part;
}

/* The next character of bytes, and how many bytes it is. */
static size_t character(const struct run *r, struct str s, size_t at, uint16_t *ret)
{
    unsigned char c = (unsigned char)s.p[at];
    uint32_t point = c;
    size_t n = 1;
    if (c >= 0x80 && r->wide && at + 1 < s.n && (unsigned char)s.p[at + 1] >= 0x40) {
        *ret = (uint16_t)(c << 8 | (unsigned char)s.p[at + 1]);
        return 2;
    }
    if (c >= 0x80 && !r->wide)
        n = utf8_at(s.p + at, s.n - at, &point);
    *ret = (uint16_t)(point < 0x10000 ? point : 0xfffd);
    return n ? n : 1;
}

struct run_value run_text_of(struct run *r, struct str bytes)
{
    uint16_t *p;
    struct run_value v = run_text(r, bytes.n, &p);
    size_t n = 0;
    for (size_t i = 0; p && i < bytes.n; n++)
        i += character(r, bytes, i, &p[n]);
    v.n = p ? n : 0;
    if (v.room)
        v.room->to = v.at + v.n;
    return v;
}

struct str run_bytes_of(struct run *r, const struct run_value *text, struct arena *arena)
{
    const uint16_t *p = run_characters(text);
    char *out = ARENA_ARRAY(arena, char, text->n * 4 + 4);
    size_t n = 0;
    for (size_t i = 0; i < text->n; i++) {
        if (p[i] >= 0x80 && !r->wide) {
            n += utf8_put(out + n, p[i]);
            continue;
        }
        if (p[i] > 0xff)
            out[n++] = (char)(p[i] >> 8);
        out[n++] = (char)(p[i] & 0xff);
    }
    return (struct str){out, n};
}

struct run_value run_as_text(struct run *r, const struct run_value *v)
{
    if (v->kind == RUN_TEXT)
        return *v;
    if (v->kind == RUN_LIST)
        return run_stop(r);
    return run_text_of(r, v->kind == RUN_NUMBER ? arena_printf(r->arena, "%.15g", v->number)
                                                : STR(""));
}

static int digit_of(uint16_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Digits, and in base 10 a point: how many characters they are. */
static size_t digits(const uint16_t *p, size_t n, int base, double *ret)
{
    double part = 1;
    bool point = false;
    size_t i = 0;
    *ret = 0;
    for (; i < n && (digit_of(p[i]) < base || (p[i] == '.' && !point)); i++) {
        if (p[i] == '.') {
            point = true;
            continue;
        }
        part /= point ? 10 : 1;
        *ret = point ? *ret + part * digit_of(p[i]) : *ret * base + digit_of(p[i]);
    }
    return i;
}

static bool is_blank(uint16_t c)
{
    return c == ' ' || c == '&' || c == '\r' || c == '\n';
}

/* "12", "-1.5", "&HFF", "0x1f" */
bool run_is_number(struct run *r, const struct run_value *v, double *ret)
{
    (void)r;
    *ret = v->number;
    if (v->kind != RUN_TEXT)
        return v->kind != RUN_LIST;
    const uint16_t *p = run_characters(v);
    size_t i = 0;
    size_t n = v->n;
    while (i < n && p[i] == ' ')
        i++;
    bool minus = i < n && p[i] == '-';
    i += minus || (i < n && p[i] == '+');
    bool prefix = i + 2 < n && ((p[i] == '&' && (p[i + 1] | 0x20) == 'h') ||
                                (p[i] == '0' && (p[i + 1] | 0x20) == 'x'));
    i += prefix ? 2 : 0;
    size_t read = digits(p + i, n - i, prefix ? 16 : 10, ret);
    *ret = minus ? -*ret : *ret;
    for (i += read; i < n && is_blank(p[i]);)
        i++;
    return i == n && read > 0;
}

double run_as_number(struct run *r, const struct run_value *v)
{
    double number = 0;
    if (!run_is_number(r, v, &number))
        r->stop = true;
    return number;
}

static bool fits_behind(const struct run_value *a, size_t n)
{
    return a->n && a->at + a->n == a->room->to && a->room->cap - a->room->to >= n;
}

static bool fits_before(const struct run_value *b, size_t n)
{
    return b->n && b->at == b->room->from && b->room->from >= n;
}

/* a & b: where the room of one goes on, only the other is copied. */
struct run_value run_join(struct run *r, const struct run_value *a, const struct run_value *b)
{
    struct run_value x = run_as_text(r, a);
    struct run_value y = run_as_text(r, b);
    uint16_t *p;
    if (r->stop || y.n == 0)
        return x;
    if (x.n == 0)
        return y;
    if (x.n + y.n <= RUN_CHARACTERS && fits_behind(&x, y.n)) {
        memmove(x.room->p + x.room->to, run_characters(&y), y.n * sizeof *p);
        x.room->to += y.n;
        x.n += y.n;
        return x;
    }
    if (x.n + y.n <= RUN_CHARACTERS && fits_before(&y, x.n)) {
        memmove(y.room->p + y.room->from - x.n, run_characters(&x), x.n * sizeof *p);
        y.room->from -= x.n;
        y.at -= x.n;
        y.n += x.n;
        return y;
    }
    struct run_value v = run_text(r, x.n + y.n, &p);
    if (p) {
        memcpy(p, run_characters(&x), x.n * sizeof *p);
        memcpy(p + x.n, run_characters(&y), y.n * sizeof *p);
    }
    return v;
}

/* Two texts as texts; what is a number, or nothing, as numbers. */
int run_compare(struct run *r, const struct run_value *a, const struct run_value *b)
{
    double x;
    double y;
    bool texts = a->kind == RUN_TEXT || b->kind == RUN_TEXT;
    bool numbers = a->kind == RUN_NUMBER || b->kind == RUN_NUMBER;
    if ((!texts || numbers) && run_is_number(r, a, &x) && run_is_number(r, b, &y))
        return x < y ? -1 : x > y;
    struct run_value s = run_as_text(r, a);
    struct run_value t = run_as_text(r, b);
    const uint16_t *p = run_characters(&s);
    const uint16_t *q = run_characters(&t);
    for (size_t i = 0; i < s.n && i < t.n; i++)
        if (p[i] != q[i])
            return p[i] < q[i] ? -1 : 1;
    return s.n < t.n ? -1 : s.n > t.n;
}

struct run_value run_new_list(struct run *r, size_t n)
{
    if (n > RUN_ELEMENTS)
        return run_stop(r);
    struct run_value v = {.kind = RUN_LIST, .list = ARENA_NEW(r->arena, struct run_list)};
    v.list->items = ARENA_ARRAY(r->arena, struct run_value, n + 1);
    v.list->n = n;
    v.list->cap = n + 1;
    return v;
}

bool run_add(struct run *r, struct run_list *list, struct run_value v)
{
    if (list->n >= RUN_ELEMENTS || arena_used(r->arena) > RUN_BYTES) {
        r->stop = true;
        return false;
    }
    list->items = arena_grow(r->arena, list->items, list->n, &list->cap, sizeof *list->items);
    list->items[list->n++] = v;
    return true;
}

size_t run_find(struct run *r, const struct run_value *text, const struct run_value *part,
                size_t from)
{
    const uint16_t *p = run_characters(text);
    const uint16_t *q = run_characters(part);
    for (size_t i = from; part->n && i + part->n <= text->n; i++) {
        r->w->run_steps += i % 64 == 0;
        if (p[i] == q[0] && memcmp(p + i, q, part->n * sizeof *p) == 0)
            return i;
    }
    return part->n ? SIZE_MAX : from;
}

struct run_value run_from_known(struct run *r, const struct asp_value *v)
{
    const struct run_value nothing = {0};
    if (v->flags & (V_REQ | V_FILE | V_UPLOAD | V_NET))
        return run_stop(r);
    if (v->flags & V_NUMBER)
        return run_number((double)v->number);
    if (!(v->flags & V_KNOWN))
        return v->flags & V_UNSET ? nothing : run_stop(r);
    if (v->object != K_ARRAY)
        return run_text_of(r, v->text);
    struct run_value list = run_new_list(r, 0);
    for (size_t at = 0; list.list && at <= v->text.n;) {
        size_t to = str_find(v->text, (struct str){&BETWEEN, 1}, at);
        if (!run_add(r, list.list, run_text_of(r, str_part(v->text, at, to))))
            break;
        at = to == SIZE_MAX ? SIZE_MAX : to + 1;
        if (at == SIZE_MAX)
            break;
    }
    return list;
}

static bool list_to_known(struct run *r, const struct run_list *list, struct asp_value *ret)
{
    struct buf out = buf_new(RUN_CHARACTERS);
    bool ok = true;
    for (size_t i = 0; ok && i < list->n; i++) {
        struct run_value text = run_as_text(r, &list->items[i]);
        ok = !r->stop;
        if (i)
            buf_add_char(&out, BETWEEN);
        buf_add_str(&out, run_bytes_of(r, &text, r->arena));
    }
    ok = ok && !out.full;
    if (ok)
        *ret = asp_known(arena_str(r->w->budget.arena, buf_str(&out)));
    ret->object = K_ARRAY;
    buf_free(&out);
    return ok;
}

bool run_to_known(struct run *r, const struct run_value *v, struct asp_value *ret)
{
    switch (v->kind) {
    case RUN_TEXT:
        *ret = asp_known(run_bytes_of(r, v, r->w->budget.arena));
        return true;
    case RUN_NUMBER:
        *ret = asp_number((int64_t)v->number);
        return v->number > -1e15 && v->number < 1e15 && v->number == (double)(int64_t)v->number;
    case RUN_LIST:
        return list_to_known(r, v->list, ret);
    case RUN_EMPTY:
    default:
        return false;
    }
}
