#include "detect/part.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/num.h"
#include "detect/packed.h"

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

bool part_write(struct buf *out, const struct part *p)
{
    struct buf packed = buf_new(PACKED_MAX);
    packed_put(&packed, p->block);
    packed_put(&packed, p->ev.channel);
    packed_put(&packed, p->ev.provider);
    packed_put_number(&packed, p->number);
    packed_put_number(&packed, p->total);
    packed_put_number(&packed, p->ev.event_id);
    packed_put_number(&packed, p->ev.marks);
    packed_put_number(&packed, p->text_at);
    packed_put_number(&packed, p->ev.n);
    packed_put_fields(&packed, &p->ev, p->text_at);
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

int part_read(const struct signal *s, struct arena *arena, struct part *ret, struct err *err)
{
    struct packed r = {.in = s->format};
    struct part p = {.ev = {.kind = EVENT_WINDOWS,
                            .time = s->from,
                            .record = s->a,
                            .offset = s->b,
                            .size = s->c,
                            .host = s->host,
                            .utc_hint = INSTANT_NONE},
                     .text = s->text};
    p.block = packed_get(&r);
    p.ev.channel = packed_get(&r);
    p.ev.provider = packed_get(&r);
    p.number = packed_get_below(&r, (uint64_t)UINT32_MAX + 1);
    p.total = packed_get_below(&r, (uint64_t)UINT32_MAX + 1);
    p.ev.event_id = packed_get_below(&r, UINT32_MAX);
    p.ev.marks = packed_get_below(&r, UINT32_MAX);
    p.text_at = packed_get_below(&r, UINT32_MAX);
    uint32_t n = packed_get_below(&r, UINT32_MAX);
    packed_get_fields(&r, n, arena, &p.ev);
    if (r.bad || r.at != r.in.n || p.text_at >= p.ev.n || p.number < 1 || p.number > p.total)
        return err_set(err, ERR_CORRUPT, "a worker's reply is damaged");
    *ret = p;
    return 0;
}
