/* packs.h - packs with their rules: those of the program, and those in folders of the user's.
 *
 * Source: docs/formats/pack.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "rule/pack.h"

struct pack_rule {
    struct str path; /* for people: "exchange-proxylogon/rules/x.yml", or the file's own */
    struct str text;
    bool yara;
};

struct pack_files {
    struct pack pack;
    struct str path; /* of pack.yml */
    struct str text; /* what stands in it */
    bool own;        /* from a folder of the user's */
    struct pack_rule *rules;
    size_t n_rules, cap_rules;
};

struct pack_set {
    struct pack_files *list; /* by id */
    size_t n, cap;
};

/* Adds the packs of the program.
 *
 * arena   owns all of it
 * errors  ERR_INVALID (a damaged pack)
 */
int packs_add_builtin(struct arena *arena, struct pack_set *set, struct err *err);

/* Adds the pack of a folder: its pack.yml, and below its rules/ each .yml, .yaml, .yar and .yara.
 * One of the same id is put aside for it.
 *
 * errors  ERR_IO, ERR_INVALID "FOLDER/pack.yml: ..."
 */
int packs_add_folder(const char *folder, struct arena *arena, struct pack_set *set,
                     struct err *err);

/* The same without reading pack.yml: of *ret only path, text, own and the rules are set. */
int packs_read(const char *folder, struct arena *arena, struct pack_files *ret,
               struct err *err);

/* Whether a text given for a pack is a folder with a pack in it, and not a name. */
bool packs_is_folder(const char *given);

/* The pack with this id; NULL if there is none. */
const struct pack_files *packs_find(const struct pack_set *set, struct str id);
