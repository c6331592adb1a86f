/* report_brief.h - campaigns of which nothing is seen, for people: a line each, or a few.
 *
 * A server may be judged by many campaigns, and most of them have nothing to tell of it. What is
 * seen has a section; the others share one list, one table of coverage and one list of advice.
 */
#pragma once

#include "judge/verdict.h"

/* Whether a campaign is told briefly: nothing of it is seen but, at most, somebody who looked. */
bool brief_is(const struct campaign *c);

/* Whether it is no more than what any server on the Internet meets: strangers who looked for weak places,
 * of no campaign, and to whom nothing answered. */
bool brief_is_noise(const struct campaign *c);

/* Appends the one line that says so. */
void brief_noise(const struct campaign *c, struct buf *out);

/* Appends ">>> NAME: HEADLINE; exposure" and, of what is not covered, the sources that are missing.
 * colour, plain  stand before and behind the headline; "" for none */
void brief_campaign(const struct campaign *c, const char *colour, const char *plain,
                    struct buf *out);

/* Appends a line on the campaigns that were not known yet when the evidence ends. */
void brief_not_yet(const struct host_verdict *h, struct buf *out);

/* The rows of coverage of all brief campaigns, each source and part once, in its worst form; where
 * sections tell of others, only what is incomplete and not told there. */
const struct coverage **brief_coverage(const struct host_verdict *h, struct arena *arena,
                                       size_t *ret_n);

/* Their windows together. False if there are none. */
bool brief_window(const struct host_verdict *h, instant *ret_from, instant *ret_to);

/* Their advice, each piece once: of two of one id that of the later campaign. What a section
 * says already is left out. */
const struct pack_advice **brief_advice(const struct host_verdict *h, struct arena *arena,
                                        size_t *ret_n);
