#include "event/map_evtx.h"

#include "evtx_t.h"
#include "format/evtx_record.h"
#include "t.h"

static void put_values(struct builder *b, unsigned number)
{
    put(b, 2, 4);
    put(b, 2, 2);
    put(b, 0x06, 2);
    put(b, 4, 2);
    put(b, 0x01, 2);
    put(b, number, 2);
    put_chars(b, "hi");
}

/* Event/System/EventID %0, Event/EventData/<name> %1; returns the definition's offset. */
static size_t put_defining_record(struct builder *b, uint64_t id, uint32_t template,
                                  const char *name)
{
    size_t at = start_record(b, id);
    put(b, 0x010c, 2);
    put(b, template, 4);
    size_t definition = b->n + 4;
    put(b, definition, 4);
    put(b, 0, 4);
    put(b, template, 4);
    put(b, 0, 8);
    put(b, 0, 4);
    size_t size_at = b->n;
    put(b, 0, 4);
    put(b, 0x0001010f, 4);
    open_tag(b, "Event");
    open_tag(b, "System");
    value_in(b, "EventID", 0, 0x06);
    put(b, 0x04, 1);
    open_tag(b, "EventData");
    value_in(b, name, 1, 0x01);
    put(b, 0x0404, 2);
    put(b, 0x00, 1);
    patch(b, size_at, b->n - size_at - 4, 4);
    put_values(b, (unsigned)id);
    end_record(b, at);
    return definition;
}

static void put_using_record(struct builder *b, uint64_t id, uint32_t template,
                             size_t definition)
{
    size_t at = start_record(b, id);
    put(b, 0x010c, 2);
    put(b, template, 4);
    put(b, definition, 4);
    put_values(b, (unsigned)id);
    end_record(b, at);
}

static struct bytes sample(struct builder *b)
{
    start_chunk(b);
    size_t definition = put_defining_record(b, 1, 0xabcd, "Field");
    put_using_record(b, 2, 0xabcd, definition);
    patch(b, 48, b->n, 4);
    return (struct bytes){b->p, b->n};
}

static struct builder chunk;

static void gives_heads_then_fields(void)
{
    struct arena *file = arena_new();
    struct arena *one = arena_new();
    struct bytes data = sample(&chunk);
    struct evtx_events *e = evtx_events_open(data, 0, data.n, 0, file);
    struct event ev;
    struct evtx_gap gap;
    struct err err = {0};
    for (uint64_t id = 1; id <= 2; id++) {
        T_EQ(evtx_events_next(e, one, &ev, &gap, &err), 1);
        T_EQ(ev.kind, EVENT_WINDOWS);
        T_EQ(ev.event_id, id);
        T_EQ(ev.record, id);
        T_EQ(ev.time, instant_of_filetime(UINT64_C(0x01d415586e15d29b)));
        T_EQ(ev.utc_hint, INSTANT_NONE);
        T_EQ(ev.n, 0);
        T_STR(ev.host, "");
        evtx_events_fill(e, one, &ev);
        T_EQ(ev.n, 2);
        T_EQ(ev.fields[0].section, SECTION_SYSTEM);
        T_EQ(ev.fields[1].section, SECTION_DATA);
        T_STR(ev.fields[1].name, "Field");
        T_STR(ev.fields[1].value, "hi");
        arena_reset(one);
    }
    T_EQ(evtx_events_next(e, one, &ev, &gap, &err), 0);
    T_EQ(err.code, ERR_NONE);
    arena_free(one);
    arena_free(file);
}

static void read_all(struct bytes data)
{
    struct arena *file = arena_new();
    struct arena *one = arena_new();
    struct evtx_events *e = evtx_events_open(data, 0, data.n, EVTX_CHECK_CRC, file);
    struct event ev;
    struct evtx_gap gap;
    struct err err = {0};
    unsigned calls = 0;
    for (int got; (got = evtx_events_next(e, one, &ev, &gap, &err)) != 0; calls++) {
        if (got > 0)
            evtx_events_fill(e, one, &ev);
        else
            T_OK(gap.from < gap.to && gap.to <= data.n);
        arena_reset(one);
    }
    T_OK(calls < 10);
    arena_free(one);
    arena_free(file);
}

static void survives_every_truncation(void)
{
    t_each_prefix(sample(&chunk), read_all);
}

static void survives_every_flipped_byte(void)
{
    struct bytes data = sample(&chunk);
    for (size_t i = 0; i < data.n; i++)
        for (unsigned flip = 1; flip < 256; flip = flip * 4 - 1) {
            chunk.p[i] ^= (uint8_t)flip;
            read_all(data);
            chunk.p[i] ^= (uint8_t)flip;
        }
}

/* The frames of a chunk, located with a table of plans. */
static unsigned locate_all(struct evtx_templates *t, struct bytes data, uint64_t offset,
                           struct evtx_record *record)
{
    struct evtx_chunk c;
    struct evtx_frame frame;
    struct err err = {0};
    unsigned n = 0;
    T_EQ(evtx_chunk_open(data, offset, &c, &err), 0);
    while (evtx_chunk_next(&c, &frame, &err) > 0)
        n += evtx_record_locate(t, &c, &frame, record, &err) == 0;
    return n;
}

static void compiles_a_template_once_whatever_chunk_it_is_in(void)
{
    static struct evtx_record record;
    struct arena *arena = arena_new();
    struct evtx_templates *t = evtx_templates_new(arena);
    struct bytes data = sample(&chunk);
    T_EQ(locate_all(t, data, 0, &record), 2);
    T_EQ(evtx_templates_compiled(t), 1);
    T_EQ(locate_all(t, data, EVTX_CHUNK_SIZE, &record), 2);
    T_EQ(evtx_templates_compiled(t), 1);
    arena_free(arena);
}

static void forgets_and_goes_on_when_the_table_is_full(void)
{
    static struct evtx_record record;
    struct arena *arena = arena_new();
    struct evtx_templates *t = evtx_templates_new(arena);
    uint32_t id = 1;
    unsigned located = 0;
    size_t used = 0;
    for (unsigned round = 0; round < 120; round++) { /* 100 templates each: twelve thousand */
        start_chunk(&chunk);
        for (unsigned i = 0; i < 100; i++)
            (void)put_defining_record(&chunk, id, id, "Field"), id++;
        located += locate_all(t, (struct bytes){chunk.p, chunk.n},
                              (uint64_t)round * EVTX_CHUNK_SIZE, &record);
        if (round == 80)
            used = arena_used(arena);
    }
    T_EQ(located, 12000);
    T_EQ(arena_used(arena), used); /* by then it had been full at least once */

    struct bytes last = {chunk.p, chunk.n};
    (void)locate_all(t, last, 0, &record);
    uint64_t compiled = evtx_templates_compiled(t);
    (void)locate_all(t, last, EVTX_CHUNK_SIZE, &record);
    T_EQ(evtx_templates_compiled(t), compiled); /* and it learns again */
    arena_free(arena);
}

int main(void)
{
    T_RUN(gives_heads_then_fields);
    T_RUN(survives_every_truncation);
    T_RUN(survives_every_flipped_byte);
    T_RUN(compiles_a_template_once_whatever_chunk_it_is_in);
    T_RUN(forgets_and_goes_on_when_the_table_is_full);
    return t_done();
}
