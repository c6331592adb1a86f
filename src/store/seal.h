/* seal.h - the statements of a manifest, made from a case.
 *
 * Source: docs/seal.md
 */
#pragma once

#include "base/digest.h"
#include "store/casefile.h"
#include "store/manifest.h"

/* Makes the manifest of a case, which is only read.
 *
 * errors  ERR_NOT_FOUND (no such file, or no verdict in it), ERR_INVALID (no case),
 *         ERR_UNSUPPORTED (of another version, or with tables of another kind), ERR_CORRUPT,
 *         ERR_IO (it cannot be read, or another program is writing it), ERR_LIMIT
 */
int seal_case(const char *path, struct buf *out, struct err *err);

/* The statement on the file as bytes, which tells of a change that no row shows. errors ERR_IO */
int seal_bytes(const char *path, struct buf *out, struct err *err);

/* The statements on a verdict's document: its members, and what replays of it have in common.
 * errors ERR_CORRUPT (no document) */
int seal_document(struct str json, struct buf *out, struct err *err);

struct sealed_file {
    struct str path;   /* as the case has it */
    struct str sha256; /* "": it could not be read whole */
    struct str format;
    uint64_t bytes;
    bool member; /* of a carrier: an archive, an image */
};

struct sealed_case { /* of the verdict written last, unless it says otherwise */
    struct str document;
    struct str tool; /* "assay 0.1.0" */
    struct casefile_setup *setup;
    size_t n_setup;
    struct sealed_file *files; /* of all verdicts, by path */
    size_t n_files;
    uint64_t n_verdicts;
    char (*findings)[ID_TEXT]; /* of all verdicts, sorted */
    size_t n_findings;
};

/* Reads what a check of the evidence, and a replay, start from.
 * arena  owns the result. errors as seal_case */
int seal_read(const char *path, struct arena *arena, struct sealed_case *ret, struct err *err);
