#include "store/manifest.h"

#include "t.h"

#define HEAD "assay.manifest\t1\n"

static const char SAMPLE[] = HEAD "case\tfile\tabcd\t4096\n"
                                  "file\tlogs/a b.log\t0011\t17\tiis\n"
                                  "file\tlogs/tab\\x09and\\\\.log\t-\t0\t-\n"
                                  "row\tfinding/00aabbccddee\t0123\n"
                                  "table\tfinding\t1\t4567\n";

static struct manifest parsed(const char *text, struct arena *arena)
{
    struct manifest m = {0};
    struct err err = {0};
    T_EQ(manifest_parse(str_of(text), arena, &m, &err), 0);
    T_STR(str_of(err.msg), "");
    return m;
}

static const struct statement *find(const struct manifest *m, struct str kind, struct str about)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->list[i].kind, kind) && str_eq(m->list[i].about, about))
            return &m->list[i];
    return NULL;
}

static void statements_have_fields(void)
{
    struct arena *a = arena_new();
    struct manifest m = parsed(SAMPLE, a);
    const struct statement *s = find(&m, STR("file"), STR("logs/a b.log"));
    T_EQ(m.n, 6);
    T_OK(s != NULL);
    T_STR(s->says, "0011\t17\tiis");
    T_STR(manifest_field(s, 0), "file");
    T_STR(manifest_field(s, 4), "iis");
    T_STR(manifest_field(s, 5), "");
    arena_free(a);
}

static void any_bytes_go_through_a_field(void)
{
    static const char *const fields[] = {
        "",
        "plain",
        "a\tb\nc\r",
        "back\\slash",
        "\\x09",
        "caf\xc3\xa9 \xe2\x80\xae",
        "\xff\x80 \xc3",
        "\x7f\x1b[31m",
        "\\\\192.0.2.66\\share\\x",
        "\xc2\x85 e\xcc\x81 \xf3\xa0\x81\x81",
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct buf out = buf_new(4096);
        const struct str line[] = {STR("file"), str_of(fields[i])};
        buf_add_cstr(&out, HEAD);
        manifest_line(&out, line, 2);
        struct manifest m = parsed(arena_str(a, buf_str(&out)).p, a);
        const struct statement *s =
            str_eq(m.list[0].kind, STR("file")) ? &m.list[0] : &m.list[1];
        T_OK(str_eq(manifest_plain(s->about, a), str_of(fields[i])));
        for (size_t k = 0; k + 1 < s->line.n; k++)
            T_OK((unsigned char)s->line.p[k] >= ' ' || s->line.p[k] == '\t');
        buf_free(&out);
    }
    arena_free(a);
}

static void what_could_be_written_otherwise_is_refused(void)
{
    static const char *const texts[] = {
        "",
        "\n",
        "file\ta\n",                        /* no head */
        "assay.manifest\t0\n",              /* no such version */
        "assay.manifest\tone\n",            /* no number */
        "assay.manifest\t1",                /* cut off */
        HEAD "file\n",                      /* about nothing */
        HEAD "\n",                          /* an empty line */
        HEAD "file\ta",                     /* cut off */
        HEAD "file\t\\x41\n",               /* an A needs no escape */
        HEAD "file\t\\x9\n",                /* half an escape */
        HEAD "file\t\\x0A\n",               /* digits are small */
        HEAD "file\t\\\n",                  /* an escape of nothing */
        HEAD "file\ta\r\n",                 /* a line's end of another kind */
        HEAD "file\t\xff\n",                /* no text */
        HEAD "a\tb\tc\td\te\tf\tg\th\ti\n", /* too many fields */
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct manifest m = {0};
        struct err err = {0};
        T_EQ(manifest_parse(str_of(texts[i]), a, &m, &err), -1);
        T_EQ(err.code, ERR_INVALID);
        T_EQ(m.n, 0);
    }
    struct manifest m = {0};
    struct err err = {0};
    T_EQ(manifest_parse(STR("assay.manifest\t2\n"), a, &m, &err), -1);
    T_EQ(err.code, ERR_UNSUPPORTED);
    arena_free(a);
}

static void differences_are_named(void)
{
    static const char other[] = HEAD "case\tfile\tabcd\t4096\n"
                                     "file\tlogs/a b.log\t9911\t17\tiis\n"
                                     "file\tlogs/new.log\t00\t1\t-\n"
                                     "row\tfinding/00aabbccddee\t0123\n"
                                     "table\tfinding\t1\t4567\n";
    struct arena *a = arena_new();
    struct manifest sealed = parsed(SAMPLE, a);
    struct manifest found = parsed(other, a);
    struct difference *d = NULL;
    T_EQ(manifest_compare(&sealed, &sealed, a, &d), 0);
    T_EQ(manifest_compare(&sealed, &found, a, &d), 3);
    T_EQ(d[0].kind, DIFFERENCE_CHANGED);
    T_STR(d[0].found->about, "logs/a b.log");
    T_EQ(d[1].kind, DIFFERENCE_ADDED);
    T_STR(d[1].found->about, "logs/new.log");
    T_OK(d[1].sealed == NULL);
    T_EQ(d[2].kind, DIFFERENCE_MISSING);
    T_OK(d[2].found == NULL);
    arena_free(a);
}

/* Without a signature: whatever bit is another, it is no manifest or not this one. */
static void every_flipped_bit_is_found(void)
{
    struct arena *a = arena_new();
    struct manifest sealed = parsed(SAMPLE, a);
    size_t forgiven = 0;
    for (size_t bit = 0; bit < (sizeof SAMPLE - 1) * 8; bit++) {
        char text[sizeof SAMPLE];
        struct manifest m = {0};
        struct err err = {0};
        struct difference *d = NULL;
        memcpy(text, SAMPLE, sizeof text);
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
        if (manifest_parse((struct str){text, sizeof text - 1}, a, &m, &err) == 0)
            forgiven += manifest_compare(&sealed, &m, a, &d) == 0;
    }
    T_EQ(forgiven, 0);
    arena_free(a);
}

static void differs(struct bytes prefix)
{
    struct arena *a = arena_new();
    struct manifest sealed = parsed(SAMPLE, a);
    struct manifest m = {0};
    struct err err = {0};
    struct difference *d = NULL;
    if (manifest_parse((struct str){(const char *)prefix.p, prefix.n}, a, &m, &err) == 0)
        T_OK(manifest_compare(&sealed, &m, a, &d) > 0);
    arena_free(a);
}

static void a_part_is_not_the_whole(void)
{
    t_each_prefix(str_bytes(str_of(SAMPLE)), differs);
}

int main(void)
{
    T_RUN(statements_have_fields);
    T_RUN(any_bytes_go_through_a_field);
    T_RUN(what_could_be_written_otherwise_is_refused);
    T_RUN(differences_are_named);
    T_RUN(every_flipped_bit_is_found);
    T_RUN(a_part_is_not_the_whole);
    return t_done();
}
