#include "format/evtx_value.h"

#include "t.h"

static struct arena *arena;

#define INIT(lit)                               \
    {                                           \
        (const uint8_t *)(lit), sizeof(lit) - 1 \
    }
#define RAW(lit) ((struct bytes)INIT(lit))

static void shows_values_as_windows_does(void)
{
    static const struct {
        uint8_t type;
        struct bytes raw;
        const char *want;
    } cases[] = {
        {EVTX_TYPE_NULL, INIT("xx"), ""},
        {EVTX_TYPE_STRING, INIT("a\0b\0"),
         "a"
         "b"},
        {EVTX_TYPE_STRING, INIT("a\0b\0\0\0c\0"), "ab"},
        {EVTX_TYPE_STRING, INIT("l\0o\0n\0g\0e\0r\0 \0t\0e\0x\0t\0!"), "longer text"},
        {EVTX_TYPE_STRING, INIT("\x3d\xd8\xbe\xdc"), "\xf0\x9f\x92\xbe"},
        {EVTX_TYPE_STRING, INIT("a\0\x3d\xd8"), "a\xef\xbf\xbd"},
        {EVTX_TYPE_STRING, INIT(""), ""},
        {EVTX_TYPE_STRING, INIT("x"), ""},
        {EVTX_TYPE_ANSI, INIT("\x80\xe9\0z"), "\xe2\x82\xac\xc3\xa9"},
        {EVTX_TYPE_I8, INIT("\x80"), "-128"},
        {EVTX_TYPE_U8, INIT("\xff"), "255"},
        {EVTX_TYPE_I16, INIT("\0\x80"), "-32768"},
        {EVTX_TYPE_U16, INIT("\xff\xff"), "65535"},
        {EVTX_TYPE_I32, INIT("\xff\xff\xff\xff"), "-1"},
        {EVTX_TYPE_U32, INIT("\xff\xff\xff\xff"), "4294967295"},
        {EVTX_TYPE_I64, INIT("\0\0\0\0\0\0\0\x80"), "-9223372036854775808"},
        {EVTX_TYPE_U64, INIT("\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615"},
        {EVTX_TYPE_FLOAT, INIT("\0\0\xc0\x3f"), "1.5"},
        {EVTX_TYPE_DOUBLE, INIT("\0\0\0\0\0\0\xd0\xbf"), "-0.25"},
        {EVTX_TYPE_BOOL, INIT("\0\0\0\0"), "false"},
        {EVTX_TYPE_BOOL, INIT("\0\x01\0\0"), "true"},
        {EVTX_TYPE_BINARY, INIT("\x00\xab\x0f"), "00AB0F"},
        {EVTX_TYPE_GUID,
         INIT("\x17\x92\xce\x0c\xae\x69\xd9\x11\xbe\xd3\x50\x50\x54\x50\x30\x30"),
         "{0CCE9217-69AE-11D9-BED3-505054503030}"},
        {EVTX_TYPE_SIZE, INIT("\x00\x10\0\0"), "0x1000"},
        {EVTX_TYPE_SIZE, INIT("\x00\x10\0"), "001000"},
        {EVTX_TYPE_FILETIME, INIT("\0\0\0\0\0\0\0\0"), "1601-01-01T00:00:00.0000000Z"},
        {EVTX_TYPE_FILETIME, INIT("\x9b\xd2\x15\x6e\x58\x15\xd4\x01"),
         "2018-07-06T18:37:44.8816283Z"},
        {EVTX_TYPE_FILETIME, INIT("\x9b\xd2"), "9BD2"},
        {EVTX_TYPE_SYSTEMTIME, INIT("\xe5\x07\x03\0\x02\0\x02\0\x04\0\x0b\0\x09\0\x7b\0"),
         "2021-03-02T04:11:09.1230000Z"},
        {EVTX_TYPE_SID, INIT("\x01\x01\0\0\0\0\0\x05\x12\0\0\0"), "S-1-5-18"},
        {EVTX_TYPE_SID, INIT("\x01\x02\0\0\0\0\0\x05\x12\0\0\0"), "010200000000000512000000"},
        {EVTX_TYPE_SID, INIT("\x01\0\x01\0\0\0\0\0"), "S-1-0x010000000000"},
        {EVTX_TYPE_HEX32, INIT("\xe7\x03\0\0"), "0x3e7"},
        {EVTX_TYPE_HEX64, INIT("\0\0\0\0\0\0\0\0"), "0x0"},
        {EVTX_TYPE_HANDLE, INIT("\x10\0\0\0"), "0x10"},
        {0x7f, INIT("\x01"), "01"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str got = evtx_value_text(cases[i].type, cases[i].raw, arena);
        t_str(got, str_of(cases[i].want), "case", __FILE__, (int)i);
    }
}

static void reads_numbers_and_times_out_of_text_too(void)
{
    uint64_t v = 0;
    T_OK(evtx_value_number(EVTX_TYPE_STRING, RAW("4\0002\0"), &v));
    T_EQ(v, 42);
    T_OK(evtx_value_number(EVTX_TYPE_U16, RAW("\x10\x12"), &v));
    T_EQ(v, 0x1210);
    T_OK(!evtx_value_number(EVTX_TYPE_U16, RAW("\x10"), &v));
    T_OK(!evtx_value_number(EVTX_TYPE_STRING, RAW("x\0"), &v));
    T_OK(!evtx_value_number(EVTX_TYPE_GUID, RAW("0123456789abcdef"), &v));
    T_EQ(v, 0x1210);

    static const char text[] =
        "2\0000\0001\0008\0-\0000\0007\0-\0000\0006\0T\0001\0008\0:\0003\0007"
        "\0:\0004\0004\0.\0008\0008\0001\0006\0002\0008\0003\0Z";
    T_OK(evtx_value_filetime(EVTX_TYPE_STRING,
                             (struct bytes){(const uint8_t *)text, sizeof text}, &v));
    T_EQ(v, UINT64_C(0x01d415586e15d29b));
    T_OK(!evtx_value_filetime(EVTX_TYPE_FILETIME, RAW("\0\0\0"), &v));
    T_OK(!evtx_value_filetime(EVTX_TYPE_SYSTEMTIME, RAW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
                              &v));
}

static size_t count_items(uint8_t type, struct bytes raw)
{
    size_t at = 0;
    size_t n = 0;
    struct bytes item;
    while (evtx_value_item((uint8_t)(type | EVTX_TYPE_ARRAY), raw, &at, &item)) {
        T_OK(item.n <= raw.n);
        (void)evtx_value_text(type, item, arena);
        n++;
    }
    return n;
}

static void splits_arrays(void)
{
    T_EQ(count_items(EVTX_TYPE_STRING, RAW("a\0\0\0\0\0b\0\0\0")), 3);
    T_EQ(count_items(EVTX_TYPE_STRING, RAW("a\0\0\0b\0")), 2);
    T_EQ(count_items(EVTX_TYPE_STRING, RAW("")), 0);
    T_EQ(count_items(EVTX_TYPE_ANSI, RAW("a\0b")), 2);
    T_EQ(count_items(EVTX_TYPE_U32, RAW("\1\0\0\0\2\0\0\0")), 2);
    T_EQ(count_items(EVTX_TYPE_U32, RAW("\1\0\0\0\2\0\0")), 2);
    T_EQ(count_items(EVTX_TYPE_SID, RAW("\1\1\0\0\0\0\0\5\1\0\0\0\1\0\0\0\0\0\0\5")), 2);
    T_EQ(count_items(0x7f, RAW("abc")), 1);
}

static void every_type(struct bytes raw)
{
    uint64_t v;
    for (unsigned type = 0; type < 256; type++) {
        arena_reset(arena);
        (void)evtx_value_text((uint8_t)type, raw, arena);
        (void)evtx_value_number((uint8_t)type, raw, &v);
        (void)evtx_value_filetime((uint8_t)type, raw, &v);
        (void)count_items((uint8_t)type, raw);
    }
}

static void survives_any_size_of_any_type(void)
{
    t_each_prefix(
        RAW("\x01\xff\x80\x00\xd8\x00\xdc\xe9\x00\x00\x31\x00\x32\x00\x33\x00\x01\x01"),
        every_type);
}

int main(void)
{
    arena = arena_new();
    T_RUN(shows_values_as_windows_does);
    T_RUN(reads_numbers_and_times_out_of_text_too);
    T_RUN(splits_arrays);
    T_RUN(survives_any_size_of_any_type);
    arena_free(arena);
    return t_done();
}
