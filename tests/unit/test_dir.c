#include "sys/dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "t.h"

static char folder[] = "/tmp/assay-dir-XXXXXX";
static char path[256];

static const char *in(const char *name)
{
    (void)snprintf(path, sizeof path, "%s%s%s", folder, *name ? "/" : "", name);
    return path;
}

static void make_file(const char *name)
{
    FILE *f = fopen(in(name), "w");
    T_OK(f && fputs("12345", f) >= 0 && fclose(f) == 0);
}

static void make_folder(const char *name)
{
    T_EQ(mkdir(in(name), 0700), 0);
}

static struct dir_list walk(const char *name, struct arena *a)
{
    struct err err = {0};
    struct dir_list list = {0};
    T_EQ(dir_walk(in(name), 3, a, &list, &err), 0);
    for (size_t i = 0; i < list.n; i++) {
        const struct dir_entry *e = &list.entries[i];
        T_EQ(e->root, 3);
        T_EQ(e->path.p[e->path.n], 0);
        T_OK(str_iends(e->path, e->below));
        T_EQ(e->why.n > 0, e->problem != DIR_OK);
    }
    return list;
}

static const struct dir_entry *entry(const struct dir_list *list, const char *below)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->entries[i].below, str_of(below)))
            return &list->entries[i];
    static const struct dir_entry none = {.problem = (enum dir_problem)99};
    t_failed += printf("no entry %s\n", below) > 0;
    return &none;
}

static void files_come_in_the_order_of_their_names(void)
{
    static const char *const want[] = {"A/z", "a/b/1", "a/b/2",   "a/c",
                                       "a-b", "a.log", "\xc3\xa4"};
    static const char *const made[] = {"a.log", "\xc3\xa4", "a/b/2", "a-b",
                                       "A/z",   "a/c",      "a/b/1"};
    struct arena *a = arena_new();
    make_folder("o");
    make_folder("o/a");
    make_folder("o/a/b");
    make_folder("o/A");
    make_folder("o/empty");
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "o/%s", made[i]);
        make_file(name);
    }
    struct dir_list list = walk("o", a);
    T_EQ(list.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < list.n; i++) {
        t_str(list.entries[i].below, str_of(want[i]), "below", __FILE__, (int)i);
        T_EQ(list.entries[i].size, 5);
        T_OK(list.entries[i].modified > 0);
    }
    list = walk("o/", a); /* the same, however the root is written */
    T_EQ(list.n, sizeof want / sizeof *want);
    T_STR(list.entries[0].below, "A/z");
    arena_free(a);
}

static void links_are_told_and_never_followed(void)
{
    struct arena *a = arena_new();
    make_folder("l");
    make_folder("l/sub");
    make_file("l/sub/file");
    make_file("outside");
    T_EQ(symlink("../outside", in("l/to-file")), 0);
    T_EQ(symlink("sub", in("l/to-folder")), 0);
    T_EQ(symlink("..", in("l/sub/up")), 0);
    T_EQ(symlink("loop", in("l/loop")), 0);
    T_EQ(symlink("/nowhere", in("l/dangling")), 0);
    static const char *const links[] = {"to-file", "to-folder", "sub/up", "loop", "dangling"};
    struct dir_list list = walk("l", a);
    T_EQ(list.n, 6);
    T_EQ(entry(&list, "sub/file")->problem, DIR_OK);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        T_EQ(entry(&list, links[i])->problem, DIR_LINK);
    arena_free(a);
}

static void special_files_are_told(void)
{
    struct arena *a = arena_new();
    make_folder("s");
    T_EQ(mkfifo(in("s/pipe"), 0600), 0);
    struct dir_list list = walk("s", a);
    T_EQ(list.n, 1);
    T_EQ(entry(&list, "pipe")->problem, DIR_SPECIAL);
    arena_free(a);
}

/* Root may read everything: as nobody then. */
static void what_cannot_be_read_is_told(void)
{
    struct arena *a = arena_new();
    make_folder("u");
    make_folder("u/closed");
    make_file("u/closed/file");
    make_file("u/open");
    T_EQ(chmod(in("u/closed"), 0), 0);
    T_EQ(chmod(in("u"), 0755), 0);
    T_EQ(chmod(in(""), 0755), 0);
    bool root = geteuid() == 0;
    if (root)
        T_EQ(seteuid(65534), 0);
    struct dir_list list = walk("u", a);
    T_EQ(list.n, 2);
    T_EQ(entry(&list, "closed")->problem, DIR_UNREADABLE);
    T_EQ(entry(&list, "open")->problem, DIR_OK);
    struct err err = {0};
    T_EQ(dir_walk(in("u/closed"), 0, a, &list, &err), -1);
    T_EQ(err.code, ERR_IO);
    if (root)
        T_EQ(seteuid(0), 0);
    T_EQ(chmod(in("u/closed"), 0700), 0);
    arena_free(a);
}

static void a_root_may_be_a_file_or_missing(void)
{
    struct arena *a = arena_new();
    make_file("one.evtx");
    struct dir_list list = walk("one.evtx", a);
    T_EQ(list.n, 1);
    T_STR(list.entries[0].below, "one.evtx");
    T_OK(str_eq(list.entries[0].path, str_of(path)));
    struct err err = {0};
    T_EQ(dir_walk(in("missing"), 0, a, &list, &err), -1);
    T_EQ(err.code, ERR_IO);
    T_OK(strstr(err.msg, "missing") != NULL);
    T_EQ(list.n, 1);
    arena_free(a);
}

static void nesting_ends_somewhere(void)
{
    struct arena *a = arena_new();
    make_folder("deep");
    T_EQ(chdir(in("deep")), 0);
    for (int i = 0; i < LIMIT_WALK_DEPTH + 20; i++) {
        T_EQ(mkdir("d", 0700), 0);
        T_EQ(chdir("d"), 0);
    }
    T_EQ(chdir("/"), 0);
    struct dir_list list = walk("deep", a);
    T_EQ(list.n, 1);
    T_EQ(list.entries[0].problem, DIR_TOO_DEEP);
    T_EQ(list.entries[0].below.n, 2 * LIMIT_WALK_DEPTH + 1);
    arena_free(a);
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    T_RUN(files_come_in_the_order_of_their_names);
    T_RUN(links_are_told_and_never_followed);
    T_RUN(special_files_are_told);
    T_RUN(what_cannot_be_read_is_told);
    T_RUN(a_root_may_be_a_file_or_missing);
    T_RUN(nesting_ends_somewhere);
    (void)snprintf(path, sizeof path, "rm -rf %s", folder);
    return system(path) == 0 ? t_done() : EXIT_FAILURE;
}
