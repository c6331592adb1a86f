/* map_agent_config.h - Exchange's transport agents, as its configuration lists them.
 *
 * One event for each <agent>, and for each other element of the file that has attributes. Fields:
 * the attributes under their own names (name, baseType, classFactory, assemblyPath, enabled,
 * ...), Element, Section. Derived: ConfigPath, AssemblyName (the file's name), AssemblyPlace
 * ("exchange" where it lies in Exchange's own folders of agents or programs, "gac", else
 * "elsewhere").
 *
 * Source: docs/formats/agent-config.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct agent_config_events;

/* These are source_open, source_next and source_fill for such files. */
struct agent_config_events *agent_config_events_open(struct bytes file, struct str path,
                                                     struct arena *arena);
int agent_config_events_next(struct agent_config_events *s, struct arena *arena,
                             struct event *ret, struct span *gap, struct err *err);
void agent_config_events_fill(struct agent_config_events *s, struct arena *arena,
                              struct event *ev);
