#include "report/stix_id.h"

#include "base/uuid.h"

/* 00abedb4-aa42-466c-9c01-fed23315a9b7, which the standard keeps for observables */
static const struct uuid OBSERVABLES = {{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c,
                                         0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}};

/* 6f9d3c1e-52b7-5b0c-8e0d-0a7e3c4b9d21: drawn for this program */
static const struct uuid OWN = {{0x6f, 0x9d, 0x3c, 0x1e, 0x52, 0xb7, 0x5b, 0x0c, 0x8e, 0x0d,
                                 0x0a, 0x7e, 0x3c, 0x4b, 0x9d, 0x21}};

struct str stix_uuid(struct arena *arena, const char *type, const struct str *parts, size_t n)
{
    char text[UUID_TEXT];
    struct buf name = buf_new(SIZE_MAX / 4);
    buf_add(&name, type, strlen(type) + 1);
    for (size_t i = 0; i < n; i++) {
        buf_add_str(&name, parts[i]);
        buf_add_char(&name, '\0'); /* ("ab","c") and ("a","bc") differ */
    }
    uuid5(&OWN, buf_str(&name), text);
    buf_free(&name);
    return arena_str(arena, str_of(text));
}

struct str stix_id(struct arena *arena, const char *type, const struct str *parts, size_t n)
{
    struct str uuid = stix_uuid(arena, type, parts, n);
    return arena_printf(arena, "%s--%.*s", type, STR_ARG(uuid));
}

struct str stix_observable_id(struct arena *arena, const char *type, struct str canonical)
{
    char text[UUID_TEXT];
    uuid5(&OBSERVABLES, canonical, text);
    return arena_printf(arena, "%s--%s", type, text);
}

void stix_canonical(struct buf *out, struct str text)
{
    static const char signs[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        const char *sign = text.p[i] ? strchr(signs, text.p[i]) : NULL;
        if (sign)
            buf_addf(out, "\\%c", letters[sign - signs]);
        else if ((unsigned char)text.p[i] < 0x20)
            buf_addf(out, "\\u%04x", (unsigned)(unsigned char)text.p[i]);
        else
            buf_add_char(out, text.p[i]);
    }
    buf_add_char(out, '"');
}
