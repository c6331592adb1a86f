/* network.h - networks of addresses, as cidr means them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct network {
    uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
    unsigned bits;       /* of the 128 */
    bool v6;             /* of addresses written as IPv6 only */
};

/* "10.0.0.0/8", "fe80::/10", or an address alone. Bits behind the network's do not count. */
bool network_parse(struct str text, struct network *ret);

/* Whether a text is an address in the network. An IPv4 address written as IPv6
 * (::ffff:10.1.2.3) is in the networks of both; a zone (fe80::1%12) does not count. */
bool network_has(const struct network *net, struct str address);
