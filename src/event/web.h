/* web.h - what the mappings of web logs have in common. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "event/event.h"
#include "event/wish.h"

/* Adds a derived field, unless the value is empty. */
void web_derive(struct event *ev, struct arena *arena, const char *name, struct str value);

/* Makes room for n fields at once in an event that has none: wide rows come by the million. */
void web_make_room(struct event *ev, struct arena *arena, size_t n);

/* Both texts with a character between them. */
struct str web_join(struct str a, char between, struct str b, struct arena *arena);

/* The path of a request's target: "http://host/x" (a proxy's form) is "/x". */
struct str web_path_of_uri(struct str uri);

/* Whether a web path names a file that a server only sends (script for the browser, style,
 * picture, font): nobody has reason to POST to it. */
bool web_is_static(struct str webpath);

/* Whether the agent or the user is one of Exchange's own health probes. Both are the
 * client's own words: do not excuse an attack by it. */
bool web_is_probe(struct str agent, struct str user);

/* Adds ClientAddress (without port and brackets) and, if it is an address, the kind of network
 * that it belongs to as ClientAddressClass (base/ip.h). */
void web_add_client(struct event *ev, struct arena *arena, struct str text);

/* An address without its port and brackets: "10.0.0.1:443", "[::1]:443", "fe80::1%3". */
struct str web_address(struct str text);

/* A GUID in lower case without braces; "" if the text is none. */
struct str web_guid(struct str text, struct arena *arena);

/* The value of a parameter in "a=b&c=d" (also ';' between them, a leading '?'), ignoring
 * case; "" if it is not there. Ends at '#'. */
struct str web_parameter(struct str query, struct str name);

struct web_request { /* what a row of a web server's log says; "" for what it does not */
    struct str stem;
    struct str query;
    struct str client;
    struct str user;
    struct str agent;
};

enum web_group {                   /* fields that are derived together; or-ed */
                 WEB_URI = 1,      /* cs-uri, cs-uri-stem, cs-uri-query */
                 WEB_PAGE = 2,     /* WebPath, StaticResource */
                 WEB_CLIENT = 4,   /* ClientAddress, ClientAddressClass */
                 WEB_PROBE = 8,    /* HealthProbe */
                 WEB_DDI = 16,     /* DdiAction, DdiSchema, DdiWorkflow */
                 WEB_REQUEST = 32, /* cafeReqId */
                 WEB_TOKEN = 64 /* RpsTokenUser, RpsTokenSid */,
};
static const unsigned WEB_ALL = 127;

/* Adds RpsTokenUser and RpsTokenSid: in whose name PowerShell shall run, as an "X-Rps-CAT" in the
 * query says (event/rps_token.h). */
void web_add_token(struct event *ev, struct arena *arena, struct str query);

/* Those in which a field is wished for. */
unsigned web_groups(const struct wish *wish);

/* Adds what rows of web servers have in common: WebPath, ClientAddress, ClientAddressClass,
 * StaticResource, HealthProbe, and what web_add_ddi adds; of that the groups. */
void web_derive_request(struct event *ev, struct arena *arena, const struct web_request *r,
                        unsigned groups);

/* Adds DdiAction, DdiSchema and DdiWorkflow for a call of the control panel's object
 * service ("/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory&workflow=..."). */
void web_add_ddi(struct event *ev, struct arena *arena, struct str path, struct str query);
