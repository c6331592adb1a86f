#include "cli/sweeping.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/safe.h"
#include "cli/run.h"

struct sweep_totals sweeping_totals(const struct swept *swept)
{
    struct sweep_totals t = {.all_files = swept->listed.n_evidence};
    for (size_t i = 0; i < swept->listed.n_evidence; i++) {
        const struct evidence *e = &swept->listed.evidence[i];
        t.events += e->events;
        t.recovered += e->recovered;
        t.files += e->events + e->recovered > 0;
    }
    return t;
}

int sweeping_run(const struct sweep_options *options, const struct longwork *work,
                 struct arena *arena, struct swept *ret, struct err *err)
{
    struct progress progress;
    struct sweep_options with = *options;
    progress_begin(&progress, work->progress, isatty(STDOUT_FILENO) == 1);
    with.max_memory = work->max_memory;
    with.progress = progress_show;
    with.display = &progress;
    int failed = sweep_run(&with, arena, ret, err);
    progress_end(&progress);
    if (failed == 0)
        run_tell_jail(ret->listed.jail);
    return failed;
}

/* ---- gaps ---- */

void sweeping_tell_gaps(const struct swept *swept)
{
    enum { TOLD = 20, LINE_BYTES = 4096 };
    const struct findings *f = &swept->listed;
    if (f->n_gaps)
        (void)fprintf(stderr, "assay: not everything could be read:\n");
    for (size_t i = 0; i < f->n_gaps && i < TOLD; i++) {
        const struct gap *g = &f->gaps[i];
        struct buf b = buf_new(LINE_BYTES);
        safe_terminal(&b, f->evidence[g->evidence].path);
        if (g->to)
            buf_addf(&b, ", bytes %" PRIu64 " to %" PRIu64, g->from, g->to);
        buf_add_cstr(&b, ": ");
        safe_terminal(&b, g->why);
        (void)fprintf(stderr, "  %.*s\n", STR_ARG(buf_str(&b)));
        buf_free(&b);
    }
    if (f->n_gaps > TOLD)
        (void)fprintf(stderr, "  and %zu more\n", f->n_gaps - TOLD);
}

void sweeping_json_gaps(const struct swept *swept, struct json_out *j)
{
    const struct findings *f = &swept->listed;
    json_begin(j, '[');
    for (size_t i = 0; i < f->n_gaps; i++) {
        const struct gap *g = &f->gaps[i];
        json_begin(j, '{');
        json_key(j, "path");
        json_str(j, f->evidence[g->evidence].path);
        json_key(j, "from");
        json_u64(j, g->from);
        json_key(j, "to");
        json_u64(j, g->to);
        json_key(j, "why");
        json_str(j, g->why);
        json_end(j, '}');
    }
    json_end(j, ']');
}
