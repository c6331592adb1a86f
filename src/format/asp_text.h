/* asp_text.h - a page's bytes as text that can be searched for script.
 *
 * A server reads a page in the encoding that a byte order mark, its configuration or a
 * directive names. Script is hidden by naming a rare one: what would be script then is none
 * in ASCII.
 *
 * Source: docs/web-shells.md, "Encodings"
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum asp_encoding {
    ASP_ASCII, /* any code page of which ASCII is a part, UTF-8 too */
    ASP_UTF16, /* either order of bytes */
    ASP_UTF32,
    ASP_UTF7,
    ASP_EBCDIC,
};

/* The page's text. It is not checked to be UTF-8 where the page is in a code page of which
 * ASCII is a part: then it borrows from `file`.
 *
 * ret_encoding  which it was
 * returns       the text, in the arena or borrowed
 */
struct str asp_text(struct bytes file, struct arena *arena, enum asp_encoding *ret_encoding);

/* "utf-16", ...; "" for ASP_ASCII. */
const char *asp_encoding_name(enum asp_encoding encoding);
