/* anchor.h - where an AnchorMailbox or a routing cookie sends a request.
 *
 * In the server-side request forgery of CVE-2021-26855 the client's cookie names the server
 * that the front end calls, and with it any host and path. Rules that match the text with
 * wildcards can be evaded (a host that only starts with "localhost", "/autodiscover" in a
 * trailing query); so it is taken apart here, and rules compare the parts.
 *
 * Source: docs/formats/exchange-csv.md, "AnchorMailbox"
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

struct anchor {
    struct str kind;      /* text before the first '~': "ServerInfo", "Sid" */
    struct str authority; /* as written, up to the path */
    struct str host;      /* lower case, without credentials, port, brackets */
    struct str port;
    struct str path; /* lower case, query included, starts with '/'; "" if there is none */
    struct str url;  /* the path as written */
    bool loopback;   /* the host is exactly localhost, 127.0.0.1 or ::1 */
};

/* Takes an AnchorMailbox apart. Parts behind `kind` are filled for ServerInfo only.
 * False if there is no '~'. */
bool anchor_parse(struct str text, struct arena *arena, struct anchor *ret);

/* The server in a BackEndCookie: "Server~host~1941962753~2021-..." in clear or as Base64 of
 * its complement. "" if it names none. */
struct str anchor_cookie_server(struct str cookie, struct arena *arena);
