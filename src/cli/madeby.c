#include "cli/madeby.h"

#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "cli/packs.h"
#include "cli/rulefiles.h"
#include "sys/dir.h"
#include "sys/file.h"

struct maker {
    struct arena *arena;
    struct casefile_setup *list;
    size_t n, cap;
};

/* What does not decide, or must not be kept. */
static bool is_left_out(const char *option)
{
    static const char *const names[] = {"output",   "format",   "jobs",         "require-jail",
                                        "resume",   "progress", "nice",         "colour",
                                        "password", "profile",  "password-file"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(option, names[i]) == 0)
            return true;
    return false;
}

static struct casefile_setup *add(struct maker *m, const char *kind, struct str name,
                                  struct str value)
{
    m->list = arena_grow(m->arena, m->list, m->n, &m->cap, sizeof *m->list);
    m->list[m->n] = (struct casefile_setup){.kind = str_of(kind), .name = name, .value = value};
    return &m->list[m->n++];
}

static struct str hex(struct arena *arena, const uint8_t digest[SHA256_SIZE])
{
    char text[SHA256_TEXT];
    sha256_text(digest, text);
    return arena_str(arena, str_of(text));
}

/* --- files --------------------------------------------------------------------------------- */

/* A line as sha256sum prints it. */
static void add_line(struct sha256_run *all, const uint8_t digest[SHA256_SIZE], struct str name)
{
    char text[SHA256_TEXT];
    sha256_text(digest, text);
    sha256_add(all, str_bytes(str_of(text)));
    sha256_add(all, str_bytes(STR("  ")));
    sha256_add(all, str_bytes(name));
    sha256_add(all, str_bytes(STR("\n")));
}

static int digest_file(const char *path, uint8_t ret[SHA256_SIZE], struct err *err)
{
    struct file_map map;
    if (file_map(path, &map, err) < 0)
        return -1;
    sha256(map.bytes, ret);
    file_unmap(&map);
    return 0;
}

/* Of a folder: of the lines of all files below it, by name. */
static int digest_folder(struct maker *m, const char *path, struct casefile_setup *ret,
                         struct err *err)
{
    struct dir_list files = {0};
    uint8_t digest[SHA256_SIZE];
    if (dir_walk(path, 0, m->arena, &files, err) < 0)
        return -1;
    struct sha256_run *all = sha256_start();
    for (size_t i = 0; i < files.n; i++) {
        const struct dir_entry *f = &files.entries[i];
        if (f->problem != DIR_OK || digest_file(f->path.p, digest, err) < 0)
            continue; /* what cannot be read was no rule either */
        add_line(all, digest, f->below);
        ret->files++;
    }
    sha256_end(all, digest);
    ret->sha256 = hex(m->arena, digest);
    return 0;
}

/* A path that an option names; "" : the value is a name, or stands for none. */
static const char *path_named(struct maker *m, const char *option, const char *value)
{
    struct stat st;
    const char *equals = strchr(value, '=');
    const char *path = strcmp(option, "placeholder") == 0 && equals ? equals + 1 : value;
    if (stat(path, &st) == 0)
        return path;
    struct str home = strcmp(option, "rules") == 0 ? rule_files_home(m->arena) : STR("");
    path = home.n ? arena_printf(m->arena, "%.*s/%s", STR_ARG(home), value).p : "";
    return path[0] && stat(path, &st) == 0 ? path : "";
}

static int add_option(struct maker *m, const struct opt *o, const char *value, struct err *err)
{
    bool named = o->value && (strstr(o->value, "FILE") || strstr(o->value, "PATH") ||
                              strstr(o->value, "DIR"));
    struct casefile_setup *s = add(m, "option", str_of(o->name), str_of(value));
    const char *path = named ? path_named(m, o->name, value) : "";
    struct stat st;
    uint8_t digest[SHA256_SIZE];
    if (!path[0] || stat(path, &st) < 0)
        return 0;
    if (S_ISDIR(st.st_mode))
        return digest_folder(m, path, s, err);
    if (digest_file(path, digest, err) < 0)
        return -1;
    s->files = 1;
    s->sha256 = hex(m->arena, digest);
    return 0;
}

static int add_options(struct maker *m, const struct cmd *cmd, const struct args *args,
                       struct err *err)
{
    for (size_t i = 0; cmd->opts[i].name; i++) {
        const struct opt *o = &cmd->opts[i];
        if (is_left_out(o->name))
            continue;
        if (args->flag[i])
            (void)add(m, "option", str_of(o->name), STR(""));
        if (args->text[i] && add_option(m, o, args->text[i], err) < 0)
            return -1;
        for (size_t k = 0; k < args->n_texts[i]; k++)
            if (add_option(m, o, args->texts[i][k], err) < 0)
                return -1;
    }
    return 0;
}

/* --- the program --------------------------------------------------------------------------- */

static int add_program(struct maker *m, struct err *err)
{
    uint8_t digest[SHA256_SIZE];
    struct casefile_setup *s = add(m, "program", STR("assay"), STR(ASSAY_VERSION));
    if (digest_file("/proc/self/exe", digest, err) < 0)
        return -1;
    s->files = 1;
    s->sha256 = hex(m->arena, digest);
    return 0;
}

static void digest_pack(struct maker *m, const struct pack_files *p, struct casefile_setup *ret)
{
    uint8_t digest[SHA256_SIZE];
    struct sha256_run *all = sha256_start();
    sha256(str_bytes(p->text), digest);
    add_line(all, digest, STR("pack.yml"));
    for (size_t i = 0; i < p->n_rules; i++) {
        sha256(str_bytes(p->rules[i].text), digest);
        add_line(all, digest, p->rules[i].path);
    }
    sha256_end(all, digest);
    ret->files = p->n_rules + 1;
    ret->sha256 = hex(m->arena, digest);
}

/* Packs of a folder are named by an option. */
static int add_packs(struct maker *m, const struct setup *setup, struct err *err)
{
    struct pack_set all = {0};
    if (packs_add_builtin(m->arena, &all, err) < 0)
        return -1;
    for (size_t i = 0; i < setup->n_packs; i++) {
        const struct pack *p = &setup->packs[i];
        const struct pack_files *files = packs_find(&all, p->id);
        struct casefile_setup *s = add(m, "pack", arena_str(m->arena, p->id), p->as_of);
        if (files)
            digest_pack(m, files, s);
    }
    return 0;
}

int madeby(const struct cmd *cmd, const struct args *args, const struct setup *setup,
           struct arena *arena, struct casefile_setup **ret, size_t *ret_n, struct err *err)
{
    struct maker m = {.arena = arena};
    if (add_program(&m, err) < 0 || add_packs(&m, setup, err) < 0)
        return -1;
    for (size_t i = 0; i < args->n_operands; i++)
        (void)add(&m, "root", str_of(args->operands[i]), STR(""));
    if (add_options(&m, cmd, args, err) < 0)
        return -1;
    *ret = m.list;
    *ret_n = m.n;
    return 0;
}
