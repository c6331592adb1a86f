#include "format/exch_build.h"

#include "base/num.h"

enum { DIRECTORY_OFFSET = 30000 };

/* Reads a number and moves behind it; false if there is none or it is too large. */
static bool take_number(struct str s, size_t *at, uint32_t *ret)
{
    size_t to = *at;
    while (to < s.n && s.p[to] >= '0' && s.p[to] <= '9')
        to++;
    uint64_t v;
    if (to - *at > 9 || !num_u64(str_part(s, *at, to), &v))
        return false;
    *ret = (uint32_t)v;
    *at = to;
    return true;
}

static bool take_text(struct str s, size_t *at, struct str what)
{
    if (!str_istarts(str_part(s, *at, s.n), what))
        return false;
    *at += what.n;
    return true;
}

bool exch_build_parse(struct str text, struct exch_build *ret)
{
    struct str s = str_trim(text);
    struct exch_build b = {0};
    size_t at = 0;
    (void)take_text(s, &at, STR("Version "));
    if (!take_number(s, &at, &b.major) || !take_text(s, &at, STR(".")) ||
        !take_number(s, &at, &b.minor))
        return false;
    bool worded = take_text(s, &at, STR(" (Build "));
    if (!worded && !take_text(s, &at, STR(".")))
        return false;
    if (!take_number(s, &at, &b.build) || !take_text(s, &at, STR(".")) ||
        !take_number(s, &at, &b.revision))
        return false;
    if (worded && !take_text(s, &at, STR(")")))
        return false;
    if (at != s.n)
        return false;
    if (worded && b.build >= DIRECTORY_OFFSET)
        b.build -= DIRECTORY_OFFSET;
    *ret = b;
    return true;
}

struct exch_build exch_build_unpack(uint32_t packed)
{
    return (struct exch_build){
        .major = packed >> 22 & 63,
        .minor = packed >> 16 & 63,
        .build = packed & 0x7fff,
    };
}

struct str exch_build_text(struct exch_build build, struct arena *arena)
{
    return arena_printf(arena, "%u.%u.%u.%u", build.major, build.minor, build.build,
                        build.revision);
}

static int order(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

int exch_build_cmp(struct exch_build a, struct exch_build b)
{
    int d = order(a.major, b.major);
    if (d == 0)
        d = order(a.minor, b.minor);
    if (d == 0)
        d = order(a.build, b.build);
    return d ? d : order(a.revision, b.revision);
}

/* --- updates --------------------------------------------------------------------------------- */

static size_t digits_from(struct str text, size_t at)
{
    while (at < text.n && text.p[at] >= '0' && text.p[at] <= '9')
        at++;
    return at;
}

struct str exch_update_kb(struct str text)
{
    enum { LEAST = 8 }; /* "KB" and six digits */
    size_t at = 0;
    while ((at = str_ifind(text, STR("KB"), at)) != SIZE_MAX) {
        size_t to = digits_from(text, at + 2);
        if (to - at >= LEAST)
            return str_part(text, at, to);
        at += 2;
    }
    return STR("");
}

static struct str digits_behind(struct str text, struct str words)
{
    size_t at = str_ifind(text, words, 0);
    return at == SIZE_MAX ? STR("")
                          : str_part(text, at + words.n, digits_from(text, at + words.n));
}

struct str exch_update_text(struct str text, struct arena *arena)
{
    struct str kb = exch_update_kb(text);
    struct str product = digits_behind(text, STR("Update for Exchange Server "));
    struct str cumulative = digits_behind(text, STR(" Cumulative Update "));
    if (cumulative.n == 0)
        cumulative = digits_behind(text, STR(" CU"));
    if (kb.n == 0 || product.n == 0)
        return STR("");
    if (cumulative.n)
        return arena_printf(arena, "Exchange %.*s CU%.*s %.*s", STR_ARG(product),
                            STR_ARG(cumulative), STR_ARG(kb));
    if (str_ifind(text, STR(" RTM "), 0) == SIZE_MAX)
        return STR("");
    return arena_printf(arena, "Exchange %.*s RTM %.*s", STR_ARG(product), STR_ARG(kb));
}

bool exch_is_product(struct str name)
{
    static const char product[] = "Microsoft Exchange Server";
    struct str rest = str_part(name, sizeof product - 1, name.n);
    if (!str_istarts(name, str_of(product)))
        return false;
    bool year =
        str_istarts(rest, STR(" 20")) || str_istarts(rest, STR(" Subscription Edition"));
    return rest.n == 0 || (year && str_ifind(rest, STR("Language"), 0) == SIZE_MAX &&
                           str_ifind(rest, STR("KB"), 0) == SIZE_MAX);
}
