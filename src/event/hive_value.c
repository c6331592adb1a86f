#include "event/hive_value.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/utf.h"

bool hive_value_is_text(uint32_t type)
{
    return type == HIVE_SZ || type == HIVE_EXPAND_SZ || type == HIVE_LINK;
}

/* Where the string that starts at `from` ends. */
static size_t string_end(struct bytes data, size_t from)
{
    size_t at = from;
    while (data.n - at >= 2 && (data.p[at] || data.p[at + 1]))
        at += 2;
    return at;
}

struct str hive_value_string(struct bytes data, struct arena *arena)
{
    data.n = string_end(data, 0);
    return utf16le_decode(data, arena);
}

bool hive_value_next(struct bytes data, size_t *at, struct arena *arena, struct str *ret)
{
    if (*at >= data.n)
        return false;
    size_t end = string_end(data, *at);
    if (end == *at)
        return false;
    *ret = utf16le_decode((struct bytes){data.p + *at, end - *at}, arena);
    *at = data.n - end >= 2 ? end + 2 : data.n;
    return true;
}

bool hive_value_number(const struct hive *h, const struct hive_value *v, uint64_t *ret)
{
    struct err ignored = {0};
    struct bytes data;
    size_t width = v->type == HIVE_QWORD ? 8 : 4;
    bool number =
        v->type == HIVE_DWORD || v->type == HIVE_QWORD || v->type == HIVE_DWORD_BIG_ENDIAN;
    if (!number || v->data_size != width || hive_data(h, v, NULL, &data, &ignored) < 0)
        return false;
    struct cur c = cur_of(data, 0);
    uint64_t n = cur_le(&c, width);
    *ret = v->type == HIVE_DWORD_BIG_ENDIAN ? __builtin_bswap32((uint32_t)n) : n;
    return true;
}

struct str hive_value_hex(struct bytes data, struct arena *arena)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = data.n < HIVE_HEX_MOST ? data.n : HIVE_HEX_MOST;
    char *out = ARENA_ARRAY(arena, char, n * 2 + 3);
    for (size_t i = 0; i < n; i++) {
        out[i * 2] = digits[data.p[i] >> 4];
        out[i * 2 + 1] = digits[data.p[i] & 15];
    }
    if (n == data.n)
        return (struct str){out, n * 2};
    memcpy(out + n * 2, "...", 3);
    return (struct str){out, n * 2 + 3};
}

struct str hive_value_sid(struct bytes data, struct arena *arena)
{
    enum { PARTS = 15, ROOM = 256 };
    struct cur c = cur_of(data, 0);
    uint8_t revision = cur_u8(&c);
    uint8_t parts = cur_u8(&c);
    uint64_t authority = 0;
    for (int i = 0; i < 6; i++)
        authority = authority << 8 | cur_u8(&c);
    if (revision != 1 || parts > PARTS || !cur_fits(&c, parts, 4))
        return STR("");
    struct buf out = buf_new(ROOM);
    buf_addf(&out, "S-1-%" PRIu64, authority);
    for (int i = 0; i < parts; i++)
        buf_addf(&out, "-%" PRIu32, cur_u32(&c));
    struct str sid = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return sid;
}
