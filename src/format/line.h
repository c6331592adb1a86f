/* line.h - the lines of a text log, as damaged as they come.
 *
 * Lines end with LF or CRLF. A run of NUL bytes (a log that was preallocated, or a server
 * that lost power) ends a line; reading goes on at the next byte that is not NUL. A file in
 * UTF-16 (a log that passed through a PowerShell redirection) is decoded line by line;
 * offsets are those of the file all the same.
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
    struct bytes text; /* the whole file, as found */
    size_t at;         /* where the next line starts */
    size_t end;        /* no line of ours starts at or behind this */
    size_t no_nul;     /* there is no NUL byte from `at` up to here */
    size_t low_from;   /* from here on there is no byte of 0x80 and above, */
    size_t low_to;     /* up to here */
    size_t unit;       /* bytes of one character: 2 in a file in UTF-16LE, else 1 */
    size_t searched;   /* from here on there is no newline */
    size_t newline;    /* before this one; `searched` is behind it until one was found */
    struct arena *arena;
    char *room; /* the decoded line of a file in UTF-16; NULL until one is read */
    size_t room_size;
    size_t room_n;       /* bytes of text in it */
    size_t from, so_far; /* what of the file that is; a line that is joined goes on there */
};

struct line {
    struct bytes text; /* without its line end */
    uint64_t offset;   /* in the file */
    uint64_t size;     /* bytes in the file, line end included */
    bool cut;          /* ended by NUL bytes or by the end of the file, not by a newline */
};

/* Starts at byte `from` of a file; lines that start at or behind `to` are not ours.
 *
 * file    must outlive the lines
 * from    0, or a place that line_cut gave
 * arena   owns room for one decoded line of a UTF-16 file
 */
struct lines lines_of(struct bytes file, uint64_t from, uint64_t to, struct arena *arena);

/* The next line; empty ones too. Its text is borrowed from the file or, if that is UTF-16,
 * valid until the next call.
 *
 * returns 1 a line, 0 end, -1 a stretch that holds no line: ret->offset and ret->size say
 *         where; call again to go on behind it
 * errors  ERR_LIMIT (a line longer than LIMIT_LINE), ERR_CORRUPT (NUL bytes inside the log)
 */
int line_next(struct lines *lines, struct line *ret, struct err *err);

/* Whether a line that line_next gave is ASCII; told for many lines at once. False for lines of
 * UTF-16, whatever they hold. */
bool line_is_ascii(struct lines *lines, const struct line *line);

/* Joins the next physical line to one that line_next just gave: for quoted text that holds
 * a newline. False, and nothing changed, at the end or beyond LIMIT_LINE. What the text
 * held before stays where it is. */
bool line_join(struct lines *lines, struct line *line);

/* Goes back to where a copy of the lines was made. Room for decoded text that was made since
 * stays: a reader may try and go back at every line. */
void line_back(struct lines *lines, const struct lines *to);

/* The first characters of the next line, without moving; '?' for those beyond ASCII.
 *
 * out     room for n bytes
 * returns how many there are; they may run into the lines behind
 */
size_t line_peek(const struct lines *lines, char *out, size_t n);

/* The line that starts at this offset of the file, without moving; empty if there is none.
 * *ret_next, if it is not NULL, is where the one behind it starts. */
struct bytes line_at(const struct lines *lines, uint64_t offset, uint64_t *ret_next);

/* The first place at or behind `at` where a span may start: behind a newline. file.n if
 * there is none. */
uint64_t line_cut(struct bytes file, uint64_t at);
