#include "format/zip.h"
#include "t.h"

/* "a.txt" of "hello", which the directory tells of, and "b.txt" of "hidden", whose sizes stand
 * behind its bytes and which it does not tell of. */
static const uint8_t ZIP[] = {
    0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x74, 0x52, 0x86,
    0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00,
    0x61, 0x2e, 0x74, 0x78, 0x74, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x50, 0x4b, 0x03, 0x04, 0x14,
    0x00, 0x08, 0x00, 0x08, 0x00, 0x00, 0x00, 0x74, 0x52, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x62, 0x2e, 0x74, 0x78, 0x74,
    0xcb, 0xc8, 0x4c, 0x49, 0x49, 0xcd, 0x03, 0x00, 0x50, 0x4b, 0x07, 0x08, 0xbd, 0xe9, 0x5d,
    0x88, 0x08, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x50, 0x4b, 0x01, 0x02, 0x14, 0x00,
    0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x74, 0x52, 0x86, 0xa6, 0x10, 0x36, 0x05,
    0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x61, 0x2e, 0x74, 0x78, 0x74,
    0x50, 0x4b, 0x05, 0x06, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x33, 0x00, 0x00,
    0x00, 0x63, 0x00, 0x00, 0x00, 0x00, 0x00,
};

enum { ROOM = 400 };

static const struct arc_limits LIMITS = {1000, 1 << 20, 1 << 24, 1000, NULL};

/* All that a carrier tells: "a.txt=hello;b.txt?=hidden;", '?' of what no directory tells of, '!'
 * of gaps. */
static struct str read_all(struct bytes file, char to[ROOM])
{
    struct arena *arena = arena_new();
    struct carrier c = zip_open(file, &LIMITS, arena);
    struct buf text = buf_new(ROOM - 1);
    struct member m;
    struct err err = {0};
    char part[4];
    size_t n = 0;
    int got = 0;
    for (int i = 0; i < 100 && (got = c.calls->next(c.state, &m, &err)) != 0; i++) {
        if (got < 0) {
            buf_add_char(&text, '!');
            continue;
        }
        buf_addf(&text, "%.*s%s=%s", STR_ARG(m.path), m.unlisted ? "?" : "",
                 m.refused ? m.refused : "");
        while (!m.refused && m.is_file &&
               (got = c.calls->read(c.state, part, sizeof part, &n, &err)) > 0)
            buf_add(&text, part, n);
        buf_add_cstr(&text, got < 0 ? "!;" : ";");
    }
    T_OK(got == 0);
    c.calls->close(c.state);
    n = text.n < ROOM ? text.n : ROOM;
    memcpy(to, text.n ? text.p : "", n);
    buf_free(&text);
    arena_free(arena);
    return (struct str){to, n};
}

static void what_the_directory_leaves_out_is_read(void)
{
    char text[ROOM];
    T_STR(read_all((struct bytes){ZIP, sizeof ZIP}, text), "!a.txt=hello;b.txt?=hidden;");
}

static void without_a_directory_headers_are_enough(void)
{
    char text[ROOM];
    T_STR(read_all((struct bytes){ZIP, sizeof ZIP - 22}, text), "!a.txt=hello;b.txt=hidden;");
}

/* What is left of a file of which nothing can be told is the file itself: a member of the same bytes
 * would be opened again, and again. */
static void all_of_it_is_no_member(void)
{
    char text[ROOM];
    uint8_t copy[sizeof ZIP];
    memset(copy, 0x55, sizeof copy);
    memcpy(copy, ZIP, 4);
    T_STR(read_all((struct bytes){copy, sizeof copy}, text), "!");
    memcpy(copy + 100, ZIP, 40); /* of two halves each is a part */
    T_OK(str_find(read_all((struct bytes){copy, sizeof copy}, text), STR("(bytes 0 to 100)"),
                  0) != SIZE_MAX);
}

static void read_any(struct bytes file)
{
    char text[ROOM];
    (void)read_all(file, text);
}

static void damage_costs_what_it_hits(void)
{
    char text[ROOM];
    uint8_t copy[sizeof ZIP];
    size_t kept = 0;
    t_each_prefix((struct bytes){ZIP, sizeof ZIP}, read_any);
    for (size_t i = 0; i < sizeof ZIP * 8; i++) {
        memcpy(copy, ZIP, sizeof ZIP);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        struct str all = read_all((struct bytes){copy, sizeof copy}, text);
        kept += str_find(all, STR("hello"), 0) != SIZE_MAX ||
                str_find(all, STR("hidden"), 0) != SIZE_MAX;
    }
    T_OK(kept > sizeof ZIP * 8 * 98 / 100); /* a length may take in what follows */
}

int main(void)
{
    T_RUN(what_the_directory_leaves_out_is_read);
    T_RUN(without_a_directory_headers_are_enough);
    T_RUN(all_of_it_is_no_member);
    T_RUN(damage_costs_what_it_hits);
    return t_done();
}
