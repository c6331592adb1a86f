/* logplace.h - which log should be here, as told by a file's place and name.
 *
 * A file that cannot be read says nothing of itself; where it lies still says what is
 * missing with it.
 */
#pragma once

#include "base/str.h"

/* The source as coverage names it, without its part: "exchange.httpproxy", "exchange.ews",
 * "iis.w3c", "windows" (any event log); "" if the place says nothing.
 * path  '/'-separated, of a file or a folder */
struct str log_place(struct str path);

/* Whether a file's name may be that of this channel's log: "Security.evtx",
 * "Archive-Security-2021-03-01.evtx", "Microsoft-Windows-Sysmon%4Operational.evtx". */
bool log_names_channel(struct str path, struct str channel);
