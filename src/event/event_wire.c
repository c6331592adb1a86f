#include "event/event_wire.h"

#include "base/limits.h"

enum { FIELD_MIN = 1 + 1 + 4 + 4 }; /* bytes of a field */

void wire_number(struct buf *out, uint64_t v, size_t width)
{
    char bytes[sizeof v];
    for (size_t i = 0; i < width; i++)
        bytes[i] = (char)(v >> 8 * i & 0xff);
    buf_add(out, bytes, width);
}

void wire_text(struct buf *out, struct str text)
{
    wire_number(out, text.n, 4);
    buf_add_str(out, text);
}

struct str wire_read_text(struct cur *in)
{
    size_t n = cur_u32(in);
    struct bytes b = cur_take(in, n);
    return (struct str){(const char *)b.p, b.n};
}

void event_wire(const struct event *ev, bool fields, struct buf *out)
{
    wire_number(out, ev->kind, 1);
    wire_number(out, (uint64_t)ev->time, 8);
    wire_number(out, ev->offset, 8);
    wire_number(out, ev->size, 8);
    wire_number(out, ev->record, 8);
    wire_number(out, ev->marks, 4);
    wire_number(out, ev->event_id, 4);
    wire_text(out, ev->channel);
    wire_text(out, ev->provider);
    wire_text(out, ev->host);
    wire_text(out, ev->part);
    wire_number(out, fields ? ev->n : 0, 4);
    for (size_t i = 0; fields && i < ev->n; i++) {
        wire_number(out, ev->fields[i].section, 1);
        wire_number(out, ev->fields[i].type, 1);
        wire_text(out, ev->fields[i].name);
        wire_text(out, ev->fields[i].value);
    }
}

static void read_fields(struct cur *in, struct arena *arena, struct event *ev)
{
    uint32_t n = cur_u32(in);
    if (n > LIMIT_FIELDS || !cur_fits(in, n, FIELD_MIN)) {
        in->bad = true;
        return;
    }
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        uint8_t section = cur_u8(in);
        uint8_t type = cur_u8(in);
        struct str name = wire_read_text(in);
        struct str value = wire_read_text(in);
        if (section > SECTION_DERIVED || type > FIELD_NULL)
            in->bad = true;
        else
            event_add(ev, arena, (enum field_section)section, (enum field_type)type, name,
                      value);
    }
}

void event_wire_read(struct cur *in, struct arena *arena, struct event *ret)
{
    struct event ev = {.utc_hint = INSTANT_NONE};
    uint8_t kind = cur_u8(in);
    ev.time = (instant)cur_u64(in);
    ev.offset = cur_u64(in);
    ev.size = cur_u64(in);
    ev.record = cur_u64(in);
    ev.marks = cur_u32(in);
    ev.event_id = cur_u32(in);
    ev.channel = wire_read_text(in);
    ev.provider = wire_read_text(in);
    ev.host = wire_read_text(in);
    ev.part = wire_read_text(in);
    read_fields(in, arena, &ev);
    if (kind >= EVENT_KINDS)
        in->bad = true;
    ev.kind = (enum event_kind)kind;
    if (!in->bad)
        *ret = ev;
}
