/* hive_dump HIVE [LOG...]: what the reader of hives sees, for comparison with other readers.
 * A line each: K key path, seconds since 1970; V value name, type, bytes of data, data in hex;
 * G from, to, why; of what was deleted D key path, seconds, place in the file; E value name, type,
 * bytes of data, data, place in the file. Names and paths are in hex. With logs, the hive as
 * they make it. */
#include <inttypes.h>
#include <stdio.h>

#include "format/hive.h"
#include "format/hive_deleted.h"
#include "format/hive_log.h"
#include "sys/file.h"

static void put_hex(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        printf("%02x", b.p[i]);
}

static void put_value(const struct hive *h, const struct hive_value *v, struct arena *arena)
{
    struct bytes data = {0};
    struct err ignored = {0};
    (void)hive_data(h, v, arena, &data, &ignored);
    printf("V\t");
    put_hex(str_bytes(hive_text(v->name, arena)));
    printf("\t%" PRIu32 "\t%zu\t", v->type, data.n);
    put_hex(data);
    printf("\n");
}

static int64_t seconds(instant t)
{
    return t == INSTANT_NONE ? 0 : t / INSTANT_SECOND;
}

static void put_item(const struct hive *h, const struct hive_item *i, struct arena *arena)
{
    if (i->first) {
        printf("K\t");
        put_hex(str_bytes(i->path));
        printf("\t%" PRId64 "\n", seconds(i->key->modified));
    }
    if (i->has_value)
        put_value(h, &i->value, arena);
}

static void put_deleted(const struct hive *h, const struct hive_walk *w, struct arena *arena,
                        struct arena *each)
{
    struct hive_deleted *d = hive_deleted_new(h, w, arena);
    struct hive_item i;
    bool placed;
    while (hive_deleted_next(d, &i, &placed)) {
        struct bytes data = {0};
        struct err ignored = {0};
        if (i.first) {
            printf("D\t");
            put_hex(str_bytes(i.path));
            printf("\t%" PRId64 "\t%" PRIu64 "\n", seconds(i.key->modified),
                   HIVE_HEADER + (uint64_t)i.key->cell);
        }
        if (i.has_value) {
            (void)hive_data(hive_deleted_view(d), &i.value, each, &data, &ignored);
            printf("E\t");
            put_hex(str_bytes(hive_text(i.value.name, each)));
            printf("\t%" PRIu32 "\t%zu\t", i.value.type, data.n);
            put_hex(data);
            printf("\t%" PRIu64 "\n", HIVE_HEADER + (uint64_t)i.value.cell);
        }
        arena_reset(each);
    }
}

static int dump(struct bytes file)
{
    struct arena *arena = arena_new();
    struct arena *each = arena_new();
    struct hive h;
    struct err err = {0};
    int failed = hive_open(file, arena, &h, &err);
    if (failed == 0) {
        struct hive_walk *w = hive_walk_new(&h, arena);
        struct hive_item item;
        struct hive_gap gap;
        int got;
        while ((got = hive_walk_next(w, &item, &gap, &err)) != 0) {
            if (got > 0)
                put_item(&h, &item, each);
            else
                printf("G\t%" PRIu64 "\t%" PRIu64 "\t%s\n", gap.from, gap.to, err.msg);
            arena_reset(each);
        }
        put_deleted(&h, w, arena, each);
    } else {
        printf("G\t0\t%zu\t%s\n", file.n, err.msg);
    }
    arena_free(each);
    arena_free(arena);
    return failed;
}

int main(int argc, char **argv)
{
    struct file_map maps[1 + HIVE_LOGS_MOST] = {0};
    struct bytes logs[HIVE_LOGS_MOST];
    struct arena *arena = arena_new();
    struct err err = {0};
    int n = 0;
    for (; n + 1 < argc && n <= HIVE_LOGS_MOST; n++) {
        if (file_map(argv[n + 1], &maps[n], &err) < 0) {
            (void)fprintf(stderr, "hive_dump: %s\n", err.msg);
            return 2;
        }
        if (n > 0)
            logs[n - 1] = maps[n].bytes;
    }
    struct bytes hive = maps[0].bytes;
    struct hive_applied how = {0};
    if (n > 1 && hive_logs_apply(hive, logs, (size_t)n - 1, arena, &hive, &how, &err) < 0)
        printf("G\t0\t0\t%s\n", err.msg);
    (void)fprintf(stderr, "hive_dump: %zu entries, %zu pages, sequence %u\n", how.entries,
                  how.pages, how.sequence);
    int failed = dump(hive);
    for (int i = 0; i < n; i++)
        file_unmap(&maps[i]);
    arena_free(arena);
    return failed ? 1 : 0;
}
