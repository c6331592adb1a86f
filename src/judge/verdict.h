/* verdict.h - what the judge says, and on what it rests.
 *
 * Source: docs/verdict.md (states, confidence, the three forms of "nothing seen").
 */
#pragma once

#include "base/digest.h"
#include "detect/findings.h"
#include "rule/pack.h"

enum answer { /* the states of an axis; the lower ones are the forms of "nothing seen" */
              ANSWER_NOT_ASSESSABLE,
              ANSWER_NONE_SEEN_PARTIAL,
              ANSWER_NONE_SEEN,
              ANSWER_PROBED,
              ANSWER_ATTEMPTED,
              ANSWER_REACHED,
              ANSWER_EXPLOITED,
              ANSWER_REMOVED,
              ANSWER_WRITTEN,
              ANSWER_PRESENT,
              ANSWER_SEEN,
              ANSWER_BOUNDS,
              ANSWER_EXPOSED,
              ANSWER_FIXED,
              ANSWER_MITIGATED,
              ANSWER_NOT_AFFECTED,
              ANSWERS,
};

struct host {
    struct str name;   /* as written in the evidence, the longest form; or "unnamed (path)" */
    struct str key;    /* lower case, for comparison */
    struct str folded; /* the part before the first dot */
};

struct spot { /* a record */
    size_t evidence;
    uint64_t record;
};

struct fact {
    char id[13];
    size_t host;       /* index into verdict.hosts */
    struct str pack;   /* under which heading it is told; "" : under none */
    struct str origin; /* whose rule tells it: a general pack's facts may be a campaign's */
    bool through_web;  /* whoever did this came in through a web application */
    bool look;         /* of an entry: no more than what shows whether the flaw is there */
    bool passed_on;    /* it rests on rows of the back end's log that name no request */
    int64_t within;    /* as long before or behind it the same act is told */
    enum axis axis;
    enum state state;
    enum confidence confidence;
    enum confidence told; /* by one record alone: how surely this is an intruder's act */
    struct str kind, act, what, key, request, object, mailbox;
    struct str server; /* another host that the request went to, or came from; "": none */
    const struct str *initiators;
    size_t n_initiators;
    uint64_t bytes;
    bool sized;        /* of a loss: a record says how many bytes */
    bool maybe;        /* of a loss: made ready; that it left is not told */
    struct str shares; /* \"kind<tab>value<newline>\" each: what intrusions are compared by */
    unsigned secrets;  /* enum secret, as bits: what to consider stolen where this holds */
    instant first, last;
    bool of_change;     /* `first` is when a file or a setting says it was last changed: what
                           happened then may be a copy, and whoever writes a file can set it */
    int64_t corrected;  /* what was added to the recorded time; 0: nothing */
    const size_t *hits; /* indices into findings.hits, ascending */
    size_t n_hits;
    const struct spot *spots; /* of a fact that rests on no finding: axis logging */
    size_t n_spots;
    size_t n_sources; /* distinct kinds of evidence that tell it */
};

struct fact_set { /* indices into verdict.facts */
    size_t *at;
    size_t n, cap;
};

struct interval {
    instant from, to;
};

struct interval_set {
    struct interval *at;
    size_t n, cap;
};

struct coverage {
    struct str source;             /* as the pack names it */
    struct str part;               /* "" : the whole source */
    int64_t tolerance;             /* 0: a snapshot */
    bool present;                  /* anything of it was there at all */
    bool complete;                 /* the whole window, without a gap */
    struct interval_set intervals; /* what it covers, silences within tolerance closed */
    struct interval_set gaps;      /* of the window; first: what is missing at the start */
    struct interval_set holes;     /* record ids missing */
    size_t damaged;                /* unreadable stretches in its files */
    struct str cleared;            /* "cleared <time>", where a record says so */
    struct str doubt; /* why what is there cannot prove that nothing was seen; "" if it can */
    bool needed[PACK_AXES];
};

enum role {
    ROLE_INTRUDER,
    ROLE_SCANNER,
    ROLE_GUESSER,
    ROLE_HEALTH_PROBE,
    ROLE_ADMINISTRATOR,
    ROLES
};

struct initiator {
    struct str kind; /* "address", "process" or "account" */
    struct str value;
    enum role role;
    enum state state; /* the furthest of its acts */
    instant first, last;
    struct fact_set facts;
};

struct axis_verdict {
    enum answer answer;
    bool inferred;
    enum confidence confidence;
    instant first, last;
    struct fact_set facts;
    struct str reason; /* of a not_assessable or partial answer: names the sources */
};

struct item { /* a back door */
    struct str what, where;
    struct str web; /* where it is asked for; "" if that is not known */
    instant written;
    enum answer presence; /* PRESENT, REMOVED, or NOT_ASSESSABLE for unknown */
    struct str presence_why;
    instant removed_at;
    enum answer use; /* SEEN or a form of nothing seen */
    instant use_first, use_last;
    struct fact_set facts;
};

struct exposure_interval {
    enum answer answer;
    instant from, to;
    struct str build, name; /* name of the cumulative update */
    bool weak, inferred;
};

struct link {        /* two acts of one chain */
    size_t from, to; /* facts */
    struct str by;
    enum confidence confidence;
};

struct bounds {
    uint64_t low, high;
    bool bounded; /* there is a high one */
};

struct archive { /* data that lay ready to be fetched, or were */
    struct str where;
    struct bounds bytes;
    bool here;     /* a file of this address is in the evidence, */
    uint64_t size; /* of this size */
    bool fetched;
    struct fact_set facts;
};

struct hint { /* somebody said that a group used what was found */
    const struct pack_hint *of;
    struct fact_set facts;
};

struct campaign {
    const struct pack *pack;
    bool stands;      /* the pack is general, and says here when nothing is seen, too */
    instant from, to; /* the window on this host */
    struct str window_why;
    bool ends_with_fix; /* the window does; else it ends with the evidence */
    bool undecided;     /* an intruder was here who may have come this way, or another */
    const struct pack **candidates; /* of a general pack: the ways that may have been */
    size_t n_candidates;
    struct axis_verdict exposure, entry, backdoor, action, loss;
    struct exposure_interval *intervals;
    size_t n_intervals;
    enum answer reachable; /* SEEN, NONE_SEEN or NOT_ASSESSABLE */
    struct initiator *initiators;
    size_t n_initiators, cap_initiators;
    struct item *items;
    size_t n_items, cap_items;
    struct str *kinds; /* of action */
    size_t n_kinds, cap_kinds;
    struct bounds bytes, mailboxes;
    struct str loss_why; /* why something has no high bound */
    struct archive *archives;
    size_t n_archives, cap_archives;
    struct fact_set encrypted;
    struct hint *hints;
    size_t n_hints, cap_hints;
    struct fact_set secrets[SECRETS]; /* the facts for which each must be considered stolen */
    struct coverage *coverage;
    size_t n_coverage, cap_coverage;
    struct link *chain;
    size_t n_chain, cap_chain;
    const struct pack_advice **advice;
    size_t n_advice;
    bool covered; /* "nothing seen" could be said on every axis, and the build is known */
    struct str headline;
};

struct skew {      /* of a host's clock against another's */
    size_t host;   /* that other one */
    int64_t ahead; /* 100 ns; less than 0: behind */
    size_t n;      /* requests that both recorded */
};

struct left_out { /* a pack that a host is not judged by */
    const struct pack *pack;
    struct str why;
    bool in_time; /* false: it became known behind the end of the evidence, */
    instant end;  /* which is then; */
    bool ended;   /* the server's own disk ends there, too: it may not just be that later logs
                     were not collected */
};

struct host_verdict {
    size_t host;
    struct campaign *campaigns; /* those whose product is there; the worst first */
    size_t n_campaigns;
    struct left_out *left_out;
    size_t n_left_out;
    struct fact_set unattributed;
    struct fact_set logging; /* what speaks against the logs themselves */
    struct skew *skews;
    size_t n_skews, cap_skews;
    struct str corrected; /* what was done to its clock, in words; "" : nothing */
};

struct intrusion { /* what hangs together on a host in a campaign */
    size_t host;
    const struct campaign *campaign;
    instant first, last;
    struct fact_set facts;
};

struct shared_thing {
    enum share kind;
    struct str value;
    size_t n; /* intrusions of the cluster that have it */
};

struct alternative { /* an intrusion that shares something with a cluster, and not enough */
    size_t intrusion;
    enum share kind;
    struct str value;
};

struct cluster { /* intrusions that are one intruder's, by what they share */
    char id[ID_TEXT];
    const size_t *members; /* indices into verdict.intrusions */
    size_t n;
    struct shared_thing *shared;
    size_t n_shared, cap_shared;
    struct alternative *alternatives;
    size_t n_alternatives;
};

struct verdict {
    struct host *hosts;
    size_t n_hosts, cap_hosts;
    struct fact *facts;
    size_t n_facts, cap_facts;
    struct host_verdict *per_host;
    const size_t *hit_host; /* per hit of the findings: its host */
    const char (
        *hit_id)[ID_TEXT]; /* per hit: its id, made of rule, evidence and place: the same in
                                      every run. The same file found twice has the same ids */
    const int64_t *hit_corrected; /* per hit: what is to be added to its time; 0: nothing */
    const struct pack *packs;
    size_t n_packs;
    const struct intrusion *intrusions;
    size_t n_intrusions;
    struct cluster *clusters;
    size_t n_clusters, cap_clusters;
    int exit_status;
};

const char *answer_name(enum answer answer);
const char *role_name(enum role role);
