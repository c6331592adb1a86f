/* explained.h - a statement and the records it rests on. */
#pragma once

#include "base/err.h"
#include "base/time.h"

struct explained_event { /* on which a correlation's finding rests */
    struct str title;    /* of the rule that it matches */
    struct str path;
    instant time;
    uint64_t offset, size, record; /* record 0: none */
};

struct explained_finding {
    struct str id;
    struct str rule_id, rule_title, level;
    struct str
        rule_source; /* "assay": of a pack; "ioc": a list of indicators; "yara": a YARA rule, "sigma": of the user */
    struct str host;         /* as the verdict names it */
    struct str path, sha256; /* sha256 "": the file could not be read whole */
    instant time;            /* as recorded; INSTANT_NONE: the record has none */
    int64_t corrected;       /* to be added to it, 100 ns; 0: nothing */
    bool is_file;            /* about a file as a whole: its time is that of its last change */
    uint64_t offset, size;   /* bytes, of the record in the file (unpacked, if compressed) */
    uint64_t record;         /* EventRecordID; 0: none */
    unsigned marks;          /* enum event_mark */
    struct str excerpt;      /* the record as read, shortened; "": not kept */
    struct str how;          /* what was decoded or joined before it matched; "": nothing */
    struct str decoded;      /* the text that this gave, shortened; "": not kept */
    struct str indicator;    /* which was met, in which field, of which list; "": none */
    const struct explained_event *events; /* of a correlation */
    size_t n_events;
};

struct explained {
    bool is_fact;    /* else one finding: the members from axis to initiators are empty */
    struct str id;   /* whole */
    struct str what; /* the statement; of a finding, its rule's title */
    struct str host;
    struct str pack; /* "": no campaign claims it */
    struct str axis, state, kind, confidence;
    instant first, last;
    int64_t corrected; /* what was added to the recorded times, 100 ns */
    const struct str *initiators;
    size_t n_initiators;
    const struct str *places; /* per initiator: where it is, in words; NULL: nothing is said */
    const struct explained_finding *findings;
    size_t n_findings;
    const struct str *facts; /* of a finding: ids of the facts it supports */
    size_t n_facts;
};

enum { EXPLAIN_ID_MIN = 4, EXPLAIN_ID_MAX = 12 }; /* digits of an id that a person may give */

/* An id as a person gave it, in lower case. errors ERR_INVALID (not 4 to 12 hex digits) */
int explained_id(struct str text, char ret[EXPLAIN_ID_MAX + 1], struct err *err);

/* The two ways in which no single statement is found. Both return -1. */
int explained_ambiguous(const char *id, struct err *err);
int explained_missing(const char *id, struct err *err);
