/* map_windows.h - what is derived from Windows events of any channel. */
#pragma once

#include <stdbool.h>

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
 * ClearedChannel  the log that event 104 says was cleared
 * AppPool         of the worker process that is the parent, or the process itself
 * ControlPanelUrl the URL in an event of "MSExchange Control Panel"
 */
void windows_derive(struct event *ev, struct arena *arena);

/* The same in parts, for events of which only some fields are asked for. All but ControlPanelUrl
 * and ClearedChannel come from a few data: their names are the inputs. What is derived together
 * has one bit. */

enum { WINDOWS_INPUTS = 15 };

struct str windows_input_name(unsigned input); /* below WINDOWS_INPUTS */
unsigned windows_input_use(unsigned input);    /* the bits that it is an input of */

/* The number of the derived field that event_find may take for `name`; -1 if there is none. */
int windows_derived_number(struct str name);
const char *windows_derived_name(unsigned number);
unsigned windows_derivation_of(unsigned number); /* its bit */

/* Derives what has a bit in `what`, from an event that has the inputs that these have. */
void windows_derive_some(struct event *ev, struct arena *arena, unsigned what);

/* Whether something is derived from any of the fields. */
bool windows_needs_all(const struct event *head);
