/* findings.h - all that the workers found, gathered in the order of the evidence.
 *
 * This is what the scan hands to the judge: nothing in it depends on how many workers there
 * were or which was faster.
 */
#pragma once

#include "detect/correlate.h"
#include "detect/signal.h"
#include "format/format.h"
#include "rule/tune.h"

struct evidence {
    struct str path;   /* as it is told */
    struct str opened; /* where the file lies, NUL-terminated: mostly the same; "": a member */
    struct str below;  /* below the path given on the command line */
    size_t carrier;    /* the evidence that this is a member of, counted from 1; 0: a file */
    size_t root;       /* which of those, in the order of their names */
    uint64_t size;
    instant modified;
    bool no_zone; /* that is local time of a zone that nothing tells */
    bool deleted; /* the file system had given it up: what is left of it was read */
    bool read;    /* the digest is known */
    uint8_t sha256[32];
    char sha256_text[65];
    enum format format; /* FORMATS: never looked at */
    uint64_t events;
    uint64_t recovered;      /* further records, found outside the chunks of an event log */
    uint64_t copies;         /* found there too, but known already */
    uint64_t unreadable;     /* and what is left of others */
    instant first, last;     /* of its events, as recorded */
    struct str windows_path; /* its place on the server, as far as the path tells */
    struct str web_path;     /* its address on the web server; "" if none */
};

struct found_hit {
    struct hit hit;
    size_t evidence;
    const struct tune_entry *tuned; /* gives it another level; or NULL */
};

struct suppressed { /* findings that tuning put aside */
    uint32_t rule;
    const struct tune_entry *by;
    uint64_t count;
};

struct gap {
    size_t evidence;
    uint64_t from, to; /* bytes of the file; 0, 0: the whole file */
    struct str why;
};

struct noted { /* a run: COVER, BUILD, VOTES, HOST, PUBLIC, IDS, ALIVE (signal.h) */
    enum signal_type type;
    size_t evidence;
    struct str host, text;
    instant from, to;
    uint64_t count;
    uint64_t first_id, last_id; /* IDS */
    int64_t offset;
};

struct counted { /* matches beyond what was kept */
    size_t evidence;
    uint32_t rule;
    uint64_t count;
    const struct tune_entry *tuned;
};

struct kept_later { /* for a later phase; in the order of the evidence */
    struct signal signal;
    size_t evidence;
};

struct part_match { /* a rule that is no finding matched a part of a script */
    size_t evidence;
    uint64_t offset;
    uint32_t rule;
};

struct findings {
    struct evidence *evidence;
    size_t n_evidence, cap_evidence;
    struct found_hit *hits;
    size_t n_hits, cap_hits;
    struct gap *gaps;
    size_t n_gaps, cap_gaps;
    struct noted *noted;
    size_t n_noted, cap_noted;
    struct counted *counted;
    size_t n_counted, cap_counted;
    struct suppressed *suppressed; /* in the order in which they were met */
    size_t n_suppressed, cap_suppressed;
    struct kept_later *later;
    size_t n_later, cap_later;
    struct part_match *part_matches;
    size_t n_part_matches, cap_part_matches;
    const struct correlate_told *correlations; /* one for each correlation in use */
    size_t n_correlations;
    struct str correlations_failed; /* why none of them was evaluated; "" if they were */
    uint64_t bytes, events;         /* read */
    unsigned jail; /* what confined the workers that read it: parts of sys/jail.h */
};
