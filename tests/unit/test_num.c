#include "base/num.h"

#include "t.h"

enum { UNTOUCHED = 77 };

struct number {
    const char *text;
    bool ok;
    int64_t want;
};

static void check_signed(bool (*read)(struct str, int64_t *), const struct number *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t v = UNTOUCHED;
        bool ok = read(str_of(c[i].text), &v);
        if (ok != c[i].ok || v != (ok ? c[i].want : UNTOUCHED))
            t_failed += printf("\"%s\" gives %d, %lld\n", c[i].text, ok, (long long)v) > 0;
    }
}

static void check_unsigned(bool (*read)(struct str, uint64_t *), const struct number *c,
                           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t v = UNTOUCHED;
        bool ok = read(str_of(c[i].text), &v);
        if (ok != c[i].ok || v != (ok ? (uint64_t)c[i].want : UNTOUCHED))
            t_failed +=
                printf("\"%s\" gives %d, %llu\n", c[i].text, ok, (unsigned long long)v) > 0;
    }
}

#define CHECK(how, read, table) how(read, table, sizeof table / sizeof *table)

static void decimal(void)
{
    static const struct number unsigned_numbers[] = {
        {"0", true, 0},       {"007", true, 7},
        {"", false, 0},       {"-1", false, 0},
        {"+1", false, 0},     {" 1", false, 0},
        {"1 ", false, 0},     {"1a", false, 0},
        {"0x1", false, 0},    {"18446744073709551615", true, -1},
        {"1.0", false, 0},    {"18446744073709551616", false, 0},
        {"a", false, 0},      {"99999999999999999999999", false, 0},
        {"4688", true, 4688},
    };
    static const struct number signed_numbers[] = {
        {"-1", true, -1},
        {"0", true, 0},
        {"-0", true, 0},
        {"-", false, 0},
        {"--1", false, 0},
        {"", false, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775807", true, -INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
    };
    CHECK(check_unsigned, num_u64, unsigned_numbers);
    CHECK(check_signed, num_i64, signed_numbers);
}

static void hexadecimal(void)
{
    static const struct number hex[] = {
        {"0x3e7", true, 0x3e7}, {"3E7", true, 0x3e7}, {"0X1f", true, 0x1f},
        {"0x", false, 0},       {"x1", false, 0},     {"", false, 0},
        {"0xg", false, 0},      {"0x0x1", false, 0},  {"ffffffffffffffff", true, -1},
        {"-1", false, 0},       {"0", true, 0},       {"10000000000000000", false, 0},
    };
    static const struct number any[] = {
        {"10", true, 10},   {"0x10", true, 16},
        {"-10", true, -10}, {"-0x10", false, 0},
        {"a", false, 0},    {"0x7fffffffffffffff", true, INT64_MAX},
        {"0x", false, 0},   {"0x8000000000000000", false, 0},
    };
    CHECK(check_unsigned, num_hex, hex);
    CHECK(check_signed, num_any, any);
}

int main(void)
{
    T_RUN(decimal);
    T_RUN(hexadecimal);
    return t_done();
}
