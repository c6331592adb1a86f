#include "event/rps_token.h"

#include "base/base64.h"
#include "base/cur.h"
#include "base/num.h"
#include "base/utf.h"

/* The text with "%2B" and the like decoded: all that Base64 needs. */
static struct str unescape(struct str s, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint64_t code;
        if (s.p[i] == '%' && i + 3 <= s.n && num_hex(str_part(s, i + 1, i + 3), &code) &&
            code < 0x80) {
            out[n++] = (char)code;
            i += 2;
        } else {
            out[n++] = s.p[i] == ' ' ? '+' : s.p[i];
        }
    }
    return (struct str){out, n};
}

/* A tag of one letter, a length in one byte, a text. "" and false where it is another. */
static bool take_text(struct cur *c, char tag, struct arena *arena, struct str *ret)
{
    if (cur_u8(c) != (uint8_t)tag || c->bad)
        return false;
    size_t n = cur_u8(c);
    struct bytes raw = cur_take(c, n);
    if (c->bad)
        return false;
    *ret = utf8_repair(raw, arena);
    return true;
}

bool rps_token_parse(struct str text, struct arena *arena, struct rps_token *ret)
{
    struct rps_token token = {STR(""), STR(""), STR(""), STR("")};
    struct cur c = cur_of(base64_decode(unescape(text, arena), arena), 0);
    if (cur_u8(&c) != 'V')
        return false;
    (void)cur_u16(&c); /* version */
    if (!take_text(&c, 'T', arena, &token.type))
        return false;
    uint8_t tag = cur_u8(&c);
    uint8_t compressed = cur_u8(&c);
    if (tag == 'C' && compressed == 0 && take_text(&c, 'A', arena, &token.auth) &&
        take_text(&c, 'L', arena, &token.user))
        (void)take_text(&c, 'U', arena, &token.sid);
    *ret = token;
    return true;
}
