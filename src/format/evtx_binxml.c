#include "format/evtx_binxml.h"

#include "format/evtx_int.h"

enum {
    TOKEN_EOF = 0x00,
    TOKEN_OPEN = 0x01,
    TOKEN_CLOSE_TAG = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_END = 0x04,
    TOKEN_TEXT = 0x05,
    TOKEN_ATTRIBUTE = 0x06,
    TOKEN_CDATA = 0x07,
    TOKEN_CHAR_REF = 0x08,
    TOKEN_ENTITY_REF = 0x09,
    TOKEN_PI_TARGET = 0x0a,
    TOKEN_PI_DATA = 0x0b,
    TOKEN_VALUE = 0x0d,
    TOKEN_OPTIONAL = 0x0e,
    TOKEN_FRAGMENT = 0x0f,
    MORE = 0x40, /* bit of open elements: an attribute list size follows */

    NAME_HEAD = 8,      /* u32 next, u16 hash, u16 characters */
    NAME_LONGEST = 255, /* characters; Windows allows no more */
    TYPE_STRING = 0x01,
};

struct binxml binxml_of(struct bytes chunk, uint32_t at, uint32_t end, bool in_template)
{
    struct binxml b = {.chunk = chunk, .at = at, .end = end, .in_template = in_template};
    b.bad = at > end || end > chunk.n;
    return b;
}

bool utf16_is(struct bytes text, const char *ascii)
{
    size_t n = strlen(ascii);
    if (text.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (text.p[2 * i] != (uint8_t)ascii[i] || text.p[2 * i + 1] != 0)
            return false;
    return true;
}

/* The next n bytes of the fragment; a failed take leaves b->bad and yields zeros. */
static const uint8_t *take(struct binxml *b, uint32_t n)
{
    static const uint8_t zeros[16];
    if (b->bad || n > b->end - b->at) {
        b->bad = true;
        return zeros; /* no caller takes more than 16 bytes it then reads */
    }
    const uint8_t *p = b->chunk.p + b->at;
    b->at += n;
    return p;
}

/* `chars` UTF-16 characters, borrowed. */
static struct bytes take_text(struct binxml *b, uint16_t chars)
{
    const uint8_t *p = take(b, 2U * chars);
    return b->bad ? (struct bytes){0} : (struct bytes){p, 2 * (size_t)chars};
}

/* Whether the bytes at p are a whole name of `size` bytes, and not what was written over one. */
static bool is_name(const uint8_t *p, uint32_t size)
{
    enum { HASH = 4, NAME_HASH_FACTOR = 65599 };
    uint32_t h = 0;
    for (uint32_t i = 0; i < size; i += 2)
        h = h * NAME_HASH_FACTOR + le16(p + NAME_HEAD + i);
    return le16(p + HASH) == (uint16_t)h && le16(p + NAME_HEAD + size) == 0;
}

/* A name lies anywhere in the chunk. If that is right here, it is also part of the
 * fragment and must be passed over. */
static struct bytes take_name(struct binxml *b)
{
    uint32_t at = le32(take(b, 4));
    if (b->bad || at > b->chunk.n || b->chunk.n - at < NAME_HEAD) {
        b->bad = true;
        return (struct bytes){0};
    }
    uint32_t size = 2U * le16(b->chunk.p + at + 6);
    if (size > 2 * NAME_LONGEST || b->chunk.n - at - NAME_HEAD < size + 2 ||
        (b->check_names && !is_name(b->chunk.p + at, size))) {
        b->bad = true;
        return (struct bytes){0};
    }
    if (at == b->at)
        (void)take(b, NAME_HEAD + size + 2);
    return (struct bytes){b->chunk.p + at + NAME_HEAD, size};
}

static struct bytes take_entity(struct binxml *b)
{
    static const struct {
        const char *name;
        uint8_t text[2];
    } entities[] = {
        {"amp", {'&', 0}},  {"lt", {'<', 0}},    {"gt", {'>', 0}},
        {"quot", {'"', 0}}, {"apos", {'\'', 0}},
    };
    struct bytes name = take_name(b);
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (utf16_is(name, entities[i].name))
            return (struct bytes){entities[i].text, 2};
    b->bad = true;
    return (struct bytes){0};
}

static void take_open(struct binxml *b, bool attributes, struct binxml_token *ret)
{
    (void)take(b, b->in_template ? 6 : 4); /* dependency id; size of the element */
    *ret = (struct binxml_token){.kind = BINXML_OPEN, .text = take_name(b)};
    if (attributes)
        (void)take(b, 4); /* size of the attribute list */
}

static void take_value_text(struct binxml *b, struct binxml_token *ret)
{
    const uint8_t *p = take(b, 3);
    if (p[0] != TYPE_STRING)
        b->bad = true;
    *ret = (struct binxml_token){.kind = BINXML_TEXT, .text = take_text(b, le16(p + 1))};
}

static void take_value(struct binxml *b, bool optional, struct binxml_token *ret)
{
    const uint8_t *p = take(b, 3);
    *ret = (struct binxml_token){
        .kind = BINXML_VALUE, .value = le16(p), .type = p[2], .optional = optional};
}

bool binxml_next(struct binxml *b, struct binxml_token *ret)
{
    while (!b->bad && b->at < b->end) {
        uint8_t token = *take(b, 1);
        bool more = token & MORE;
        switch (token & ~MORE) {
        case TOKEN_EOF:
            b->at = b->end;
            return false;
        case TOKEN_FRAGMENT:
            (void)take(b, 3);
            continue;
        case TOKEN_PI_TARGET:
            (void)take_name(b);
            continue;
        case TOKEN_PI_DATA:
            (void)take_text(b, le16(take(b, 2)));
            continue;
        case TOKEN_OPEN:
            take_open(b, more, ret);
            return !b->bad;
        case TOKEN_ATTRIBUTE:
            *ret = (struct binxml_token){.kind = BINXML_ATTRIBUTE, .text = take_name(b)};
            return !b->bad;
        case TOKEN_CLOSE_TAG:
            *ret = (struct binxml_token){.kind = BINXML_CLOSE_TAG};
            return true;
        case TOKEN_CLOSE_EMPTY:
        case TOKEN_END:
            *ret = (struct binxml_token){.kind = BINXML_END};
            return true;
        case TOKEN_TEXT:
            take_value_text(b, ret);
            return !b->bad;
        case TOKEN_CDATA:
            *ret = (struct binxml_token){.kind = BINXML_TEXT};
            ret->text = take_text(b, le16(take(b, 2)));
            return !b->bad;
        case TOKEN_CHAR_REF:
            *ret = (struct binxml_token){.kind = BINXML_TEXT, .text = {take(b, 2), 2}};
            return !b->bad;
        case TOKEN_ENTITY_REF:
            *ret = (struct binxml_token){.kind = BINXML_TEXT, .text = take_entity(b)};
            return !b->bad;
        case TOKEN_VALUE:
        case TOKEN_OPTIONAL:
            take_value(b, (token & ~MORE) == TOKEN_OPTIONAL, ret);
            return !b->bad;
        default:
            b->bad = true;
        }
    }
    return false;
}
