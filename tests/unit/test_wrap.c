#include "report/wrap.h"

#include "t.h"

#define A10 "aaaaaaaaaa"
#define A70 A10 A10 A10 A10 A10 A10 A10
#define EURO10                                                                             \
    "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac" \
    "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"

static void lines_are_broken_at_blanks(void)
{
    const struct {
        const char *first;
        size_t indent;
        struct str text, want;
    } cases[] = {
        {"", 0, STR(""), STR("\n")},
        {"  x: ", 5, STR(""), STR("  x: \n")},
        {"  x: ", 5, STR("short text"), STR("  x: short text\n")},
        {"", 2, STR(A70 " 12345678"), STR(A70 " 12345678\n")}, /* 79 columns */
        {"", 2, STR(A70 " 123456789"), STR(A70 "\n  123456789\n")},
        {"ab ", 3, STR(A70 " 12345 6"), STR("ab " A70 " 12345\n   6\n")},
        /* a word that fits a line of its own is never broken */
        {A70, 4, STR(A10), STR(A70 "\n    " A10 "\n")},
        {A70 "12345 ", 4, STR("123 456"), STR(A70 "12345 123\n    456\n")},
        /* one longer than a line is, wherever the line ends */
        {"", 2, STR(A70 A10), STR(A70 "aaaaaaaaa\n  a\n")},
        {"12: ", 4, STR("x " A70 A10), STR("12: x\n    " A70 "aaaaa\n    aaaaa\n")},
        /* what stands first may be longer than a line itself */
        {A70 A10 A10, 4, STR("text"), STR(A70 A10 A10 "\n    text\n")},
        /* columns are characters */
        {"", 0, STR(EURO10 EURO10 EURO10 EURO10 EURO10 EURO10 EURO10 " 12345678"),
         STR(EURO10 EURO10 EURO10 EURO10 EURO10 EURO10 EURO10 " 12345678\n")},
        {"", 0, STR(A70 EURO10),
         STR(A70 "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
                 "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\n\xe2\x82\xac\n")},
        /* made safe before it is measured */
        {"", 1, STR("a\n\x1b[1m b"), STR("a\\x0a\\x1b[1m b\n")},
        {"", 1, STR("a  b"), STR("a  b\n")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = buf_new(4096);
        wrap_text(&b, cases[i].first, cases[i].indent, cases[i].text);
        t_str(buf_str(&b), cases[i].want, "wrapped", __FILE__, (int)i);
        buf_free(&b);
    }
}

/* Words of all lengths: no line is too long, and nothing but blanks and breaks is lost. */
static void nothing_is_lost_and_no_line_too_long(void)
{
    char text[4000];
    unsigned seed = 7;
    for (size_t i = 0; i < sizeof text; i++) {
        seed = seed * 1103515245 + 12345;
        text[i] = (seed >> 16) % 23 == 0 ? ' ' : 'w';
        if (i > 2000 && i < 2400)
            text[i] = 'w';
    }
    for (size_t indent = 0; indent < 120; indent += 13) {
        struct buf b = buf_new(1 << 20);
        wrap_text(&b, "- ", indent, (struct str){text, sizeof text});
        size_t words = 0;
        size_t column = 0;
        for (size_t i = 0; i < b.n; i++) {
            words += b.p[i] == 'w';
            column = b.p[i] == '\n' ? 0 : column + 1;
            T_OK(column <= WRAP_WIDTH || indent >= WRAP_WIDTH);
        }
        for (size_t i = 0; i < sizeof text; i++)
            words -= text[i] == 'w';
        T_EQ(words, 0);
        buf_free(&b);
    }
}

int main(void)
{
    T_RUN(lines_are_broken_at_blanks);
    T_RUN(nothing_is_lost_and_no_line_too_long);
    return t_done();
}
