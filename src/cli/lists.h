/* lists.h - files with one value a line, given as NAME=FILE. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The values of a list: lines without blanks at their ends; not the empty ones, not those
 * that begin with '#'. A byte order mark in front is passed over.
 *
 * text   must outlive *ret
 * errors ERR_INVALID (not UTF-8)
 */
int lists_parse(struct str text, struct arena *arena, struct str **ret, size_t *ret_n,
                struct err *err);

/* Takes "NAME=FILE" apart. errors ERR_INVALID */
int lists_split(const char *text, struct str *ret_name, const char **ret_path, struct err *err);
