#include "base/safe.h"

#include "base/utf.h"
#include "t.h"

struct text {
    struct str in, want;
};

static void check(void (*write)(struct buf *, struct str), const struct text *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct buf b = buf_new(4096);
        write(&b, c[i].in);
        t_str(buf_str(&b), c[i].want, "text", __FILE__, (int)i);
        buf_free(&b);
    }
}

static void a_terminal_sees_escapes(void)
{
    const struct text cases[] = {
        {STR("plain /owa/auth"), STR("plain /owa/auth")},
        {STR("\x1b[2J\x1b]0;x\a"), STR("\\x1b[2J\\x1b]0;x\\x07")},
        {STR("a\0b"), STR("a\\x00b")},
        {STR("\n\r\t\x08\x7f"), STR("\\x0a\\x0d\\x09\\x08\\x7f")},
        {STR("\xc2\x9b"
             "31m"),
         STR("\\x9b31m")},                                        /* C1 as UTF-8 */
        {STR("\x9b"), STR("\\x9b")},                              /* C1 as a byte */
        {STR("\xc2\xa0"), STR("\xc2\xa0")},                       /* the first behind C1 */
        {STR("\xe2\x80\xae"), STR("\\u202e")},                    /* right-to-left override */
        {STR("\xe2\x81\xa6"), STR("\\u2066")},                    /* isolate */
        {STR("\xd8\x9c"), STR("\\u061c")},                        /* Arabic letter mark */
        {STR("\xe2\x80\x8b\xef\xbb\xbf"), STR("\\u200b\\ufeff")}, /* zero width */
        {STR("\xe2\x80\xa8\xe2\x80\xa9"), STR("\\u2028\\u2029")}, /* line, paragraph */
        {STR("\xf3\xa0\x81\x81"), STR("\\U000e0041")},            /* invisible tags */
        {STR("\xc2\xad\xcd\x8f\xef\xb8\x8f"), STR("\\u00ad\\u034f\\ufe0f")},
        {STR("e\xcc\x81"), STR("e\xcc\x81")},
        {STR("a\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85z\xcc\x81"),
         STR("a\xcc\x81\xcc\x82\xcc\x83\\u0304\\u0305z\xcc\x81")}, /* a flood of accents */
        {STR("\xe2\x80\xa6\xe2\x80\xaf"), STR("\xe2\x80\xa6\xe2\x80\xaf")}, /* not those */
        {STR("a\xff"
             "b\xe2\x80"),
         STR("a\\xffb\\xe2\\x80")},
        {STR("\xed\xa0\x80"), STR("\\xed\\xa0\\x80")},
        {STR("\xc0\x9b"), STR("\\xc0\\x9b")}, /* overlong */
        {STR("\xf0\x9f\x98\x80"), STR("\xf0\x9f\x98\x80")},
    };
    check(safe_terminal, cases, sizeof cases / sizeof *cases);
}

static void an_escape_can_be_told_from_the_text(void)
{
    const struct text cases[] = {
        {STR("C:\\Windows\\Temp\\new\\x.txt"), STR("C:\\Windows\\Temp\\new\\x.txt")},
        {STR("\\\\srv\\share\\upload"), STR("\\\\srv\\share\\upload")},
        {STR("\\x1b"), STR("\\\\x1b")},
        {STR("\\\\x1b"), STR("\\\\\\\\x1b")},
        {STR("\\\x1b"), STR("\\\\\\x1b")}, /* a backslash, then the escape character */
        {STR("\\u202e"), STR("\\\\u202e")},
        {STR("\\u20"), STR("\\u20")},
        {STR("\\U000e0041\\U000e004"), STR("\\\\U000e0041\\U000e004")},
        {STR("\\x1B\\xg0\\x1"), STR("\\x1B\\xg0\\x1")}, /* no escape of ours */
        {STR("\\\n"), STR("\\\\\\x0a")},
        {STR("end\\"), STR("end\\")},
    };
    check(safe_terminal, cases, sizeof cases / sizeof *cases);
}

/* Whatever goes in, no control character and no bad UTF-8 comes out. */
static void nothing_slips_through(void)
{
    for (uint32_t cp = 0; cp < 0x110000; cp += cp < 0x3000 ? 1 : 0x101) {
        char in[4];
        struct buf b = buf_new(64);
        safe_terminal(&b, (struct str){in, utf8_put(in, cp)});
        T_OK(utf8_valid(str_bytes(buf_str(&b))));
        for (size_t i = 0; i < b.n; i++)
            T_OK((unsigned char)b.p[i] >= 0x20 && b.p[i] != 0x7f);
        T_OK(b.n > 0 && !(cp >= 0x80 && cp < 0xa0 && b.p[0] != '\\'));
        buf_free(&b);
    }
}

int main(void)
{
    T_RUN(a_terminal_sees_escapes);
    T_RUN(an_escape_can_be_told_from_the_text);
    T_RUN(nothing_slips_through);
    return t_done();
}
