/* indicator.h - indicators of compromise: values that somebody has tied to an intrusion.
 *
 * A set is filled from lists (rule/indicator_import.h) before the workers are forked and is
 * only read afterwards. What an indicator of each type stands for, and where it is looked for:
 * docs/formats/indicators.md.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"
#include "rule/literals.h"
#include "rule/regex.h"
#include "rule/rules.h"

enum indicator_type {
    INDICATOR_MD5,
    INDICATOR_SHA1,
    INDICATOR_SHA256,
    INDICATOR_IMPHASH,
    INDICATOR_ADDRESS, /* one, or a network of them */
    INDICATOR_DOMAIN,  /* and those below it */
    INDICATOR_URL,     /* and what lies below it */
    INDICATOR_FILE_NAME,
    INDICATOR_FILE_PATH,  /* its end, or with wildcards */
    INDICATOR_FILE_REGEX, /* a regular expression over a path */
    INDICATOR_PIPE,
    INDICATOR_USER_AGENT,
    INDICATOR_EMAIL,
    INDICATOR_TEXT,
    INDICATOR_TYPES, /* none of them: to be told by its shape */
};

enum tlp { TLP_NONE, TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED };

enum {
    INDICATORS_MAX = 3000000,       /* of all lists: some 250 bytes each */
    INDICATOR_PATTERNS_MAX = 50000, /* of these, those that need a search of their own */
    INDICATOR_TEXT_MAX = 4096,      /* bytes of a value */
    INDICATOR_TOLD = 50,            /* refusals and warnings of a list that are kept */
};

struct indicator {
    struct str value;    /* as the list has it, without what made it harmless to click on */
    struct str key;      /* what is compared: folded, normalised */
    struct str about;    /* what the list says of it; "" if nothing */
    instant from, until; /* INSTANT_NONE: not said */
    uint32_t list;
    uint32_t place; /* line of a text, number of an object; from 1 */
    uint32_t next;  /* the next with the same key; UINT32_MAX: none */
    uint8_t type;   /* enum indicator_type */
    uint8_t tlp;    /* enum tlp */
    uint8_t level;  /* enum level */
    bool known;     /* it is a value that harmless systems have too */
};

struct indicator_note { /* what is to be told of a list: a refusal, a warning */
    uint32_t place;
    struct str value; /* shortened */
    const char *why;  /* lives as long as the set */
};

struct indicator_notes {
    struct indicator_note *list; /* the first INDICATOR_TOLD */
    size_t n;                    /* all */
    size_t cap;
};

struct indicator_list {
    struct str path, name; /* name: of the file alone */
    const char *form;      /* "CSV", "text", "STIX 2.1", "MISP", ... */
    size_t n;              /* indicators taken */
    size_t of_type[INDICATOR_TYPES];
    size_t ending;                      /* with an end of their validity */
    size_t repeated;                    /* that were there already */
    size_t left;                        /* not meant to be looked for, by the list itself */
    struct indicator_notes refused;     /* lines or objects that cannot be used */
    struct indicator_notes warnings;    /* what is used, but is worth a look */
    uint32_t rules[LEVEL_CRITICAL + 1]; /* the rule that stands for its findings, per level */
    uint32_t outdated;                  /* the one for findings out of date */
    bool has_level[LEVEL_CRITICAL + 1];
};

struct indicator_pattern { /* one that is searched for by a literal, then tested */
    uint32_t indicator;
    struct str text;           /* plain: what must stand there; "" for a regex */
    const struct regex *regex; /* NULL: plain */
    const struct regex *but;   /* not where this matches too; NULL: everywhere */
};

struct indicators {
    struct arena *arena;
    struct indicator *list;
    size_t n, cap;
    struct indicator_list *lists;
    size_t n_lists, cap_lists;
    struct indicator_slot {
        uint64_t hash;
        uint32_t first; /* UINT32_MAX: a mark that has no indicator of its own */
        bool used;
    } * slots; /* a power of two of them */
    size_t n_slots, n_used;
    uint64_t *filter; /* one bit for each hash; made by indicators_finish */
    size_t filter_mask;
    uint64_t v4_lengths;    /* bit i: networks of i bits are there; bit 32: addresses */
    uint64_t v6_lengths[3]; /* bits 0 to 128 */
    bool has[INDICATOR_TYPES];
    struct indicator_pattern *patterns;
    size_t n_patterns, cap_patterns;
    struct literals *needs;  /* ids are places in `patterns` */
    const uint32_t *ungated; /* patterns of which no literal is known */
    size_t n_ungated;
    struct regex **regexes; /* to be freed */
    size_t n_regexes, cap_regexes;
};

struct indicators *indicators_new(void);
void indicators_free(struct indicators *set); /* NULL is fine */

/* Begins a list; what is added next belongs to it. `path` is copied. */
void indicators_begin(struct indicators *set, struct str path, const char *form);

struct indicator_item { /* one as a list has it */
    struct str value, about;
    enum indicator_type type; /* INDICATOR_TYPES: told by the value's shape */
    enum tlp tlp;
    int score; /* 0 to 100; below 0: not given */
    int level; /* enum level; below 0: not given */
    instant from, until;
    struct str but; /* regular expression of what is harmless; "" if none */
    uint32_t place;
};

#define INDICATOR_ITEM                                                           \
    {                                                                            \
        .type = INDICATOR_TYPES, .score = -1, .level = -1, .from = INSTANT_NONE, \
        .until = INSTANT_NONE                                                    \
    }

/* Adds one to the list begun last, or notes there why it cannot be used. All is copied. */
void indicators_add(struct indicators *set, const struct indicator_item *item);

/* Notes of the list begun last. `why` must live as long as the set. */
void indicators_refuse(struct indicators *set, uint32_t place, struct str value,
                       const char *why);
void indicators_warn(struct indicators *set, uint32_t place, struct str value, const char *why);
void indicators_leave(struct indicators *set); /* counts one that is not to be looked for */

/* Ends the filling. */
void indicators_finish(struct indicators *set);

/* Adds the rules that stand for the lists to a frozen rule set: one for each level of a list,
 * and one for what was out of date. */
void indicators_bind(struct indicators *set, struct ruleset *rules);

/* The rule that stands for a finding at this time. */
uint32_t indicators_rule(const struct indicators *set, uint32_t indicator, instant t);

/* Whether an indicator's validity had ended by then. A time that is not known is none. */
bool indicator_is_outdated(const struct indicator *it, instant t);

/* "IPv4 or IPv6 address 203.0.113.7" with what the list says of it, for people. */
struct str indicator_words(const struct indicators *set, uint32_t indicator,
                           struct arena *arena);

/* The same with its list, TLP, what the list says, and the field in which it was found at a
 * time; says if it was out of date then. */
struct str indicator_sentence(const struct indicators *set, uint32_t indicator,
                              struct str field, instant t, struct arena *arena);

/* "md5", "sha256", "address", "domain", "file-name", ...; "" for TLP_NONE. */
const char *indicator_type_name(enum indicator_type type);
const char *tlp_name(enum tlp tlp); /* "TLP:AMBER+STRICT", ... */

/* Reads a type as lists name it: "ip-dst", "FileHash-SHA256", "hostname", ... */
bool indicator_type_parse(struct str text, enum indicator_type *ret);

/* Reads "TLP:AMBER", "white", "amber+strict", ... False, and *ret untouched, if it is none. */
bool tlp_parse(struct str text, enum tlp *ret);

/* --- normal forms (indicator_norm.c) ------------------------------------------------------ */

/* Undoes what keeps people from clicking: hxxp, [.], (dot), [at], ... */
struct str indicator_refang(struct str text, struct arena *arena);

/* What a value looks like; INDICATOR_TYPES if nothing. */
enum indicator_type indicator_shape(struct str s);

/* The normal form of a value; "" if it is none of its type, then *why says so. */
struct str indicator_key(enum indicator_type type, struct str value, struct arena *arena,
                         const char **why);

/* Why a value says little: "a private or reserved address", ...; NULL: nothing is known. */
const char *indicator_known(enum indicator_type type, struct str key);

/* The address in `masked` with all but its first `bits` bits zero. */
void indicator_mask(const uint8_t address[16], unsigned bits, uint8_t masked[16]);

/* Normal form of a URL that starts with its host (the scheme is gone), cut at what ends it in
 * a text; *ret_host is the length of its host and port. Writes at most INDICATOR_TEXT_MAX bytes. */
size_t indicator_url(struct str s, char *out, size_t *ret_host);

bool indicator_is_name_char(unsigned char c);
uint64_t indicator_hash(unsigned char tag, const void *p, size_t n);

/* --- finding (indicator_find.c) ------------------------------------------------------------ */

struct indicator_hit {
    uint32_t indicator;
    struct str field; /* where: lives as long as the event */
    struct str found; /* the text that matched, as it stands there (folded) */
    const char *how;  /* "percent-decoded"; "" if it stands there as it is */
};

struct indicator_finder; /* one for each worker */

struct indicator_finder *indicator_finder_new(const struct indicators *set);
void indicator_finder_free(struct indicator_finder *f); /* NULL is fine */

/* A new stretch of evidence begins: its findings are counted anew. */
void indicator_finder_span(struct indicator_finder *f);

/* Counts a finding of an indicator; how many there are of it in this stretch. */
uint32_t indicator_finder_count(struct indicator_finder *f, uint32_t indicator);

/* A new record begins: what was found before may be found again. */
void indicator_finder_record(struct indicator_finder *f);

/* Looks at all fields of an event for what was not found in its record yet.
 * ret      lives as long as `arena`
 * returns  how many */
size_t indicators_find(struct indicator_finder *f, const struct event *ev, struct arena *arena,
                       const struct indicator_hit **ret);

/* Whether the line of a text log may hold any: false only if none of the fields that are read
 * from it do, without those that are decoded from a token. */
bool indicators_may_row(struct indicator_finder *f, struct bytes row);

/* How often a regular expression was given up, or more was found than is kept of one event. */
uint64_t indicator_finder_limits(const struct indicator_finder *f);
