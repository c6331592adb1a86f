/* rulefiles.h - rule files below a path, in a ZIP, or of an imported set, as texts. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum rule_file_kind { RULES_SIGMA, RULES_YARA, RULES_YARA_COMPILED };

struct rule_file {
    enum rule_file_kind kind;
    struct str path;    /* for people: "sigma.zip/rules/x.yml" */
    struct str below;   /* below the path that was given */
    struct str text;    /* "" where it was not read */
    struct str problem; /* why it was not read; "" if it was */
};

struct rule_files {
    struct rule_file *list; /* by path */
    size_t n, cap;
    struct rule_file *licences; /* files whose name says so, beside the rules */
    size_t n_licences, cap_licences;
};

/* Adds the rule files (.yml, .yaml; YARA's .yar, .yara) of a path: one file of any name, a
 * folder, a ZIP, or the name of an imported set. A file that cannot be read is in the list with
 * its problem. So are compiled YARA rules (.yarc), except where the path names them: they must be
 * trusted like a program (docs/yara.md).
 *
 * arena   owns the texts
 * errors  ERR_IO (no such path), ERR_INVALID (no rule file there), ERR_CORRUPT, ERR_LIMIT (a
 *         ZIP that cannot be read)
 */
int rule_files_add(const char *path, struct arena *arena, struct rule_files *ret,
                   struct err *err);

/* The folder that holds imported sets: $XDG_DATA_HOME/assay/rules, else
 * ~/.local/share/assay/rules; "" where neither is known. */
struct str rule_files_home(struct arena *arena);
