/* network.c - see network.h. */
#include "rule/network.h"

#include "base/ip.h"
#include "base/num.h"

enum { ALL_BITS = 128, V4_BITS = 32, MAPPED_BITS = ALL_BITS - V4_BITS };

static bool has(struct str text, char c)
{
    return text.n && memchr(text.p, c, text.n);
}

bool network_parse(struct str text, struct network *ret)
{
    size_t slash = str_find(text, STR("/"), 0);
    struct str address = str_part(text, 0, slash);
    struct network net = {.v6 = has(address, ':')};
    struct ip ip;
    if (has(address, '%') || !ip_parse(address, &ip))
        return false;
    uint64_t most = net.v6 ? ALL_BITS : V4_BITS;
    uint64_t bits = most;
    if (slash != SIZE_MAX &&
        (!num_u64(str_part(text, slash + 1, text.n), &bits) || bits > most))
        return false;
    net.bits = (unsigned)(net.v6 ? bits : bits + MAPPED_BITS);
    if (ip.v4 && net.bits >= MAPPED_BITS)
        net.v6 = false;
    memcpy(net.address, ip.byte, sizeof net.address);
    *ret = net;
    return true;
}

bool network_has(const struct network *net, struct str address)
{
    struct ip ip;
    if (!ip_parse(address, &ip) || (net->v6 && !has(address, ':')))
        return false;
    size_t whole = net->bits / 8;
    unsigned rest = net->bits % 8;
    return memcmp(ip.byte, net->address, whole) == 0 &&
           (rest == 0 || (unsigned)(ip.byte[whole] ^ net->address[whole]) >> (8 - rest) == 0);
}
