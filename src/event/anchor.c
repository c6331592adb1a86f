#include "event/anchor.h"

#include <stdint.h>

#include "base/base64.h"
#include "base/utf.h"
#include "event/webpath.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The text without a trailing "~1942062522": the version that a routing cookie carries. */
static struct str without_version(struct str s)
{
    size_t at = s.n;
    while (at > 0 && is_digit(s.p[at - 1]))
        at--;
    return at < s.n && at > 0 && s.p[at - 1] == '~' ? str_part(s, 0, at - 1) : s;
}

/* Where an authority ends: at whatever ends it for the parser of URLs behind it. */
static size_t authority_end(struct str s)
{
    size_t at = 0;
    while (at < s.n && s.p[at] != '/' && s.p[at] != '\\' && s.p[at] != '?' && s.p[at] != '#')
        at++;
    return at;
}

static void split_authority(struct str authority, struct arena *arena, struct anchor *ret)
{
    struct str rest = authority;
    for (size_t i = rest.n; i > 0; i--) {
        if (rest.p[i - 1] == '@') {
            rest = str_part(rest, i, rest.n);
            break;
        }
    }
    struct str host = rest;
    struct str port = STR("");
    bool bracketed = rest.n && rest.p[0] == '[';
    size_t end = str_find(rest, bracketed ? STR("]") : STR(":"), 0);
    if (bracketed && end != SIZE_MAX) {
        host = str_part(rest, 1, end);
        if (end + 1 < rest.n && rest.p[end + 1] == ':')
            port = str_part(rest, end + 2, rest.n);
    } else if (end != SIZE_MAX && str_find(rest, STR(":"), end + 1) == SIZE_MAX) {
        host = str_part(rest, 0, end); /* more than one colon: an IPv6 address */
        port = str_part(rest, end + 1, rest.n);
    }
    ret->host = text_lower(str_trim(host), arena);
    ret->port = port;
}

static struct str path_of(struct str url, struct arena *arena)
{
    if (url.n == 0)
        return STR("");
    struct str low = text_lower(url, arena);
    if (low.p[0] == '/')
        return low;
    struct str rest = low.p[0] == '\\' ? str_part(low, 1, low.n) : low;
    return arena_printf(arena, "/%.*s", STR_ARG(rest));
}

bool anchor_parse(struct str text, struct arena *arena, struct anchor *ret)
{
    text = str_trim(text);
    size_t tilde = str_find(text, STR("~"), 0);
    if (tilde == SIZE_MAX)
        return false;
    struct anchor a = {.kind = str_part(text, 0, tilde)};
    a.authority = a.host = a.port = a.path = a.url = STR("");
    if (str_ieq(a.kind, STR("ServerInfo"))) {
        struct str target = without_version(str_part(text, tilde + 1, text.n));
        size_t end = authority_end(target);
        a.authority = str_part(target, 0, end);
        a.url = str_part(target, end, target.n);
        a.path = path_of(a.url, arena);
        split_authority(a.authority, arena, &a);
        a.loopback = str_eq(a.host, STR("localhost")) || str_eq(a.host, STR("127.0.0.1")) ||
                     str_eq(a.host, STR("::1"));
    }
    *ret = a;
    return true;
}

/* Base64 of complemented bytes; "" if the text is not Base64. */
static struct str decode(struct str s, struct arena *arena)
{
    struct bytes packed = base64_decode(s, arena);
    uint8_t *out = ARENA_ARRAY(arena, uint8_t, packed.n);
    for (size_t i = 0; i < packed.n; i++)
        out[i] = (uint8_t)~packed.p[i];
    return utf8_repair((struct bytes){out, packed.n}, arena);
}

static struct str server_of(struct str clear)
{
    struct str head = STR("Server~");
    if (!str_istarts(clear, head))
        return STR("");
    struct str rest = str_part(clear, head.n, clear.n);
    return str_part(rest, 0, str_find(rest, STR("~"), 0));
}

struct str anchor_cookie_server(struct str cookie, struct arena *arena)
{
    cookie = str_trim(cookie);
    struct str server = server_of(cookie);
    return server.n ? server : server_of(decode(cookie, arena));
}
