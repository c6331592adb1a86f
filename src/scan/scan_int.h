/* scan_int.h - what the files of the scan share: the queue of evidence on its way through the
 * workers. Included by scan*.c only. */
#pragma once

#include "scan/hives.h"
#include "scan/memory.h"
#include "scan/porting.h"
#include "scan/recover.h"
#include "scan/scan.h"
#include "scan/work.h"
#include "sys/file.h"

enum piece_state { PIECE_TODO, PIECE_SENT, PIECE_DONE };

struct job;

struct piece {
    struct work work;
    struct job *job;
    enum piece_state state;
    struct buf reply;
    struct str died;    /* why the worker died on it; "" if it did not */
    const uint8_t *key; /* by which what was said is kept; NULL: it is not */
    struct bytes full;  /* then, as the worker was told */
};

struct
    job { /* a piece of evidence on its way through the workers; in the order of the output */
    struct job *next;
    size_t evidence;       /* its number; of a member, given when its turn comes */
    struct ported *member; /* NULL: a file */
    struct job *of;        /* gaps, told behind other evidence: of this; else NULL */
    struct piece **pieces; /* each stays where it is: a worker may be at it */
    struct piece *one;     /* most have no other */
    size_t n, cap;
    size_t merged; /* so many of them */
    size_t undone;
    size_t let_go; /* pieces before this are done */
    uint64_t read; /* bytes of pieces that are done, for progress */
    bool numbered;
    bool waits;   /* later phases: for the bytes of a member, which are read once more */
    bool open;    /* further pieces may come */
    bool windows; /* a member that is read window by window */
};

struct scan {
    const struct scan_options *options;
    struct arena *arena;  /* owns the result */
    struct arena *window; /* pieces; lives as long as the scan */
    struct findings *findings;
    struct memory_plan memory;
    struct proc_pool *pool;
    struct porting *porting; /* NULL: no carrier is read */
    struct job *head;        /* first that is not merged */
    struct job *last_job;
    struct job **ends;       /* per evidence: of a carrier, the job behind its members */
    struct job **before;     /* per evidence: the last job before that */
    struct ported **members; /* by number: of evidence that is a member, as first told */
    size_t n_members, cap_members;
    size_t n_files;              /* evidence that is none */
    struct piece **running;      /* per worker */
    size_t stored;               /* bytes of replies waiting to be merged */
    uint64_t *kept;              /* hits kept, per rule */
    uint8_t *full;               /* bit r: no more are kept of rule r */
    uint32_t *met;               /* per indicator: findings of it */
    uint64_t *dropped;           /* hits of a rule beyond that, per rule, of the file in hand */
    bool again;                  /* in a later phase than the first */
    bool last;                   /* in the last one */
    uint64_t later_bytes;        /* kept for it */
    bool later_full;             /* a gap tells that, the last one */
    struct correlate *correlate; /* NULL: no rule asks for it */
    struct recover_known *known;
    bool templates_full;    /* that was told */
    struct str *carriers;   /* per file: of a carrier, what identifies its files; or "" */
    struct bytes told_full; /* what a worker was told last of rules that are full */
    struct scan_progress progress;
};

/* --- scan.c: the queue --- */

struct job *scan_job(struct scan *s, size_t evidence, struct ported *member);
void scan_append(struct scan *s, struct job *job);
void scan_insert(struct scan *s, struct job *behind, struct job *job);
struct piece *scan_piece(struct scan *s, struct job *job, const struct work *work);
void scan_gap_piece(struct scan *s, struct job *job, uint64_t from, uint64_t to,
                    struct str why);

/* Which pieces of work a file is that lies there whole. */
void scan_plan(struct scan *s, struct job *job, const struct evidence *e);

/* --- scan_carry.c: carriers --- */

/* Queues the carriers among the files, each with a job for what comes behind its members. */
void scan_carry_start(struct scan *s);

/* In a later phase: the members that queued work needs are read once more. */
void scan_carry_again(struct scan *s);

/* Reads members once more, before the workers of a phase are forked: hives_give gets the logs
 * of hives. errors ERR_IO */
int scan_carry_logs(struct scan *s, struct hives *hives, struct err *err);

/* A piece of a member is done: what it needed may go. */
void scan_carry_done(struct scan *s, const struct piece *p);

/* --- scan_journal.c: what workers said, kept beside the scan --- */

/* Before a carrier is read: what its members are known by later. */
void scan_journal_carrier(struct scan *s, size_t evidence);

/* A piece of the first phase whose turn has come, with the rules that a worker would be told
 * are full. Whether what was said of it in an earlier scan is its reply now. */
bool scan_journal_take(struct scan *s, struct piece *p, const struct evidence *e,
                       struct bytes full);

/* A piece that a worker is asked about, with what it is told: by what its reply is kept. After
 * scan_journal_take.
 *
 * id  of the file that was opened for it; NULL: none was, or it is a member */
void scan_journal_note(struct scan *s, struct piece *p, const struct evidence *e,
                       const struct file_id *id, struct bytes full);

/* Keeps what a worker said of it. */
void scan_journal_keep(struct scan *s, const struct piece *p);

/* --- scan_keep.c: what workers said, kept in findings --- */

void scan_keep_gap(struct scan *s, size_t evidence, uint64_t from, uint64_t to, struct str why);
void scan_merge_piece(struct scan *s, struct piece *p);
bool scan_keep_hit(struct scan *s, const struct signal *signal, size_t evidence);

/* Tells what was counted, but not kept, of the evidence in hand. */
void scan_count_dropped(struct scan *s, size_t evidence);
