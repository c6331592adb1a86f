#include "scan/listing.h"

#include <stdlib.h>

#include "event/logplace.h"
#include "event/webpath.h"
#include "format/carrier_open.h"
#include "format/ewf.h"
#include "sys/dir.h"
#include "sys/file.h"
#include "sys/piped.h"
#include "sys/proc.h"

enum {
    LISTING_WORKERS = 4,
    FILES_PER_WORKER = 256, /* fewer are looked at before a second worker would have started */
    SECONDS = 20,           /* of processor time for one file; a thousandth is enough */
};

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

/* --- images in several files -------------------------------------------------------------- */

enum { ENDING = 3 };

/* A path without the ending of a segment; "" if it has none. */
static struct str stem_of(struct str path)
{
    bool ends = path.n > ENDING + 1 && path.p[path.n - ENDING - 1] == '.';
    return ends ? str_part(path, 0, path.n - ENDING) : STR("");
}

static bool is_segment(const struct evidence *e, struct str stem, struct str ending)
{
    struct str own = stem_of(e->path);
    return e->format == FORMAT_E01_SEGMENT && str_eq(own, stem) &&
           str_ieq(str_part(e->path, own.n, e->path.n), ending);
}

size_t listing_segments(const struct findings *f, size_t evidence, struct arena *arena,
                        const struct str **ret)
{
    const struct evidence *first = &f->evidence[evidence];
    struct str stem = stem_of(first->path);
    struct str *paths = NULL;
    size_t n = 0;
    size_t cap = 0;
    char ending[ENDING];
    while (first->format == FORMAT_E01 && n + 2 <= EWF_SEGMENTS_MAX &&
           ewf_ending(str_part(first->path, stem.n, first->path.n), (unsigned)n + 2, ending)) {
        size_t i = 0;
        while (i < f->n_evidence &&
               !is_segment(&f->evidence[i], stem, (struct str){ending, ENDING}))
            i++;
        if (i == f->n_evidence)
            break;
        paths = arena_grow(arena, paths, n, &cap, sizeof *paths);
        paths[n++] = f->evidence[i].opened;
    }
    *ret = paths;
    return n;
}

/* Whether no first segment lies beside one of the others. */
static bool is_alone(const struct findings *f, const struct evidence *segment)
{
    struct str stem = stem_of(segment->path);
    for (size_t i = 0; i < f->n_evidence; i++)
        if (f->evidence[i].format == FORMAT_E01 && str_eq(stem_of(f->evidence[i].path), stem))
            return false;
    return true;
}

static void tell_alone(struct findings *f, struct arena *arena)
{
    for (size_t i = 0; i < f->n_evidence; i++)
        if (f->evidence[i].format == FORMAT_E01_SEGMENT && is_alone(f, &f->evidence[i]))
            listing_gap(f, arena, i, 0, 0,
                        STR("a segment of an image (E01) whose first one is not there"));
}

/* --- gaps ------------------------------------------------------------------------------------ */

/* Files that hold evidence by their names, as Windows, IIS, Exchange and packers give them. */
static const struct named {
    const char *folder; /* that it must lie in, as path_has_folder takes it; "": any */
    const char *name;   /* of the file; "*x": its end; "": any */
    const char *why;
} NAMED[] = {
    {"System32/config", "SYSTEM", "its name is that of a registry hive, but it is none"},
    {"System32/config", "SOFTWARE", "its name is that of a registry hive, but it is none"},
    {"System32/config", "SAM", "its name is that of a registry hive, but it is none"},
    {"System32/config", "SECURITY", "its name is that of a registry hive, but it is none"},
    {"System32/config", "DEFAULT", "its name is that of a registry hive, but it is none"},
    {"", "NTUSER.DAT", "its name is that of a registry hive, but it is none"},
    {"", "UsrClass.dat", "its name is that of a registry hive, but it is none"},
    {"", "Amcache.hve", "its name is that of a registry hive, but it is none"},
    {"", "$MFT", "its name is that of a master file table, but it is none"},
    {"", "$J", "its name is that of a change journal, but no record is in it"},
    {"", "*$UsnJrnl$J", "its name is that of a change journal, but no record is in it"},
    {"", "*$UsnJrnl:$J", "its name is that of a change journal, but no record is in it"},
    {"", "applicationHost.config", "its name is that of a configuration, but it is none"},
    {"", "machine.config", "its name is that of a configuration, but it is none"},
    {"", "web.config", "its name is that of a configuration, but it is none"},
    {"", "agents.config", "its name is that of a configuration, but it is none"},
    {"", "fetagents.config", "its name is that of a configuration, but it is none"},
    {"System32/Tasks", "", "it lies where scheduled tasks lie, but is none"},
    {"", "*.zip", "its name is that of an archive, but it is none that can be read"},
    {"", "*.7z", "its name is that of an archive, but it is none that can be read"},
    {"", "*.tar", "its name is that of an archive, but it is none that can be read"},
    {"", "*.tgz", "its name is that of an archive, but it is none that can be read"},
    {"", "*.gz", "its name is that of an archive, but it is none that can be read"},
    {"", "*.xz", "its name is that of an archive, but it is none that can be read"},
    {"", "*.zst", "its name is that of an archive, but it is none that can be read"},
    {"", "*.bz2", "its name is that of an archive, but it is none that can be read"},
    {"", "*.rar", "its name is that of an archive, but it is none that can be read"},
    {"", "*.E01", "its name is that of a disk's image, but it is none that can be read"},
    {"", "*.dd", "its name is that of a disk's image, but it is none that can be read"},
    {"", "*.vmdk", "its name is that of a disk's image, but it is none that can be read"},
    {"", "*.vhd", "its name is that of a disk's image, but it is none that can be read"},
    {"", "*.vhdx", "its name is that of a disk's image, but it is none that can be read"},
};

static bool is_named(const struct named *n, struct str path, struct str name)
{
    size_t end;
    if (n->folder[0] && !path_has_folder(path, str_of(n->folder), &end))
        return false;
    if (n->name[0] == '*')
        return str_iends(name, str_of(n->name + 1));
    return n->name[0] == '\0' || str_ieq(name, str_of(n->name));
}

/* What a file of which nothing is read would be by its name; "" for no evidence. */
static struct str named_as(struct str path)
{
    struct str name = path_base_name(path);
    for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED; i++)
        if (is_named(&NAMED[i], path, name))
            return str_of(NAMED[i].why);
    return STR("");
}

struct str listing_unread(const struct evidence *e)
{
    bool none = e->size && !format_has_events(e->format) && !format_is_carrier(e->format);
    if (e->format == FORMAT_WIM)
        return STR(
            "an image in Windows' own form (WIM), which is not opened: unpack it, by 7z x "
            "or wimlib-imagex apply");
    if (none && log_place(e->path).n)
        return STR("it lies where logs lie, but is none that can be read");
    return none ? named_as(e->path) : STR("");
}

static void tell_unread(struct listing *l, const struct evidence *e, size_t i)
{
    struct str why = listing_unread(e);
    if (why.n)
        listing_gap(l->findings, l->arena, i, 0, 0, why);
}

/* --- what each file is: first bytes are evidence, so workers look at them ------------------ */

struct look {
    enum format format; /* FORMATS: nobody could look */
    struct str why;     /* then, the reason */
};

static void answer(void *context, struct bytes request, int file, struct buf *reply)
{
    struct file_map map = {0};
    struct err err = {0};
    (void)context, (void)request;
    if (file_map_open(file, &map, &err) < 0)
        return;
    buf_add_char(reply, (char)carrier_sniff(map.bytes));
    file_unmap(&map);
}

struct looking {
    struct proc_pool *pool;
    struct arena *arena;
    const struct dir_list *list;
    struct look *looks;         /* beside its entries */
    size_t next;                /* entry to be handed out */
    size_t at[LISTING_WORKERS]; /* per worker: the entry it has */
};

static int hand_out(struct looking *l, int worker, struct err *err)
{
    const struct dir_entry *entry = &l->list->entries[l->next];
    struct proc_task task = {.seconds = SECONDS};
    struct err why = {0};
    l->at[worker] = l->next++;
    if (entry->problem != DIR_OK)
        return 0;
    if (file_open(entry->path.p, &task.file, &why) < 0) {
        l->looks[l->at[worker]].why = arena_str(l->arena, str_of(why.msg));
        return 0;
    }
    int sent = proc_send(l->pool, worker, &task, err);
    file_close(task.file);
    return sent;
}

static void take(struct looking *l, int worker, const struct err *died)
{
    struct look *look = &l->looks[l->at[worker]];
    if (died) {
        look->why = arena_str(l->arena, str_of(died->msg));
        return;
    }
    struct buf reply = proc_reply(l->pool, worker);
    if (reply.n == 1 && (unsigned char)reply.p[0] < FORMATS)
        look->format = (enum format)(unsigned char)reply.p[0];
    else
        look->why = STR("its first bytes could not be read");
    buf_free(&reply);
}

static int look_at_all(struct looking *l, struct err *err)
{
    for (;;) {
        int worker = -1;
        struct err died = {0};
        while (l->next < l->list->n && (worker = proc_idle(l->pool)) >= 0)
            if (hand_out(l, worker, err) < 0)
                return -1;
        worker = -1;
        int got = proc_wait(l->pool, &worker, &died);
        if (got == 0)
            return 0;
        if (worker < 0) {
            *err = died;
            return -1;
        }
        take(l, worker, got < 0 ? &died : NULL);
    }
}

static int look(const struct dir_list *list, struct arena *arena, struct look *ret,
                struct err *err)
{
    struct looking l = {.arena = arena, .list = list, .looks = ret};
    size_t workers = 1 + list->n / FILES_PER_WORKER;
    workers = workers < LISTING_WORKERS ? workers : LISTING_WORKERS;
    for (size_t i = 0; i < list->n; i++)
        ret[i] = (struct look){FORMATS, STR("")};
    if (list->n == 0)
        return 0;
    if (proc_open(workers, answer, NULL, 1, &l.pool, err) < 0)
        return -1;
    int failed = look_at_all(&l, err);
    proc_close(l.pool);
    return failed;
}

/* --- the list ------------------------------------------------------------------------------ */

struct given { /* a path, and what it is called in all that is told of it */
    const char *path, *called;
    bool piped; /* standard input: a copy, whose times are not the evidence's */
};

static int by_text(const void *x, const void *y)
{
    const struct given *a = x;
    const struct given *b = y;
    return strcmp(a->called, b->called);
}

static int by_path(const void *x, const void *y)
{
    const struct dir_entry *const *a = x;
    const struct dir_entry *const *b = y;
    int d = str_cmp((*a)->path, (*b)->path);
    return d ? d : *a < *b ? -1 : *a > *b;
}

/* Of a file that lies below two of the paths, the one below the outer: it is read once, and
 * what it tells is told once. */
static void drop_repeated(struct dir_list *list, struct arena *arena)
{
    struct dir_entry **rows = ARENA_ARRAY(arena, struct dir_entry *, list->n);
    bool *again = ARENA_ARRAY(arena, bool, list->n);
    for (size_t i = 0; i < list->n; i++)
        rows[i] = &list->entries[i];
    if (list->n)
        qsort(rows, list->n, sizeof *rows, by_path);
    for (size_t i = 1; i < list->n; i++)
        again[rows[i] - list->entries] = str_eq(rows[i]->path, rows[i - 1]->path);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (!again[i])
            list->entries[n++] = list->entries[i];
    list->n = n;
}

struct paths {
    struct given *at;
    size_t n, cap;
};

static void add_path(struct paths *paths, struct given path, struct arena *arena)
{
    paths->at = arena_grow(arena, paths->at, paths->n, &paths->cap, sizeof *paths->at);
    paths->at[paths->n++] = path;
}

static bool is_there(const char *path)
{
    struct err ignored = {0};
    int file = -1;
    bool there = file_open(path, &file, &ignored) == 0;
    file_close(file);
    return there;
}

/* Another segment of an image, beside the first. */
static const char *beside(const char *first, const char *ending, struct arena *arena)
{
    return arena_printf(arena, "%.*s%.*s", STR_ARG(stem_of(str_of(first))), ENDING, ending).p;
}

/* Standard input is a file, too. */
static int find_piped(struct given *given, struct arena *arena, struct err *err)
{
    if (strcmp(given->path, PIPED) != 0)
        return 0;
    char *path = ARENA_ARRAY(arena, char, PIPED_PATH);
    *given = (struct given){path, PIPED_CALLED, true};
    return piped_path(path, err);
}

/* Who gives the first segment of an image means all of it. */
static void add_given(struct paths *paths, struct given given, struct arena *arena)
{
    struct str first = str_part(str_of(given.path), stem_of(str_of(given.path)).n, SIZE_MAX);
    char ending[ENDING];
    add_path(paths, given, arena);
    for (unsigned n = 2; ewf_ending(first, n, ending); n++) {
        const char *next = beside(given.path, ending, arena);
        if (!is_there(next))
            return;
        add_path(paths, (struct given){next, beside(given.called, ending, arena), false},
                 arena);
    }
}

/* The result does not depend on the order in which paths were given. */
static int walk_paths(struct paths *paths, struct arena *arena, struct dir_list *list,
                      struct err *err)
{
    struct given *at = paths->at;
    size_t n = paths->n;
    if (n)
        qsort(at, n, sizeof *at, by_text);
    for (size_t i = 0; i < n; i++)
        if ((i == 0 || strcmp(at[i].called, at[i - 1].called) != 0) &&
            dir_walk(at[i].path, i, arena, list, err) < 0)
            return -1;
    if (n > 1)
        drop_repeated(list, arena);
    return 0;
}

/* The same file, by whatever path it was found. */
static bool is_file(struct str path, struct str name, const struct file_id *id)
{
    struct file_id other;
    struct err ignored = {0};
    return str_eq(path_base_name(path), name) && file_identify(path.p, &other, &ignored) == 0 &&
           other.inode == id->inode && other.size == id->size &&
           other.changed_ns == id->changed_ns;
}

static void drop_file(struct dir_list *list, const char *path)
{
    struct file_id id;
    struct err ignored = {0};
    size_t n = 0;
    if (!path || file_identify(path, &id, &ignored) < 0)
        return;
    for (size_t i = 0; i < list->n; i++)
        if (!is_file(list->entries[i].path, path_base_name(str_of(path)), &id))
            list->entries[n++] = list->entries[i];
    list->n = n;
}

/* The path, and what of it is below the one given, as they are told. */
static void rename_entry(const struct dir_entry *d, const struct given *root,
                         struct arena *arena, struct evidence *e)
{
    struct str rest = str_part(d->path, strlen(root->path), d->path.n);
    if (root->path == root->called)
        return;
    if (root->piped)
        e->modified = INSTANT_NONE;
    e->path = arena_printf(arena, "%s%.*s", root->called, STR_ARG(rest));
    e->below =
        rest.n ? str_part(e->path, e->path.n - d->below.n, e->path.n) : path_base_name(e->path);
}

int listing_make(const char *const *paths, const char *const *names, size_t n,
                 const char *leave_out, struct arena *arena, struct findings *ret,
                 struct err *err)
{
    struct dir_list list = {0};
    struct listing l = {.findings = ret, .arena = arena};
    struct paths all = {0};
    for (size_t i = 0; i < n; i++) {
        struct given given = {paths[i], names ? names[i] : paths[i], false};
        if (find_piped(&given, arena, err) < 0)
            return -1;
        add_given(&all, given, arena);
    }
    if (walk_paths(&all, arena, &list, err) < 0)
        return -1;
    drop_file(&list, leave_out);
    ret->evidence = ARENA_ARRAY(arena, struct evidence, list.n);
    ret->n_evidence = list.n;
    struct look *looks = ARENA_ARRAY(arena, struct look, list.n);
    if (look(&list, arena, looks, err) < 0)
        return -1;
    for (size_t i = 0; i < list.n; i++) {
        const struct dir_entry *d = &list.entries[i];
        struct evidence *e = &ret->evidence[i];
        *e = (struct evidence){
            .path = d->path,
            .opened = d->path,
            .below = d->below,
            .root = d->root,
            .size = d->size,
            .modified = d->modified,
            .format = looks[i].format,
            .first = INSTANT_NONE,
            .last = INSTANT_NONE,
        };
        rename_entry(d, &all.at[d->root], arena, e);
        if (d->problem != DIR_OK)
            listing_gap(ret, arena, i, 0, 0, d->why);
        else if (looks[i].why.n)
            listing_gap(ret, arena, i, 0, 0, looks[i].why);
        else
            tell_unread(&l, e, i);
    }
    tell_alone(ret, arena);
    return 0;
}
