/* carrier_list_main.c - lists the members of an archive or image, for the tests that compare our
 * readers with other programs: a line "size TAB sha256 TAB marks TAB path" for each, "gap TAB why"
 * for each gap. With --jail it does so in the jail of workers.
 *
 * carrier_list [--jail|--disk] FILE [SEGMENT]...
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "format/carrier_open.h"
#include "format/ewf.h"
#include "sys/file.h"
#include "sys/jail.h"

enum { WINDOW = 1 << 20, SEGMENTS_MOST = 200 };

static void read_member(const struct carrier *c, const struct member *m)
{
    static uint8_t window[WINDOW];
    struct sha256_run *run = sha256_start();
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_TEXT];
    struct err err = {0};
    uint64_t size = 0;
    size_t n = 0;
    int got = 0;
    while (!m->refused &&
           (got = c->calls->read(c->state, window, sizeof window, &n, &err)) > 0) {
        sha256_add(run, (struct bytes){window, n});
        size += n;
    }
    sha256_end(run, digest);
    sha256_text(digest, hex);
    printf("%" PRIu64 "\t%s\t%s%s%s\t%.*s\n", size, hex, m->deleted ? "deleted" : "",
           m->refused ? " refused "
           : got < 0  ? " damaged "
                      : "",
           m->refused ? m->refused
           : got < 0  ? err.msg
                      : "",
           STR_ARG(m->path));
}

/* The disk of an E01 image as it was: a line "size TAB sha256". */
static int hash_disk(const struct bytes *segments, size_t n)
{
    static uint8_t window[WINDOW];
    struct arena *arena = arena_new();
    struct sha256_run *run = sha256_start();
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_TEXT];
    struct disk disk = {0};
    struct str gap = STR("");
    struct err err = {0};
    if (ewf_open(segments, n, arena, &disk, &gap, &err) < 0) {
        printf("gap\t%s\n", err.msg);
        return 1;
    }
    for (uint64_t at = 0; at < disk.size; at += WINDOW) {
        size_t take = disk.size - at < WINDOW ? (size_t)(disk.size - at) : WINDOW;
        if (disk.read(disk.state, at, window, take, &err) < 0) {
            printf("gap\t%s\n", err.msg);
            break;
        }
        sha256_add(run, (struct bytes){window, take});
    }
    sha256_end(run, digest);
    sha256_text(digest, hex);
    printf("%" PRIu64 "\t%s\n", disk.size, hex);
    disk.close(disk.state);
    arena_free(arena);
    return 0;
}

int main(int argc, char **argv)
{
    bool jail = argc > 2 && strcmp(argv[1], "--jail") == 0;
    bool whole = argc > 2 && strcmp(argv[1], "--disk") == 0;
    char **files = argv + 1 + jail + whole;
    int n = argc - 1 - jail - whole;
    struct file_map map = {0};
    struct bytes more[SEGMENTS_MOST] = {0};
    struct err err = {0};
    struct carrier c = {0};
    for (int i = n - 1; i >= 0 && n <= SEGMENTS_MOST; i--) {
        if (file_map(files[i], &map, &err) < 0)
            break;
        more[i] = map.bytes;
    }
    if (n < 1 || n > SEGMENTS_MOST || err.code) {
        (void)fprintf(stderr, "usage: carrier_list [--jail] FILE [SEGMENT]... %s\n", err.msg);
        return 2;
    }
    if (whole)
        return hash_disk(more, (size_t)n);
    struct arena *arena = arena_new();
    enum format format = carrier_sniff(map.bytes);
    carrier_prepare();
    unsigned parts = 0;
    struct jail_spec spec = {.socket = -1, .output = true, .memory = (size_t)2 << 30};
    if (jail && jail_enter(&spec, &parts, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.msg);
        return 2;
    }
    struct carrier_options options = {
        .name = str_of(files[0]), .more = more + 1, .n_more = (size_t)n - 1};
    if (carrier_open(map.bytes, format, &options, arena, &c, &err) < 0) {
        printf("gap\t%s: %s\n", format_name(format), err.msg);
        arena_free(arena);
        return 0;
    }
    for (;;) {
        struct member m = {0};
        int got = c.calls->next(c.state, &m, &err);
        if (got == 0)
            break;
        if (got < 0)
            printf("gap\t%s\n", err.msg);
        else if (m.is_file)
            read_member(&c, &m);
    }
    c.calls->close(c.state);
    arena_free(arena);
    file_unmap(&map);
    return 0;
}
