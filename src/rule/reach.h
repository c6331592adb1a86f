/* reach.h - whether rules could fire on evidence, judged by which events and fields it has.
 *
 * "Could fire" says that records of the right kind are there, with the fields that the rule
 * asks for. It says nothing of whether anything happened.
 */
#pragma once

#include "rule/rules.h"

struct reach_field {
    struct str name;
    uint64_t records; /* that have it */
    uint64_t filled;  /* with more than nothing or "-" */
};

struct reach_class { /* events of one host with the same kind, channel and EventID */
    struct str host;
    enum event_kind kind;
    struct str channel;
    uint32_t event_id;
    uint64_t records;
    instant first, last; /* INSTANT_NONE: none has a time */
    struct reach_field *fields;
    size_t n_fields;
};

enum reach_state {                   /* from nothing to all */
                   REACH_UNREADABLE, /* nothing that is read can feed the rule */
                   REACH_NO_SOURCE,  /* the log is not in the evidence */
                   REACH_NO_EVENT, /* the log is, but none of the rule's events: it did not happen, or is
                           not logged */
                   REACH_NO_FIELD, /* the events are there, without fields that it cannot match without */
                   REACH_PARTLY, /* it could fire, but some of the fields it asks for are not there */
                   REACH_FULL, /* it could fire */
                   REACH_STATES,
};

const char *reach_state_name(enum reach_state s); /* "source_absent", ... */

enum { REACH_IDS = 8, REACH_NEEDS = 64, REACH_FIELDS = 32 };

struct reach_need { /* what would help */
    enum event_kind kind;
    struct str channel;      /* folded; "" none or any */
    uint32_t ids[REACH_IDS]; /* EventIDs, any of them */
    size_t n_ids;
    struct str field; /* "": the events themselves */
};

struct reach {                       /* of one rule */
    enum reach_state state;          /* on the host where it is best */
    size_t hosts[REACH_STATES];      /* how many hosts are in each state */
    struct str fields[REACH_FIELDS]; /* asked for and not there */
    size_t n_fields;
    struct str filters[REACH_FIELDS]; /* the same, where the rule leaves events out by them: it
                                         finds more than it means to */
    size_t n_filters;
    struct reach_need needs[REACH_NEEDS];
    size_t n_needs;
};

struct reacher;

/* classes  stay where they are; one row for each host, kind, channel and EventID */
struct reacher *reacher_new(const struct ruleset *set, const struct reach_class *classes,
                            size_t n);
void reacher_free(struct reacher *r); /* NULL is fine */

size_t reacher_hosts(const struct reacher *r);

/* Judges one rule, by its number in the set. Texts live with the set and the reacher. */
void reach_rule(struct reacher *r, size_t number, struct reach *ret);
