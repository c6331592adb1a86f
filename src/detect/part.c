#include "detect/part.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/num.h"

enum { SCRIPT_BLOCK = 4104, PACKED_MAX = 4 << 20 };

static bool number_of(const struct event *ev, const char *name, uint32_t *ret)
{
    uint64_t v;
    if (!num_u64(str_trim(event_text(ev, name)), &v) || v > UINT32_MAX)
        return false;
    *ret = (uint32_t)v;
    return true;
}

static size_t index_of(const struct event *ev, const char *name)
{
    for (size_t i = 0; i < ev->n; i++)
        if (ev->fields[i].section == SECTION_DATA && str_eq(ev->fields[i].name, str_of(name)))
            return i;
    return ev->n;
}

void part_names(struct str ret[PART_NAMES])
{
    ret[0] = STR("ScriptBlockText");
    ret[1] = STR("ScriptBlockId");
    ret[2] = STR("MessageNumber");
    ret[3] = STR("MessageTotal");
}

bool part_of(const struct event *ev, struct part *ret)
{
    struct part p = {.ev = *ev};
    if (ev->kind != EVENT_WINDOWS || ev->event_id != SCRIPT_BLOCK)
        return false;
    p.text_at = index_of(ev, "ScriptBlockText");
    p.block = event_text(ev, "ScriptBlockId");
    if (p.text_at == ev->n || p.block.n == 0 || !number_of(ev, "MessageNumber", &p.number) ||
        !number_of(ev, "MessageTotal", &p.total) || p.total < 2 || p.number < 1 ||
        p.number > p.total)
        return false;
    p.text = ev->fields[p.text_at].value;
    *ret = p;
    return true;
}

/* --- on its way ---------------------------------------------------------------------------- */

/* Texts follow each other as "length:text"; each stands for itself, whatever is in it. */
static void put(struct buf *out, struct str s)
{
    buf_addf(out, "%zu:", s.n);
    buf_add_str(out, s);
}

static void put_number(struct buf *out, uint64_t v)
{
    buf_addf(out, "%" PRIu64 ":", v);
}

static void put_fields(struct buf *out, const struct part *p)
{
    for (size_t i = 0; i < p->ev.n; i++) {
        const struct field *f = &p->ev.fields[i];
        put_number(out, f->section);
        put_number(out, f->type);
        put(out, f->name);
        put(out, i == p->text_at ? STR("") : f->value);
    }
}

bool part_write(struct buf *out, const struct part *p)
{
    struct buf packed = buf_new(PACKED_MAX);
    put(&packed, p->block);
    put(&packed, p->ev.channel);
    put(&packed, p->ev.provider);
    put_number(&packed, p->number);
    put_number(&packed, p->total);
    put_number(&packed, p->ev.event_id);
    put_number(&packed, p->ev.marks);
    put_number(&packed, p->text_at);
    put_number(&packed, p->ev.n);
    put_fields(&packed, p);
    bool fits = !packed.full;
    if (fits)
        signal_write(out, &(struct signal){.type = SIGNAL_LATER,
                                           .later = LATER_PART,
                                           .host = p->ev.host,
                                           .text = p->text,
                                           .format = buf_str(&packed),
                                           .from = p->ev.time,
                                           .to = INSTANT_NONE,
                                           .a = p->ev.record,
                                           .b = p->ev.offset,
                                           .c = p->ev.size});
    buf_free(&packed);
    return fits;
}

struct reading {
    struct str in;
    size_t at;
    bool bad;
};

static uint64_t get_number(struct reading *r)
{
    enum { DIGITS = 20 };
    uint64_t v = 0;
    size_t to = r->at;
    while (to < r->in.n && to - r->at <= DIGITS && r->in.p[to] != ':')
        to++;
    if (r->bad || to >= r->in.n || r->in.p[to] != ':' ||
        !num_u64(str_part(r->in, r->at, to), &v)) {
        r->bad = true;
        return 0;
    }
    r->at = to + 1;
    return v;
}

static struct str get(struct reading *r)
{
    uint64_t n = get_number(r);
    if (r->bad || n > r->in.n - r->at) {
        r->bad = true;
        return STR("");
    }
    r->at += (size_t)n;
    return str_part(r->in, r->at - (size_t)n, r->at);
}

static uint32_t get_below(struct reading *r, uint64_t bound)
{
    uint64_t v = get_number(r);
    r->bad |= v >= bound;
    return r->bad ? 0 : (uint32_t)v;
}

static void get_fields(struct reading *r, uint32_t n, struct arena *arena, struct event *ev)
{
    for (uint32_t i = 0; i < n && !r->bad; i++) {
        enum field_section section = (enum field_section)get_below(r, SECTION_DERIVED + 1);
        enum field_type type = (enum field_type)get_below(r, FIELD_NULL + 1);
        struct str name = get(r);
        struct str value = get(r);
        if (!r->bad)
            event_add(ev, arena, section, type, name, value);
    }
}

int part_read(const struct signal *s, struct arena *arena, struct part *ret, struct err *err)
{
    struct reading r = {.in = s->format};
    struct part p = {.ev = {.kind = EVENT_WINDOWS,
                            .time = s->from,
                            .record = s->a,
                            .offset = s->b,
                            .size = s->c,
                            .host = s->host,
                            .utc_hint = INSTANT_NONE},
                     .text = s->text};
    p.block = get(&r);
    p.ev.channel = get(&r);
    p.ev.provider = get(&r);
    p.number = get_below(&r, (uint64_t)UINT32_MAX + 1);
    p.total = get_below(&r, (uint64_t)UINT32_MAX + 1);
    p.ev.event_id = get_below(&r, UINT32_MAX);
    p.ev.marks = get_below(&r, UINT32_MAX);
    p.text_at = get_below(&r, UINT32_MAX);
    uint32_t n = get_below(&r, UINT32_MAX);
    get_fields(&r, n, arena, &p.ev);
    if (r.bad || r.at != r.in.n || p.text_at >= p.ev.n || p.number < 1 || p.number > p.total)
        return err_set(err, ERR_CORRUPT, "a worker's reply is damaged");
    *ret = p;
    return 0;
}
