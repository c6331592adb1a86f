/* verify.h - what `assay verify` finds out, and how it is told. */
#pragma once

#include "base/digest.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "store/seal.h"
#include "sys/minisign.h"

enum seal_signature {
    SIGNATURE_ABSENT,    /* there is none */
    SIGNATURE_UNCHECKED, /* no key was given */
    SIGNATURE_HOLDS,
    SIGNATURE_FAILS,
};

struct file_difference {
    enum difference_kind kind;
    struct str path; /* as sealed; of one that was added, as it lies there */
    struct str why;  /* why a missing one could not be read */
};

struct verify_files { /* evidence, hashed anew */
    bool done;
    uint64_t same, bytes;
    uint64_t members;  /* not hashed: they hold where their carrier does */
    uint64_t unsealed; /* without a digest: they could not be read then */
    struct file_difference *list;
    size_t n, cap;
};

struct replay_difference {
    const char *what; /* "evidence", "finding", "setup", "verdict" */
    struct str name;
    struct str how;
};

struct verify_replay { /* scanned anew */
    bool done, same;
    bool other_program;
    struct str then, now;                         /* programs */
    char sealed[SHA256_TEXT], found[SHA256_TEXT]; /* digests for replay; "" : none */
    struct replay_difference *list;               /* of a verdict that differs; some of them, */
    size_t n, cap;
};

struct verification {
    const char *path, *manifest_path;
    enum progress_mode progress; /* how it is told how far hashing and the scan are */
    enum seal_signature signature;
    char key[MINISIGN_ID_TEXT]; /* that made it; "" */
    struct str comment;         /* trusted only where the signature holds */
    struct str why;             /* of one that fails */
    struct manifest sealed;
    struct difference *list; /* between the manifest and the case */
    size_t n;
    struct str damaged; /* the case could not be read: why; "" */
    struct verify_files files;
    struct verify_replay replay;
    bool holds;
};

/* Hashes the evidence anew, several files at a time.
 *
 * paths   where it lies now, one for each path that was scanned, in that order; none: there
 * left_out files that are none of it: the case and its seal
 * errors  ERR_INVALID (another number of paths, or the seal does not know them), ERR_IO
 */
int verify_files(struct verification *v, const char *const *paths, size_t n,
                 const char *const *left_out, size_t n_left_out, size_t jobs,
                 struct arena *arena, struct err *err);

/* The paths that were scanned, as sealed. arena  owns *ret */
size_t verify_roots(const struct manifest *sealed, struct arena *arena, const char ***ret);

/* Scans the same evidence with the same options again.
 *
 * paths     as of verify_files
 * password  of encrypted members; NULL: none
 * errors    as of a scan; ERR_INVALID (the case does not say how it was made)
 */
int verify_replay(struct verification *v, const char *const *paths, size_t n,
                  const char *password, const char *jobs, struct arena *arena, struct err *err);

void verify_text(const struct verification *v, struct buf *out);
void verify_json(const struct verification *v, int status, struct buf *out);
