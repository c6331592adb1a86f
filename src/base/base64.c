#include "base/base64.h"

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

struct bytes base64_decode(struct str text, struct arena *arena)
{
    uint8_t *out = ARENA_ARRAY(arena, uint8_t, text.n);
    size_t n = 0;
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < text.n && text.p[i] != '='; i++) {
        int v = digit(text.p[i]);
        if (v < 0)
            return (struct bytes){out, 0};
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (uint8_t)(bits >> have);
        }
    }
    return (struct bytes){out, n};
}

void base64_encode(struct bytes data, char *ret)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;
    for (size_t at = 0; at < data.n; at += 3) {
        size_t have = data.n - at < 3 ? data.n - at : 3;
        uint32_t bits = 0;
        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (i < have ? data.p[at + i] : 0U);
        for (size_t i = 0; i < 4; i++)
            ret[n++] = i <= have ? digits[bits >> (18 - 6 * i) & 63] : '=';
    }
    ret[n] = '\0';
}
