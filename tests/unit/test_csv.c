#include "base/csv.h"

#include "base/utf.h"
#include "t.h"

struct text {
    struct str in, want;
};

static void check(const struct text *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct buf b = buf_new(4096);
        csv_cell(&b, c[i].in);
        t_str(buf_str(&b), c[i].want, "text", __FILE__, (int)i);
        buf_free(&b);
    }
}

static void a_spreadsheet_sees_no_formula(void)
{
    const struct text cases[] = {
        {STR(""), STR("")},
        {STR("plain text"), STR("plain text")},
        {STR("a,b"), STR("\"a,b\"")},
        {STR("a;b"), STR("\"a;b\"")},
        {STR("a\"b"), STR("\"a\"\"b\"")},
        {STR("a\nb\r"), STR("\"a\\x0ab\\x0d\"")},
        {STR("=cmd|' /C calc'!A0"), STR("\"'=cmd|' /C calc'!A0\"")},
        {STR("+1"), STR("\"'+1\"")},
        {STR("-1"), STR("\"'-1\"")},
        {STR("@SUM(1)"), STR("\"'@SUM(1)\"")},
        {STR("  =1"), STR("\"'  =1\"")},
        {STR("\xc2\xa0=1"), STR("\"'\xc2\xa0=1\"")},
        {STR(" a=1"), STR(" a=1")},
        {STR("\t=1"), STR("\"'\\x09=1\"")},
        {STR("\r=1"), STR("\"'\\x0d=1\"")},
        {STR("=\"\""), STR("\"'=\"\"\"\"\"")},
        {STR("\n=1"), STR("\"'\\x0a=1\"")},
        {STR("'=1"), STR("\"''=1\"")},
        {STR("\xef\xbc\x9d"
             "1"),
         STR("\"'\xef\xbc\x9d"
             "1\"")},
        {STR("1=1"), STR("1=1")},
        {STR("a\0b"), STR("a\\x00b")},
        {STR("\x1b[2J\xff\xc2\x9b"), STR("\\x1b[2J\\xff\\x9b")},
    };
    check(cases, sizeof cases / sizeof *cases);
}

/* What the header says of how the text is had back. */
static struct str undone(struct str cell, char room[static 64])
{
    size_t n = 0;
    bool quoted = cell.n && cell.p[0] == '"';
    cell = quoted ? str_part(cell, 1, cell.n - 1) : cell;
    for (size_t i = 0; i < cell.n; i++) {
        room[n++] = cell.p[i];
        i += quoted && cell.p[i] == '"';
    }
    struct str text = {room, n};
    return n && room[0] == '\'' ? str_part(text, 1, n) : text;
}

static void a_cell_can_be_had_back(void)
{
    static const char signs[] = "=+-@',;\" a";
    for (size_t i = 0; i < sizeof signs - 1; i++) {
        for (size_t k = 0; k < sizeof signs - 1; k++) {
            char in[3] = {signs[i], signs[k], 'z'};
            char room[64];
            struct buf b = buf_new(64);
            csv_cell(&b, (struct str){in, sizeof in});
            T_OK(str_eq(undone(buf_str(&b), room), (struct str){in, sizeof in}));
            T_OK(!memchr("=+-@", b.p[b.p[0] == '"'], 4));
            buf_free(&b);
        }
    }
}

static void a_row_has_its_cells(void)
{
    struct buf b = buf_new(4096);
    struct csv_out c = csv_out(&b);
    csv_cstr(&c, "id");
    csv_null(&c);
    csv_i64(&c, -5);
    csv_u64(&c, 7);
    csv_time(&c, instant_of_unix(0));
    csv_time(&c, INSTANT_NONE);
    csv_end(&c);
    csv_str(&c, STR("-x"));
    csv_end(&c);
    T_STR(buf_str(&b), "id,,-5,7,1970-01-01T00:00:00Z,\r\n\"'-x\"\r\n");
    buf_free(&b);
}

int main(void)
{
    T_RUN(a_spreadsheet_sees_no_formula);
    T_RUN(a_cell_can_be_had_back);
    T_RUN(a_row_has_its_cells);
    return t_done();
}
