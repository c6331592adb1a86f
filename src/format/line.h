/* line.h - the lines of a text log, as damaged as they come.
 *
 * Lines end with LF or CRLF. A run of NUL bytes (a log that was preallocated, or a server
 * that lost power) ends a line; reading goes on at the next byte that is not NUL. A file in
 * UTF-16 (a log that passed through a PowerShell redirection) is decoded first; offsets are
 * those of the original all the same.
 *
 * Source: docs/formats/iis-w3c.md, "Damage".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct lines {
    struct bytes text; /* the whole file, decoded if it was UTF-16 */
    size_t at;         /* where the next line starts */
    size_t end;        /* no line of ours starts at or behind this */
    bool wide;         /* the file is UTF-16LE */
    size_t counted;    /* bytes of text whose UTF-16 units are counted */
    uint64_t units;    /* that count, byte order mark included */
    uint64_t file_size;
};

struct line {
    struct bytes text; /* without its line end */
    uint64_t offset;   /* in the file */
    uint64_t size;     /* bytes in the file, line end included */
    bool cut;          /* ended by NUL bytes or by the end of the file, not by a newline */
};

/* Starts at byte `from` of a file; lines that start at or behind `to` are not ours.
 *
 * file    must outlive the lines. A UTF-16 file is read whole, by the span that holds its
 *         first byte; other spans of it are empty.
 * arena   owns the decoded text of a UTF-16 file
 */
struct lines lines_of(struct bytes file, uint64_t from, uint64_t to, struct arena *arena);

/* The next line; empty ones too.
 *
 * returns 1 a line, 0 end, -1 a stretch that holds no line: ret->offset and ret->size say
 *         where; call again to go on behind it
 * errors  ERR_LIMIT (a line longer than LIMIT_LINE), ERR_CORRUPT (NUL bytes inside the log)
 */
int line_next(struct lines *lines, struct line *ret, struct err *err);

/* Joins the next physical line to one that line_next just gave: for quoted text that holds
 * a newline. False, and nothing changed, at the end or beyond LIMIT_LINE. */
bool line_join(struct lines *lines, struct line *line);

/* The line that starts at this offset of the file, without moving; empty if there is none. */
struct bytes line_at(const struct lines *lines, uint64_t offset);
