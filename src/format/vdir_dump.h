/* vdir_dump.h - a virtual directory object of Exchange written out as a table.
 *
 * The reset of a virtual directory saves the old object to a file that the caller names.
 * An attacker who puts script into the object's URL and lets the file be saved as .aspx has
 * a web shell: this table is that shell's body, and it says much about its making.
 *
 * Source: docs/formats/vdir-dump.md
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"

enum { VDIR_ROWS = 128 }; /* the largest object has about 60 */

struct vdir_row {
    struct str key;
    struct str value; /* values written over several lines are joined by ", " */
};

struct vdir_dump {
    size_t n;
    struct vdir_row rows[VDIR_ROWS];
};

/* Whether text looks like such a table: padded keys, Name and MetabasePath or a URL. */
bool vdir_dump_is(struct str text);

/* Reads the table. False if it is none. */
bool vdir_dump_parse(struct str text, struct arena *arena, struct vdir_dump *ret);

/* A row's value; "" if there is no such row. */
struct str vdir_dump_get(const struct vdir_dump *dump, const char *key);

/* When the object was last changed, by WhenChangedUTC. Dates are written in the server's
 * own order; the order is taken from whichever date of the table leaves no choice.
 *
 * returns INSTANT_NONE if the order stays unknown or there is no date
 */
instant vdir_dump_changed(const struct vdir_dump *dump);

/* Whether a URL row holds script. */
bool vdir_dump_has_script(const struct vdir_dump *dump);

/* The name of the request item that the script reads: Request["x"], Request.Item["x"],
 * Request.Form["x"], Request.QueryString["x"], with either quote. It is the shell's
 * password. "" if there is none. Works on any script text. */
struct str script_request_key(struct str text);
