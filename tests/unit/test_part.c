#include "detect/part.h"

#include "base/buf.h"
#include "t.h"

static struct arena *arena;

static struct event sample(const char *number, const char *total)
{
    struct event ev = {.kind = EVENT_WINDOWS,
                       .event_id = 4104,
                       .time = 77,
                       .offset = 4096,
                       .size = 200,
                       .record = 5,
                       .marks = MARK_CRC_BAD,
                       .channel = STR("Microsoft-Windows-PowerShell/Operational"),
                       .provider = STR("Microsoft-Windows-PowerShell"),
                       .host = STR("SRV")};
    event_add(&ev, arena, SECTION_SYSTEM, FIELD_NUMBER, STR("EventID"), STR("4104"));
    event_add(&ev, arena, SECTION_DATA, FIELD_NUMBER, STR("MessageNumber"), str_of(number));
    event_add(&ev, arena, SECTION_DATA, FIELD_NUMBER, STR("MessageTotal"), str_of(total));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("ScriptBlockText"), STR("3:a:b"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("ScriptBlockId"), STR("id"));
    return ev;
}

static void knows_a_part(void)
{
    struct part p = {0};
    struct event ev = sample("2", "3");
    T_OK(part_of(&ev, &p));
    T_EQ(p.number, 2);
    T_EQ(p.total, 3);
    T_STR(p.block, "id");
    T_STR(p.text, "3:a:b");
    ev.event_id = 4103;
    T_OK(!part_of(&ev, &p));
    static const char *const odd[][2] = {{"1", "1"}, {"0", "2"}, {"3", "2"},
                                         {"x", "2"}, {"1", ""},  {"1", "4294967296"}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        ev = sample(odd[i][0], odd[i][1]);
        T_OK(!part_of(&ev, &p));
    }
}

static struct signal written(void)
{
    struct part p = {0};
    struct event ev = sample("2", "3");
    struct buf out = buf_new(65536);
    struct signal s = {0};
    struct err err = {0};
    T_OK(part_of(&ev, &p));
    T_OK(part_write(&out, &p));
    struct cur in = cur_of(str_bytes(buf_str(&out)), 0);
    T_EQ(signal_read(&in, arena, &s, &err), 1);
    buf_free(&out);
    return s;
}

static void comes_through(void)
{
    struct part p = {0};
    struct err err = {0};
    struct signal s = written();
    T_EQ(s.type, SIGNAL_LATER);
    T_EQ(s.later, LATER_PART);
    T_EQ(part_read(&s, arena, &p, &err), 0);
    T_EQ(p.number, 2);
    T_EQ(p.total, 3);
    T_EQ(p.ev.event_id, 4104);
    T_EQ(p.ev.offset, 4096);
    T_EQ(p.ev.size, 200);
    T_EQ(p.ev.record, 5);
    T_EQ(p.ev.time, 77);
    T_EQ(p.ev.marks, MARK_CRC_BAD);
    T_EQ(p.ev.n, 5);
    T_EQ(p.text_at, 3);
    T_STR(p.text, "3:a:b");
    T_STR(p.ev.fields[3].value, ""); /* not sent twice */
    T_STR(event_text(&p.ev, "ScriptBlockId"), "id");
    T_STR(p.ev.channel, "Microsoft-Windows-PowerShell/Operational");
    T_STR(p.ev.host, "SRV");
}

static void read_damaged(struct bytes packed)
{
    struct part p = {0};
    struct err err = {0};
    struct signal s = {.type = SIGNAL_LATER, .later = LATER_PART};
    s.format = (struct str){(const char *)packed.p, packed.n};
    T_EQ(part_read(&s, arena, &p, &err), -1);
    T_EQ(err.code, ERR_CORRUPT);
}

static void read_flipped(const struct signal *whole)
{
    for (size_t i = 0; i < whole->format.n * 8; i++) {
        struct part p = {0};
        struct err err = {0};
        struct signal s = *whole;
        struct str copy = arena_str(arena, whole->format);
        char *at = ARENA_ARRAY(arena, char, copy.n);
        memcpy(at, copy.p, copy.n);
        at[i / 8] = (char)(at[i / 8] ^ 1 << i % 8);
        s.format.p = at;
        if (part_read(&s, arena, &p, &err) == 0)
            T_OK(p.text_at < p.ev.n && p.number >= 1 && p.number <= p.total);
    }
}

static void trusts_nothing(void)
{
    struct signal s = written();
    t_each_prefix(str_bytes(s.format), read_damaged);
    read_flipped(&s);
}

/* What could not be read back is not written. */
static void refuses_fields_too_long(void)
{
    enum { LONG = 5 << 20 };
    struct part p = {0};
    struct event ev = sample("2", "3");
    struct buf out = buf_new(16 << 20);
    char *text = ARENA_ARRAY(arena, char, LONG);
    memset(text, 'x', LONG);
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Path"), (struct str){text, LONG});
    T_OK(part_of(&ev, &p));
    T_OK(!part_write(&out, &p));
    T_EQ(out.n, 0);
    buf_free(&out);
}

int main(void)
{
    arena = arena_new();
    T_RUN(knows_a_part);
    T_RUN(comes_through);
    T_RUN(trusts_nothing);
    T_RUN(refuses_fields_too_long);
    arena_free(arena);
    return t_done();
}
