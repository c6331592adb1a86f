/* Evidence hashed anew, as fast as it can be read, in the jail. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/verify.h"
#include "sys/dir.h"
#include "sys/file.h"
#include "sys/proc.h"

enum {
    SECONDS = 60,                /* of processor time for a file, */
    BYTES_PER_SECOND = 10 << 20, /* and one more for as much as this: far below any machine */
    TOLD_WHY = 240,
};

struct file {
    struct str path;   /* as sealed */
    const char *at;    /* where it lies now */
    struct str sha256; /* as sealed; "-": it could not be read */
    uint64_t size;     /* now */
};

struct hashing {
    struct verification *v;
    struct arena *arena;
    struct proc_pool *pool;
    struct file *files;
    size_t n, cap;
    size_t next;
    size_t at[PROC_WORKERS_MAX]; /* per worker: the file it has */
    struct progress progress;
    struct scan_progress far;
};

/* --- paths --------------------------------------------------------------------------------- */

static bool is_setup(const struct statement *s, const char *kind)
{
    return str_eq(s->kind, STR("setup")) && str_eq(manifest_field(s, 2), str_of(kind));
}

size_t verify_roots(const struct manifest *sealed, struct arena *arena, const char ***ret)
{
    const char **roots = NULL;
    uint64_t *places = NULL;
    size_t n = 0;
    size_t cap = 0;
    size_t cap_places = 0;
    for (size_t i = 0; i < sealed->n; i++) {
        uint64_t place = 0;
        if (!is_setup(&sealed->list[i], "root") || !num_u64(sealed->list[i].about, &place))
            continue;
        roots = arena_grow(arena, roots, n, &cap, sizeof *roots);
        places = arena_grow(arena, places, n, &cap_places, sizeof *places);
        size_t k = n++;
        for (; k > 0 && places[k - 1] > place; k--) { /* few; as they were given */
            roots[k] = roots[k - 1];
            places[k] = places[k - 1];
        }
        places[k] = place;
        roots[k] =
            arena_str(arena, manifest_plain(manifest_field(&sealed->list[i], 3), arena)).p;
    }
    *ret = roots;
    return n;
}

static struct str folder_of(struct str path)
{
    size_t n = path.n;
    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return str_part(path, 0, n);
}

/* What of a path lies below a root; SIZE_MAX: it does not. */
static size_t below(struct str path, struct str root)
{
    bool inside = str_starts(path, root) && (path.n == root.n || path.p[root.n] == '/' ||
                                             (root.n && root.p[root.n - 1] == '/'));
    return inside ? root.n : SIZE_MAX;
}

/* Where a sealed path lies now: below the root that fits it best; the further segments of an
 * image lie beside the first, which was named. NULL: below none. */
static const char *now_at(struct str path, const char *const *roots, const char *const *paths,
                          size_t n, struct arena *arena)
{
    const char *ret = NULL;
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        size_t from = below(path, str_of(roots[i]));
        if (from == SIZE_MAX || (ret && from < best))
            continue;
        best = from;
        ret = arena_printf(arena, "%s%.*s", paths[i], STR_ARG(str_part(path, from, path.n))).p;
    }
    for (size_t i = 0; i < n && !ret; i++) {
        struct str folder = folder_of(str_of(roots[i]));
        if (str_eq(folder, folder_of(path)))
            ret = arena_printf(arena, "%.*s%.*s", STR_ARG(folder_of(str_of(paths[i]))),
                               STR_ARG(str_part(path, folder.n, path.n)))
                      .p;
    }
    return ret;
}

/* --- differences --------------------------------------------------------------------------- */

static void differ(struct hashing *h, enum difference_kind kind, struct str path,
                   const char *why)
{
    struct verify_files *f = &h->v->files;
    f->list = arena_grow(h->arena, f->list, f->n, &f->cap, sizeof *f->list);
    f->list[f->n++] = (struct file_difference){kind, path, arena_str(h->arena, str_of(why))};
}

static int by_path(const void *x, const void *y)
{
    const struct file_difference *a = x;
    const struct file_difference *b = y;
    int d = str_cmp(a->path, b->path);
    return d ? d : (int)a->kind - (int)b->kind;
}

/* --- how far it is ------------------------------------------------------------------------- */

static void begin_progress(struct hashing *h)
{
    struct stat st;
    progress_begin(&h->progress, h->v->progress, false);
    h->far = (struct scan_progress){.files = h->n, .path = STR("")};
    for (size_t i = 0; i < h->n; i++) {
        if (h->files[i].at && stat(h->files[i].at, &st) == 0 && S_ISREG(st.st_mode))
            h->files[i].size = (uint64_t)st.st_size;
        h->far.bytes += h->files[i].size;
    }
}

static void is_done(struct hashing *h, const struct file *f)
{
    h->far.files_done++;
    h->far.bytes_done += f->size;
    progress_show(&h->progress, &h->far);
}

/* --- hashing ------------------------------------------------------------------------------- */

static void answer(void *context, struct bytes request, int file, struct buf *reply)
{
    struct file_map map = {0};
    struct err err = {0};
    uint8_t digest[SHA256_SIZE];
    (void)context, (void)request;
    if (file_map_open(file, &map, &err) < 0)
        return;
    sha256(map.bytes, digest);
    file_unmap(&map);
    buf_add(reply, digest, sizeof digest);
}

static int hand_out(struct hashing *h, int worker, struct err *err)
{
    struct file *f = &h->files[h->next];
    struct proc_task task = {.seconds = SECONDS};
    struct err why = {0};
    struct stat st;
    h->at[worker] = h->next++;
    if (!f->at || file_open(f->at, &task.file, &why) < 0) {
        differ(h, DIFFERENCE_MISSING, f->path,
               f->at ? why.msg : "it lies below none of the paths that were scanned");
        is_done(h, f);
        return 0;
    }
    if (fstat(task.file, &st) == 0) {
        task.seconds += (unsigned)((uint64_t)st.st_size / BYTES_PER_SECOND);
        h->v->files.bytes += (uint64_t)st.st_size;
    }
    h->far.path = str_of(f->at);
    progress_show(&h->progress, &h->far);
    int sent = proc_send(h->pool, worker, &task, err);
    file_close(task.file);
    return sent;
}

static void take(struct hashing *h, int worker, const struct err *died)
{
    const struct file *f = &h->files[h->at[worker]];
    char text[SHA256_TEXT];
    is_done(h, f);
    if (died) {
        differ(h, DIFFERENCE_MISSING, f->path, died->msg);
        return;
    }
    struct buf reply = proc_reply(h->pool, worker);
    if (reply.n == SHA256_SIZE)
        sha256_text((const uint8_t *)reply.p, text);
    if (reply.n != SHA256_SIZE)
        differ(h, DIFFERENCE_MISSING, f->path, "it could not be read");
    else if (!str_eq(str_of(text), f->sha256))
        differ(h, DIFFERENCE_CHANGED, f->path, "");
    else
        h->v->files.same++;
    buf_free(&reply);
}

static int hash_all(struct hashing *h, struct err *err)
{
    for (;;) {
        int worker = -1;
        struct err died = {0};
        while (h->next < h->n && (worker = proc_idle(h->pool)) >= 0)
            if (hand_out(h, worker, err) < 0)
                return -1;
        worker = -1;
        int got = proc_wait(h->pool, &worker, &died);
        if (got == 0)
            return 0;
        if (worker < 0) {
            *err = died;
            return -1;
        }
        take(h, worker, got < 0 ? &died : NULL);
    }
}

/* --- what was added ------------------------------------------------------------------------ */

static int by_place(const void *x, const void *y)
{
    const struct file *a = x;
    const struct file *b = y;
    return strcmp(a->at ? a->at : "", b->at ? b->at : "");
}

static bool is_same_file(const char *path, const char *other)
{
    struct stat a;
    struct stat b;
    return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_ino == b.st_ino &&
           a.st_dev == b.st_dev;
}

static int find_added(struct hashing *h, const char *const *paths, size_t n,
                      const char *const *left_out, size_t n_left_out, struct err *err)
{
    if (h->n)
        qsort(h->files, h->n, sizeof *h->files, by_place);
    for (size_t i = 0; i < n; i++) {
        struct dir_list list = {0};
        struct err ignored = {0};
        if (access(paths[i], F_OK) != 0)
            continue; /* all that was below it is told as missing */
        if (dir_walk(paths[i], 0, h->arena, &list, &ignored) < 0)
            return err_set(err, ERR_IO, "%s", ignored.msg);
        for (size_t k = 0; k < list.n; k++) {
            const struct file key = {.at = list.entries[k].path.p};
            bool own = h->n && bsearch(&key, h->files, h->n, sizeof key, by_place);
            for (size_t o = 0; o < n_left_out && !own; o++)
                own = is_same_file(key.at, left_out[o]);
            if (!own)
                differ(h, DIFFERENCE_ADDED, list.entries[k].path, "");
        }
    }
    return 0;
}

/* --- all of it ----------------------------------------------------------------------------- */

static void gather(struct hashing *h, const char *const *roots, const char *const *paths,
                   size_t n)
{
    const struct manifest *m = &h->v->sealed;
    for (size_t i = 0; i < m->n; i++) {
        const struct statement *s = &m->list[i];
        h->v->files.members += str_eq(s->kind, STR("member"));
        if (!str_eq(s->kind, STR("file")))
            continue;
        h->files = arena_grow(h->arena, h->files, h->n, &h->cap, sizeof *h->files);
        struct file *f = &h->files[h->n++];
        f->path = manifest_plain(s->about, h->arena);
        f->sha256 = manifest_field(s, 2);
        f->at = now_at(f->path, roots, paths, n, h->arena);
    }
}

/* Those that could not be read when they were sealed are no question now. */
static void put_last(struct hashing *h, size_t *ret_known)
{
    size_t known = 0;
    for (size_t i = 0; i < h->n; i++) {
        if (str_eq(h->files[i].sha256, STR("-")))
            continue;
        struct file swap = h->files[known];
        h->files[known++] = h->files[i];
        h->files[i] = swap;
    }
    h->v->files.unsealed = h->n - known;
    *ret_known = known;
}

static int hash_files(struct hashing *h, size_t jobs, struct err *err)
{
    size_t all = h->n;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    jobs = jobs ? jobs : processors > 0 ? (size_t)processors : 1;
    put_last(h, &h->n);
    int failed = 0;
    if (h->n)
        failed = proc_open(jobs < PROC_WORKERS_MAX ? jobs : PROC_WORKERS_MAX, answer, NULL,
                           SHA256_SIZE, &h->pool, err);
    if (h->n && !failed) {
        begin_progress(h);
        failed = hash_all(h, err);
        progress_end(&h->progress);
    }
    proc_close(h->pool);
    h->n = all;
    return failed;
}

int verify_files(struct verification *v, const char *const *paths, size_t n,
                 const char *const *left_out, size_t n_left_out, size_t jobs,
                 struct arena *arena, struct err *err)
{
    struct hashing h = {.v = v, .arena = arena};
    const char **roots = NULL;
    size_t n_roots = verify_roots(&v->sealed, arena, &roots);
    if (n_roots == 0)
        return err_set(err, ERR_INVALID, "the seal does not say which paths were scanned");
    if (n != n_roots)
        return err_set(err, ERR_INVALID,
                       "%zu paths were scanned: want as many here, in the same order", n_roots);
    gather(&h, roots, paths, n);
    v->files.done = true;
    if (hash_files(&h, jobs, err) < 0 ||
        find_added(&h, paths, n, left_out, n_left_out, err) < 0)
        return -1;
    if (v->files.n)
        qsort(v->files.list, v->files.n, sizeof *v->files.list, by_path);
    return 0;
}
