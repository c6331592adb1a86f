/* map_usn.h - records of a change journal as events.
 *
 * Fields:
 *
 * FileName, Extension
 * Reason      what was done, several values: Create, Delete, RenameOld, RenameNew, Close,
 *             DataOverwrite, DataExtend, DataTruncation, StreamChange, SecurityChange, ...
 * Entry, Sequence, ParentEntry, ParentSequence   numbers of the file and of its folder; those of
 *             128 bits are FileReference and ParentReference instead, as hex
 * Usn         number
 * IsDirectory true, false
 * Attributes  as Windows calls them; several values
 * SourceInfo  what the system itself did: data-management, auxiliary-data, replication; several
 * and derived:
 * OldFileName of a record with RenameNew: the name before, if the journal told it shortly before
 * KnownPath   the names of folders above as far as the journal itself told them before, and the
 *             file's: "aspnet_client\x.aspx"; not told where no folder is known
 * WebRoot, WebPath, ScriptType   by KnownPath, as map_file.h has them
 *
 * Source: docs/formats/usn.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct usn_events;

/* These are source_open, source_next and source_fill for change journals. */
struct usn_events *usn_events_open(struct bytes file, struct str path, struct span span,
                                   struct arena *arena);
int usn_events_next(struct usn_events *s, struct arena *arena, struct event *ret,
                    struct span *gap, struct err *err);
void usn_events_fill(struct usn_events *s, struct arena *arena, struct event *ev);
