#include "format/exch_csv.h"

#include "t.h"

static struct bytes of(const char *text)
{
    return str_bytes(str_of(text));
}

static void splits_rows(void)
{
    struct arena *a = arena_new();
    struct csv_row row;
    T_EQ(csv_split(of("a,\"b,\"\"c\"\"\",,d"), ',', &row), CSV_OK);
    T_EQ(row.n, 4);
    T_STR(csv_text(row.cells[0], a), "a");
    T_STR(csv_text(row.cells[1], a), "b,\"c\"");
    T_STR(csv_text(row.cells[2], a), "");
    T_STR(csv_text(row.cells[3], a), "d");
    T_EQ(csv_split(of("a,\"open"), ',', &row), CSV_OPEN);
    T_EQ(csv_split(of("a,\""), ',', &row), CSV_OPEN);
    T_EQ(csv_split_plain(of("a,\"open"), ',', &row), CSV_OK);
    T_STR(csv_text(row.cells[1], a), "\"open");
    T_EQ(csv_split(of(""), ',', &row), CSV_OK);
    T_EQ(row.n, 1);
    T_EQ(csv_split(of("a,"), ',', &row), CSV_OK);
    T_EQ(row.n, 2);
    char many[CSV_COLUMNS + 2];
    memset(many, ',', sizeof many);
    T_EQ(csv_split((struct bytes){(uint8_t *)many, sizeof many}, ',', &row), CSV_WIDE);
    T_EQ(row.n, CSV_COLUMNS);
    arena_free(a);
}

static void reads_both_headers(void)
{
    struct arena *a = arena_new();
    struct exch_layout l;
    T_OK(exch_layout_parse(of("#Fields: DateTime,RequestId"), a, &l));
    T_EQ(l.n, 2);
    T_OK(exch_layout_parse(of("DateTime,RequestId,MajorVersion,MinorVersion"), a, &l));
    T_OK(exch_layout_parse(of("\"DateTime\",\"RequestId\",\"UrlStem\",\"AnchorMailbox\""), a,
                           &l));
    T_EQ(exch_column(&l, "anchormailbox"), 3);
    T_EQ(exch_column(&l, "nothing"), SIZE_MAX);
    T_OK(!exch_layout_parse(of("2021-03-03T06:49:42.162Z,a,b,c"), a, &l));
    T_OK(!exch_layout_parse(of("#TYPE Selected.System"), a, &l));
    T_OK(!exch_layout_parse(of(""), a, &l));
    T_OK(!exch_layout_parse(of("alpha,beta,gamma"), a, &l)); /* names, but no time's */
    T_OK(exch_layout_names(of("alpha,beta,gamma"), a, &l));
    T_OK(!exch_layout_names(of("a=1,b=2,c=3"), a, &l));
    T_OK(exch_layout_parse(of("UrlStem\tDateTime\tRequestId"), a, &l));
    T_EQ(l.separator, '\t');
    T_EQ(exch_time_column(&l), 1);
    T_OK(exch_layout_parse(of("\"date-time\";\"event-id\";\"source\""), a, &l));
    T_EQ(l.separator, ';');
    T_EQ(exch_column(&l, "SOURCE"), 2);
    arena_free(a);
}

static void item_is(struct str cell, size_t *at, struct arena *a, const char *key,
                    const char *value)
{
    struct str k = STR("");
    struct str v = STR("");
    T_OK(exch_item_next(cell, at, a, &k, &v));
    T_OK(str_eq(k, str_of(key)));
    T_OK(str_eq(v, str_of(value)));
}

static void reads_items(void)
{
    struct arena *a = arena_new();
    struct str cell = STR("S:TIME=13;'S:CMD=Set-X.Url=''http://f/;<a b=\"c\">''.Id=''1''';;"
                          "Dbl:RPC.T[x]=3;plain;K=a=b;S:EX=");
    size_t at = 0;
    item_is(cell, &at, a, "TIME", "13");
    item_is(cell, &at, a, "CMD", "Set-X.Url='http://f/;<a b=\"c\">'.Id='1'");
    item_is(cell, &at, a, "RPC.T[x]", "3");
    item_is(cell, &at, a, "", "plain");
    item_is(cell, &at, a, "K", "a=b");
    item_is(cell, &at, a, "EX", "");
    struct str k;
    struct str v;
    T_OK(!exch_item_next(cell, &at, a, &k, &v));
    at = 0;
    item_is(STR("'S:CMD=never closed; at all"), &at, a, "CMD", "never closed; at all");
    arena_free(a);
}

static void walk(struct bytes data)
{
    struct arena *a = arena_new();
    struct csv_row row;
    (void)csv_split(data, ',', &row);
    for (size_t i = 0; i < row.n; i++) {
        struct str cell = csv_text(row.cells[i], a);
        struct str k;
        struct str v;
        for (size_t at = 0; exch_item_next(cell, &at, a, &k, &v);)
            T_OK(k.n + v.n <= cell.n);
    }
    struct exch_layout l;
    (void)exch_layout_parse(data, a, &l);
    arena_free(a);
}

/* A row that is split piece by piece is the row that is split at once, wherever its text lies. */
static void goes_on_where_a_quote_is_open(void)
{
    struct bytes whole = of("a,\"b\"\"\n\"\"c\"x,\"\n\n\",d\n,\"e");
    struct csv_row want;
    char copy[64];
    enum csv_split all = csv_split(whole, ',', &want);
    for (size_t n = 1; n < whole.n; n++) {
        struct csv_row row;
        if (whole.p[n] != '\n' || csv_split((struct bytes){whole.p, n}, ',', &row) != CSV_OPEN)
            continue;
        memcpy(copy, whole.p, whole.n);
        T_EQ(csv_split_on((struct bytes){(const uint8_t *)copy, whole.n}, n, ',', &row), all);
        T_EQ(row.n, want.n);
        for (size_t i = 0; i < row.n; i++) {
            T_OK(bytes_eq(row.cells[i].raw, want.cells[i].raw));
            T_OK(row.cells[i].raw.p - (const uint8_t *)copy == want.cells[i].raw.p - whole.p);
        }
    }
}

static void survives_truncation_and_flips(void)
{
    char text[] = "\"DateTime\",\"a\"\"b\",'S:CMD=x=''y''';S:E=1,,\"'S:A=''''';K\"";
    struct bytes b = of(text);
    t_each_prefix(b, walk);
    for (size_t i = 0; i < b.n; i++)
        for (int bit = 1; bit < 256; bit <<= 1) {
            text[i] = (char)(text[i] ^ bit);
            walk(b);
            text[i] = (char)(text[i] ^ bit);
        }
}

int main(void)
{
    T_RUN(splits_rows);
    T_RUN(reads_both_headers);
    T_RUN(reads_items);
    T_RUN(goes_on_where_a_quote_is_open);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
