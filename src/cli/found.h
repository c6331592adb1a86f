/* found.h - a record that a search has found: what the worker says of it, and how it is
 * printed. */
#pragma once

#include "base/buf.h"
#include "cli/cmd.h"
#include "detect/findings.h"
#include "event/event.h"
#include "rule/trace.h"

enum { FOUND_HITS = 32 }; /* values that matched, shown of one record */

struct found {
    struct event ev; /* its fields too, where they are needed */
    struct str how;  /* what was decoded before it matched; "" if nothing */
    struct trace_value hit[FOUND_HITS];
    size_t n_hits;

    /* of what a case holds, not of a record: */
    struct str entry; /* "finding", "fact", "evidence"; "" of a record */
    struct str id;    /* for `assay explain`; "" where there is none */
};

struct found_form { /* how records are printed */
    enum cmd_format format;
    const struct str *fields; /* to show besides those that matched */
    size_t n_fields;
    bool fit; /* a line of 80 columns: for a terminal */
    bool colour;
};

void found_write(const struct found *f, bool fields, struct buf *out);

/* Reads it back from what a worker wrote; texts are borrowed.
 * arena  owns the fields */
bool found_read(struct str bytes, struct arena *arena, struct found *ret);

/* Tells on standard error that a field was met nowhere.
 * where  "these records has", for the sentence
 * meant  the name that may have been meant; "": none is near */
void found_tell_no_field(const char *where, struct str name, struct str meant);

/* Appends what stands before the first record. */
void found_head(const struct found_form *form, struct buf *out);

/* Appends a record: a line. */
void found_print(const struct found_form *form, const struct evidence *evidence,
                 const struct found *f, struct buf *out);
