/* map_iis_config.h - elements of IIS's, ASP.NET's and .NET programs' configuration as events.
 *
 * One event for each element that has attributes, and for each <clear/>; the declarations of
 * sections (configSections) are left out. Such a file says what is set, not when: its events
 * have no time of their own.
 *
 * Fields: the element's attributes under their own names (secrets cut short), Section (the
 * elements around it, joined by '/'), Element, and what it belongs to: Location, Site,
 * Application, Rule (of the URL rewriter), Pool, MetadataKey.
 * Derived: ConfigPath, ConfigName (the file's), History (the folder of IIS's own backups), WebPath
 * (of the file, where it lies in a web folder), TypeName, TypeAssembly, PublicKeyToken (of the
 * attribute `type`), MachineKey (auto, explicit), InstalledBuild.
 *
 * Source: docs/formats/iis-config.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct iis_config_events;

/* These are source_open, source_next and source_fill for such files. */
struct iis_config_events *iis_config_events_open(struct bytes file, struct str path,
                                                 struct arena *arena);
int iis_config_events_next(struct iis_config_events *s, struct arena *arena, struct event *ret,
                           struct span *gap, struct err *err);
void iis_config_events_fill(struct iis_config_events *s, struct arena *arena, struct event *ev);
