#include "format/carrier_open.h"
#include "t.h"

enum { BLOCK = 512, DISC = 64 * 1024, SECTOR = 2048 };

/* "hello" */
static const uint8_t BZIP2[] = {
    0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x19, 0x31, 0x65, 0x3d,
    0x00, 0x00, 0x00, 0x81, 0x00, 0x02, 0x44, 0xa0, 0x00, 0x21, 0x9a, 0x68, 0x33, 0x4d,
    0x07, 0x33, 0x8b, 0xb9, 0x22, 0x9c, 0x28, 0x48, 0x0c, 0x98, 0xb2, 0x9e, 0x80};

static struct arena *a;

/* A tar archive of one file and its own folder. */
static struct bytes tar(uint8_t buf[5 * BLOCK])
{
    static const char *const names[] = {"./", "a/x.log"};
    memset(buf, 0, (size_t)5 * BLOCK);
    for (size_t i = 0; i < 2; i++) {
        uint8_t *h = buf + i * BLOCK;
        unsigned sum = 0;
        memcpy(h, names[i], strlen(names[i]));
        memcpy(h + 100, "0000644", 7);
        memcpy(h + 124, i ? "00000000005" : "00000000000", 11);
        memcpy(h + 136, "00000000001", 11);
        memset(h + 148, ' ', 8);
        h[156] = i ? '0' : '5';
        memcpy(h + 257, "ustar\00000", 8);
        for (size_t k = 0; k < BLOCK; k++)
            sum += h[k];
        for (size_t k = 0; k < 6; k++, sum >>= 3)
            h[153 - k] = (uint8_t)('0' + (sum & 7));
        h[154] = '\0';
    }
    memcpy(buf + 2 * BLOCK, "hello", 5);
    return (struct bytes){buf, (size_t)5 * BLOCK};
}

static int open_as(struct bytes file, enum format format, const char *name, struct carrier *c,
                   struct err *err)
{
    struct carrier_options options = {.name = str_of(name)};
    return carrier_open(file, format, &options, a, c, err);
}

static struct str content_of(const struct carrier *c)
{
    static char buf[64];
    struct err err = {0};
    size_t n = 0;
    if (c->calls->read(c->state, buf, sizeof buf, &n, &err) <= 0)
        return STR("");
    return (struct str){buf, n};
}

static void members_are_told_in_their_order(void)
{
    uint8_t buf[5 * BLOCK];
    struct bytes file = tar(buf);
    struct carrier c;
    struct member m;
    struct err err = {0};
    T_EQ(carrier_sniff(file), FORMAT_TAR);
    T_EQ(open_as(file, FORMAT_TAR, "x.tar", &c, &err), 0);
    T_EQ(c.calls->next(c.state, &m, &err), 1);
    T_OK(!m.is_file && !m.refused); /* the archive's own folder */
    T_EQ(c.calls->next(c.state, &m, &err), 1);
    T_STR(m.path, "a/x.log");
    T_OK(m.is_file && !m.refused);
    T_STR(content_of(&c), "hello");
    T_EQ(c.calls->next(c.state, &m, &err), 0);
    c.calls->close(c.state);
}

static void one_packed_file_is_named_as_its_carrier(void)
{
    static const struct {
        const char *carrier, *member;
    } cases[] = {
        {"logs/u_ex.log.bz2", "u_ex.log"},
        {"u_ex.log.BZ2", "u_ex.log"},
        {"a.xz", "a"},
        {"logs/plain", "plain"},
        {".bz2", ".bz2"},
        {"logs/", "data"},
    };
    struct bytes file = {BZIP2, sizeof BZIP2};
    T_EQ(carrier_sniff(file), FORMAT_BZIP2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct carrier c;
        struct member m;
        struct err err = {0};
        T_EQ(open_as(file, FORMAT_BZIP2, cases[i].carrier, &c, &err), 0);
        T_EQ(c.calls->next(c.state, &m, &err), 1);
        T_OK(str_eq(m.path, str_of(cases[i].member)));
        T_STR(content_of(&c), "hello");
        T_EQ(c.calls->next(c.state, &m, &err), 0);
        c.calls->close(c.state);
    }
}

static void what_is_no_carrier_is_not_opened(void)
{
    uint8_t buf[5 * BLOCK];
    struct bytes file = tar(buf);
    for (int f = 0; f <= FORMATS; f++) {
        struct carrier c;
        struct err err = {0};
        if (f < FORMATS && format_is_carrier((enum format)f)) {
            if (open_as(file, (enum format)f, "x", &c, &err) == 0)
                c.calls->close(c.state);
            else
                T_OK(err.code != ERR_NONE);
            continue;
        }
        T_EQ(open_as(file, (enum format)f, "x", &c, &err), -1);
        T_EQ(err.code, ERR_UNSUPPORTED);
    }
}

static void of_a_disc_with_udf_a_gap_is_told_first(void)
{
    static uint8_t disc[DISC];
    struct bytes file = {disc, sizeof disc};
    memcpy(disc + 16 * SECTOR, "\001CD001\001", 7);
    T_EQ(carrier_sniff(file), FORMAT_ISO);
    memcpy(disc + 18 * SECTOR, "\0NSR02\001", 7);
    struct carrier c;
    struct member m;
    struct err err = {0};
    if (open_as(file, FORMAT_ISO, "x.iso", &c, &err) < 0)
        return; /* the older part is refused at once: a gap as well */
    T_EQ(c.calls->next(c.state, &m, &err), -1);
    T_EQ(err.code, ERR_UNSUPPORTED);
    T_OK(str_find(str_of(err.msg), STR("UDF"), 0) != SIZE_MAX);
    T_OK(c.calls->next(c.state, &m, &err) <= 0);
    c.calls->close(c.state);
}

static void walk(struct bytes file)
{
    struct carrier c;
    struct member m;
    struct err err = {0};
    enum format format = carrier_sniff(file);
    if (!format_is_carrier(format) || open_as(file, format, "x", &c, &err) < 0)
        return;
    for (int i = 0; i < 10; i++) {
        int got = c.calls->next(c.state, &m, &err);
        if (got == 0)
            break;
        if (got > 0 && m.is_file && !m.refused)
            (void)content_of(&c);
    }
    c.calls->close(c.state);
}

static void survives_every_truncation(void)
{
    uint8_t buf[5 * BLOCK];
    t_each_prefix(tar(buf), walk);
    t_each_prefix((struct bytes){BZIP2, sizeof BZIP2}, walk);
}

int main(void)
{
    a = arena_new();
    T_RUN(members_are_told_in_their_order);
    T_RUN(one_packed_file_is_named_as_its_carrier);
    T_RUN(what_is_no_carrier_is_not_opened);
    T_RUN(of_a_disc_with_udf_a_gap_is_told_first);
    T_RUN(survives_every_truncation);
    arena_free(a);
    return t_done();
}
