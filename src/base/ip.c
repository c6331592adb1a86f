#include "base/ip.h"

#include <arpa/inet.h>

static const uint8_t MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* "203.0.113.7": four numbers of at most three digits, none with a zero before it. Logs have
 * one in every row: this is several times faster than the C library. */
static bool parse_v4(struct str text, uint8_t ret[4])
{
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        unsigned v = 0;
        if (part > 0 && (at >= text.n || text.p[at++] != '.'))
            return false;
        size_t from = at;
        while (at < text.n && at - from < 3 && text.p[at] >= '0' && text.p[at] <= '9')
            v = v * 10 + (unsigned)(text.p[at++] - '0');
        if (at == from || v > 255 || (text.p[from] == '0' && at - from > 1))
            return false;
        ret[part] = (uint8_t)v;
    }
    return at == text.n;
}

bool ip_parse(struct str text, struct ip *ret)
{
    char copy[INET6_ADDRSTRLEN + 1];
    struct ip ip = {.v4 = true};
    size_t n = 0;
    while (n < text.n && text.p[n] != '%')
        n++;
    memcpy(ip.byte, MAPPED, sizeof MAPPED);
    if (parse_v4(str_part(text, 0, n), ip.byte + sizeof MAPPED)) {
        *ret = ip;
        return true;
    }
    if (n == 0 || n >= sizeof copy || memchr(text.p, '\0', n)) /* inet_pton stops at NUL */
        return false;
    memcpy(copy, text.p, n);
    copy[n] = '\0';
    if (inet_pton(AF_INET6, copy, ip.byte) != 1)
        return false;
    ip.v4 = memcmp(ip.byte, MAPPED, sizeof MAPPED) == 0;
    *ret = ip;
    return true;
}

enum carried { /* where an IPv6 address of a network carries an IPv4 address */
               CARRIES_NONE,
               CARRIES_AT_2,     /* behind the prefix of 6to4 */
               CARRIES_AT_12,    /* as its last four bytes */
               CARRIES_INVERTED, /* the same with all bits turned, as Teredo does */
};

struct net {
    uint8_t byte[16];
    unsigned bits;
    enum ip_class is;
    enum carried carried;
};

static bool within(const uint8_t *address, const struct net *net)
{
    unsigned i = 0;
    for (; i < net->bits / 8; i++)
        if (address[i] != net->byte[i])
            return false;
    unsigned rest = net->bits % 8;
    return rest == 0 || (address[i] ^ net->byte[i]) >> (8 - rest) == 0;
}

/* The first network that fits is meant: a part stands before the whole. */
static const struct net NETS4[] = {
    {{0, 0, 0, 0}, 32, IP_UNSPECIFIED, 0},       /* RFC 1122, this host */
    {{0}, 8, IP_RESERVED, 0},                    /* RFC 791, this network */
    {{10}, 8, IP_PRIVATE, 0},                    /* RFC 1918 */
    {{100, 64}, 10, IP_CGNAT, 0},                /* RFC 6598 */
    {{127}, 8, IP_LOOPBACK, 0},                  /* RFC 1122 */
    {{169, 254}, 16, IP_LINK_LOCAL, 0},          /* RFC 3927 */
    {{172, 16}, 12, IP_PRIVATE, 0},              /* RFC 1918 */
    {{192, 0, 0, 9}, 32, IP_PUBLIC, 0},          /* RFC 7723, anycast of a port mapper */
    {{192, 0, 0, 10}, 32, IP_PUBLIC, 0},         /* RFC 8155, anycast of a relay */
    {{192, 0, 0}, 24, IP_RESERVED, 0},           /* RFC 6890, protocol assignments */
    {{192, 0, 2}, 24, IP_DOCUMENTATION, 0},      /* RFC 5737 */
    {{192, 88, 99}, 24, IP_RESERVED, 0},         /* RFC 7526, 6to4 relays, given up */
    {{192, 168}, 16, IP_PRIVATE, 0},             /* RFC 1918 */
    {{198, 18}, 15, IP_BENCHMARK, 0},            /* RFC 2544 */
    {{198, 51, 100}, 24, IP_DOCUMENTATION, 0},   /* RFC 5737 */
    {{203, 0, 113}, 24, IP_DOCUMENTATION, 0},    /* RFC 5737 */
    {{224}, 4, IP_MULTICAST, 0},                 /* RFC 5771 */
    {{255, 255, 255, 255}, 32, IP_BROADCAST, 0}, /* RFC 919 */
    {{240}, 4, IP_RESERVED, 0},                  /* RFC 1112 */
};

static const struct net NETS6[] = {
    {{0}, 128, IP_UNSPECIFIED, 0},                           /* RFC 4291 */
    {{[15] = 1}, 128, IP_LOOPBACK, 0},                       /* RFC 4291 */
    {{0, 0x64, 0xff, 0x9b}, 96, IP_RESERVED, CARRIES_AT_12}, /* RFC 6052, NAT64 */
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, IP_UNIQUE_LOCAL, 0},   /* RFC 8215, local NAT64 */
    {{0x20, 0x01, 0, 0}, 32, IP_RESERVED, CARRIES_INVERTED}, /* RFC 4380, Teredo */
    {{0x20, 0x01, 0, 1, [15] = 1}, 128, IP_PUBLIC, 0},       /* RFC 7723 */
    {{0x20, 0x01, 0, 1, [15] = 2}, 128, IP_PUBLIC, 0},       /* RFC 8155 */
    {{0x20, 0x01, 0, 1, [15] = 3}, 128, IP_PUBLIC, 0},       /* RFC 9665 */
    {{0x20, 0x01, 0, 2}, 48, IP_BENCHMARK, 0},               /* RFC 5180 */
    {{0x20, 0x01, 0, 3}, 32, IP_PUBLIC, 0},                  /* RFC 7450 */
    {{0x20, 0x01, 0, 4, 0x01, 0x12}, 48, IP_PUBLIC, 0},      /* RFC 7535 */
    {{0x20, 0x01, 0, 0x20}, 28, IP_PUBLIC, 0},               /* RFC 7343 */
    {{0x20, 0x01, 0, 0x30}, 28, IP_PUBLIC, 0},               /* RFC 9374 */
    {{0x20, 0x01}, 23, IP_RESERVED, 0},                      /* RFC 2928 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, IP_DOCUMENTATION, 0},     /* RFC 3849 */
    {{0x20, 0x02}, 16, IP_RESERVED, CARRIES_AT_2},           /* RFC 3056, 6to4 */
    {{0x3f, 0xff}, 20, IP_DOCUMENTATION, 0},                 /* RFC 9637 */
    {{0x20}, 3, IP_PUBLIC, 0},                               /* RFC 4291 */
    {{0xfc}, 7, IP_UNIQUE_LOCAL, 0},                         /* RFC 4193 */
    {{0xfe, 0x80}, 10, IP_LINK_LOCAL, 0},                    /* RFC 4291 */
    {{0xfe, 0xc0}, 10, IP_UNIQUE_LOCAL, 0},                  /* RFC 3879, site-local */
    {{0xff}, 8, IP_MULTICAST, 0},                            /* RFC 4291 */
};

static enum ip_class class4(const uint8_t *address)
{
    for (size_t i = 0; i < sizeof NETS4 / sizeof *NETS4; i++)
        if (within(address, &NETS4[i]))
            return NETS4[i].is;
    return IP_PUBLIC;
}

static enum ip_class class_carried(const uint8_t *address, const struct net *net)
{
    uint8_t v4[4];
    size_t at = net->carried == CARRIES_AT_2 ? 2 : 12;
    uint8_t turn = net->carried == CARRIES_INVERTED ? 0xff : 0;
    for (size_t i = 0; i < sizeof v4; i++)
        v4[i] = address[at + i] ^ turn;
    return class4(v4);
}

enum ip_class ip_class(const struct ip *ip)
{
    if (ip->v4)
        return class4(ip->byte + sizeof MAPPED);
    for (size_t i = 0; i < sizeof NETS6 / sizeof *NETS6; i++)
        if (within(ip->byte, &NETS6[i]))
            return NETS6[i].carried ? class_carried(ip->byte, &NETS6[i]) : NETS6[i].is;
    return IP_RESERVED; /* of IPv6, only 2000::/3 is given out */
}

const char *ip_class_name(enum ip_class c)
{
    static const char *const names[IP_CLASSES] = {
        [IP_PUBLIC] = "public",
        [IP_PRIVATE] = "private",
        [IP_CGNAT] = "cgnat",
        [IP_LOOPBACK] = "loopback",
        [IP_LINK_LOCAL] = "link-local",
        [IP_UNIQUE_LOCAL] = "unique-local",
        [IP_DOCUMENTATION] = "documentation",
        [IP_BENCHMARK] = "benchmark",
        [IP_MULTICAST] = "multicast",
        [IP_BROADCAST] = "broadcast",
        [IP_UNSPECIFIED] = "unspecified",
        [IP_RESERVED] = "reserved",
    };
    return (unsigned)c < IP_CLASSES ? names[c] : "";
}

bool ip_is_loopback(const struct ip *ip)
{
    return ip_class(ip) == IP_LOOPBACK;
}

bool ip_is_public(const struct ip *ip)
{
    enum ip_class c = ip_class(ip);
    return c == IP_PUBLIC || c == IP_DOCUMENTATION;
}
