/* map_mgmt.h - cmdlets in the "MSExchange Management" channel. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "event/event.h"

/* Adds Cmdlet, CmdletParameters, Param_<Name>, CmdletResult (succeeded, failed), and where
 * the event has them CmdletCaller, CmdletHost, CmdletProcess. Does nothing to events of
 * other channels.
 *
 * The facts are taken from the unnamed data of the event, or from its message text where
 * that is all there is. The message spells "suceeded".
 *
 * Source: docs/formats/exchange-csv.md, "The same cmdlet elsewhere"
 */
void mgmt_derive(struct event *ev, struct arena *arena);

/* Whether an event with this head is of that channel. */
bool mgmt_derives(const struct event *head);
