/* work.h - one piece of work, and how a worker does it. */
#pragma once

#include "base/buf.h"
#include "base/cur.h"
#include "detect/detect.h"
#include "detect/findings.h"

enum work_kind {
    WORK_FILE,     /* hash it, look at it as a file */
    WORK_SPAN,     /* read events of a span */
    WORK_WHOLE,    /* both, for a small file: it is read once */
    WORK_SEEK,     /* see whether a span of a file that is no log holds event records */
    WORK_CUT,      /* find where a large text log may be cut */
    WORK_BLOCK,    /* last phase: join scripts that were logged in parts */
    WORK_HIVE,     /* second phase: a registry hive with its logs */
    WORK_VERSIONS, /* what changed between versions of IIS's configuration */
    WORK_TASKS,    /* scheduled tasks that the registry and their files do not tell alike */
    WORK_RECOVER,  /* second phase: records outside the chunks of a log */
};

struct work {
    enum work_kind kind;
    size_t evidence;
    struct span span; /* WORK_SPAN */
    uint64_t seen; /* of a member that is read window by window: bytes that are there; else 0 */
    bool hashed;   /* WORK_FILE: the digest was taken already, while it was read */
    uint8_t sha256[32];
    size_t item; /* later phases: which of their items, as again.h numbers them */
};

enum {
    WORK_TEXT_SPAN = 4 << 20,    /* bytes of one span of a text log, about */
    WORK_EVTX_SPAN = 16 * 65536, /* bytes of one span of EVTX: 16 chunks */
    WORK_SEEK_SPAN = 16 << 20,   /* bytes of one span of an image */
    WORK_SMALL = 8 << 20,        /* a file up to this is one piece of work */
    WORK_REPLY_MAX = 256 << 20,
};

enum {                    /* processor time for a piece of work, in seconds; ordinary evidence
                              takes a hundredth of it, hostile evidence costs no more */
       WORK_SECONDS = 60, /* for any */
       WORK_SECONDS_MB = 20,                 /* and for each MiB that it reads, */
       WORK_SECONDS_PACKED_MB = 200,         /* of a compressed file, which holds more */
       WORK_SECONDS_YARA = 2 * YARA_SECONDS, /* for what YARA rules are asked about a file */
       WORK_SECONDS_MAX = 1000000,
};

struct again;

/* What a worker needs, all of it made before the fork. */
struct work_shared {
    const struct detect_config *detect;
    const struct findings *findings; /* the files that are known; in later phases also what
                                        is in there */
    const struct again *again;       /* NULL in the first phase */
    bool recover;                    /* say what the second phase may recover */
    struct yara_scanner *yara;       /* likewise, of detect->yara; NULL where that is none */
    struct bytes full;               /* of the piece of work in hand: as detect_full takes it */
    struct matcher *matcher;         /* NULL before the fork; each worker makes its own */
};

/* Writes where a large text log may be cut: a SIGNAL_CUT each.
 * arena  for what is only needed meanwhile */
void work_cuts(struct bytes file, struct arena *arena, struct buf *out);

/* Whether a piece of work reads its file, which is then handed along. */
bool work_needs_file(const struct work *work);

/* The processor time that it may take, in seconds. */
unsigned work_seconds(const struct work *work, const struct evidence *evidence);

/* What the jail would keep a worker from doing for the first time: to be done before the
 * fork. */
void work_prepare(void);

/* What a worker needs to know of a piece of evidence. What is read is a view of what was told;
 * of `carrier` only whether there is one. */
void work_tell_evidence(const struct evidence *evidence, struct buf *out);
struct evidence work_read_evidence(struct cur *in);

/* The request for a piece of work: what the worker needs to know of the evidence goes with it,
 * for members of carriers are met when workers are there already.
 *
 * full  as detect_full takes it */
void work_request(const struct work *work, const struct evidence *evidence, struct bytes full,
                  struct buf *out);

/* Reads all events of a file, as WORK_SPAN does. marks: of provenance, added to each */
void work_read_events(const struct work_shared *shared, const struct evidence *evidence,
                      struct bytes file, unsigned marks, struct buf *reply);

/* A proc_answer: does the work of such a request and replies in signals. */
void work_answer(void *shared, struct bytes request, int file, struct buf *reply);
