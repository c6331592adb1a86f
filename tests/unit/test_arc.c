#include "format/arc.h"

#include "base/limits.h"
#include "t.h"

/* ZIP by hand: stored entries, local headers, a central directory. */

struct entry {
    const char *name;
    const char *content;
    unsigned flags, method;
};

enum { LOCAL = 30, CENTRAL = 46, TRAILER = 22 };

static void put(struct buf *b, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        buf_add_char(b, (char)(i < 8 ? v >> 8 * i : 0));
}

static uint32_t crc_of(struct str s)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= (unsigned char)s.p[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void put_common(struct buf *b, const struct entry *e)
{
    struct str content = str_of(e->content);
    put(b, 20, 2);
    put(b, e->flags, 2);
    put(b, e->method, 2);
    put(b, 0, 4); /* time */
    put(b, crc_of(content), 4);
    put(b, content.n, 4);
    put(b, content.n, 4);
    put(b, strlen(e->name), 2);
    put(b, 0, 2);
}

static struct buf zip_of(const struct entry *entries, size_t n)
{
    struct buf b = buf_new(1 << 20);
    struct buf central = buf_new(1 << 20);
    for (size_t i = 0; i < n; i++) {
        const struct entry *e = &entries[i];
        size_t at = b.n;
        put(&b, 0x04034b50, 4);
        put_common(&b, e);
        buf_add_cstr(&b, e->name);
        buf_add_cstr(&b, e->content);
        put(&central, 0x02014b50, 4);
        put(&central, 20, 2);
        put_common(&central, e);
        put(&central, 0, 2 + 2 + 2 + 4); /* comment, disk, attributes */
        put(&central, at, 4);
        buf_add_cstr(&central, e->name);
    }
    size_t start = b.n;
    buf_add_str(&b, buf_str(&central));
    put(&b, 0x06054b50, 4);
    put(&b, 0, 4);
    put(&b, n, 2);
    put(&b, n, 2);
    put(&b, central.n, 4);
    put(&b, start, 4);
    put(&b, 0, 2);
    buf_free(&central);
    return b;
}

static const struct arc_limits ample = {1000, 1 << 20, 1 << 24, 1000, NULL};

struct walked {
    char names[400]; /* "a.txt=content;b.txt!reason;" */
    int failures;
    enum err_code code;
};

static struct walked walk_with(struct bytes file, const struct arc_limits *limits)
{
    struct walked w = {0};
    struct arena *arena = arena_new();
    struct arc *a = NULL;
    struct err err = {0};
    struct arc_entry e;
    struct buf text = buf_new(sizeof w.names - 1);
    if (arc_open(file, ARC_ZIP | ARC_7Z | ARC_TAR, limits, arena, &a, &err) < 0)
        w.failures++;
    for (int i = 0; a && i < 100; i++) {
        int got = arc_next(a, &e, &err);
        if (got == 0)
            break;
        if (got < 0) {
            w.failures++;
            continue;
        }
        struct buf content = buf_new(1 << 20);
        buf_addf(&text, "%.*s", STR_ARG(e.path));
        if (e.refused)
            buf_addf(&text, "!%s;", e.refused);
        else if (arc_read_all(a, &content, &err) < 0)
            w.failures++;
        else
            buf_addf(&text, "=%.*s;", STR_ARG(buf_str(&content)));
        buf_free(&content);
    }
    w.code = err.code;
    memcpy(w.names, text.n ? text.p : "", text.n);
    arc_close(&a);
    T_OK(a == NULL);
    arc_close(&a);
    arena_free(arena);
    buf_free(&text);
    return w;
}

static struct walked walk(const struct buf *b)
{
    return walk_with(str_bytes(buf_str(b)), &ample);
}

static void gives_entries_in_order(void)
{
    static const struct entry entries[] = {
        {"rules/a.yml", "title: a", 0, 0}, {"rules/", "", 0, 0}, {"b.yml", "", 0, 0}};
    struct buf b = zip_of(entries, 3);
    struct walked w = walk(&b);
    T_STR(str_of(w.names), "rules/a.yml=title: a;rules!it is a folder;b.yml=;");
    T_EQ(w.failures, 0);
    buf_free(&b);
}

static void no_name_leads_out(void)
{
    static const struct {
        const char *name, *path;
        bool ok;
    } cases[] = {
        {"a/b", "a/b", true},
        {"./a//b/", "a/b", true},
        {"a\\b.yml", "a/b.yml", true},
        {"../a", "../a", false},
        {"a/../../b", "a/../../b", false},
        {"/etc/x", "etc/x", false},
        {"\\x", "x", false},
        {"C:\\x", "C:/x", false},
        {"", "", false},
        {"./", "", false},
        {"a\x01", "a\x01", false},
        {"..a/b..", "..a/b..", true},
        {"..\\..\\x", "../../x", false},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str path;
        const char *why = arc_safe_path(str_of(cases[i].name), arena, &path);
        if ((why == NULL) != cases[i].ok || !str_eq(path, str_of(cases[i].path)))
            printf("  case \"%s\": %.*s\n", cases[i].name, STR_ARG(path));
        T_EQ(why == NULL, cases[i].ok);
        T_OK(str_eq(path, str_of(cases[i].path)));
    }
    arena_free(arena);
    static const struct entry entries[] = {{"../../etc/cron.d/x", "* * *", 0, 0}};
    struct buf b = zip_of(entries, 1);
    struct walked w = walk(&b);
    T_STR(str_of(w.names), "../../etc/cron.d/x!its name leads out of the archive's folder;");
    buf_free(&b);
}

static void what_cannot_be_read_says_why(void)
{
    static const struct entry entries[] = {{"a", "secret", 1, 0}, {"b", "plain", 0, 0}};
    struct buf b = zip_of(entries, 2);
    struct walked w = walk(&b);
    T_STR(str_of(w.names), "a!it is encrypted: no password was given;b=plain;");
    buf_free(&b);
    struct buf none = buf_new(100);
    buf_add_cstr(&none, "this is no archive");
    w = walk(&none);
    T_EQ(w.failures, 1);
    T_EQ(w.code, ERR_CORRUPT);
    buf_free(&none);
}

static void each_limit_holds(void)
{
    static const struct entry entries[] = {
        {"a", "0123456789", 0, 0}, {"b", "01234", 0, 0}, {"c", "0", 0, 0}};
    static const struct {
        struct arc_limits limits;
        const char *names;
        int failures;
    } cases[] = {
        {{3, 10, 16, 1000, NULL}, "a=0123456789;b=01234;c=0;", 0},
        {{2, 10, 16, 1000, NULL}, "a=0123456789;b=01234;", 1},
        {{3, 9, 16, 1000, NULL}, "ab=01234;c=0;", 1},
        {{3, 10, 14, 1000, NULL}, "a=0123456789;b", 1},
    };
    struct buf b = zip_of(entries, 3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct walked w = walk_with(str_bytes(buf_str(&b)), &cases[i].limits);
        T_OK(str_eq(str_of(w.names), str_of(cases[i].names)));
        T_EQ(w.failures, cases[i].failures);
        T_EQ(w.code == ERR_LIMIT, cases[i].failures > 0);
    }
    buf_free(&b);
}

static void harmless(struct bytes data)
{
    (void)walk_with(data, &ample);
}

static void prefixes_and_flipped_bits_are_harmless(void)
{
    static const struct entry entries[] = {{"x/a.yml", "title: a", 0, 0},
                                           {"b.yml", "title: b", 8, 8}};
    struct buf b = zip_of(entries, 2);
    t_each_prefix(str_bytes(buf_str(&b)), harmless);
    for (size_t i = 0; i < b.n * 8; i++) {
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
        harmless(str_bytes(buf_str(&b)));
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
    }
    buf_free(&b);
}

static void a_truncated_archive_gives_what_it_holds(void)
{
    static const struct entry entries[] = {{"a", "one", 0, 0}, {"b", "two", 0, 0}};
    struct buf b = zip_of(entries, 2);
    struct bytes cut = {(const uint8_t *)b.p, 2 * (LOCAL + 1 + 3) - 1};
    struct walked w = walk_with(cut, &ample);
    T_OK(str_istarts(str_of(w.names), STR("a=one;")));
    T_OK(w.failures > 0);
    buf_free(&b);
}

/* One block of a tar archive's header, and one with the content. */
static void put_tar(struct buf *b, const char *name, const char *content)
{
    enum { BLOCK = 512, SUM = 148 };
    char head[BLOCK] = {0};
    char body[BLOCK] = {0};
    unsigned sum = 0;
    (void)snprintf(head, sizeof head, "%s", name);
    (void)snprintf(head + 100, 8, "0000644");
    (void)snprintf(head + 124, 12, "%011o", (unsigned)strlen(content) & 0777U);
    (void)snprintf(head + 136, 12, "00000000000");
    memcpy(head + SUM, "        0ustar\00000", 17);
    for (size_t i = 0; i < BLOCK; i++)
        sum += (unsigned char)head[i];
    (void)snprintf(head + SUM, 8, "%06o", sum & 0777777U);
    (void)snprintf(body, sizeof body, "%s", content);
    buf_add(b, head, sizeof head);
    buf_add(b, body, sizeof body);
}

static struct buf tar_of(size_t n)
{
    static const char *const names[] = {"a", "b", "c"};
    static const char *const contents[] = {"one", "two", "three"};
    struct buf b = buf_new(1 << 20);
    for (size_t i = 0; i < n; i++)
        put_tar(&b, names[i], contents[i]);
    return b;
}

static void a_tar_archive_that_has_no_end_is_cut(void)
{
    struct buf b = tar_of(2);
    struct walked w = walk(&b);
    T_STR(str_of(w.names), "a=one;b=two;");
    T_EQ(w.failures, 1);
    T_EQ(w.code, ERR_CORRUPT);
    put(&b, 0, 1024);
    w = walk(&b);
    T_STR(str_of(w.names), "a=one;b=two;");
    T_EQ(w.failures, 0);
    buf_free(&b);
}

static void a_damaged_header_costs_its_entry(void)
{
    struct buf b = tar_of(3);
    put(&b, 0, 1024);
    b.p[1024 + 3] = 'x'; /* of b's; its checksum is wrong now */
    struct walked w = walk(&b);
    T_STR(str_of(w.names), "a=one;c=three;");
    T_EQ(w.failures, 1);
    T_EQ(w.code, ERR_CORRUPT);
    buf_free(&b);
}

static void a_damaged_entry_does_not_hide_those_behind_it(void)
{
    static const struct entry entries[] = {
        {"a", "one", 0, 0}, {"b", "\7\377\377", 0, 8}, {"c", "three", 0, 0}};
    struct buf b = zip_of(entries, 3);
    struct walked w = walk(&b);
    T_STR(str_of(w.names), "a=one;bc=three;");
    T_EQ(w.failures, 1);
    buf_free(&b);
}

static void what_comes_before_damage_is_given(void)
{
    static const struct entry entries[] = {{"a", "one, two", 0, 0}};
    struct buf b = zip_of(entries, 1);
    struct arc_limits limits = ample;
    struct arena *arena = arena_new();
    struct arc *a = NULL;
    struct err err = {0};
    struct arc_entry e;
    char content[100];
    size_t n = 0;
    b.p[LOCAL + 1 + 7] = 'O'; /* the last letter; its checksum is wrong now */
    T_EQ(arc_open(str_bytes(buf_str(&b)), ARC_ZIP, &limits, arena, &a, &err), 0);
    T_EQ(arc_next(a, &e, &err), 1);
    T_EQ(arc_read(a, content, sizeof content, &n, &err), 1);
    T_STR(((struct str){content, n}), "one, twO");
    T_EQ(arc_read(a, content, sizeof content, &n, &err), -1);
    T_EQ(err.code, ERR_CORRUPT);
    T_EQ(arc_next(a, &e, &err), 0);
    arc_close(&a);
    arena_free(arena);
    buf_free(&b);
}

/* In a single block that is not compressed. */
static struct buf gzip_of(const struct buf *content)
{
    struct buf b = buf_new(1 << 20);
    buf_add(&b, "\x1f\x8b\x08\0\0\0\0\0\0\0\1", 11);
    put(&b, content->n, 2);
    put(&b, ~content->n, 2);
    buf_add_str(&b, buf_str(content));
    put(&b, crc_of(buf_str(content)), 4);
    put(&b, content->n, 4);
    return b;
}

static void what_gzip_says_is_damaged_is(void)
{
    struct buf tar = tar_of(2);
    put(&tar, 0, 1024);
    struct buf b = gzip_of(&tar);
    struct arc_limits limits = ample;
    struct arena *arena = arena_new();
    struct arc *a = NULL;
    struct err err = {0};
    struct arc_entry e;
    for (int turn = 0; turn < 2; turn++) {
        T_EQ(arc_open(str_bytes(buf_str(&b)), ARC_TAR, &limits, arena, &a, &err), 0);
        T_EQ(arc_next(a, &e, &err), 1);
        T_EQ(arc_next(a, &e, &err), 1);
        T_STR(e.path, "b");
        T_EQ(arc_next(a, &e, &err), turn ? -1 : 0);
        T_EQ(arc_next(a, &e, &err), 0);
        arc_close(&a);
        b.p[15 + 512] = 'O'; /* of the first file */
    }
    T_EQ(err.code, ERR_CORRUPT);
    arena_free(arena);
    buf_free(&b);
    buf_free(&tar);
}

int main(void)
{
    T_RUN(a_damaged_entry_does_not_hide_those_behind_it);
    T_RUN(what_comes_before_damage_is_given);
    T_RUN(what_gzip_says_is_damaged_is);
    T_RUN(a_tar_archive_that_has_no_end_is_cut);
    T_RUN(a_damaged_header_costs_its_entry);
    T_RUN(gives_entries_in_order);
    T_RUN(no_name_leads_out);
    T_RUN(what_cannot_be_read_says_why);
    T_RUN(each_limit_holds);
    T_RUN(prefixes_and_flipped_bits_are_harmless);
    T_RUN(a_truncated_archive_gives_what_it_holds);
    return t_done();
}
