/* cmdlet.h - an Exchange cmdlet and its parameters, as the logs write them.
 *
 * The same act is in the ECP Server log and in the MSExchange Management channel, in
 * different notations; both become the fields Cmdlet and Param_<Name>.
 *
 * Source: docs/formats/exchange-csv.md, "CMD"
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "event/event.h"

/* "Set-OabVirtualDirectory.ExternalUrl='http://f/'.Identity='x'|Get-Mailbox": adds Cmdlet
 * for each, and Param_<Name> for each parameter. Words without a '-' (Pipeline.1) are not
 * cmdlets. */
void cmdlet_derive_ecp(struct event *ev, struct arena *arena, struct str cmd);

/* "-ExternalUrl "http://f/" -Identity "x"" or "{Identity=x, ExternalUrl=http://f/}": adds
 * Param_<Name>. Quotes inside a value are not doubled there: a value ends at the quote
 * behind which the next parameter or the end follows. */
void cmdlet_derive_parameters(struct event *ev, struct arena *arena, struct str parameters);

/* Adds Param_<Name> for a parameter that stands by itself. */
void cmdlet_derive_parameter(struct event *ev, struct arena *arena, struct str name,
                             struct str value);
