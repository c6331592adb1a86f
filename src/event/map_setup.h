/* map_setup.h - entries of ExchangeSetup.log as events.
 *
 * An entry may go on over lines without a time. Fields: Level, Severity, Message. Derived:
 * SetupProduct, SetupVersion, SetupMode, SetupResult ("success", "failed"), SetupStep,
 * SetupUser, InstalledVersion, PreviousVersion, and Build where the entry proves what was
 * installed: to the cumulative update only.
 *
 * Source: docs/formats/exchange-setup.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct setup_events;

/* These are source_open, source_next and source_fill for such logs. */
struct setup_events *setup_events_open(struct bytes file, struct str path, struct span span,
                                       struct arena *arena);
int setup_events_next(struct setup_events *s, struct arena *arena, struct event *ret,
                      struct span *gap, struct err *err);
void setup_events_fill(struct setup_events *s, struct arena *arena, struct event *ev);
