/* forms.h - the further forms in which one text of a web request is worth looking at. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Decodes %XX (and IIS' %uXXXX) once; with `plus`, '+' becomes a blank too. A character that
 * is written in more bytes than it needs (%c0%af for a slash) is that character, as servers
 * took it that were attacked so; what is then not UTF-8 becomes U+FFFD.
 *
 * returns the text itself if there is nothing to decode
 */
struct str forms_decode(struct str text, bool plus, struct arena *arena);

enum { FORMS_MAX = 4 };

struct form {
    struct str text;
    const char *how; /* what was done, in words; a literal */
};

/* The forms of a text that differ from it and from each other: decoded once, decoded twice
 * (the attacker encoded the percent signs too), and each with '+' read as a blank.
 *
 * returns how many; plainest first
 */
size_t forms_of(struct str text, struct arena *arena, struct form ret[FORMS_MAX]);
