/* yara.h - YARA rules: compiled once, then asked about one file after the other.
 *
 * A set is filled and compiled before the workers are forked; each worker has a scanner of its
 * own. Every rule that is told of (not private) stands in the rule set as a rule that no event
 * matches: findings carry its number. libyara is behind this header and nowhere else.
 *
 * Texts of rules come from people who run the program, as Sigma rules do. Compiled rules are
 * more: libyara takes them as they are, so that who made them can run code here; the caller
 * loads only those that somebody named. What is scanned is hostile: scanners are for the jail.
 *
 * Source: docs/yara.md.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "rule/choice.h"
#include "rule/rules.h"

enum {
    YARA_FILE_MAX = 64 << 20, /* bytes of a file that rules are asked about */
    YARA_SECONDS = 30,        /* for one file and one group of rules */
};

static const uint32_t YARA_UNBOUND = UINT32_MAX; /* the number of a rule that is not told of */

struct yara_set;

struct yara_problem { /* why a file of rules is not used, or a doubt about one that is */
    struct str path;
    unsigned line; /* 0: the file as a whole */
    bool warning;
    struct str text;
};

struct yara_test {   /* a text that a rule carries to be tested with */
    struct str name; /* "match...": the rule must match it; "near_miss...": it must not */
    struct str text;
};

struct yara_rule {
    struct str name; /* its identifier */
    struct str path; /* of its file */
    struct str pack; /* "" for a user's */
    struct str title;
    struct str description, author, reference; /* "" where the rule says none */
    struct str what; /* of a pack's rule: what a match says, {Path} in it; "": a web shell */
    enum level level;
    struct str *tags;
    size_t n_tags;
    struct yara_test *tests;
    size_t n_tests;
    bool hidden;     /* private: never told of */
    uint32_t number; /* in the rule set, or YARA_UNBOUND */
};

struct yara_set *yara_set_new(void);
void yara_set_free(struct yara_set *set); /* NULL is fine */

/* Adds one file's rules. Files see nothing of each other: each is a namespace of its own.
 * path, pack, text  copied; a pack's name is given for the program's own rules */
void yara_set_add(struct yara_set *set, struct str path, struct str pack, struct str text);

/* Adds compiled rules, which must be trusted like a program.
 * errors ERR_CORRUPT, ERR_UNSUPPORTED (another version of libyara made them) */
int yara_set_add_compiled(struct yara_set *set, struct str path, struct bytes content,
                          struct err *err);

/* Compiles what was added. A file with an error costs itself only: a problem tells.
 * errors ERR_LIMIT (libyara cannot be started) */
int yara_set_compile(struct yara_set *set, struct err *err);

/* Whether a text begins as compiled rules do. */
bool yara_is_compiled(struct bytes content);

/* Problems in the order of the files. */
size_t yara_set_problems(const struct yara_set *set, const struct yara_problem **ret);

size_t yara_set_count(const struct yara_set *set);
const struct yara_rule *yara_set_get(const struct yara_set *set, size_t i);

/* Gives each rule that is told of a number in a frozen rule set.
 * choice  which of the user's rules are wanted; NULL: all */
void yara_set_bind(struct yara_set *set, struct ruleset *rules, const struct choice *choice);

/* Whether there are rules of the program itself (own), or given ones. */
bool yara_set_has(const struct yara_set *set, bool own);

/* --- scanning -------------------------------------------------------------------------------- */

struct yara_file {        /* what rules can ask of a file besides its content */
    struct str name;      /* "shell.aspx" */
    struct str directory; /* "C:\inetpub\wwwroot" */
    struct str extension; /* lower case, without the dot */
    struct str type;      /* "EXE", "ASP", ...; "" if not known */
};

struct yara_found {
    uint32_t rule;         /* its number in the rule set */
    uint64_t offset, size; /* of the first matched string; 0, 0: none took part */
    struct str told;       /* name, author, reference and strings, for people */
};

struct yara_scanner;

/* returns NULL where there is nothing to scan with. */
struct yara_scanner *yara_scanner_make(const struct yara_set *set);
void yara_scanner_free(struct yara_scanner *s); /* NULL is fine */

/* Asks the rules about one file.
 *
 * own     those of the program itself; else the given ones
 * ret     in the order of the rules; lives as long as `arena`
 * returns 0; -1 if not all rules could be asked to the end: *ret has those that matched before
 * errors  ERR_LIMIT (time, memory, matches), ERR_CORRUPT
 */
int yara_scan(struct yara_scanner *s, bool own, struct bytes content,
              const struct yara_file *about, struct arena *arena, const struct yara_found **ret,
              size_t *ret_n, struct err *err);
