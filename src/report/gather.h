/* gather.h - what of a case concerns others: per host and campaign the acts, those who did them, and what
 * they left, as STIX, MISP and notices tell it.
 *
 * A campaign is told of where something more than a look is seen: an entry tried or worse, a back door, an act or a loss.
 */
#pragma once

#include "report/share.h"

struct gathered_item { /* a back door */
    const struct json *of;
    struct str what, where;
    struct str name; /* of the page or program: what stands behind the last slash of `where` */
    struct str sha256; /* 64 hex digits, where a file of this name is in the evidence; or "" */
    instant first, last; /* written or first told of; last use. INSTANT_NONE: unknown */
    bool common;         /* a page of this name is on many servers: its place tells nothing */
};

struct gathered {
    struct str host; /* as the case has it */
    const struct json *host_node, *campaign, *pack;
    const struct json *
        *facts; /* that entry, back door, act and loss cite; by time, undated last */
    size_t n_facts;
    const struct json **intruders; /* initiators of the role intruder */
    size_t n_intruders;
    struct gathered_item *items;
    size_t n_items;
    instant first, last; /* of dated facts */
};

struct gathering {
    struct gathered *all;
    size_t n;
    instant end;        /* of the evidence */
    uint64_t kept_back; /* facts that rest on something marked stricter */
};

/* arena   owns the result; texts are those of the reader's document
 * errors  as case_finding */
int gather(const struct share *s, const struct case_filter *filter, struct arena *arena,
           struct gathering *ret, struct err *err);

/* The text of a state: "exploited" of gather_state(g, "entry"). */
struct str gather_state(const struct gathered *g, const char *axis);

/* Appends its acts in words, one line each, in order of time; the first GATHER_LINES_MOST, then how many
 * more there are. */
enum { GATHER_LINES_MOST = 200 };
void gather_acts(const struct share *s, const struct gathered *g, struct buf *out);

/* Whether a text is a CVE's number, "CVE-2021-26855": packs may name other flaws, or none. */
bool gather_is_cve(struct str id);

/* The part of a text behind its last slash or backslash. */
struct str gather_name(struct str path);
