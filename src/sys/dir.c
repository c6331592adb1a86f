#include "sys/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

struct walk {
    struct arena *arena;
    struct dir_list *list;
    size_t root;
    size_t root_length; /* bytes of the path that belong to the root, '/' included */
};

static void add(struct walk *w, struct str path, const struct stat *st,
                enum dir_problem problem, const char *why)
{
    struct dir_list *list = w->list;
    list->entries =
        arena_grow(w->arena, list->entries, list->n, &list->cap, sizeof *list->entries);
    struct dir_entry *e = &list->entries[list->n++];
    *e = (struct dir_entry){
        .path = path,
        .below = str_part(path, w->root_length, path.n),
        .root = w->root,
        .modified = INSTANT_NONE,
        .problem = problem,
        .why = arena_str(w->arena, str_of(why)),
    };
    if (st) {
        e->size = (uint64_t)st->st_size;
        instant t = instant_of_unix(st->st_mtim.tv_sec);
        e->modified = t == INSTANT_NONE ? t : t + st->st_mtim.tv_nsec / 100;
    }
}

static struct str join(struct arena *arena, struct str folder, const char *name)
{
    bool slash = folder.n && folder.p[folder.n - 1] == '/';
    size_t n = strlen(name);
    char *p = ARENA_ARRAY(arena, char, folder.n + n + 2);
    memcpy(p, folder.p, folder.n);
    if (!slash)
        p[folder.n] = '/';
    memcpy(p + folder.n + !slash, name, n);
    return (struct str){p, folder.n + n + !slash};
}

static int by_name(const void *a, const void *b)
{
    const struct str *x = a;
    const struct str *y = b;
    return str_cmp(*x, *y);
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* The names in a folder, sorted; -1 if it cannot be read to its end (errno says why). */
static int names_in(int fd, struct arena *arena, struct str **ret, size_t *ret_n)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        (void)close(fd);
        return -1;
    }
    struct str *names = NULL;
    size_t n = 0;
    size_t cap = 0;
    struct dirent *d;
    for (errno = 0; (d = readdir(dir)); errno = 0) {
        if (is_dots(d->d_name))
            continue;
        names = arena_grow(arena, names, n, &cap, sizeof *names);
        size_t len = strlen(d->d_name);
        names[n++] = arena_str(arena, (struct str){d->d_name, len + 1});
        names[n - 1].n = len; /* keeps the NUL behind it */
    }
    int failed = errno;
    (void)closedir(dir);
    errno = failed;
    if (n)
        qsort(names, n, sizeof *names, by_name);
    *ret = names;
    *ret_n = n;
    return failed ? -1 : 0;
}

static void walk_entry(struct walk *w, int folder, struct str path, const char *name,
                       unsigned depth);

static void walk_folder(struct walk *w, int fd, struct str path, unsigned depth)
{
    struct str *names = NULL;
    size_t n = 0;
    int copy = dup(fd);
    if (copy < 0 || names_in(copy, w->arena, &names, &n) < 0)
        add(w, path, NULL, DIR_UNREADABLE, strerror(errno));
    for (size_t i = 0; i < n; i++)
        walk_entry(w, fd, join(w->arena, path, names[i].p), names[i].p, depth);
}

/* Opened through its folder's descriptor and without following links, so that nobody can
 * lead the walk elsewhere between the look and the step. */
static void walk_entry(struct walk *w, int folder, struct str path, const char *name,
                       unsigned depth)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        add(w, path, NULL, DIR_UNREADABLE, strerror(errno));
        return;
    }
    if (S_ISREG(st.st_mode)) {
        add(w, path, &st, DIR_OK, "");
    } else if (S_ISLNK(st.st_mode)) {
        add(w, path, NULL, DIR_LINK, "a symbolic link; links are not followed");
    } else if (!S_ISDIR(st.st_mode)) {
        add(w, path, NULL, DIR_SPECIAL, "not a regular file");
    } else if (depth >= LIMIT_WALK_DEPTH) {
        add(w, path, NULL, DIR_TOO_DEEP, "folders nested too deeply");
    } else {
        int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) {
            add(w, path, NULL, DIR_UNREADABLE, strerror(errno));
            return;
        }
        walk_folder(w, fd, path, depth + 1);
        (void)close(fd);
    }
}

static size_t base_name_at(struct str path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return at;
}

/* Paths sort with '/' below every other byte, as a walk by names gives them. */
int dir_walk(const char *root, size_t index, struct arena *arena, struct dir_list *list,
             struct err *err)
{
    struct stat st;
    if (stat(root, &st) < 0)
        return err_set(err, ERR_IO, "%s: %s", root, strerror(errno));
    size_t len = strlen(root);
    char *copy = ARENA_ARRAY(arena, char, len + 1);
    memcpy(copy, root, len);
    struct str path = {copy, len};
    struct walk w = {.arena = arena, .list = list, .root = index};

    if (S_ISREG(st.st_mode)) {
        w.root_length = base_name_at(path);
        add(&w, path, &st, DIR_OK, "");
        return 0;
    }
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", root, strerror(errno));
    w.root_length = len + (len && root[len - 1] != '/');
    walk_folder(&w, fd, path, 0);
    (void)close(fd);
    return 0;
}
