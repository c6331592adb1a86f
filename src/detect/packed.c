#include "detect/packed.h"

#include <inttypes.h>

#include "base/num.h"

void packed_put(struct buf *out, struct str s)
{
    buf_addf(out, "%zu:", s.n);
    buf_add_str(out, s);
}

void packed_put_number(struct buf *out, uint64_t v)
{
    buf_addf(out, "%" PRIu64 ":", v);
}

void packed_put_fields(struct buf *out, const struct event *ev, size_t without)
{
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        packed_put_number(out, f->section);
        packed_put_number(out, f->type);
        packed_put(out, f->name);
        packed_put(out, i == without ? STR("") : f->value);
    }
}

uint64_t packed_get_number(struct packed *r)
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

struct str packed_get(struct packed *r)
{
    uint64_t n = packed_get_number(r);
    if (r->bad || n > r->in.n - r->at) {
        r->bad = true;
        return STR("");
    }
    r->at += (size_t)n;
    return str_part(r->in, r->at - (size_t)n, r->at);
}

uint32_t packed_get_below(struct packed *r, uint64_t bound)
{
    uint64_t v = packed_get_number(r);
    r->bad |= v >= bound;
    return r->bad ? 0 : (uint32_t)v;
}

void packed_get_fields(struct packed *r, uint32_t n, struct arena *arena, struct event *ev)
{
    for (uint32_t i = 0; i < n && !r->bad; i++) {
        enum field_section section =
            (enum field_section)packed_get_below(r, SECTION_DERIVED + 1);
        enum field_type type = (enum field_type)packed_get_below(r, FIELD_NULL + 1);
        struct str name = packed_get(r);
        struct str value = packed_get(r);
        if (!r->bad)
            event_add(ev, arena, section, type, name, value);
    }
}
