/* pack.h - a campaign as data: windows, builds, needed evidence, advice. A general pack is of no
 * campaign: it holds what any intruder may leave behind.
 *
 * Source: docs/formats/pack.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "rule/yaml.h"

struct pack_phase {
    struct str id, what;
    instant from, to; /* to: INSTANT_NONE for "still going on" */
};

struct pack_trace { /* how the product is recognised; empty members do not count */
    struct str kind, channel, channel_prefix, provider_prefix, path_part;
};

struct build {
    uint32_t part[4];
};

struct pack_fix { /* a cumulative update and its first fixed build */
    struct str name, kb;
    struct build base, fixed, conflict; /* conflict: all zero if none */
};

struct pack_line { /* from this build on, everything of a line ("15.1") is fixed */
    struct build line, build;
    struct build below; /* and up to this one, where a line holds several products; else zero */
};

struct pack_range { /* from <= build < to */
    struct build from, to;
    struct str why;
};

struct pack_source {
    struct str source; /* "exchange.httpproxy", "windows:Security/4688", "files.webroot" */
    const struct str *parts;
    size_t n_parts;
    int64_t tolerance; /* silence longer than this is a gap; 0: a snapshot */
};

struct pack_need { /* met by any one of its sources */
    const struct pack_source *any_of;
    size_t n;
    struct str why;
};

enum pack_axis { PACK_EXPOSURE, PACK_ENTRY, PACK_BACKDOOR, PACK_ACTION, PACK_LOSS, PACK_AXES };

struct pack_advice {
    struct str id, text, source;
    const struct yaml *when; /* axis: [states] */
};

struct pack_hint { /* what somebody said a group used: never more than a hint */
    struct str actor, kind, value, source;
    instant from, to; /* when it may be theirs; INSTANT_NONE: open */
};

struct pack_collect {
    struct str what;
    const struct yaml *commands; /* list of texts with {dest} */
};

struct pack {
    struct str id, title, product, about;
    struct str as_of; /* a date */
    bool general;     /* of no campaign: it has no phases, and never says "nothing seen" */
    const struct str *claims; /* general packs whose facts may be this campaign's */
    size_t n_claims;
    bool infers; /* an entry by this flaw may be inferred from what it claims */
    bool
        standing; /* general, and has `needs`: judged wherever its traces are seen, for the time
                         of the evidence; it may say "nothing seen" */
    const struct yaml *cves;
    struct pack_phase *phases;
    size_t n_phases;
    struct pack_trace *traces;
    size_t n_traces;
    struct pack_range *not_affected;
    size_t n_not_affected;
    struct pack_line *fixed_from;
    size_t n_fixed_from;
    struct pack_fix *fixed;
    size_t n_fixed;
    struct build
        *known_files; /* builds of which every file's digest is known (data/README.md) */
    size_t n_known_files;
    struct pack_need *needs[PACK_AXES];
    size_t n_needs[PACK_AXES];
    struct pack_advice *advice;
    size_t n_advice;
    struct pack_hint *hints;
    size_t n_hints;
    struct pack_collect *collect;
    size_t n_collect;
};

/* Reads a pack.
 *
 * text, arena  the pack borrows from both
 * errors       ERR_INVALID "line L: ..."
 */
int pack_parse(struct str text, struct arena *arena, struct pack *ret, struct err *err);

/* Whether the facts of a general pack may be this campaign's. */
bool pack_claims(const struct pack *pack, struct str general);

/* Whether an unknown digest of a shipped file means that the file was changed. */
bool pack_knows_files(const struct pack *pack, const struct build *build);

/* Whether an axis needs this source, if only as one of several. */
bool pack_needs(const struct pack *pack, enum pack_axis axis, struct str source);

/* "15.1.2106.2" (2 to 4 numbers; the missing ones are 0). False if it is none. */
bool build_parse(struct str text, struct build *ret);
int build_cmp(const struct build *a, const struct build *b, size_t parts);

const char *pack_axis_name(enum pack_axis axis);

enum build_state { BUILD_UNKNOWN, BUILD_NOT_AFFECTED, BUILD_VULNERABLE, BUILD_FIXED };

/* What a build says about the flaws.
 *
 * update_known  false: only the cumulative update is known, not which security update
 * ret_weak      set where two sources disagree about this build
 * ret_name      name of the cumulative update, "" if it is not in the table
 */
enum build_state pack_judge_build(const struct pack *pack, const struct build *build,
                                  bool update_known, bool *ret_weak, struct str *ret_name);
