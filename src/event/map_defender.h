/* map_defender.h - a detection of Microsoft Defender, of its own history, as an event.
 *
 * One event for a file. Fields: DetectionId, ThreatId, ThreatName, Category (its name), Severity,
 * ThreatStatus, ThreatStatusName; ResourceType and Resource (its place) of each thing that it was
 * found in; Path of those that are files; Sha256, Sha1, Md5, Size; User, Process;
 * InitialDetectionTime, RemediationTime, LastThreatStatusChangeTime, ThreatTrackingStartTime.
 * Derived: WebPath of each Path that lies in a web folder.
 *
 * Source: docs/formats/defender.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct defender_events;

/* These are source_open, source_next and source_fill for such files. */
struct defender_events *defender_events_open(struct bytes file, struct arena *arena);
int defender_events_next(struct defender_events *s, struct arena *arena, struct event *ret,
                         struct span *gap, struct err *err);
void defender_events_fill(struct defender_events *s, struct arena *arena, struct event *ev);
