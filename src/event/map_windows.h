/* map_windows.h - what is derived from Windows events of any channel. */
#pragma once

#include "base/arena.h"
#include "event/event.h"

/* Adds, where the event's data give them:
 *
 * WebPath         of the file that TargetFilename, RelativeTargetName, ObjectName or Path names
 * CompiledPage    "x.aspx" of a file "<page>.<8 hex>.compiled" of ASP.NET
 * CompiledApp     the application whose page it is ("owa", "root")
 * PidNumber       the process in decimal: NewProcessId of 4688, else ProcessId
 * ParentPidNumber
 * ImageName       lower-case file name of the process
 * ParentImageName
 * AppPool         of the worker process that is the parent, or the process itself
 * ControlPanelUrl the URL in an event of "MSExchange Control Panel"
 */
void windows_derive(struct event *ev, struct arena *arena);
