/* redact.h - what is handed on without saying whose it is: addresses, names of hosts and
 * accounts, mailboxes and subjects become tokens.
 *
 * A token is a keyed digest (HMAC-SHA-256, cut to 48 bits): equal things get equal tokens under one key,
 * and without the key nobody can find an address by trying all of them, as with a plain digest.
 *
 * Two passes: all texts are learnt from first, so that a name that one text tells in a way that can be
 * recognised (DOMAIN\user, user@domain, C:\Users\user, \\server\share) is found in the others too.
 *
 * Source: docs/exports.md, "Redaction"
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

enum redact_class {
    REDACT_ADDRESS,
    REDACT_HOST,
    REDACT_ACCOUNT,
    REDACT_MAILBOX,
    REDACT_PATH,
    REDACT_SUBJECT,
    REDACT_ENCODED,
    REDACT_CLASSES
};

enum { REDACT_KEY_LEAST = 16 }; /* bytes of a key that a person gives */

struct redactor;

/* key     any bytes, at least REDACT_KEY_LEAST; copied
 * arena   owns the result */
struct redactor *redactor_new(struct bytes key, struct arena *arena);

/* A thing known to be one: found from now on wherever it stands. A host's short name and its domain
 * are learnt with it. Very short and everyday values ("administrator") are replaced in fields of
 * their own only. */
void redactor_know(struct redactor *r, enum redact_class c, struct str value);

/* What a text shows to be an address, a name or a mailbox. */
void redactor_learn(struct redactor *r, struct str text);

/* Whether there were more names than are kept: some would not be found. */
bool redactor_full(const struct redactor *r);

/* A value that is such a thing as a whole. "" stays "". NULL: nothing is redacted, here and
 * below. The result lives in `arena`, or is the input. */
struct str redact_value(const struct redactor *r, enum redact_class c, struct str value,
                        struct arena *arena);

/* The same in a form that is valid where an address must stand: an IPv6 address of the network for
 * documentation (2001:db8::/32) with the token's digits; a mailbox with @redacted.invalid. */
struct str redact_address(const struct redactor *r, struct str value, struct arena *arena);
struct str redact_mailbox(const struct redactor *r, struct str value, struct arena *arena);

/* A free text, searched through; also what it holds percent-encoded, in escapes, or as Base64. */
struct str redact_text(const struct redactor *r, struct str text, struct arena *arena);
