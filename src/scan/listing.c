#include "scan/listing.h"

#include <stdlib.h>

#include "event/logplace.h"
#include "sys/dir.h"
#include "sys/file.h"

enum { SNIFF_BYTES = 64 * 1024 };

struct listing {
    struct findings *findings;
    struct arena *arena;
};

void listing_gap(struct findings *f, struct arena *arena, size_t evidence, uint64_t from,
                 uint64_t to, struct str why)
{
    struct gap *last = f->n_gaps ? &f->gaps[f->n_gaps - 1] : NULL;
    if (last && from && last->evidence == evidence && last->to == from &&
        str_eq(last->why, why)) {
        last->to = to;
        return;
    }
    f->gaps = arena_grow(arena, f->gaps, f->n_gaps, &f->cap_gaps, sizeof *f->gaps);
    f->gaps[f->n_gaps++] = (struct gap){evidence, from, to, arena_str(arena, why)};
}

/* What is no evidence to this program, but may hold some: an archive, or a file where a log
 * should be. */
static void tell_unread(struct listing *l, const struct evidence *e, size_t i)
{
    bool archive = e->format == FORMAT_ZIP || e->format == FORMAT_7Z ||
                   e->format == FORMAT_RAR || e->format == FORMAT_CAB;
    if (archive)
        listing_gap(l->findings, l->arena, i, 0, 0,
                    STR("an archive; archives are not opened: unpack it"));
    else if (e->size && !format_has_events(e->format) && log_place(e->path).n)
        listing_gap(l->findings, l->arena, i, 0, 0,
                    STR("it lies where logs lie, but is none that can be read"));
}

static void sniff(struct listing *l, struct arena *scratch, struct evidence *e, size_t i)
{
    struct bytes head;
    struct err err = {0};
    arena_reset(scratch);
    if (file_head(e->path.p, SNIFF_BYTES, scratch, &head, &err) < 0) {
        e->format = FORMATS;
        listing_gap(l->findings, l->arena, i, 0, 0, str_of(err.msg));
        return;
    }
    e->format = format_sniff(head);
    tell_unread(l, e, i);
}

static int by_text(const void *x, const void *y)
{
    const char *const *a = x;
    const char *const *b = y;
    return strcmp(*a, *b);
}

/* The result does not depend on the order in which paths were given. */
static int walk_paths(const char *const *given, size_t n, struct arena *arena,
                      struct dir_list *list, struct err *err)
{
    const char **paths = ARENA_ARRAY(arena, const char *, n);
    for (size_t i = 0; i < n; i++)
        paths[i] = given[i];
    if (n)
        qsort(paths, n, sizeof *paths, by_text);
    for (size_t i = 0; i < n; i++)
        if ((i == 0 || strcmp(paths[i], paths[i - 1]) != 0) &&
            dir_walk(paths[i], i, arena, list, err) < 0)
            return -1;
    return 0;
}

int listing_make(const char *const *paths, size_t n, struct arena *arena, struct findings *ret,
                 struct err *err)
{
    struct dir_list list = {0};
    struct listing l = {.findings = ret, .arena = arena};
    if (walk_paths(paths, n, arena, &list, err) < 0)
        return -1;
    ret->evidence = ARENA_ARRAY(arena, struct evidence, list.n);
    ret->n_evidence = list.n;
    struct arena *scratch = arena_new();
    for (size_t i = 0; i < list.n; i++) {
        const struct dir_entry *d = &list.entries[i];
        struct evidence *e = &ret->evidence[i];
        *e = (struct evidence){
            .path = d->path,
            .below = d->below,
            .root = d->root,
            .size = d->size,
            .modified = d->modified,
            .format = FORMATS,
            .first = INSTANT_NONE,
            .last = INSTANT_NONE,
        };
        if (d->problem != DIR_OK)
            listing_gap(ret, arena, i, 0, 0, d->why);
        else
            sniff(&l, scratch, e, i);
    }
    arena_free(scratch);
    return 0;
}
