/* rps_token.h - the access token that a front end hands to the PowerShell back end.
 *
 * "X-Rps-CAT" carries, in Base64, the account in whose name the back end shall run cmdlets.
 * A client has no reason to send one: ProxyShell (CVE-2021-34523) does, and so its victim's
 * name and SID stand in the web logs.
 *
 * Source: docs/formats/exchange-csv.md, "X-Rps-CAT"
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

struct rps_token {
    struct str type; /* Windows */
    struct str auth; /* Kerberos, Basic */
    struct str user; /* as the client wrote it */
    struct str sid;
};

/* Reads a token. What a cut token lacks is "".
 *
 * text    Base64, percent escapes allowed
 * returns false if it does not start as a token does
 */
bool rps_token_parse(struct str text, struct arena *arena, struct rps_token *ret);
