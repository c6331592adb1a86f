#include "scan/tasks.h"

#include <stdlib.h>

#include "detect/side.h"
#include "event/web.h"
#include "judge/judge.h"
#include "judge/names.h"

struct entry { /* what one source says of a task */
    struct event ev;
    size_t evidence, system;
    struct str path, id; /* in lower case; the path from "\" */
};

struct entries {
    struct entry *at;
    size_t n, cap;
};

struct installed { /* one Windows */
    bool cached;   /* a hive tells of tasks */
    bool tree;     /* and in which folders they are */
    bool files;    /* there are files of tasks */
    bool torn_cache, torn_files;
};

enum task_state { /* or-ed */
                  TASK_NO_FILE = 1,
                  TASK_FILE_UNKNOWN = 2, /* whether there is a file was not seen */
                  TASK_DIFFERS = 4,
                  TASK_NOT_IN_TREE = 8,
                  TASK_NO_ENTRY = 16, /* a file that the registry does not know */
};

struct found {
    const struct entry *cache, *file; /* NULL: there is none */
    unsigned state;
};

struct batch {
    size_t evidence, from, to;
};

struct tasks {
    struct arena *arena;
    const struct findings *f;
    struct names names; /* of systems */
    struct installed *systems;
    size_t cap_systems;
    bool *torn;                        /* per evidence: not all of it was read */
    struct entries cache, tree, files; /* sorted, each in its own way */
    struct str *folders;               /* that hold files directly: system, '|', path */
    size_t n_folders;
    struct found *found;
    size_t n_found, cap_found;
    struct batch *batches;
    size_t n_batches, cap_batches;
};

static struct str lower(struct str s, struct arena *arena)
{
    char *p = ARENA_ARRAY(arena, char, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = ascii_lower(s.p[i]);
    return (struct str){p, s.n};
}

/* --- which system, which task ----------------------------------------------------------------- */

/* The path below "\Windows\System32\"; *ret_drive: "C:" or "". "" if it lies elsewhere. */
static struct str below_system(struct str path, struct str *ret_drive)
{
    static const char system[] = "\\windows\\system32\\";
    bool drive = path.n > 2 && path.p[1] == ':';
    *ret_drive = str_part(path, 0, drive ? 2 : 0);
    path = str_part(path, drive ? 2 : 0, path.n);
    return str_istarts(path, str_of(system)) ? str_part(path, sizeof system - 1, path.n)
                                             : STR("");
}

/* A collection may hold several volumes: where no letter tells which, their place does. */
static struct str system_name(struct tasks *t, const struct evidence *e, struct str drive)
{
    struct str top = judge_collection(e);
    struct str volume = drive;
    size_t end = str_ifind(e->path, STR("windows/system32/"), top.n);
    if (drive.n == 0 && end != SIZE_MAX)
        volume = str_part(e->path, top.n, end);
    return lower(arena_printf(t->arena, "%.*s|%.*s", STR_ARG(top), STR_ARG(volume)), t->arena);
}

/* returns SIZE_MAX for a file that no Windows works with */
static size_t system_of(struct tasks *t, size_t evidence, struct str *ret_below)
{
    const struct evidence *e = &t->f->evidence[evidence];
    struct str drive;
    *ret_below = below_system(e->windows_path, &drive);
    if (ret_below->n == 0 || e->deleted || judge_is_past(e->path))
        return SIZE_MAX;
    size_t known = t->names.n;
    size_t i = names_number(&t->names, system_name(t, e, drive), t->arena);
    if (i == known) {
        t->systems =
            arena_grow(t->arena, t->systems, known, &t->cap_systems, sizeof *t->systems);
        t->systems[i] = (struct installed){0};
    }
    return i;
}

/* A hive that lies anywhere tells of a system of its own. */
static size_t system_of_hive(struct tasks *t, size_t evidence)
{
    struct str below;
    size_t i = system_of(t, evidence, &below);
    if (i != SIZE_MAX && str_ieq(below, STR("config\\SOFTWARE")))
        return i;
    size_t known = t->names.n;
    i = names_number(&t->names, arena_printf(t->arena, "#%zu", evidence), t->arena);
    if (i == known) {
        t->systems =
            arena_grow(t->arena, t->systems, known, &t->cap_systems, sizeof *t->systems);
        t->systems[i] = (struct installed){0};
    }
    return i;
}

static void add_entry(struct tasks *t, struct entries *to, struct entry e)
{
    to->at = arena_grow(t->arena, to->at, to->n, &to->cap, sizeof *to->at);
    to->at[to->n++] = e;
}

static void take_side(struct tasks *t, const struct kept_later *l)
{
    struct err ignored = {0};
    struct entry e = {.evidence = l->evidence};
    const struct evidence *from = &t->f->evidence[l->evidence];
    if (l->signal.later != LATER_SIDE || judge_is_past(from->path))
        return;
    if (side_read(&l->signal, t->arena, &e.ev, &ignored) < 0) {
        t->torn[l->evidence] = true;
        return;
    }
    if (e.ev.kind == EVENT_IIS_CONFIG)
        return;
    bool file = e.ev.kind == EVENT_TASK;
    struct str below = STR("");
    e.path = lower(event_text(&e.ev, file ? "TaskName" : "TaskPath"), t->arena);
    e.id = lower(event_text(&e.ev, "TaskId"), t->arena);
    e.system = file ? system_of(t, l->evidence, &below) : system_of_hive(t, l->evidence);
    if (e.system == SIZE_MAX || (file && !str_istarts(below, STR("Tasks\\"))))
        return;
    struct installed *s = &t->systems[e.system];
    if (file) {
        s->files = true;
        add_entry(t, &t->files, e);
    } else if (event_text(&e.ev, "TaskHidden").n) {
        s->tree = true;
        add_entry(t, &t->tree, e);
    } else {
        s->cached = true;
        add_entry(t, &t->cache, e);
    }
}

/* --- what was read whole ------------------------------------------------------------------------ */

static bool is_torn(const struct tasks *t, size_t evidence)
{
    const struct evidence *all = t->f->evidence;
    bool torn = t->torn[evidence];
    for (size_t of = all[evidence].carrier; of && !torn; of = all[of - 1].carrier)
        torn = t->torn[of - 1];
    return torn;
}

static void note_torn(struct tasks *t)
{
    for (size_t i = 0; i < t->f->n_gaps; i++)
        t->torn[t->f->gaps[i].evidence] = true;
    for (size_t i = 0; i < t->f->n_evidence; i++) {
        struct str below;
        if (!is_torn(t, i))
            continue;
        size_t system = system_of(t, i, &below);
        if (system == SIZE_MAX)
            continue;
        struct installed *s = &t->systems[system];
        s->torn_files = s->torn_files || str_istarts(below, STR("Tasks"));
        s->torn_cache = s->torn_cache || str_ieq(below, STR("config\\SOFTWARE"));
    }
    for (size_t i = 0; i < t->cache.n; i++) /* also of a hive that lies elsewhere */
        if (is_torn(t, t->cache.at[i].evidence))
            t->systems[t->cache.at[i].system].torn_cache = true;
}

static int by_text(const void *x, const void *y)
{
    return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static struct str folder_of(struct str path)
{
    size_t n = path.n;
    while (n > 0 && path.p[n - 1] != '\\')
        n--;
    return str_part(path, 0, n);
}

static struct str folder_key(size_t system, struct str folder, struct arena *arena)
{
    return arena_printf(arena, "%zu|%.*s", system, STR_ARG(folder));
}

static void sort_folders(struct tasks *t)
{
    t->folders = ARENA_ARRAY(t->arena, struct str, t->files.n);
    for (size_t i = 0; i < t->files.n; i++)
        t->folders[i] =
            folder_key(t->files.at[i].system, folder_of(t->files.at[i].path), t->arena);
    t->n_folders = t->files.n;
    if (t->n_folders)
        qsort(t->folders, t->n_folders, sizeof *t->folders, by_text);
}

/* The first folder that is not before the key. */
static size_t folder_at(const struct tasks *t, struct str key)
{
    size_t low = 0;
    size_t high = t->n_folders;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(t->folders[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether a task's folder was taken: a file lies in it, or files lie in one above it and below
 * that one too, so that folders were taken with what is in them. */
static bool is_taken(const struct tasks *t, const struct entry *e)
{
    struct str folder = folder_of(e->path);
    bool own = true;
    while (folder.n) {
        struct str key = folder_key(e->system, folder, t->arena);
        size_t at = folder_at(t, key);
        bool here = at < t->n_folders && str_eq(t->folders[at], key);
        while (at < t->n_folders && str_eq(t->folders[at], key))
            at++;
        bool below = at < t->n_folders && str_starts(t->folders[at], key);
        if (here && (own || below))
            return true;
        own = false;
        folder = folder_of(str_part(folder, 0, folder.n - 1));
    }
    return false;
}

/* --- comparing -------------------------------------------------------------------------------------- */

static int cmp_size(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

static int cmp_path(const struct entry *a, const struct entry *b)
{
    int d = cmp_size(a->system, b->system);
    return d ? d : str_cmp(a->path, b->path);
}

static int by_path(const void *x, const void *y)
{
    const struct entry *a = x;
    const struct entry *b = y;
    int d = cmp_path(a, b);
    d = d ? d : cmp_size(a->evidence, b->evidence);
    return d ? d : a->ev.offset < b->ev.offset ? -1 : a->ev.offset > b->ev.offset;
}

static const struct entry *find_path(const struct entries *in, const struct entry *like)
{
    size_t low = 0;
    size_t high = in->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cmp_path(&in->at[middle], like) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < in->n && cmp_path(&in->at[low], like) == 0 ? &in->at[low] : NULL;
}

/* The next value of a field that is not empty; "" at the end. */
static struct str next_value(const struct event *ev, const char *name, size_t *at)
{
    const struct field *f;
    while ((f = event_find(ev, str_of(name), at)))
        if (str_trim(f->value).n)
            return str_trim(f->value);
    return STR("");
}

static bool same_values(const struct event *a, const struct event *b, const char *name)
{
    size_t at_a = 0;
    size_t at_b = 0;
    for (;;) {
        struct str in_a = next_value(a, name, &at_a);
        struct str in_b = next_value(b, name, &at_b);
        if (!str_ieq(in_a, in_b))
            return false;
        if (in_a.n == 0)
            return true;
    }
}

static bool has_actions(const struct event *cache)
{
    return event_text(cache, "Action").n && event_text(cache, "ActionsCut").n == 0;
}

static bool differs(const struct entry *cache, const struct entry *file)
{
    static const char *const names[] = {"Command", "Arguments", "ClassId"};
    bool same = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        same = same && same_values(&cache->ev, &file->ev, names[i]);
    return !same && has_actions(&cache->ev);
}

static int by_id(const void *x, const void *y)
{
    const struct entry *a = x;
    const struct entry *b = y;
    int d = cmp_size(a->evidence, b->evidence);
    return d ? d : str_cmp(a->id, b->id);
}

static void add_found(struct tasks *t, struct found found)
{
    t->found = arena_grow(t->arena, t->found, t->n_found, &t->cap_found, sizeof *t->found);
    t->found[t->n_found++] = found;
}

static void compare_cached(struct tasks *t, const struct entry *e)
{
    const struct installed *s = &t->systems[e->system];
    struct found found = {.cache = e, .file = find_path(&t->files, e)};
    bool whole = s->files && !s->torn_files && !s->torn_cache;
    if (found.file && differs(e, found.file) && !s->torn_cache)
        found.state |= TASK_DIFFERS;
    if (!found.file)
        found.state |= whole && is_taken(t, e) ? TASK_NO_FILE : TASK_FILE_UNKNOWN;
    if (s->tree && !s->torn_cache &&
        !bsearch(e, t->tree.at, t->tree.n, sizeof *t->tree.at, by_id))
        found.state |= TASK_NOT_IN_TREE;
    if (found.state)
        add_found(t, found);
}

static void compare_file(struct tasks *t, const struct entry *e)
{
    const struct installed *s = &t->systems[e->system];
    if (s->cached && !s->torn_cache && !find_path(&t->cache, e))
        add_found(t, (struct found){.file = e, .state = TASK_NO_ENTRY});
}

static const struct entry *place_of(const struct found *f)
{
    return f->cache ? f->cache : f->file;
}

static int by_place(const void *x, const void *y)
{
    const struct entry *a = place_of(x);
    const struct entry *b = place_of(y);
    int d = cmp_size(a->evidence, b->evidence);
    return d ? d : a->ev.offset < b->ev.offset ? -1 : a->ev.offset > b->ev.offset;
}

static void sort_by(struct entries *e, int (*order)(const void *, const void *))
{
    if (e->n)
        qsort(e->at, e->n, sizeof *e->at, order);
}

static void make_batches(struct tasks *t)
{
    if (t->n_found)
        qsort(t->found, t->n_found, sizeof *t->found, by_place);
    for (size_t i = 0; i < t->n_found; i++) {
        size_t evidence = place_of(&t->found[i])->evidence;
        struct batch *last = t->n_batches ? &t->batches[t->n_batches - 1] : NULL;
        if (!last || last->evidence != evidence) {
            t->batches = arena_grow(t->arena, t->batches, t->n_batches, &t->cap_batches,
                                    sizeof *t->batches);
            last = &t->batches[t->n_batches++];
            *last = (struct batch){.evidence = evidence, .from = i};
        }
        last->to = i + 1;
    }
}

struct tasks *tasks_gather(const struct findings *f, struct arena *arena)
{
    struct tasks *t = ARENA_NEW(arena, struct tasks);
    t->arena = arena;
    t->f = f;
    t->torn = ARENA_ARRAY(arena, bool, f->n_evidence);
    for (size_t i = 0; i < f->n_later; i++)
        take_side(t, &f->later[i]);
    if (t->cache.n == 0)
        return t;
    note_torn(t);
    sort_by(&t->cache, by_path);
    sort_by(&t->files, by_path);
    sort_by(&t->tree, by_id);
    sort_folders(t);
    for (size_t i = 0; i < t->cache.n; i++)
        compare_cached(t, &t->cache.at[i]);
    for (size_t i = 0; i < t->files.n; i++)
        compare_file(t, &t->files.at[i]);
    make_batches(t);
    return t;
}

size_t tasks_works(const struct tasks *t)
{
    return t->n_batches;
}

struct work tasks_work(const struct tasks *t, size_t item)
{
    const struct batch *b = &t->batches[item];
    const struct event *first = &place_of(&t->found[b->from])->ev;
    const struct event *last = &place_of(&t->found[b->to - 1])->ev;
    return (struct work){
        .kind = WORK_TASKS,
        .evidence = b->evidence,
        .span = {.from = first->offset, .to = last->offset + last->size},
        .item = item,
    };
}

/* --- the event of a difference ------------------------------------------------------------------ */

static void add(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    if (value.n)
        event_add(ev, arena, SECTION_DATA, FIELD_TEXT, str_of(name), value);
}

static void copy(const struct event *from, const char *name, struct event *to, const char *as,
                 struct arena *arena)
{
    size_t at = 0;
    for (const struct field *f; (f = event_find(from, str_of(name), &at));)
        add(to, arena, as, f->value);
}

static void add_states(unsigned state, struct event *ev, struct arena *arena)
{
    static const struct {
        unsigned state;
        const char *name;
    } names[] = {{TASK_NO_FILE, "no-file"},
                 {TASK_FILE_UNKNOWN, "file-unknown"},
                 {TASK_DIFFERS, "differs"},
                 {TASK_NOT_IN_TREE, "not-in-tree"},
                 {TASK_NO_ENTRY, "no-entry"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (state & names[i].state)
            web_derive(ev, arena, "TaskState", str_of(names[i].name));
}

static struct event event_of(const struct tasks *t, const struct found *f, struct arena *arena)
{
    static const char *const told[] = {"TaskId",         "KeyPath",     "Action",
                                       "Command",        "Arguments",   "WorkingDirectory",
                                       "ClassId",        "Data",        "CommandLine",
                                       "TaskRegistered", "TaskStarted", "CommandPlace"};
    struct event ev = place_of(f)->ev;
    ev.kind = EVENT_TASK;
    ev.marks |= f->cache && f->file ? MARK_REASSEMBLED : 0U;
    ev.part = STR("");
    ev.fields = NULL;
    ev.n = ev.cap = 0;
    add(&ev, arena, "TaskName",
        f->cache ? event_text(&f->cache->ev, "TaskPath")
                 : event_text(&f->file->ev, "TaskName"));
    for (size_t i = 0; f->cache && i < sizeof told / sizeof *told; i++)
        copy(&f->cache->ev, told[i], &ev, told[i], arena);
    if (f->cache) /* its key is written to whenever it runs */
        (void)instant_parse(event_text(&f->cache->ev, "TaskRegistered"), &ev.time);
    if (f->file) {
        add(&ev, arena, "ConfigPath", t->f->evidence[f->file->evidence].windows_path);
        copy(&f->file->ev, "CommandLine", &ev, "FileCommandLine", arena);
        copy(&f->file->ev, "ClassId", &ev, "FileClassId", arena);
    }
    add_states(f->state, &ev, arena);
    return ev;
}

void tasks_answer(const struct tasks *t, const struct work *work,
                  const struct work_shared *shared, struct buf *reply)
{
    struct arena *arena = arena_new();
    struct arena *one = arena_new();
    struct detect *d =
        detect_new(shared->detect, shared->matcher, (struct bytes){0}, arena, reply);
    const bool *already = ARENA_ARRAY(arena, bool, ruleset_count(shared->detect->rules));
    const struct batch *b = &t->batches[work->item];
    for (size_t i = b->from; i < b->to; i++) {
        arena_reset(one);
        struct event ev = event_of(t, &t->found[i], one);
        detect_made(d, &ev, STR("tasks in the registry beside the files of tasks"), already,
                    one);
    }
    detect_end(d);
    arena_free(one);
    arena_free(arena);
}
