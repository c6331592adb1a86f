/* interrupt.h - being asked to end: by a person (Ctrl-C), or by the system.
 *
 * The one thing in this program that is shared by all of it: a signal has no other place. What
 * waits for workers (sys/proc.h) gives up when one has come, so that a command can put things
 * in order. A second one ends the program at once.
 */
#pragma once

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP are noted, each once; the next one of any of them has
 * the effect that it had before. One that was ignored (nohup) stays ignored. */
void interrupt_catch(void);

/* Whether one has come. */
bool interrupt_pending(void);

/* From now on they have no effect at all. */
void interrupt_ignore(void);
