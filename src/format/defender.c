#include "format/defender.h"

#include <inttypes.h>

#include "base/cur.h"
#include "base/utf.h"

bool defender_is(struct bytes head)
{
    enum { MAGIC_AT = 0x30 };
    static const char magic[] = "M\0a\0g\0i\0c\0.\0V\0e\0r\0s\0i\0o\0n\0:\0";
    static const uint8_t first[] = {8, 0, 0, 0, 8, 0, 0, 0};
    return head.n >= MAGIC_AT + sizeof magic - 1 && memcmp(head.p, first, sizeof first) == 0 &&
           memcmp(head.p + MAGIC_AT, magic, sizeof magic - 1) == 0;
}

static struct str text_of(struct bytes raw, struct arena *arena)
{
    while (raw.n >= 2 && raw.p[raw.n - 1] == 0 && raw.p[raw.n - 2] == 0)
        raw.n -= 2;
    return utf16le_decode(raw, arena);
}

static struct str guid_of(struct bytes b, struct arena *arena)
{
    struct cur c = cur_of(b, 0);
    uint32_t a = cur_u32(&c);
    unsigned d = cur_u16(&c);
    unsigned e = cur_u16(&c);
    if (c.bad || b.n < 16)
        return STR("");
    const uint8_t *p = b.p + 8;
    return arena_printf(arena, "{%08" PRIX32 "-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}", a,
                        d, e, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]);
}

int defender_next(struct defender_values *values, struct arena *arena,
                  struct defender_value *ret, struct err *err)
{
    size_t from = values->at;
    struct cur c = cur_of(values->file, 0);
    if (from >= values->file.n)
        return 0;
    cur_seek(&c, from);
    uint32_t size = cur_u32(&c);
    struct defender_value v = {.offset = from, .text = STR("")};
    v.type = cur_u32(&c);
    if (size > DEFENDER_VALUE_MAX) {
        values->file.n = from;
        return err_set(err, ERR_LIMIT, "a value of %u bytes", size);
    }
    v.data = cur_take(&c, size);
    if (c.bad) {
        values->file.n = from;
        return err_set(err, ERR_CORRUPT, "a value ends behind the file's end");
    }
    size_t padding = (8 - size % 8) % 8;
    cur_skip(&c, padding < cur_left(&c) ? padding : cur_left(&c));
    values->at = c.at;
    struct cur number = cur_of(v.data, 0);
    v.number = size <= 8 ? cur_le(&number, size) : 0;
    if (v.type == DEFENDER_TEXT)
        v.text = text_of(v.data, arena);
    if (v.type == DEFENDER_GUID)
        v.text = guid_of(v.data, arena);
    *ret = v;
    return 1;
}

/* Behind the header, if there is one, and the size of what follows. */
static void skip_header(struct cur *c)
{
    uint32_t first = cur_u32(c);
    if (first != 1)
        return; /* it is that size */
    uint32_t header = cur_u32(c);
    cur_seek(c, header);
    cur_skip(c, 4);
}

bool defender_tracking_next(struct bytes data, size_t *at, struct arena *arena,
                            struct str *ret_name, struct str *ret_value)
{
    enum { BYTE = 5, NUMBER = 3, LONG = 4, TEXT = 6, FIVE = 7 };
    struct cur c = cur_of(data, 0);
    cur_seek(&c, *at);
    if (*at == 0)
        skip_header(&c);
    if (cur_left(&c) == 0)
        return false;
    uint32_t size = cur_u32(&c);
    struct str name = text_of(cur_take(&c, size), arena);
    uint32_t type = cur_u32(&c);
    struct str value = STR("");
    if (type == TEXT) {
        uint32_t n = cur_u32(&c);
        value = text_of(cur_take(&c, n), arena);
    } else if (type == BYTE || type == NUMBER || type == LONG) {
        uint64_t v = cur_le(&c, type == BYTE ? 1 : type == NUMBER ? 4 : 8);
        value = arena_printf(arena, "%" PRIu64, v);
    } else if (type == FIVE) {
        cur_skip(&c, 5);
    } else {
        return false;
    }
    if (c.bad || name.n == 0)
        return false;
    *at = c.at;
    *ret_name = name;
    *ret_value = value;
    return true;
}
