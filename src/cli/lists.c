/* lists.c - see lists.h. */
#include "cli/lists.h"

#include "base/utf.h"

int lists_parse(struct str text, struct arena *arena, struct str **ret, size_t *ret_n,
                struct err *err)
{
    struct str *values = NULL;
    size_t n = 0;
    size_t cap = 0;
    if (!utf8_valid(str_bytes(text)))
        return err_set(err, ERR_INVALID, "not UTF-8");
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_part(text, 3, text.n);
    while (text.n) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t length = end ? (size_t)(end - text.p) : text.n;
        struct str line = str_trim(str_part(text, 0, length));
        text = str_part(text, length + 1, text.n);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        values = arena_grow(arena, values, n, &cap, sizeof *values);
        values[n++] = line;
    }
    *ret = values;
    *ret_n = n;
    return 0;
}

int lists_split(const char *text, struct str *ret_name, const char **ret_path, struct err *err)
{
    const char *equal = strchr(text, '=');
    if (!equal || equal == text || equal[1] == '\0')
        return err_set(err, ERR_INVALID, "'%s': want NAME=FILE", text);
    struct str name = {text, (size_t)(equal - text)};
    if (name.n > 2 && name.p[0] == '%' && name.p[name.n - 1] == '%')
        name = str_part(name, 1, name.n - 1); /* as rules write it */
    *ret_name = name;
    *ret_path = equal + 1;
    return 0;
}
