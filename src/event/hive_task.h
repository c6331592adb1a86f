/* hive_task.h - what the scheduler's cache in the registry keeps of a task.
 *
 * Source: docs/formats/registry.md, "Tasks"
 */
#pragma once

#include "base/arena.h"
#include "base/cur.h"
#include "base/str.h"
#include "base/time.h"

struct task_actions { /* the value "Actions" of a task's key */
    struct cur c;
    uint16_t version;
};

struct task_action {
    struct str kind; /* as in a task's file: Exec, ComHandler, SendEmail, ShowMessage */
    struct str command, arguments, folder; /* Exec */
    struct str class_id, data;             /* ComHandler */
};

/* False if the data have another form than those of Windows 7 to 11 and their servers. */
bool task_actions_open(struct bytes data, struct arena *arena, struct task_actions *ret);

/* The next action. False at the end, or where the data are damaged: a->c.bad says so, as it does
 * behind an action of an unknown kind. arena owns the texts */
bool task_actions_next(struct task_actions *a, struct arena *arena, struct task_action *ret);

struct task_runs { /* the value "DynamicInfo"; INSTANT_NONE: never, or not told */
    instant registered, started;
};

bool task_runs_read(struct bytes data, struct task_runs *ret);
