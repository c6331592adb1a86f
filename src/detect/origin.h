/* origin.h - what records of one origin (host, channel, provider) have in common: the names
 * under which they are told of. There are few in a log, and each has many records. */
#pragma once

#include "detect/detect.h"
#include "detect/runs.h"

enum {
    ORIGIN_TEXT = 640, /* bytes of all names of one; longer ones are made anew each time */
    ORIGIN_EVENTS = 4, /* events whose presence matters, of one */
};

struct origin_event {
    uint32_t event_id;
    struct str text; /* "windows:Security/4688" */
    struct run_place place;
};

struct origin {
    enum event_kind kind;
    bool used;
    struct str channel, provider, host, part;
    struct str source;   /* "windows:Security", "iis.w3c" */
    struct str covers;   /* the source, and "|part" if it has one */
    struct str provides; /* "channel|provider" */
    struct run_place cover, ids, seen, reached;
    struct origin_event events[ORIGIN_EVENTS];
    size_t n_events;
    bool more_events; /* than these */
    char room[ORIGIN_TEXT];
    size_t n;
};

struct origins;

struct origins *origins_new(const struct detect_config *config, struct arena *arena);

/* The origin of an event.
 *
 * arena    the event's: for the names of one that has no room
 * returns  valid until the next call */
struct origin *origin_of(struct origins *origins, const struct event *ev, struct arena *arena);
