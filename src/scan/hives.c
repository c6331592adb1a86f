#include "scan/hives.h"

#include "detect/signal.h"
#include "format/hive.h"
#include "format/hive_log.h"
#include "sys/file.h"

struct waiting { /* a hive, and its logs */
    size_t evidence;
    struct file_map logs[HIVE_LOGS_MOST];
    size_t n;
};

struct hives {
    const struct findings *findings;
    struct waiting *at;
    size_t n;
};

static bool is_log_of(const struct evidence *log, struct str hive)
{
    static const char *const ends[HIVE_LOGS_MOST] = {".LOG", ".LOG1", ".LOG2"};
    if (log->format != FORMAT_REGISTRY_LOG || log->carrier || !str_istarts(log->path, hive))
        return false;
    struct str end = str_part(log->path, hive.n, log->path.n);
    for (size_t i = 0; i < HIVE_LOGS_MOST; i++)
        if (str_ieq(end, str_of(ends[i])))
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
    bool logged = false;
    for (size_t i = 0; waits && !logged && i < f->n_evidence; i++)
        logged = is_log_of(&f->evidence[i], hive->path);
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
    for (size_t i = 0; i < f->n_evidence && w->n < HIVE_LOGS_MOST; i++)
        if (is_log_of(&f->evidence[i], f->evidence[w->evidence].path) &&
            file_map(f->evidence[i].path.p, &w->logs[w->n], &ignored) == 0)
            w->n++;
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
            file_unmap(&h->at[i].logs[k]);
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
    for (size_t i = 0; i < w->n; i++)
        logs[i] = w->logs[i].bytes;
    if (hive_logs_apply(file, logs, w->n, arena, &whole, &how, &err) < 0) {
        struct signal gap = {.type = SIGNAL_GAP, .b = file.n};
        gap.text = arena_printf(arena, "the hive's logs were not applied: %s", err.msg);
        signal_write(reply, &gap);
        marks = 0;
    }
    work_read_events(shared, &h->findings->evidence[w->evidence], whole, marks, reply);
    arena_free(arena);
}
