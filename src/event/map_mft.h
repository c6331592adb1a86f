/* map_mft.h - entries of a master file table as events.
 *
 * An event for each entry, its time that of birth by its name ($FILE_NAME), which is harder to
 * forge than that of $STANDARD_INFORMATION; where there is no name, by the latter. Fields:
 *
 * Path, FileName   one for each name that is not a short one: "C:\inetpub\wwwroot\x.aspx",
 *                  "\inetpub\..." where the evidence does not tell the drive,
 *                  "\$Orphan\x.aspx" where the folder is not there any more
 * Extension, Directory   of the first name
 * ShortName        the name for DOS beside it
 * Size             bytes of its content
 * InUse, Deleted, IsDirectory   true, false
 * Entry, Sequence, Parent, ParentSequence, Links, Usn   numbers
 * Created, Modified, Changed, Accessed   by $STANDARD_INFORMATION
 * FnCreated, FnModified, FnChanged, FnAccessed   by the first name
 * Attributes       as Windows calls them: hidden, system, ...; several values
 * StreamName, StreamSize, StreamContent   of each stream with a name; the content of text only
 * Resident         true: all of the content lies in the record; Content: it, if it is text
 * ParentLost       true, see Path
 * and derived:
 * Timestomped      what looks forged: created-before-name (by more than a day), whole-seconds
 *                  (which clocks of Windows do not give)
 * WebRoot, WebPath, Shipped, ScriptType, and of the content what map_file.h has
 *
 * Source: docs/formats/mft.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct mft_events;

/* These are source_open, source_next and source_fill for master file tables. */
struct mft_events *mft_events_open(struct bytes file, struct str path, struct span span,
                                   struct arena *arena);
int mft_events_next(struct mft_events *s, struct arena *arena, struct event *ret,
                    struct span *gap, struct err *err);
void mft_events_fill(struct mft_events *s, struct arena *arena, struct event *ev);
