#include "cli/packs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/embed.h"
#include "base/limits.h"
#include "sys/dir.h"
#include "sys/file.h"

extern const struct embedded pack_files[]; /* made by the build from packs/ */

static struct str file_text(const struct embedded *e)
{
    return (struct str){(const char *)e->p, e->n};
}

/* "exchange-proxylogon/rules/x.yml" -> "exchange-proxylogon" */
static struct str pack_of(const struct embedded *e)
{
    struct str path = str_of(e->path);
    return str_part(path, 0, str_find(path, STR("/"), 0));
}

static bool is_pack_file(const struct embedded *e)
{
    return str_iends(str_of(e->path), STR("/pack.yml"));
}

static void add_rule(struct pack_files *p, struct arena *arena, struct str path,
                     struct str text)
{
    bool yara = str_iends(path, STR(".yar")) || str_iends(path, STR(".yara"));
    if (!yara && !str_iends(path, STR(".yml")) && !str_iends(path, STR(".yaml")))
        return;
    p->rules = arena_grow(arena, p->rules, p->n_rules, &p->cap_rules, sizeof *p->rules);
    p->rules[p->n_rules++] = (struct pack_rule){path, text, yara};
}

/* Puts a pack where its id belongs, in place of one with the same. */
static void put(struct pack_set *set, struct arena *arena, const struct pack_files *p)
{
    size_t at = 0;
    while (at < set->n && str_cmp(set->list[at].pack.id, p->pack.id) < 0)
        at++;
    if (at == set->n || !str_eq(set->list[at].pack.id, p->pack.id)) {
        set->list = arena_grow(arena, set->list, set->n, &set->cap, sizeof *set->list);
        memmove(set->list + at + 1, set->list + at, (set->n - at) * sizeof *set->list);
        set->n++;
    }
    set->list[at] = *p;
}

int packs_add_builtin(struct arena *arena, struct pack_set *set, struct err *err)
{
    for (const struct embedded *e = pack_files; e->path; e++) {
        struct pack_files p = {.path = str_of(e->path), .text = file_text(e)};
        if (!is_pack_file(e))
            continue;
        if (pack_parse(p.text, arena, &p.pack, err) < 0)
            return -1;
        for (const struct embedded *r = pack_files; r->path; r++)
            if (!is_pack_file(r) && str_eq(pack_of(r), pack_of(e)))
                add_rule(&p, arena, str_of(r->path), file_text(r));
        put(set, arena, &p);
    }
    return 0;
}

static int read_text(const char *path, struct arena *arena, struct str *ret, struct err *err)
{
    struct bytes bytes = {0};
    if (file_read(path, LIMIT_RULE_FILE, arena, &bytes, err) < 0)
        return -1;
    *ret = (struct str){(const char *)bytes.p, bytes.n};
    return 0;
}

static const char *below(const char *folder, const char *name, struct arena *arena)
{
    size_t n = strlen(folder);
    const char *between = n && folder[n - 1] == '/' ? "" : "/";
    return arena_printf(arena, "%s%s%s", folder, between, name).p;
}

int packs_read(const char *folder, struct arena *arena, struct pack_files *ret, struct err *err)
{
    struct pack_files p = {.own = true};
    struct dir_list files = {0};
    const char *path = below(folder, "pack.yml", arena);
    const char *rules = below(folder, "rules", arena);
    struct stat st;
    p.path = str_of(path);
    if (read_text(path, arena, &p.text, err) < 0)
        return -1;
    if (stat(rules, &st) == 0 && dir_walk(rules, 0, arena, &files, err) < 0)
        return -1;
    for (size_t i = 0; i < files.n; i++) {
        const struct dir_entry *f = &files.entries[i];
        struct str text = STR("");
        if (f->problem != DIR_OK)
            return err_set(err, ERR_IO, "%.*s: %.*s", STR_ARG(f->path), STR_ARG(f->why));
        if (read_text(f->path.p, arena, &text, err) < 0)
            return -1;
        add_rule(&p, arena, f->path, text);
    }
    *ret = p;
    return 0;
}

int packs_add_folder(const char *folder, struct arena *arena, struct pack_set *set,
                     struct err *err)
{
    struct pack_files p;
    if (packs_read(folder, arena, &p, err) < 0)
        return -1;
    if (pack_parse(p.text, arena, &p.pack, err) < 0)
        return err_at(err, "%.*s", STR_ARG(p.path));
    put(set, arena, &p);
    return 0;
}

bool packs_is_folder(const char *given)
{
    struct arena *arena = arena_new();
    struct stat st;
    for (const struct embedded *e = pack_files; e->path; e++) {
        if (is_pack_file(e) && str_eq(pack_of(e), str_of(given))) {
            arena_free(arena);
            return false;
        }
    }
    bool is = strchr(given, '/') != NULL || stat(below(given, "pack.yml", arena), &st) == 0;
    arena_free(arena);
    return is;
}

const struct pack_files *packs_find(const struct pack_set *set, struct str id)
{
    for (size_t i = 0; i < set->n; i++)
        if (str_eq(set->list[i].pack.id, id))
            return &set->list[i];
    return NULL;
}
