/* shell.h - what server script in a file can do, as fields of the file's event. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "event/event.h"

/* Adds, of a file in which there is script that does any of it:
 *
 * ShellCan         eval, process-start, assembly-load, compile, reflection, deserialise,
 *                  native-code, file-write, file-upload, file-read, file-browse, file-delete,
 *                  sql, tunnel, web-request, registry, credential-log; several values
 * ShellConfidence  certain, likely, weak
 * ShellKey         the request's item that is run
 * ShellPassword    a constant that an item of the request is compared with
 * ShellHash        of the script's structure: the same for a renamed or re-keyed copy
 * ShellWhy         for people: "line 3: runs what comes with the request (item "x")"
 * ShellLimit       true where a limit was reached: there may be more
 * ScriptMarks      eval-request, process-start, file-write, assembly-load; several values
 * ScriptHidden     how script was hidden
 *
 * extension  of the file, in lower case
 * returns    whether there is script
 *
 * Source: docs/web-shells.md
 */
bool shell_derive(struct event *ev, struct arena *arena, struct bytes content,
                  struct str extension);
