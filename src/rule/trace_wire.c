#include "rule/trace_wire.h"

#include "event/event_wire.h"

enum {
    DEPTH_MAX = 256, /* conditions, selections and filters together nest less */
    PART_MIN = 10,   /* bytes: more than this has each part, value and text */
    TEXT_MIN = 5,
};

void trace_write(const struct trace *t, struct buf *out)
{
    wire_number(out, t->kind, 1);
    wire_number(out, t->result, 1);
    wire_number(out, t->all, 1);
    wire_number(out, t->need, 4);
    wire_text(out, str_part(t->name, 0, TRACE_TEXT_MAX));
    wire_number(out, t->n_asked, 4);
    for (size_t i = 0; i < t->n_asked; i++) {
        wire_number(out, t->asked[i].hit, 1);
        wire_text(out, str_part(t->asked[i].text, 0, TRACE_TEXT_MAX));
    }
    wire_number(out, t->n_values, 4);
    for (size_t i = 0; i < t->n_values; i++) {
        const struct trace_value *v = &t->values[i];
        wire_number(out, v->hit, 1);
        wire_text(out, v->field);
        wire_text(out, str_part(v->text, 0, TRACE_TEXT_MAX));
        wire_text(out, v->how);
    }
    wire_number(out, t->n, 4);
    for (size_t i = 0; i < t->n; i++) /* as deep as the rule */
        trace_write(t->child[i], out);
}

/* How many follow, each of at least `each` bytes; 0 and in->bad if they cannot. */
static size_t read_count(struct cur *in, size_t each)
{
    uint32_t n = cur_u32(in);
    if (!cur_fits(in, n, each))
        in->bad = true;
    return in->bad ? 0 : n;
}

static struct trace *read_part(struct cur *in, struct arena *arena, unsigned depth)
{
    struct trace *t = ARENA_NEW(arena, struct trace);
    uint8_t kind = cur_u8(in);
    t->kind = (enum trace_kind)kind;
    t->result = cur_u8(in) != 0;
    t->all = cur_u8(in) != 0;
    t->need = cur_u32(in);
    t->name = wire_read_text(in);
    t->n_asked = read_count(in, TEXT_MIN);
    t->asked = ARENA_ARRAY(arena, struct trace_asked, t->n_asked);
    for (size_t i = 0; i < t->n_asked; i++) {
        t->asked[i].hit = cur_u8(in) != 0;
        t->asked[i].text = wire_read_text(in);
    }
    t->n_values = read_count(in, PART_MIN);
    t->values = ARENA_ARRAY(arena, struct trace_value, t->n_values);
    for (size_t i = 0; i < t->n_values; i++) {
        t->values[i].hit = cur_u8(in) != 0;
        t->values[i].field = wire_read_text(in);
        t->values[i].text = wire_read_text(in);
        t->values[i].how = wire_read_text(in);
    }
    t->n = read_count(in, PART_MIN);
    if (depth == DEPTH_MAX || kind > TRACE_FILTER)
        in->bad = true;
    t->child = ARENA_ARRAY(arena, struct trace *, t->n);
    for (size_t i = 0; i < t->n && !in->bad; i++)
        t->child[i] = read_part(in, arena, depth + 1);
    return t;
}

struct trace *trace_read(struct cur *in, struct arena *arena)
{
    struct trace *t = read_part(in, arena, 0);
    return in->bad ? NULL : t;
}
