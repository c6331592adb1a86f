#include "base/ip.h"

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
        {STR("fec0::1"), false, false, true},
        {STR("fd00::1"), false, false, false},
        {STR("fc00::1"), false, false, false},
        {STR("fbff::1"), false, false, true},
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
    T_RUN(what_is_no_address);
    return t_done();
}
