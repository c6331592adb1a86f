/* verdicts.h - what rules said of events that say the same in all that rules ask for.
 *
 * One table for each matcher, of bounded size. A key is compared whole: evidence may choose
 * what is forgotten, never what is remembered. What is met once is not kept: only its hash is.
 */
#pragma once

#include "base/arena.h"
#include "event/event_key.h"
#include "event/wish.h"

struct verdict { /* the rules that match */
    const uint32_t *rules;
    const unsigned *marks; /* beside: matcher_marks */
    uint32_t n;
};

struct verdicts;

struct verdicts *verdicts_new(struct arena *arena);

/* Whether the verdict on events with this key is known. Completes the key; verdicts_learn takes it
 * then.
 *
 * wish  that the key was made for
 * salt  verdicts of different salts have nothing to do with each other
 * ret   valid until the next verdicts_learn
 */
bool verdicts_find(struct verdicts *v, const struct wish *wish, unsigned salt,
                   struct event_key *key, struct verdict *ret);

/* Keeps a verdict, if the key was asked for before. */
void verdicts_learn(struct verdicts *v, const struct event_key *key,
                    const struct verdict *verdict);
