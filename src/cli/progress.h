/* progress.h - how far a long command has come, told on standard error.
 *
 * Source: docs/progress.md has the form for programs.
 */
#pragma once

#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "scan/progress.h"

enum progress_mode {
    PROGRESS_AUTO, /* text on a terminal, else none */
    PROGRESS_TEXT,
    PROGRESS_JSON,
    PROGRESS_NONE,
};

enum { PROGRESS_UNKNOWN = -1 };

struct estimate {    /* of the time that is left, in seconds */
    double at;       /* when it was made last */
    uint64_t done;   /* by then */
    double rate;     /* per second, smoothed */
    uint64_t events; /* likewise */
    double event_rate;
};

struct progress {
    enum progress_mode mode; /* never AUTO once it has begun */
    bool terminal;           /* standard error is one */
    struct timespec start;
    double shown_at; /* seconds since the start; < 0: never */
    size_t columns;  /* of the line that stands there */
    struct estimate estimate;
    struct scan_progress last;
};

/* Reads the value of --progress; NULL leaves *ret. errors ERR_INVALID */
int progress_mode(const char *text, enum progress_mode *ret, struct err *err);

/* Begins. quiet: with AUTO nothing is shown (results come on the same terminal) */
void progress_begin(struct progress *p, enum progress_mode mode, bool quiet);

/* A `progress` of scan/scan.h and scan/sweep.h; `context` is a struct progress. */
void progress_show(void *context, const struct scan_progress *now);

/* Takes the line away; as JSON, says the last. */
void progress_end(struct progress *p);

/* ---- what it is made of ---- */

/* Takes in how much is done and what there is, `at` seconds after the start.
 * returns the seconds that are left; PROGRESS_UNKNOWN before anything is done, and while
 *         archives may hold more */
double progress_estimate(struct estimate *e, double at, const struct scan_progress *now);

/* The line for a terminal of so many columns: no longer than that less one, whatever a path holds. */
void progress_text(const struct scan_progress *now, const struct estimate *e, double left,
                   size_t columns, struct buf *out);

/* One JSON object and a newline. */
void progress_json(const struct scan_progress *now, double seconds, double left,
                   struct buf *out);
