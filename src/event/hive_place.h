/* hive_place.h - what a key of the registry is for, told by where it is.
 *
 * Places are data: a table of paths. A path is compared without the part that differs between
 * hives and their views: "Software\\" of a user's hive, "WOW6432Node\\", the control set.
 */
#pragma once

#include "base/str.h"
#include "event/hive_kind.h"

enum place {
    PLACE_NONE,
    PLACE_AUTOSTART, /* what a value names is run or loaded: hive_autostart says when */
    PLACE_SERVICE,
    PLACE_SERVICE_PARAMETERS,
    PLACE_TASK,        /* a task of the scheduler's cache, in its folder */
    PLACE_TASK_ENTRY,  /* the same by its number: what it runs */
    PLACE_EXCLUSION,   /* what Defender leaves alone */
    PLACE_REQUEST,     /* a request for a certificate that is not answered yet */
    PLACE_CHANNEL,     /* a channel of the event log */
    PLACE_EXCHANGE,    /* which Exchange is installed */
    PLACE_UNINSTALL,   /* a program or an update that is installed */
    PLACE_ACCOUNT,     /* a local account */
    PLACE_USERASSIST,  /* programs that a user started */
    PLACE_BAM,         /* programs that ran, by user */
    PLACE_APPCOMPAT,   /* programs that the compatibility cache knows */
    PLACE_AMCACHE,     /* a file of Amcache */
    PLACE_AMCACHE_OLD, /* the same, as Windows 8 and 2012 wrote it */
};

struct placed {
    enum place place;
    struct str name; /* what stands for the first '*' of the table: the service's name, ...;
                        borrowed from the path */
    size_t row;      /* of the table */
};

/* The place of a key.
 *
 * path  from the root of its hive
 */
struct placed hive_place(const struct hive_about *about, struct str path);

/* For a key of PLACE_AUTOSTART and of services: what kind of autostart a value of this name is
 * ("run", "service", "ifeo-debugger", ...); "" if it is none. */
struct str hive_autostart(const struct placed *placed, struct str value);
