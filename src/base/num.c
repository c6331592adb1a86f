#include "base/num.h"

#include "base/ckd.h"

static bool digits(struct str s, unsigned base, uint64_t *ret)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        unsigned d = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                     : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                            : 99;
        if (d >= base || ckd_mul(&v, v, (uint64_t)base) || ckd_add(&v, v, (uint64_t)d))
            return false;
    }
    *ret = v;
    return true;
}

static bool has_hex_prefix(struct str s)
{
    return s.n > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X');
}

bool num_u64(struct str s, uint64_t *ret)
{
    return digits(s, 10, ret);
}

bool num_i64(struct str s, int64_t *ret)
{
    bool minus = s.n && s.p[0] == '-';
    uint64_t v;
    if (!digits(minus ? (struct str){s.p + 1, s.n - 1} : s, 10, &v))
        return false;
    if (v > (uint64_t)INT64_MAX + minus)
        return false;
    *ret = (int64_t)(minus ? 0 - v : v);
    return true;
}

bool num_hex(struct str s, uint64_t *ret)
{
    return digits(has_hex_prefix(s) ? (struct str){s.p + 2, s.n - 2} : s, 16, ret);
}

bool num_any(struct str s, int64_t *ret)
{
    uint64_t v;
    if (!has_hex_prefix(s))
        return num_i64(s, ret);
    if (!num_hex(s, &v) || v > (uint64_t)INT64_MAX)
        return false;
    *ret = (int64_t)v;
    return true;
}
