#include "scan/hives.h"

#include <stdlib.h>

#include "detect/signal.h"
#include "format/hive.h"
#include "format/hive_log.h"
#include "sys/file.h"

struct log {
    size_t evidence;
    bool member; /* of a carrier */
    bool there;
    struct file_map map;
};

struct waiting { /* a hive, and its logs */
    size_t evidence;
    struct log logs[HIVE_LOGS_MOST];
    size_t n;
};

struct hives {
    const struct findings *findings;
    struct waiting *at;
    size_t n;
    uint64_t bytes; /* of logs that are members */
};

static bool is_log_of(const struct evidence *log, struct str hive)
{
    static const char *const ends[HIVE_LOGS_MOST] = {".LOG", ".LOG1", ".LOG2"};
    if (log->format != FORMAT_REGISTRY_LOG || !str_istarts(log->path, hive))
        return false;
    struct str end = str_part(log->path, hive.n, log->path.n);
    for (size_t i = 0; i < HIVE_LOGS_MOST; i++)
        if (str_ieq(end, str_of(ends[i])))
            return true;
    return false;
}

bool hives_logged(const struct findings *f, const struct evidence *hive)
{
    for (size_t i = 0; i < f->n_evidence; i++)
        if (is_log_of(&f->evidence[i], hive->path))
            return true;
    return false;
}

bool hives_wait(const struct findings *f, const struct evidence *hive, struct bytes file,
                struct buf *out)
{
    struct arena *arena = arena_new();
    struct hive h;
    struct err ignored = {0};
    bool waits = hive_open(file, arena, &h, &ignored) == 0 && hive_is_dirty(&h);
    /* of a member, what lies beside it is not known yet */
    bool logged = waits && (hive->carrier || hives_logged(f, hive));
    arena_free(arena);
    if (logged)
        signal_write(out,
                     &(struct signal){.type = SIGNAL_LATER, .later = LATER_HIVE, .b = file.n});
    return logged;
}

/* This process never reads what it maps. */
static void map_logs(struct waiting *w, const struct findings *f)
{
    struct err ignored = {0};
    for (size_t i = 0; i < f->n_evidence && w->n < HIVE_LOGS_MOST; i++) {
        const struct evidence *e = &f->evidence[i];
        if (!is_log_of(e, f->evidence[w->evidence].path))
            continue;
        struct log *log = &w->logs[w->n++];
        *log = (struct log){.evidence = i, .member = e->carrier != 0};
        log->there = !log->member && file_map(e->opened.p, &log->map, &ignored) == 0;
    }
}

static int by_number(const void *x, const void *y)
{
    const size_t *a = x;
    const size_t *b = y;
    return (*a > *b) - (*a < *b);
}

size_t hives_missing(const struct hives *h, struct arena *arena, size_t **ret)
{
    size_t *all = ARENA_ARRAY(arena, size_t, h->n * HIVE_LOGS_MOST);
    size_t n = 0;
    for (size_t i = 0; i < h->n; i++)
        for (size_t k = 0; k < h->at[i].n; k++)
            if (h->at[i].logs[k].member)
                all[n++] = h->at[i].logs[k].evidence;
    if (n)
        qsort(all, n, sizeof *all, by_number);
    size_t unique = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || all[i] != all[i - 1])
            all[unique++] = all[i];
    *ret = all;
    return unique;
}

static struct log *log_of(struct hives *h, size_t evidence)
{
    for (size_t i = 0; i < h->n; i++)
        for (size_t k = 0; k < h->at[i].n; k++)
            if (h->at[i].logs[k].evidence == evidence && !h->at[i].logs[k].there)
                return &h->at[i].logs[k];
    return NULL;
}

void hives_give(struct hives *h, size_t evidence, int file)
{
    struct err ignored = {0};
    struct log *log = log_of(h, evidence);
    uint64_t size = h->findings->evidence[evidence].size;
    if (!log || size > HIVES_LOGS_MAX - h->bytes) {
        file_close(file);
        return;
    }
    log->there = file_map_open(file, &log->map, &ignored) == 0;
    h->bytes += log->there ? size : 0;
}

struct hives *hives_gather(const struct findings *f, struct arena *arena)
{
    struct hives *h = ARENA_NEW(arena, struct hives);
    h->findings = f;
    h->at = ARENA_ARRAY(arena, struct waiting, f->n_later);
    for (size_t i = 0; i < f->n_later; i++) {
        if (f->later[i].signal.later != LATER_HIVE)
            continue;
        h->at[h->n].evidence = f->later[i].evidence;
        map_logs(&h->at[h->n++], f);
    }
    return h;
}

void hives_close(struct hives *h)
{
    for (size_t i = 0; i < h->n; i++)
        for (size_t k = 0; k < h->at[i].n; k++)
            file_unmap(&h->at[i].logs[k].map);
}

size_t hives_works(const struct hives *h)
{
    return h->n;
}

struct work hives_work(const struct hives *h, size_t item)
{
    size_t evidence = h->at[item].evidence;
    return (struct work){.kind = WORK_HIVE,
                         .evidence = evidence,
                         .span = {.to = h->findings->evidence[evidence].size},
                         .item = item};
}

void hives_answer(const struct hives *h, const struct work *work,
                  const struct work_shared *shared, struct bytes file, struct buf *reply)
{
    const struct waiting *w = &h->at[work->item];
    struct arena *arena = arena_new();
    struct bytes logs[HIVE_LOGS_MOST];
    struct bytes whole = file;
    struct hive_applied how;
    struct err err = {0};
    unsigned marks = MARK_REASSEMBLED; /* what a log holds is not at its place in the hive */
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->logs[i].there)
            logs[n++] = w->logs[i].map.bytes;
    if (n == 0) { /* then the hive's own reader says that they lack */
        marks = 0;
    } else if (hive_logs_apply(file, logs, n, arena, &whole, &how, &err) < 0) {
        struct signal gap = {.type = SIGNAL_GAP, .b = file.n};
        gap.text = arena_printf(arena, "the hive's logs were not applied: %s", err.msg);
        signal_write(reply, &gap);
        marks = 0;
    }
    work_read_events(shared, &h->findings->evidence[w->evidence], whole, marks, reply);
    arena_free(arena);
}
