/* ip.h - IP addresses as text: what kind of network they belong to. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct ip {
    uint8_t byte[16]; /* IPv4 as ::ffff:a.b.c.d */
    bool v4;
};

/* Reads an IPv4 or IPv6 address without port, brackets or zone ("%12" is cut off).
 * An IPv4-mapped IPv6 address is that IPv4 address. False if it is none. */
bool ip_parse(struct str text, struct ip *ret);

bool ip_is_loopback(const struct ip *ip);

/* Whether the address is one of the public internet: not private (RFC 1918), CGNAT
 * (RFC 6598), loopback, link-local, unique local (RFC 4193), multicast, reserved or unspecified. Source: IANA special-purpose address registries. */
bool ip_is_public(const struct ip *ip);
