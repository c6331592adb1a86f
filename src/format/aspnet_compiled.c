#include "format/aspnet_compiled.h"

#include <stdint.h>

/* The five entities of XML, in text that may hold them. */
static struct str decode(struct str s, struct arena *arena)
{
    static const struct {
        const char *name;
        char c;
    } entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    if (str_find(s, STR("&"), 0) == SIZE_MAX)
        return s;
    char *out = ARENA_ARRAY(arena, char, s.n);
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        size_t len = 1;
        out[n] = s.p[at];
        for (size_t i = 0; s.p[at] == '&' && i < sizeof entities / sizeof *entities; i++) {
            struct str name = str_of(entities[i].name);
            if (str_starts(str_part(s, at, s.n), name)) {
                out[n] = entities[i].c;
                len = name.n;
                break;
            }
        }
        n++;
        at += len;
    }
    return (struct str){out, n};
}

/* The value of an attribute in one start tag; "" if it is not there. */
static struct str attribute(struct str tag, struct str name, struct arena *arena)
{
    for (size_t at = 0; (at = str_find(tag, name, at)) != SIZE_MAX; at += name.n) {
        bool word = at > 0 && (tag.p[at - 1] == ' ' || tag.p[at - 1] == '\n' ||
                               tag.p[at - 1] == '\t' || tag.p[at - 1] == '\r');
        struct str rest = str_trim(str_part(tag, at + name.n, tag.n));
        if (!word || !str_starts(rest, STR("=")))
            continue;
        rest = str_trim(str_part(rest, 1, rest.n));
        if (rest.n == 0 || (rest.p[0] != '"' && rest.p[0] != '\''))
            continue;
        size_t close = str_find(rest, (struct str){rest.p, 1}, 1);
        if (close != SIZE_MAX)
            return decode(str_part(rest, 1, close), arena);
    }
    return STR("");
}

bool aspnet_compiled_parse(struct str text, struct arena *arena, struct aspnet_compiled *ret)
{
    size_t at = str_find(text, STR("<preserve"), 0);
    if (at == SIZE_MAX)
        return false;
    size_t to = str_find(text, STR(">"), at);
    struct str tag = str_part(text, at, to);
    struct aspnet_compiled c = {
        .virtual_path = attribute(tag, STR("virtualPath"), arena),
        .assembly = attribute(tag, STR("assembly"), arena),
        .type = attribute(tag, STR("type"), arena),
    };
    if (c.virtual_path.n == 0)
        return false;
    *ret = c;
    return true;
}
