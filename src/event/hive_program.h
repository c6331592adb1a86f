/* hive_program.h - what the registry keeps of programs that ran, or were there. */
#pragma once

#include "base/arena.h"
#include "base/cur.h"
#include "base/str.h"
#include "base/time.h"

struct program {
    struct str path;
    instant time; /* see who gives it; INSTANT_NONE if there is none */
    uint64_t position, count;
};

/* The cache of programs that the system has looked at for compatibility. */
struct appcompat {
    struct cur c;
    bool wide_head; /* the form of Windows 8 and Server 2012 (R2) */
    uint64_t position;
};

/* False if the data have another form than those of Windows 8 to 11 and their servers. */
bool appcompat_open(struct bytes data, struct appcompat *ret);

/* The next program: its path and when its file was last changed; newest first. False at the
 * end or where the data are damaged. arena owns the path */
bool appcompat_next(struct appcompat *a, struct arena *arena, struct program *ret);

/* A value of UserAssist: a program that a user started, how often and when last.
 *
 * name  the value's; it is written with letters shifted by 13
 */
bool userassist_read(struct str name, struct bytes data, struct arena *arena,
                     struct program *ret);

/* A value of the background activity moderator: when a program last ran. */
bool bam_read(struct str name, struct bytes data, struct program *ret);

/* The file that a command runs, as a whole path where that can be said: without quotes and
 * arguments, "\SystemRoot" and variables as on a usual system. */
struct str command_image(struct str command, struct arena *arena);

/* What can be read in binary data: runs of printable characters, of one byte or two each,
 * a line for each. */
struct str printable_text(struct bytes data, struct arena *arena);
