#include "rule/network.h"

#include "t.h"

static void networks(void)
{
    struct network net;
    T_OK(network_parse(STR("10.0.0.0/9"), &net));
    T_OK(network_has(&net, STR("10.127.255.255")));
    T_OK(!network_has(&net, STR("10.128.0.0")));
    T_OK(network_has(&net, STR("::ffff:10.1.1.1")));
    T_OK(!network_has(&net, STR("::ffff:10.128.1.1")));
    T_OK(!network_has(&net, STR("::10.1.1.1")));
    T_OK(network_parse(STR("::ffff:10.0.0.0/104"), &net));
    T_OK(network_has(&net, STR("10.1.1.1")) && network_has(&net, STR("::ffff:10.1.1.1")));
    T_OK(network_parse(STR("::/0"), &net));
    T_OK(network_has(&net, STR("::ffff:10.1.1.1")) && !network_has(&net, STR("10.1.1.1")));
    T_OK(network_parse(STR("fe80::/10"), &net));
    T_OK(network_has(&net, STR("fe80::1%12")) && !network_has(&net, STR("10.0.0.1%12")));
    T_OK(network_parse(STR("2001:db8::/33"), &net));
    T_OK(network_has(&net, STR("2001:db8:7fff::1")));
    T_OK(!network_has(&net, STR("2001:db8:8000::1")));
    T_OK(network_parse(STR("1.2.3.4"), &net));
    T_OK(network_has(&net, STR("1.2.3.4")));
    T_OK(!network_has(&net, STR("1.2.3.5")));
    T_OK(!network_parse(STR(""), &net));
    T_OK(!network_parse(STR("1.2.3"), &net));
    T_OK(!network_parse(STR("1.2.3.4/"), &net));
    T_OK(!network_parse(STR("1.2.3.4/33"), &net));
    T_OK(!network_parse(STR("::/129"), &net));
    T_OK(!network_parse(STR("1.2.3.4/8/8"), &net));
    T_OK(!network_parse(STR("fe80::1%2/64"), &net));
    T_OK(!network_parse(STR("/8"), &net));
    T_OK(network_parse(STR("::ffff:0:0/90"), &net)); /* wider than all of IPv4 */
    T_OK(network_has(&net, STR("::ffff:1.2.3.4")) && !network_has(&net, STR("1.2.3.4")));
    T_OK(network_parse(STR("0.0.0.0/0"), &net));
    T_OK(network_has(&net, STR("1.2.3.4")) && network_has(&net, STR("::ffff:1.2.3.4")));
    T_OK(!network_has(&net, STR("::1")) && !network_has(&net, STR("")));
}

int main(void)
{
    T_RUN(networks);
    return t_done();
}
