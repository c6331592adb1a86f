#include "base/ip.h"

#include <arpa/inet.h>

static const uint8_t MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool ip_parse(struct str text, struct ip *ret)
{
    char copy[INET6_ADDRSTRLEN + 1];
    size_t n = 0;
    while (n < text.n && text.p[n] != '%')
        n++;
    if (n == 0 || n >= sizeof copy || memchr(text.p, '\0', n)) /* inet_pton stops at NUL */
        return false;
    memcpy(copy, text.p, n);
    copy[n] = '\0';
    struct ip ip = {.v4 = true};
    memcpy(ip.byte, MAPPED, sizeof MAPPED);
    if (inet_pton(AF_INET, copy, ip.byte + sizeof MAPPED) == 1) {
        *ret = ip;
        return true;
    }
    if (inet_pton(AF_INET6, copy, ip.byte) != 1)
        return false;
    ip.v4 = memcmp(ip.byte, MAPPED, sizeof MAPPED) == 0;
    *ret = ip;
    return true;
}

struct net {
    uint8_t byte[8];
    unsigned bits;
};

static bool within(const uint8_t *address, const struct net *net)
{
    for (unsigned i = 0; i < net->bits; i++) {
        unsigned mask = 0x80U >> (i % 8);
        if ((address[i / 8] ^ net->byte[i / 8]) & mask)
            return false;
    }
    return true;
}

/* The networks for documentation are left out: they occur in examples only, where they
 * stand for public addresses. */
static const struct net special4[] = {
    {{0}, 8},        {{10}, 8},         {{100, 64}, 10},  {{127}, 8},      {{169, 254}, 16},
    {{172, 16}, 12}, {{192, 0, 0}, 24}, {{192, 168}, 16}, {{198, 18}, 15}, {{224}, 3},
};

static const struct net special6[] = {
    {{0}, 8}, {{0x01}, 8}, {{0xfc}, 7}, {{0xfe, 0x80}, 10}, {{0xff}, 8},
};

bool ip_is_loopback(const struct ip *ip)
{
    static const uint8_t one[16] = {[15] = 1};
    return ip->v4 ? ip->byte[12] == 127 : memcmp(ip->byte, one, sizeof one) == 0;
}

bool ip_is_public(const struct ip *ip)
{
    const struct net *nets = ip->v4 ? special4 : special6;
    size_t n = ip->v4 ? sizeof special4 / sizeof *special4 : sizeof special6 / sizeof *special6;
    for (size_t i = 0; i < n; i++)
        if (within(ip->v4 ? ip->byte + 12 : ip->byte, &nets[i]))
            return false;
    return true;
}
