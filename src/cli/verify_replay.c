/* The same evidence, scanned by the same options again: is the verdict the same? */
#include <stdlib.h>
#include <string.h>

#include "cli/madeby.h"
#include "cli/run.h"
#include "cli/verify.h"
#include "report/report_json.h"

enum { DIFFERENCES_KEPT = 1000 };

struct replay {
    struct verification *v;
    struct arena *arena;
    struct sealed_case sealed;
    struct run run;
    const char **roots;
    size_t n_roots;
};

static void differ(struct replay *r, const char *what, struct str name, const char *how)
{
    struct verify_replay *to = &r->v->replay;
    if (to->n == DIFFERENCES_KEPT)
        return;
    to->list = arena_grow(r->arena, to->list, to->n, &to->cap, sizeof *to->list);
    to->list[to->n++] =
        (struct replay_difference){what, arena_str(r->arena, name), str_of(how)};
}

/* --- options ------------------------------------------------------------------------------- */

static const struct casefile_setup *find_setup(const struct casefile_setup *list, size_t n,
                                               const struct casefile_setup *like)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].kind, like->kind) && str_eq(list[i].name, like->name) &&
            (!str_eq(like->kind, STR("option")) || str_eq(list[i].value, like->value)))
            return &list[i];
    return NULL;
}

/* The command line that gives the recorded options. */
static int make_args(struct replay *r, const char *const *paths, size_t n, const char *jobs,
                     struct args *ret, struct err *err)
{
    const struct sealed_case *c = &r->sealed;
    char **argv = ARENA_ARRAY(r->arena, char *, c->n_setup + n + 3);
    int argc = 0;
    for (size_t i = 0; i < c->n_setup; i++) {
        const struct casefile_setup *s = &c->setup[i];
        if (!str_eq(s->kind, STR("option")))
            continue;
        struct str word = s->value.n ? arena_printf(r->arena, "--%.*s=%.*s", STR_ARG(s->name),
                                                    STR_ARG(s->value))
                                     : arena_printf(r->arena, "--%.*s", STR_ARG(s->name));
        argv[argc++] = (char *)(uintptr_t)word.p;
    }
    if (jobs)
        argv[argc++] = (char *)(uintptr_t)arena_printf(r->arena, "--jobs=%s", jobs).p;
    argv[argc++] = (char *)(uintptr_t) "--";
    for (size_t i = 0; i < n; i++)
        argv[argc++] = (char *)(uintptr_t)paths[i];
    return args_parse(&CMD_SCAN, argc, argv, r->arena, ret, err);
}

static int find_roots(struct replay *r, size_t n, struct err *err)
{
    const struct sealed_case *c = &r->sealed;
    r->roots = ARENA_ARRAY(r->arena, const char *, c->n_setup);
    for (size_t i = 0; i < c->n_setup; i++)
        if (str_eq(c->setup[i].kind, STR("root")))
            r->roots[r->n_roots++] = arena_str(r->arena, c->setup[i].name).p;
    if (r->n_roots == 0)
        return err_set(err, ERR_INVALID, "the case does not say how its verdict was made");
    if (r->n_roots != n)
        return err_set(err, ERR_INVALID,
                       "%zu paths were scanned: want as many here, in the same order",
                       r->n_roots);
    return 0;
}

/* Programs, packs and files of rules that are others today. */
static int compare_setup(struct replay *r, const struct args *args, struct err *err)
{
    struct casefile_setup *now = NULL;
    size_t n = 0;
    const struct sealed_case *c = &r->sealed;
    if (madeby(&CMD_SCAN, args, &r->run.setup, r->arena, &now, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < c->n_setup; i++) {
        const struct casefile_setup *then = &c->setup[i];
        const struct casefile_setup *same = find_setup(now, n, then);
        if (str_eq(then->kind, STR("root")))
            continue;
        bool other =
            !same || !str_eq(same->sha256, then->sha256) || !str_eq(same->value, then->value);
        if (other && str_eq(then->kind, STR("program")))
            r->v->replay.other_program = true;
        else if (other)
            differ(r, "setup",
                   arena_printf(r->arena, "%.*s %.*s%s%.*s", STR_ARG(then->kind),
                                STR_ARG(then->name), then->value.n ? " " : "",
                                STR_ARG(then->value)),
                   same ? "its content is another" : "it is not there");
    }
    return 0;
}

/* --- what is told of it -------------------------------------------------------------------- */

static struct str replay_digest(const struct manifest *m)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->list[i].kind, STR("verdict")) && str_eq(m->list[i].about, STR("replay")))
            return m->list[i].says;
    return STR("");
}

static void keep_parts(struct manifest *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->list[i].kind, STR("part")) && !str_eq(m->list[i].about, STR("tool")))
            m->list[n++] = m->list[i];
    m->n = n;
}

static int parts_of(struct str json, struct arena *arena, struct manifest *ret, struct err *err)
{
    struct buf text = buf_new(MANIFEST_BYTES);
    const struct str head[] = {STR("assay.manifest"), STR("1")};
    manifest_line(&text, head, 2);
    int failed = seal_document(json, &text, err);
    if (!failed)
        failed = manifest_parse(arena_str(arena, buf_str(&text)), arena, ret, err);
    buf_free(&text);
    return failed;
}

static int by_path(const void *x, const void *y)
{
    const struct sealed_file *a = x;
    const struct sealed_file *b = y;
    int d = str_cmp(a->path, b->path);
    return d ? d : str_cmp(a->sha256, b->sha256);
}

static bool has_file(const struct sealed_file *files, size_t n, struct sealed_file *like)
{
    return n && bsearch(like, files, n, sizeof *files, by_path);
}

/* Evidence is named both ways: another content under the same path, gone, come. */
static void compare_evidence(struct replay *r)
{
    const struct findings *f = &r->run.findings;
    const struct sealed_case *c = &r->sealed;
    struct sealed_file *now = ARENA_ARRAY(r->arena, struct sealed_file, f->n_evidence);
    for (size_t i = 0; i < f->n_evidence; i++)
        now[i] = (struct sealed_file){
            .path = f->evidence[i].path,
            .sha256 = f->evidence[i].read ? str_of(f->evidence[i].sha256_text) : STR("")};
    if (f->n_evidence)
        qsort(now, f->n_evidence, sizeof *now, by_path);
    for (size_t i = 0; i < f->n_evidence; i++)
        if (!has_file(c->files, c->n_files, &now[i]))
            differ(r, "evidence", now[i].path, "its content is not that of the case");
    for (size_t i = 0; i < c->n_files && c->n_verdicts == 1; i++)
        if (!has_file(now, f->n_evidence, &c->files[i]))
            differ(r, "evidence", c->files[i].path, "what the case has of it is not there");
}

static int by_id(const void *x, const void *y)
{
    return memcmp(x, y, ID_TEXT);
}

static void compare_findings(struct replay *r)
{
    const struct sealed_case *c = &r->sealed;
    size_t n = r->run.findings.n_hits;
    char(*now)[ID_TEXT] = arena_alloc(r->arena, n, sizeof *now);
    for (size_t i = 0; i < n; i++)
        memcpy(now[i], r->run.verdict.hit_id[i], ID_TEXT);
    if (n)
        qsort(now, n, sizeof *now, by_id);
    for (size_t i = 0; i < n; i++)
        if ((i == 0 || by_id(now[i], now[i - 1]) != 0) &&
            !(c->n_findings && bsearch(now[i], c->findings, c->n_findings, ID_TEXT, by_id)))
            differ(r, "finding", str_of(now[i]), "the case has it not");
    for (size_t i = 0; i < c->n_findings && c->n_verdicts == 1; i++)
        if (!(n && bsearch(c->findings[i], now, n, ID_TEXT, by_id)))
            differ(r, "finding", str_of(c->findings[i]), "it is not found now");
}

static const char *how_of(const struct difference *d)
{
    return d->kind == DIFFERENCE_CHANGED   ? "says something else"
           : d->kind == DIFFERENCE_MISSING ? "is not told now"
                                           : "was not told then";
}

static int compare(struct replay *r, const struct report_input *in, struct err *err)
{
    struct verify_replay *to = &r->v->replay;
    struct buf json = buf_new(SIZE_MAX / 4);
    struct manifest then = {0};
    struct manifest now = {0};
    struct difference *list = NULL;
    report_json_of_case(in, &json);
    int failed = parts_of(buf_str(&json), r->arena, &now, err);
    buf_free(&json);
    if (failed || parts_of(r->sealed.document, r->arena, &then, err) < 0)
        return -1;
    struct str sealed = replay_digest(&r->v->sealed);
    struct str found = replay_digest(&now);
    to->same = str_eq(sealed, found);
    memcpy(to->sealed, sealed.p, sealed.n < SHA256_TEXT ? sealed.n : SHA256_TEXT - 1);
    memcpy(to->found, found.p, found.n < SHA256_TEXT ? found.n : SHA256_TEXT - 1);
    if (to->same)
        return 0;
    compare_evidence(r);
    keep_parts(&then);
    keep_parts(&now);
    size_t n = manifest_compare(&then, &now, r->arena, &list);
    for (size_t i = 0; i < n; i++)
        differ(
            r, "verdict",
            manifest_plain((list[i].sealed ? list[i].sealed : list[i].found)->about, r->arena),
            how_of(&list[i]));
    compare_findings(r);
    return 0;
}

int verify_replay(struct verification *v, const char *const *paths, size_t n,
                  const char *password, const char *jobs, struct arena *arena, struct err *err)
{
    struct replay r = {.v = v, .arena = arena};
    struct run_options options = RUN_DEFAULTS;
    enum cmd_format format = AS_JSON;
    struct args args;
    if (seal_read(v->path, arena, &r.sealed, err) < 0 || find_roots(&r, n, err) < 0 ||
        make_args(&r, paths, n, jobs, &args, err) < 0 ||
        scan_options_read(&args, &options, &format, err) < 0)
        return -1;
    options.names = r.roots;
    options.leave_out = v->path;
    options.password = password;
    options.work.progress = v->progress;
    if (run_scan(&options, arena, &r.run, err) < 0)
        return -1;
    struct report_input in = run_report(&r.run, &options);
    v->replay.done = true;
    v->replay.then = r.sealed.tool;
    v->replay.now = STR("assay " ASSAY_VERSION);
    int failed = compare_setup(&r, &args, err);
    if (!failed)
        failed = compare(&r, &in, err);
    run_close(&r.run);
    return failed;
}
