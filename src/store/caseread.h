/* caseread.h - what a case holds, for those who show it: the last verdict's document as a
 * tree, and rows one after the other, in memory that does not grow with their number.
 *
 * A case may come from anybody. Its texts are those of evidence: any bytes.
 *
 * Source: docs/case.md, docs/schema/verdict-1.json
 */
#pragma once

#include "base/json_read.h"
#include "base/time.h"
#include "rule/rules.h"
#include "store/db.h"

struct case_reader {
    struct db db;
    struct arena *arena;         /* owns the document */
    const struct json *document; /* "assay.verdict/1", its arrays "findings" and
                                    "evidence" left empty */
    struct str digest;           /* SHA-256 of the document as it is stored, hex digits */
    struct str tool;             /* that wrote it: "assay 0.1.0" */
    int exit_status;             /* of the scan */
    uint64_t n_verdicts;         /* scans that the case holds the verdict of */
    uint64_t n_earlier;          /* of which so many read what no later one read: their servers
                                    stand in the document, each with "scanned" (the paths), or
                                    in "earlier" of a server that a later scan judged again */
};

/* Opens a case and reads the verdict of the scan that ended last, and those of earlier ones of
 * other evidence.
 *
 * path    of the case, which is not changed
 * arena   owns what is returned; must outlive it
 * errors  ERR_NOT_FOUND (no such file, or no verdict in it), ERR_INVALID (no case),
 *         ERR_CORRUPT (damaged: the document is not what was written), ERR_UNSUPPORTED (of
 *         another version), ERR_IO
 */
int case_reader_open(const char *path, struct arena *arena, struct case_reader *ret,
                     struct err *err);
void case_reader_close(struct case_reader *r); /* an empty one is fine */

/* Opens a case for its rows alone: `document` is NULL, and the texts are "". Takes no time that
 * grows with the case. errors as case_reader_open */
int case_reader_open_rows(const char *path, struct arena *arena, struct case_reader *ret,
                          struct err *err);

/* The host that is asked for by its name, or its short name, as the document names it.
 * errors ERR_INVALID: there is none */
int case_host(const struct case_reader *r, const char *asked, struct str *ret, struct err *err);

struct case_filter { /* all that is left empty lets everything through */
    enum level level;
    instant from, to; /* of the corrected time; INSTANT_NONE: no bound. With a bound, what has
                         no time is left out */
    struct str host;  /* as the verdict names it */
};

#define CASE_FILTER_ALL                          \
    {                                            \
        .from = INSTANT_NONE, .to = INSTANT_NONE \
    }

struct case_finding {
    struct str id, rule_id, title, level;
    struct str rule_source; /* "assay", "sigma", "yara", "ioc" */
    struct str pack;        /* the rule's; "": none */
    struct str host, path, sha256;
    struct str kind, source; /* kind of record; source as in coverage */
    instant time;            /* as recorded; INSTANT_NONE: the record has none */
    int64_t corrected;       /* to be added to it, 100 ns */
    uint64_t offset, size, record;
    unsigned marks;     /* enum event_mark */
    struct str excerpt; /* the record as read, shortened; "": not kept */
    struct str how, decoded, indicator;
    struct str tlp; /* of the indicator list; "": it does not say */
};

struct case_evidence {
    struct str path, sha256, format; /* sha256 "": it could not be read whole */
    uint64_t bytes, events;
    instant first, last, modified;
    uint64_t recovered, copies, unreadable; /* records outside the chunks of an event log */
};

struct case_fact {
    struct str id, host, pack, axis, state, kind, confidence, what;
    struct str object, request, mailbox;
    const struct str *initiators; /* addresses, processes */
    size_t n_initiators;
    instant first, last; /* corrected; INSTANT_NONE: not known */
};

struct case_rule { /* findings of a rule on a host, counted */
    struct str rule_id, title, level, rule_source, host;
    uint64_t n;
    instant first, last; /* corrected; INSTANT_NONE: none has a time */
};

struct case_event { /* on which a correlation's finding rests */
    struct str title, path;
    instant time;
    uint64_t offset, size, record;
};

struct case_rows { /* rows being read: one case_*_next function each */
    struct query q;
    struct arena *arena; /* of the row in hand */
};

/* Findings in the order of their corrected times, those without a time first.
 * The filter's texts must outlive the rows. errors ERR_CORRUPT, ERR_IO */
int case_findings(struct case_reader *r, const struct case_filter *filter,
                  struct case_rows *ret, struct err *err);

/* 1 a finding, whose texts live until the next call; 0 the end; -1. The corrected time is
 * case_finding_when. errors ERR_CORRUPT, ERR_IO */
int case_findings_next(struct case_rows *rows, struct case_finding *ret, struct err *err);

/* The time as recorded, corrected. INSTANT_NONE: the record has none. */
instant case_finding_when(const struct case_finding *f);

/* One finding by its whole id. 1, 0 if there is none, -1. Its texts live as long as `arena`. */
int case_finding(struct case_reader *r, struct str id, struct arena *arena,
                 struct case_finding *ret, struct err *err);

/* Facts of all scans in the order of their times, those without a time first.
 * errors ERR_CORRUPT, ERR_IO */
int case_facts(struct case_reader *r, struct case_rows *ret, struct err *err);
int case_facts_next(struct case_rows *rows, struct case_fact *ret, struct err *err);

/* Findings counted by host, level and rule: the worst level first, then the most. */
int case_rules(struct case_reader *r, const struct case_filter *filter, struct case_rows *ret,
               struct err *err);
int case_rules_next(struct case_rows *rows, struct case_rule *ret, struct err *err);

/* Evidence in the order of its paths. */
int case_evidence(struct case_reader *r, struct case_rows *ret, struct err *err);
int case_evidence_next(struct case_rows *rows, struct case_evidence *ret, struct err *err);

/* The events of a finding, in their order. id: the finding's, whole; must outlive the rows */
int case_events(struct case_reader *r, struct str id, struct case_rows *ret, struct err *err);
int case_events_next(struct case_rows *rows, struct case_event *ret, struct err *err);

void case_rows_close(struct case_rows *rows); /* empty ones are fine */
