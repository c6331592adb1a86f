/* ip.h - IP addresses as text: what kind of network they belong to.
 *
 * Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (as of 2025-10-09), IPv4
 * and IPv6 Address Space; the RFC of each row stands in ip.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct ip {
    uint8_t byte[16]; /* IPv4 as ::ffff:a.b.c.d */
    bool v4;
};

enum ip_class {
    IP_PUBLIC,
    IP_PRIVATE,       /* RFC 1918 */
    IP_CGNAT,         /* shared behind a provider's translation, RFC 6598 */
    IP_LOOPBACK,      /* this host */
    IP_LINK_LOCAL,    /* this network segment */
    IP_UNIQUE_LOCAL,  /* IPv6's private networks, RFC 4193, and the older site-local ones */
    IP_DOCUMENTATION, /* examples: RFC 5737, RFC 3849, RFC 9637 */
    IP_BENCHMARK,     /* measuring of devices: RFC 2544, RFC 5180 */
    IP_MULTICAST,
    IP_BROADCAST,   /* 255.255.255.255 */
    IP_UNSPECIFIED, /* 0.0.0.0, :: */
    IP_RESERVED,    /* given to nobody, or to a protocol's own use */
    IP_CLASSES,
};

/* Reads an IPv4 or IPv6 address without port, brackets or zone ("%12" is cut off).
 * An IPv4-mapped IPv6 address is that IPv4 address. False if it is none. */
bool ip_parse(struct str text, struct ip *ret);

/* What kind of network the address belongs to. An IPv6 address that carries an IPv4 address
 * (NAT64, 6to4, Teredo's client) is of that one's class. */
enum ip_class ip_class(const struct ip *ip);

/* "public", "private", "cgnat", "loopback", "link-local", "unique-local", ... */
const char *ip_class_name(enum ip_class c);

bool ip_is_loopback(const struct ip *ip);

/* Whether the address is one of the public internet. Networks for documentation count as
 * public here: they occur in examples and made evidence only, where they stand for it. */
bool ip_is_public(const struct ip *ip);
