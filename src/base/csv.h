/* csv.h - rows for spreadsheets and programs, out of text that an attacker wrote.
 *
 *     struct csv_out c = csv_out(&buf);
 *     csv_str(&c, host); csv_u64(&c, offset); csv_null(&c);
 *     csv_end(&c);
 *
 * A cell is quoted where it holds a comma, a semicolon, a quotation mark or begins like a
 * formula; quotation marks are doubled; a row ends with CR LF. Text has the escapes of safe_terminal, so
 * that no cell breaks a line and a table may be shown on a terminal.
 *
 * Spreadsheets take a cell for a formula that begins with = + - @, a tab, a carriage return or a
 * line feed (or a full-width form of these signs, or behind blanks). Such a cell gets an apostrophe in front, and so does one that begins
 * with an apostrophe: taking one apostrophe off where there is one gives the text back.
 *
 * Source: RFC 4180; OWASP, CSV Injection
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/time.h"

struct csv_out {
    struct buf *buf;
    bool comma; /* the next cell needs one before it */
};

static inline struct csv_out csv_out(struct buf *buf)
{
    return (struct csv_out){.buf = buf};
}

void csv_str(struct csv_out *c, struct str text);
void csv_cstr(struct csv_out *c, const char *text);
void csv_u64(struct csv_out *c, uint64_t v); /* numbers of our own: never an apostrophe */
void csv_i64(struct csv_out *c, int64_t v);
void csv_time(struct csv_out *c, instant t); /* empty for INSTANT_NONE */
void csv_null(struct csv_out *c);            /* an empty cell */
void csv_end(struct csv_out *c);             /* of the row */

/* Appends one cell, without a comma. */
void csv_cell(struct buf *out, struct str text);
