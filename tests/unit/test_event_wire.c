/* Events as bytes: what goes in comes out, and bytes that are none are refused. */
#include "event/event_wire.h"
#include "t.h"

static void make(struct arena *arena, struct event *ev)
{
    *ev = (struct event){.kind = EVENT_IIS,
                         .time = -5,
                         .offset = UINT64_MAX,
                         .record = 7,
                         .marks = MARK_RECOVERED,
                         .event_id = 4688,
                         .channel = STR("Security"),
                         .host = STR("h")};
    event_add(ev, arena, SECTION_DATA, FIELD_TEXT, STR("a"), STR("x\0y"));
    event_add(ev, arena, SECTION_DERIVED, FIELD_NULL, STR("b"), STR(""));
}

static void what_goes_in_comes_out(void)
{
    struct arena *arena = arena_new();
    struct event ev;
    struct event back = {0};
    struct buf b = buf_new(4096);
    make(arena, &ev);
    event_wire(&ev, true, &b);
    struct cur in = cur_of(str_bytes(buf_str(&b)), 0);
    event_wire_read(&in, arena, &back);
    T_OK(!in.bad && cur_left(&in) == 0);
    T_EQ(back.kind, EVENT_IIS);
    T_EQ(back.time, -5);
    T_EQ(back.offset, UINT64_MAX);
    T_EQ(back.record, 7);
    T_EQ(back.marks, MARK_RECOVERED);
    T_EQ(back.event_id, 4688);
    T_STR(back.channel, "Security");
    T_STR(back.host, "h");
    T_EQ(back.n, 2);
    T_STR(back.fields[0].value, "x\0y");
    T_EQ(back.fields[1].type, FIELD_NULL);
    T_EQ(back.fields[1].section, SECTION_DERIVED);
    buf_clear(&b);
    event_wire(&ev, false, &b);
    in = cur_of(str_bytes(buf_str(&b)), 0);
    event_wire_read(&in, arena, &back);
    T_EQ(back.n, 0);
    buf_free(&b);
    arena_free(arena);
}

static void read(struct bytes data)
{
    struct arena *arena = arena_new();
    struct event ev = {0};
    struct cur in = cur_of(data, 0);
    event_wire_read(&in, arena, &ev);
    T_OK(in.bad ? ev.n == 0 : ev.kind < EVENT_KINDS);
    arena_free(arena);
}

static void bad(struct bytes data)
{
    struct arena *arena = arena_new();
    struct event ev = {0};
    struct cur in = cur_of(data, 0);
    event_wire_read(&in, arena, &ev);
    T_OK(in.bad);
    arena_free(arena);
}

static void survives_every_truncation_and_flip(void)
{
    struct arena *arena = arena_new();
    struct event ev;
    struct buf b = buf_new(4096);
    make(arena, &ev);
    event_wire(&ev, true, &b);
    t_each_prefix(str_bytes(buf_str(&b)), bad);
    for (size_t i = 0; i < b.n * 8; i++) {
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
        read(str_bytes(buf_str(&b)));
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
    }
    buf_free(&b);
    arena_free(arena);
}

int main(void)
{
    T_RUN(what_goes_in_comes_out);
    T_RUN(survives_every_truncation_and_flip);
    return t_done();
}
