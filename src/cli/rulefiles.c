#include "cli/rulefiles.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cur.h"
#include "base/limits.h"
#include "base/utf.h"
#include "format/arc.h"
#include "format/format.h"
#include "sys/dir.h"
#include "sys/file.h"
#include "sys/proc.h"

enum {
    ZIP_BYTES = 256 << 20, /* of the archive; SigmaHQ's releases have a few million */
    ZIP_ENTRIES = 100000,
    ZIP_UNPACKED = 256 << 20,
    ZIP_REPLY = ZIP_UNPACKED + (64 << 20), /* and names */
    COMPILED_BYTES = 256 << 20,            /* of compiled YARA rules */
    ZIP_RATIO = 200,                       /* text of rules packs to a fifth */
    ZIP_SECONDS = 600,                     /* of processor time; the largest takes one */
    FOLDER_BYTES = 512 << 20, /* of all rule files of a path: they are held together */
    SNIFF = 4096,
};

#define COMPILED_APART "compiled YARA rules are used only where they are named themselves"

static bool is_compiled_name(struct str path)
{
    return str_iends(path, STR(".yarc"));
}

static bool is_yara_name(struct str path)
{
    return str_iends(path, STR(".yar")) || str_iends(path, STR(".yara"));
}

static bool is_rule_name(struct str path)
{
    return str_iends(path, STR(".yml")) || str_iends(path, STR(".yaml")) ||
           is_yara_name(path) || is_compiled_name(path);
}

static enum rule_file_kind kind_of(struct str path)
{
    return is_compiled_name(path) ? RULES_YARA_COMPILED
           : is_yara_name(path)   ? RULES_YARA
                                  : RULES_SIGMA;
}

static struct str last_part(struct str path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_part(path, at, path.n);
}

static bool is_licence(struct str path)
{
    struct str name = last_part(path);
    return str_istarts(name, STR("LICENSE")) || str_istarts(name, STR("LICENCE")) ||
           str_istarts(name, STR("COPYING")) || str_istarts(name, STR("NOTICE"));
}

static void append(struct rule_files *f, struct arena *arena, const struct rule_file *file)
{
    if (is_rule_name(file->below) || !is_licence(file->below)) {
        f->list = arena_grow(arena, f->list, f->n, &f->cap, sizeof *f->list);
        f->list[f->n] = *file;
        f->list[f->n++].kind = kind_of(file->below);
        return;
    }
    f->licences =
        arena_grow(arena, f->licences, f->n_licences, &f->cap_licences, sizeof *f->licences);
    f->licences[f->n_licences++] = *file;
}

/* ---- a ZIP ---- */

static int by_path(const void *x, const void *y)
{
    const struct rule_file *a = x;
    const struct rule_file *b = y;
    return str_cmp(a->path, b->path);
}

/* A ZIP may come from anywhere: a process of its own reads it, as evidence is read, and says
 * what it found: per entry 1, its path, problem and text; at the end 0, an error's code and its
 * text. Nothing of that is trusted here. */

static void put_str(struct buf *out, struct str s)
{
    uint64_t n = s.n;
    buf_add(out, &n, sizeof n);
    buf_add_str(out, s);
}

static void put_entry(struct buf *out, struct str path, struct str problem, struct str text)
{
    buf_add_char(out, 1);
    put_str(out, path);
    put_str(out, problem);
    put_str(out, text);
}

/* An entry over the limit costs itself; damage costs the set, of which nobody could say how
 * much is missing. */
static int send_entry(struct arc *a, const struct arc_entry *e, struct buf *out,
                      struct err *err)
{
    struct err problem = {0};
    struct buf text = buf_new(LIMIT_RULE_FILE);
    if (e->refused)
        put_entry(out, e->path, str_of(e->refused), STR(""));
    else if (is_compiled_name(e->path))
        put_entry(out, e->path, STR(COMPILED_APART), STR(""));
    else if (arc_read_all(a, &text, &problem) < 0)
        put_entry(out, e->path, str_of(problem.msg), STR(""));
    else
        put_entry(out, e->path, STR(""), buf_str(&text));
    buf_free(&text);
    return problem.code == ERR_CORRUPT ? err_set(err, ERR_CORRUPT, "%s", problem.msg) : 0;
}

static int send_entries(struct bytes zip, struct arena *arena, struct buf *out, struct err *err)
{
    const struct arc_limits limits = {ZIP_ENTRIES, LIMIT_RULE_FILE, ZIP_UNPACKED, ZIP_RATIO,
                                      NULL};
    struct arc *a = NULL;
    struct arc_entry e;
    int got = 0;
    int failed = 0;
    if (arc_open(zip, ARC_ZIP, &limits, arena, &a, err) < 0)
        return -1;
    while (failed == 0 && (got = arc_next(a, &e, err)) > 0)
        if (e.path.n == 0 || (is_rule_name(e.path) && (e.is_file || e.refused)) ||
            (is_licence(e.path) && !e.refused))
            failed = send_entry(a, &e, out, err);
    arc_close(&a);
    return got < 0 || failed ? -1 : 0;
}

static void answer_zip(void *context, struct bytes request, int file, struct buf *reply)
{
    const struct bytes *zip = context;
    struct arena *arena = arena_new();
    struct err err = {0};
    (void)request, (void)file;
    (void)send_entries(*zip, arena, reply, &err);
    buf_add_char(reply, 0);
    buf_add_char(reply, err.code == ERR_NONE ? 0 : err.code == ERR_LIMIT ? 1 : 2);
    put_str(reply, str_of(err.msg));
    arena_free(arena);
}

static struct str take_str(struct cur *in, struct arena *arena)
{
    uint64_t n = cur_u64(in);
    if (!cur_fits(in, n, 1)) {
        in->bad = true;
        return STR("");
    }
    struct bytes b = cur_take(in, (size_t)n);
    return arena_str(arena, (struct str){(const char *)b.p, b.n});
}

static void take_entry(struct cur *in, const char *zip, struct arena *arena,
                       struct rule_files *ret)
{
    struct rule_file file = {.below = STR("")};
    struct str name = take_str(in, arena);
    const char *why = arc_safe_path(name, arena, &file.below);
    file.problem = utf8_repair(str_bytes(take_str(in, arena)), arena);
    file.text = take_str(in, arena);
    if (why && file.problem.n == 0)
        file.problem = str_of(why);
    if (file.problem.n)
        file.text = STR("");
    file.path = arena_printf(arena, "%s/%.*s", zip, STR_ARG(file.below));
    if (!in->bad)
        append(ret, arena, &file);
}

static int take_entries(struct bytes reply, const char *zip, struct arena *arena,
                        struct rule_files *ret, struct err *err)
{
    struct cur in = cur_of(reply, 0);
    while (cur_u8(&in) == 1 && !in.bad)
        take_entry(&in, zip, arena, ret);
    uint8_t code = cur_u8(&in);
    struct str why = utf8_repair(str_bytes(take_str(&in, arena)), arena);
    if (in.bad)
        return err_set(err, ERR_CORRUPT, "the reader of the archive gave no answer");
    if (code != 0)
        return err_set(err, code == 1 ? ERR_LIMIT : ERR_CORRUPT, "%.*s", STR_ARG(why));
    return 0;
}

static int read_zip(const char *path, struct bytes zip, struct arena *arena,
                    struct rule_files *ret, struct err *err)
{
    struct proc_pool *pool = NULL;
    struct proc_task task = {.file = PROC_NO_FILE, .seconds = ZIP_SECONDS};
    struct buf reply = {0};
    int worker;
    size_t first = ret->n;
    arc_prepare();
    if (proc_open(1, answer_zip, &zip, ZIP_REPLY, &pool, err) < 0)
        return -1;
    int failed = proc_send(pool, 0, &task, err) < 0 || proc_wait(pool, &worker, err) <= 0;
    if (!failed) {
        reply = proc_reply(pool, worker);
        failed = take_entries(str_bytes(buf_str(&reply)), path, arena, ret, err) < 0;
    }
    buf_free(&reply);
    proc_close(pool);
    if (failed)
        return err_at(err, "%s", path);
    if (ret->n > first)
        qsort(ret->list + first, ret->n - first, sizeof *ret->list, by_path);
    return 0;
}

/* ---- files and folders ---- */

static void take_file(const struct dir_entry *d, bool named, struct arena *arena,
                      struct rule_files *ret)
{
    struct bytes bytes = {0};
    struct err problem = {0};
    struct rule_file file = {.path = arena_str(arena, d->path),
                             .below = arena_str(arena, d->below)};
    bool compiled = is_compiled_name(d->path);
    size_t most = compiled ? COMPILED_BYTES : LIMIT_RULE_FILE;
    if (d->problem != DIR_OK)
        file.problem = arena_str(arena, d->why);
    else if (compiled && !named)
        file.problem = STR(COMPILED_APART);
    else if (d->size > most)
        file.problem = arena_printf(arena, "the file has %llu bytes, more than %zu",
                                    (unsigned long long)d->size, most);
    else if (file_read(d->path.p, most, arena, &bytes, &problem) < 0)
        file.problem = arena_str(arena, str_of(problem.msg));
    else
        file.text = (struct str){(const char *)bytes.p, bytes.n};
    append(ret, arena, &file);
}

/* What is unreadable may hold rules: it is told of, whatever its name. */
static bool is_wanted(const struct dir_entry *d)
{
    return is_rule_name(d->path) || is_licence(d->path) || d->problem == DIR_UNREADABLE ||
           d->problem == DIR_TOO_DEEP;
}

static bool is_zip(const char *path, struct arena *arena)
{
    struct bytes head;
    struct err ignored = {0};
    return file_head(path, SNIFF, arena, &head, &ignored) == 0 &&
           format_sniff(head) == FORMAT_ZIP;
}

static int read_path(const char *path, struct arena *arena, struct rule_files *ret,
                     struct err *err)
{
    struct dir_list list = {0};
    struct bytes zip;
    size_t before = ret->n;
    if (dir_walk(path, 0, arena, &list, err) < 0)
        return -1;
    bool alone = list.n == 1 && str_eq(list.entries[0].path, str_of(path));
    if (alone && is_zip(path, arena)) {
        if (file_read(path, ZIP_BYTES, arena, &zip, err) < 0 ||
            read_zip(path, zip, arena, ret, err) < 0)
            return -1;
    } else {
        uint64_t bytes = 0;
        for (size_t i = 0; i < list.n; i++) {
            if (!alone && !is_wanted(&list.entries[i]))
                continue;
            take_file(&list.entries[i], alone, arena, ret);
            bytes += list.entries[i].size < LIMIT_RULE_FILE ? list.entries[i].size : 0;
            if (bytes > FOLDER_BYTES)
                return err_set(err, ERR_LIMIT, "%s: more than %d bytes of rules", path,
                               FOLDER_BYTES);
        }
    }
    if (ret->n == before)
        return err_set(err, ERR_INVALID, "%s: no .yml, .yaml or .yar file below it", path);
    return 0;
}

/* ---- imported sets ---- */

struct str rule_files_home(struct arena *arena)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (data && data[0] == '/')
        return arena_printf(arena, "%s/assay/rules", data);
    if (home && home[0] == '/')
        return arena_printf(arena, "%s/.local/share/assay/rules", home);
    return STR("");
}

int rule_files_add(const char *path, struct arena *arena, struct rule_files *ret,
                   struct err *err)
{
    struct stat st;
    struct str name = str_of(path);
    bool plain = name.n && name.p[0] != '.' && str_find(name, STR("/"), 0) == SIZE_MAX;
    struct str home = plain && stat(path, &st) != 0 ? rule_files_home(arena) : STR("");
    if (home.n == 0)
        return read_path(path, arena, ret, err);
    struct str set = arena_printf(arena, "%.*s/%s", STR_ARG(home), path);
    if (stat(set.p, &st) != 0)
        return err_set(err, ERR_IO,
                       "%s: no such file or folder, and no imported set of rules in %.*s", path,
                       STR_ARG(home));
    return read_path(set.p, arena, ret, err);
}
