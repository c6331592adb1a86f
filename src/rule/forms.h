/* forms.h - the further forms in which one text of a web request is worth looking at. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Decodes %XX (and IIS' %uXXXX) once; with `plus`, '+' becomes a blank too. What is then
 * not UTF-8 becomes U+FFFD.
 *
 * returns the text itself if there is nothing to decode
 */
struct str forms_decode(struct str text, bool plus, struct arena *arena);
