#include "base/ip.h"

#include <arpa/inet.h>

#include "t.h"

static void what_an_address_belongs_to(void)
{
    const struct {
        struct str text;
        bool v4, loopback, is_public;
    } cases[] = {
        {STR("8.8.8.8"), true, false, true},
        {STR("127.0.0.1"), true, true, false},
        {STR("127.255.255.255"), true, true, false},
        {STR("128.0.0.1"), true, false, true},
        {STR("10.0.0.1"), true, false, false},
        {STR("11.0.0.0"), true, false, true},
        {STR("172.15.255.255"), true, false, true},
        {STR("172.16.0.0"), true, false, false},
        {STR("172.31.255.255"), true, false, false},
        {STR("172.32.0.0"), true, false, true},
        {STR("192.168.0.1"), true, false, false},
        {STR("192.169.0.1"), true, false, true},
        {STR("100.64.0.1"), true, false, false},
        {STR("100.128.0.1"), true, false, true},
        {STR("169.254.1.1"), true, false, false},
        {STR("198.18.0.1"), true, false, false},
        {STR("198.20.0.1"), true, false, true},
        {STR("223.255.255.255"), true, false, true},
        {STR("224.0.0.1"), true, false, false},
        {STR("255.255.255.255"), true, false, false},
        {STR("0.0.0.0"), true, false, false},
        {STR("203.0.113.7"), true, false, true}, /* documentation stands for public */
        {STR("::1"), false, true, false},
        {STR("::"), false, false, false},
        {STR("fe80::1%12"), false, false, false},
        {STR("fec0::1"), false, false, false},
        {STR("fd00::1"), false, false, false},
        {STR("fc00::1"), false, false, false},
        {STR("fbff::1"), false, false, false},
        {STR("ff02::1"), false, false, false},
        {STR("2A02:26F0::1"), false, false, true},
        {STR("2001:db8::1"), false, false, true},
        {STR("::ffff:127.0.0.1"), true, true, false},
        {STR("::ffff:8.8.8.8"), true, false, true},
        {STR("::ffff:a00:1"), true, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ip ip;
        bool ok = ip_parse(cases[i].text, &ip);
        if (!ok || ip.v4 != cases[i].v4 || ip_is_loopback(&ip) != cases[i].loopback ||
            ip_is_public(&ip) != cases[i].is_public)
            t_failed += printf("%.*s\n", STR_ARG(cases[i].text)) > 0;
    }
}

struct edge { /* a network: one before, first, last, one behind */
    enum ip_class is;
    const char *first, *last;
    enum ip_class before_is, behind_is;
    const char *before, *behind; /* NULL: there is none */
};

static void is_of_class(const char *text, enum ip_class want)
{
    struct ip ip;
    if (!text)
        return;
    if (!ip_parse(str_of(text), &ip))
        t_failed += printf("%s: not taken\n", text) > 0;
    else if (ip_class(&ip) != want)
        t_failed += printf("%s: %s, want %s\n", text, ip_class_name(ip_class(&ip)),
                           ip_class_name(want)) > 0;
}

static void networks_end_where_the_registry_says(void)
{
    static const struct edge edges[] = {
        {IP_UNSPECIFIED, "0.0.0.0", "0.0.0.0", 0, IP_RESERVED, NULL, "0.0.0.1"},
        {IP_RESERVED, "0.0.0.1", "0.255.255.255", IP_UNSPECIFIED, IP_PUBLIC, "0.0.0.0",
         "1.0.0.0"},
        {IP_PRIVATE, "10.0.0.0", "10.255.255.255", IP_PUBLIC, IP_PUBLIC, "9.255.255.255",
         "11.0.0.0"},
        {IP_CGNAT, "100.64.0.0", "100.127.255.255", IP_PUBLIC, IP_PUBLIC, "100.63.255.255",
         "100.128.0.0"},
        {IP_LOOPBACK, "127.0.0.0", "127.255.255.255", IP_PUBLIC, IP_PUBLIC, "126.255.255.255",
         "128.0.0.0"},
        {IP_LINK_LOCAL, "169.254.0.0", "169.254.255.255", IP_PUBLIC, IP_PUBLIC,
         "169.253.255.255", "169.255.0.0"},
        {IP_PRIVATE, "172.16.0.0", "172.31.255.255", IP_PUBLIC, IP_PUBLIC, "172.15.255.255",
         "172.32.0.0"},
        {IP_RESERVED, "192.0.0.0", "192.0.0.255", IP_PUBLIC, IP_PUBLIC, "191.255.255.255",
         "192.0.1.0"},
        {IP_PUBLIC, "192.0.0.9", "192.0.0.10", IP_RESERVED, IP_RESERVED, "192.0.0.8",
         "192.0.0.11"},
        {IP_DOCUMENTATION, "192.0.2.0", "192.0.2.255", IP_PUBLIC, IP_PUBLIC, "192.0.1.255",
         "192.0.3.0"},
        {IP_RESERVED, "192.88.99.0", "192.88.99.255", IP_PUBLIC, IP_PUBLIC, "192.88.98.255",
         "192.88.100.0"},
        {IP_PRIVATE, "192.168.0.0", "192.168.255.255", IP_PUBLIC, IP_PUBLIC, "192.167.255.255",
         "192.169.0.0"},
        {IP_BENCHMARK, "198.18.0.0", "198.19.255.255", IP_PUBLIC, IP_PUBLIC, "198.17.255.255",
         "198.20.0.0"},
        {IP_DOCUMENTATION, "198.51.100.0", "198.51.100.255", IP_PUBLIC, IP_PUBLIC,
         "198.51.99.255", "198.51.101.0"},
        {IP_DOCUMENTATION, "203.0.113.0", "203.0.113.255", IP_PUBLIC, IP_PUBLIC,
         "203.0.112.255", "203.0.114.0"},
        {IP_MULTICAST, "224.0.0.0", "239.255.255.255", IP_PUBLIC, IP_RESERVED,
         "223.255.255.255", "240.0.0.0"},
        {IP_RESERVED, "240.0.0.0", "255.255.255.254", IP_MULTICAST, IP_BROADCAST,
         "239.255.255.255", "255.255.255.255"},
        {IP_PUBLIC, "192.31.196.0", "192.31.196.255", IP_PUBLIC, IP_PUBLIC, "192.31.195.255",
         "192.31.197.0"},

        {IP_UNSPECIFIED, "::", "::", 0, IP_LOOPBACK, NULL, "::1"},
        {IP_LOOPBACK, "::1", "::1", IP_UNSPECIFIED, IP_RESERVED, "::", "::2"},
        {IP_RESERVED, "::2", "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", IP_LOOPBACK,
         IP_UNSPECIFIED, "::1", "64:ff9b::"},
        {IP_PUBLIC, "64:ff9b::1.0.0.0", "64:ff9b::9.255.255.255", IP_RESERVED, IP_PRIVATE,
         "64:ff9b::0.255.255.255", "64:ff9b::10.0.0.0"},
        {IP_BROADCAST, "64:ff9b::ffff:ffff", "64:ff9b::255.255.255.255", IP_RESERVED,
         IP_RESERVED, "64:ff9b::255.255.255.254", "64:ff9b::1:0:0"},
        {IP_UNIQUE_LOCAL, "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", IP_RESERVED,
         IP_RESERVED, "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:2::"},
        {IP_RESERVED, "100::", "100::ffff:ffff:ffff:ffff", IP_RESERVED, IP_RESERVED,
         "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100:0:0:1::"},
        {IP_RESERVED, "2001:1::", "2001:1::", IP_UNSPECIFIED, IP_PUBLIC,
         "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::1"},
        {IP_PUBLIC, "2001:1::1", "2001:1::3", IP_RESERVED, IP_RESERVED,
         "2001:1::", "2001:1::4"},
        {IP_BENCHMARK, "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", IP_RESERVED,
         IP_RESERVED, "2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "2001:2:1::"},
        {IP_PUBLIC, "2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff", IP_RESERVED,
         IP_RESERVED, "2001:2:ffff:ffff:ffff:ffff:ffff:ffff", "2001:4::"},
        {IP_PUBLIC, "2001:4:112::", "2001:4:112:ffff:ffff:ffff:ffff:ffff", IP_RESERVED,
         IP_RESERVED, "2001:4:111:ffff:ffff:ffff:ffff:ffff", "2001:4:113::"},
        {IP_PUBLIC, "2001:20::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", IP_RESERVED,
         IP_RESERVED, "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:40::"},
        {IP_RESERVED, "2001:40::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", IP_PUBLIC,
         IP_PUBLIC, "2001:30::", "2001:200::"},
        {IP_DOCUMENTATION, "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", IP_PUBLIC,
         IP_PUBLIC, "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
        {IP_UNSPECIFIED, "2002::", "2002:0:0:ffff:ffff:ffff:ffff:ffff", IP_PUBLIC, IP_RESERVED,
         "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002:0:1::"},
        {IP_PRIVATE, "2002:a00::", "2002:aff:ffff:ffff:ffff:ffff:ffff:ffff", IP_PUBLIC,
         IP_PUBLIC, "2002:9ff:ffff::", "2002:b00::"},
        {IP_DOCUMENTATION, "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", IP_PUBLIC,
         IP_PUBLIC, "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
        {IP_PUBLIC, "2000::", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_RESERVED,
         IP_BROADCAST, "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::"},
        {IP_PUBLIC, "3fff:1000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_DOCUMENTATION,
         IP_RESERVED, "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::"},
        {IP_RESERVED, "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_RESERVED,
         IP_RESERVED, "5eff::", "5f01::"},
        {IP_UNIQUE_LOCAL, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_RESERVED,
         IP_RESERVED, "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::"},
        {IP_LINK_LOCAL, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_RESERVED,
         IP_UNIQUE_LOCAL, "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::"},
        {IP_UNIQUE_LOCAL, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_LINK_LOCAL,
         IP_MULTICAST, "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::"},
        {IP_MULTICAST, "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_UNIQUE_LOCAL, 0,
         "feff::", NULL},
    };
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        is_of_class(edges[i].before, edges[i].before_is);
        is_of_class(edges[i].first, edges[i].is);
        is_of_class(edges[i].last, edges[i].is);
        is_of_class(edges[i].behind, edges[i].behind_is);
    }
}

static void an_address_inside_another_counts(void)
{
    is_of_class("::ffff:10.0.0.1", IP_PRIVATE);
    is_of_class("::ffff:203.0.113.7", IP_DOCUMENTATION);
    is_of_class("64:ff9b::8.8.8.8", IP_PUBLIC);
    is_of_class("64:ff9b::192.168.1.1", IP_PRIVATE);
    is_of_class("2002:808:808::1", IP_PUBLIC);
    is_of_class("2002:c0a8:101::1", IP_PRIVATE);
    is_of_class("2001:0:4136:e378:8000:63bf:f7f7:f7f7", IP_PUBLIC);  /* 8.8.8.8 turned */
    is_of_class("2001:0:4136:e378:8000:63bf:3f57:fefe", IP_PRIVATE); /* 192.168.1.1 */
}

static void classes_have_names(void)
{
    for (unsigned i = 0; i < IP_CLASSES; i++)
        T_OK(ip_class_name((enum ip_class)i)[0] != '\0');
    T_OK(strcmp(ip_class_name(IP_CLASSES), "") == 0);
    T_OK(strcmp(ip_class_name(IP_CGNAT), "cgnat") == 0);
}

/* What is an IPv4 address is what the C library says. */
static void agrees_with_the_c_library(void)
{
    static const char letters[] = "0123456789..25%x";
    uint32_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        char text[20];
        size_t n = 7 + (size_t)(i % 9);
        for (size_t k = 0; k < n; k++) {
            seed = seed * 1664525U + 1013904223U;
            text[k] = letters[(seed >> 16) % (sizeof letters - 1)];
            if (i % 2 && k % 3 == 1)
                text[k] = '.';
        }
        text[n] = '\0';
        uint8_t want[4];
        struct ip got;
        bool ok = ip_parse(str_of(text), &got) && got.v4;
        if (strchr(text, '%'))
            continue;
        if (ok != (inet_pton(AF_INET, text, want) == 1) ||
            (ok && memcmp(got.byte + 12, want, 4) != 0))
            t_failed += printf("%s\n", text) > 0;
    }
}

static void what_is_no_address(void)
{
    const struct str cases[] = {
        STR(""),
        STR("%1"),
        STR("1.2.3"),
        STR("1.2.3.4.5"),
        STR("1.2.3.256"),
        STR("1.2.3.4 "),
        STR(" 1.2.3.4"),
        STR("1.2.3.4:443"),
        STR("[::1]"),
        STR("::1::"),
        STR("g::1"),
        STR("srv.example.org"),
        STR("1.2.3.4\0x"),
        STR("::1\0evil"),
        STR("12345::1"),
        STR("-"),
        STR("1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:0:1:2:3:4:5:6:7:8:9"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ip ip = {.byte = {7}};
        if (ip_parse(cases[i], &ip) || ip.byte[0] != 7)
            t_failed += printf("taken: %.*s\n", STR_ARG(cases[i])) > 0;
    }
}

int main(void)
{
    T_RUN(what_an_address_belongs_to);
    T_RUN(networks_end_where_the_registry_says);
    T_RUN(an_address_inside_another_counts);
    T_RUN(classes_have_names);
    T_RUN(agrees_with_the_c_library);
    T_RUN(what_is_no_address);
    return t_done();
}
