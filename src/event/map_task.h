/* map_task.h - a scheduled task, of its XML file, as an event.
 *
 * One event for a task. Fields: Author, Description, Date, URI, Source of its registration;
 * UserId, GroupId, LogonType, RunLevel of its principal; Hidden, Enabled of its settings; Command,
 * Arguments, WorkingDirectory, ClassId, Data of its actions, Interval, StartBoundary of its
 * triggers, each several times where there are several; Trigger and Action, the kinds of them.
 * Derived: ConfigPath, TaskName (the path below the folder Tasks), CommandLine (command and
 * arguments of each), CommandPlace (of each command: system, program, temp, programdata, user,
 * web, unc, other).
 *
 * Its time is the date of registration, of which no zone is told unless it says so.
 *
 * Source: docs/formats/task.md
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"
#include "event/source.h"

struct task_events;

/* These are source_open, source_next and source_fill for such files. */
struct task_events *task_events_open(struct bytes file, struct str path, struct arena *arena);
int task_events_next(struct task_events *s, struct arena *arena, struct event *ret,
                     struct span *gap, struct err *err);
void task_events_fill(struct task_events *s, struct arena *arena, struct event *ev);

/* Where the program of an action lies: see CommandPlace; by the first folder that fits. */
struct str task_command_place(struct str command);
