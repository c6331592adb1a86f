#include "sys/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "t.h"

static char folder[] = "/tmp/assay-file-XXXXXX";
static char path[64];

static void make(const char *name, const char *content)
{
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    struct err err = {0};
    if (content)
        T_EQ(file_write(path, str_of(content), &err), 0);
}

static void written_and_read(void)
{
    struct arena *a = arena_new();
    struct err err = {0};
    struct bytes b = {0};
    struct file_map map = {0};
    make("log", "0123456789");
    T_EQ(file_read(path, 10, a, &b, &err), 0);
    T_OK(bytes_eq(b, str_bytes(STR("0123456789"))));
    T_EQ(file_head(path, 4, a, &b, &err), 0);
    T_OK(bytes_eq(b, str_bytes(STR("0123"))));
    T_EQ(file_head(path, 400, a, &b, &err), 0);
    T_EQ(b.n, 10);
    T_EQ(file_map(path, &map, &err), 0);
    T_OK(bytes_eq(map.bytes, str_bytes(STR("0123456789"))));
    file_unmap(&map);
    T_EQ(map.bytes.n, 0);
    file_unmap(&map);
    T_EQ(err.code, ERR_NONE);
    arena_free(a);
}

static void an_empty_file_is_empty_bytes(void)
{
    struct arena *a = arena_new();
    struct err err = {0};
    struct bytes b = {.n = 7};
    struct file_map map = {.bytes.n = 7};
    make("empty", "");
    T_EQ(file_read(path, 0, a, &b, &err), 0);
    T_EQ(b.n, 0);
    T_EQ(file_map(path, &map, &err), 0);
    T_EQ(map.bytes.n, 0);
    file_unmap(&map);
    arena_free(a);
}

static void a_file_beyond_its_limit_is_not_read(void)
{
    struct arena *a = arena_new();
    struct err err = {0};
    struct bytes b = {.n = 7};
    make("log", "0123456789");
    T_EQ(file_read(path, 9, a, &b, &err), -1);
    T_EQ(err.code, ERR_LIMIT);
    T_EQ(b.n, 7);
    arena_free(a);
}

/* A named pipe must not hang the reader, a folder not be read. */
static void only_regular_files_are_evidence(void)
{
    static const char *const names[] = {"pipe", "folder", "missing"};
    struct arena *a = arena_new();
    make("pipe", NULL);
    T_EQ(mkfifo(path, 0600), 0);
    make("folder", NULL);
    T_EQ(mkdir(path, 0700), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct err err = {0};
        struct bytes b;
        struct file_map map;
        make(names[i], NULL);
        T_EQ(file_read(path, 100, a, &b, &err), -1);
        T_EQ(file_head(path, 100, a, &b, &err), -1);
        T_EQ(file_map(path, &map, &err), -1);
        T_EQ(err.code, ERR_IO);
        T_OK(strstr(err.msg, names[i]) != NULL);
    }
    arena_free(a);
}

static size_t entries(void)
{
    char command[96];
    (void)snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
    unsigned n = 0;
    FILE *f = popen(command, "r");
    T_EQ(f ? fscanf(f, "%u", &n) : 0, 1);
    if (f)
        (void)pclose(f);
    return n;
}

static void a_write_replaces_whole_or_leaves_nothing(void)
{
    struct arena *a = arena_new();
    struct err err = {0};
    struct bytes b;
    struct stat st;
    make("log", "first");
    make("log", "second, longer");
    T_EQ(file_read(path, 100, a, &b, &err), 0);
    T_OK(bytes_eq(b, str_bytes(STR("second, longer"))));
    T_OK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0644);

    size_t before = entries();
    make("folder", NULL); /* cannot be replaced by a file: the temporary one goes */
    T_EQ(file_write(path, STR("x"), &err), -1);
    T_EQ(err.code, ERR_IO);
    T_EQ(entries(), before);
    make("missing/file", NULL);
    T_EQ(file_write(path, STR("x"), &err), -1);

    char longest[5000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    T_EQ(file_write(longest, STR("x"), &err), -1);
    T_EQ(err.code, ERR_INVALID);
    arena_free(a);
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    T_RUN(written_and_read);
    T_RUN(an_empty_file_is_empty_bytes);
    T_RUN(a_file_beyond_its_limit_is_not_read);
    T_RUN(only_regular_files_are_evidence);
    T_RUN(a_write_replaces_whole_or_leaves_nothing);
    (void)snprintf(path, sizeof path, "rm -rf %s", folder);
    return system(path) == 0 ? t_done() : EXIT_FAILURE;
}
