/* detect.h - runs the rules over the events of a span and says what came of it in signals.
 *
 * The configuration is made once, before the workers are forked. A detect lives for one
 * span in one worker.
 */
#pragma once

#include "base/buf.h"
#include "detect/fact_spec.h"
#include "event/decode_event.h"
#include "event/source.h"
#include "rule/indicator.h"
#include "rule/rules.h"
#include "rule/yara.h"
#include "sys/geoip.h"

/* An event whose own presence matters for coverage: process creation may be switched off
 * in a Security log that is otherwise complete. */
struct cover_event {
    struct str channel;
    uint32_t event_id;
};

struct detect_config {
    const struct ruleset *rules;
    const struct cover_event *cover_events;
    size_t n_cover_events;
    instant from, to;           /* events outside are not looked at; INSTANT_NONE: no bound */
    bool plain;                 /* nothing is decoded */
    struct decode_known *known; /* of this process; made by detect_config_init */
    const struct geoip *geoip;  /* NULL: no address database was given */
    struct indicator_finder *indicators; /* what else is looked for; NULL: nothing. Made before
                                            the workers are forked: each then has its own */
    const struct indicators *indicator_set; /* that it looks for */
    const struct yara_set *yara;            /* rules that files are held against; NULL: none */
    bool yara_logs;                         /* logs too */
    struct fact_spec **specs;               /* per rule; made by detect_config_init */
    size_t *n_specs;
};

/* Compiles the rules' `assay:` parts. errors ERR_INVALID (names the rule) */
int detect_config_init(struct detect_config *config, struct arena *arena, struct err *err);

struct detect;

/* file    the bytes the events come from, for excerpts; empty if they are not its text
 *         (compressed evidence, inventory)
 * matcher kept by the worker from span to span
 */
struct detect *detect_new(const struct detect_config *config, struct matcher *matcher,
                          struct bytes file, struct arena *arena, struct buf *out);

/* Rules of which nothing more is kept: their matches are only counted, whatever they say.
 *
 * full  bit r is rule r's; outlives the detect. Empty: none */
void detect_full(struct detect *d, struct bytes full);

/* Takes one event. `source` (may be NULL: the event has its fields) fills it on demand. A
 * recovered one (MARK_RECOVERED) counts for nothing but matches.
 * arena  of the event */
void detect_event(struct detect *d, struct source *source, struct event *ev,
                  struct arena *arena);

/* Takes an event that is no record of its own, but was made from several: it counts for
 * nothing but matches.
 *
 * how      what was done to make it
 * already  per rule: it matched one of those records, and is not told again
 */
void detect_made(struct detect *d, const struct event *ev, struct str how, const bool *already,
                 struct arena *arena);

/* Takes what YARA rules found in a file.
 * ev  the file's event, which detect_event has seen */
void detect_yara(struct detect *d, const struct event *ev, const struct yara_found *found,
                 size_t n, struct arena *arena);

const struct detect_config *detect_config_of(const struct detect *d);

/* Writes what is still held: coverage, builds, votes, hosts, counts. */
void detect_end(struct detect *d);
