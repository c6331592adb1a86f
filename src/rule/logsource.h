/* logsource.h - from a rule's log source to the events that serve it (rules/map). */
#pragma once

#include "rule/sigma_int.h"

struct swap {        /* event's text or prefix -> the rule's */
    struct str from; /* folded */
    struct str to;
};

struct view {       /* one field of a rule as a feed's events have it */
    uint32_t field; /* the rule's name */
    uint32_t *from; /* fields of the event, joined */
    size_t n_from;
    struct str with;
    struct swap *values;
    size_t n_values;
    struct swap *prefixes;
    size_t n_prefixes;
};

struct feed { /* one kind of event that serves a log source */
    struct str product;
    struct str category;
    struct str service;
    enum event_kind kind;
    struct str *channels; /* folded; none = any */
    size_t n_channels;
    uint32_t *event_ids; /* none = any */
    size_t n_event_ids;
    const struct node *conditions; /* NULL = none; in the event's own names */
    struct view *views;
    size_t n_views;
    struct str *lacks; /* fields of rules that its events never have */
    size_t n_lacks;
    uint32_t base; /* number of its first view among those of all feeds */
};

struct logsource_map {
    struct arena *arena;
    struct feed **feeds;
    size_t n;
    size_t cap;
    uint32_t n_views; /* of all feeds */
};

/* Adds the entries of one mapping file. */
int logsource_add(struct logsource_map *map, struct compiler *c, struct str text,
                  struct err *err);

/* The feeds that serve a rule with this `logsource` part, in the order of the files.
 *
 * arena   owns *ret
 * returns how many; 0 if no evidence we read can feed the rule
 */
size_t logsource_find(const struct logsource_map *map, const struct yaml *logsource,
                      struct arena *arena, const struct feed ***ret);

/* Whether an event's head is one of the feed's. `channel` is folded. Conditions are not
 * looked at. */
bool logsource_takes(const struct feed *feed, const struct event *head, struct str channel);

/* Whether what a rule leaves out asks for a field that the feed's events never have: it then
 * leaves out less than it means to. */
bool logsource_reduces(const struct feed *feed, const struct names *names,
                       const struct node *rule);
