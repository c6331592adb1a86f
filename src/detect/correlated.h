/* correlated.h - what a correlation found, and the events on which that rests. */
#pragma once

#include "event/event.h"
#include "rule/correlation.h"

enum { CORRELATED_EVENTS_MAX = 64 }; /* named of one finding; all are counted */

struct correlated_event { /* where a match lies that counted */
    uint32_t rule;        /* that it is a match of */
    enum event_kind kind;
    size_t evidence;
    instant time;
    uint64_t offset, size, record;
    unsigned marks;
    struct str host, source;
};

struct correlated {      /* one window of time in which the correlation's condition holds */
    instant first, last; /* its first and last event */
    uint64_t count;      /* of its events */
    struct str measure;  /* what was compared, in words: "7 different values of User" */
    const struct str *fields; /* group-by, as the rule calls them */
    const struct str *values; /* and what they have in common */
    size_t n_group;
    const struct correlated_event *events; /* some of them, by time */
    size_t n_events;
};

/* "12 events from 2021-03-03 12:00:00 UTC to 12:04:10; User=bob, Computer=SRV". */
struct str correlated_text(const struct correlated *c, struct arena *arena);
