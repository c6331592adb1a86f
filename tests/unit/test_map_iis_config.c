#include "event/map_iis_config.h"
#include "t.h"

static struct arena *a;

static const char HOST[] =
    "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<configuration>\n"
    "<configSections><section name=\"x\"/></configSections>\n"
    "<system.applicationHost><applicationPools><add name=\"P\"><processModel "
    "identityType=\"LocalSystem\" password=\"averylongsecret\"/></add></applicationPools>"
    "<customMetadata><key path=\"LM/W3SVC/2/ROOT/owa/15.2.922.7\"/></customMetadata>\n"
    "<sites><site name=\"Default Web Site\" id=\"1\"><application path=\"/owa\">"
    "<virtualDirectory path=\"/\" physicalPath=\"C:\\x\"/></application></site></sites>"
    "</system.applicationHost>\n"
    "<system.webServer><globalModules><add name=\"N\" image=\"C:\\n.dll\"/></globalModules>"
    "</system.webServer>\n"
    "<location path=\"Default Web Site/owa\"><system.webServer><modules><clear/>"
    "<add name=\"M\" type=\"A.B, C, Version=1.0, PublicKeyToken=31BF\"/></modules>"
    "<rewrite><rules><rule name=\"R\"><action type=\"AbortRequest\"/></rule></rules></rewrite>"
    "</system.webServer><system.web><machineKey validationKey=\"0123456789abcdef\" "
    "decryptionKey=\"AutoGenerate\"/></system.web></location>\n</configuration>\n";

/* The event whose Element is this one, the nth of them; its fields are in `a`. */
static struct event told(struct bytes file, const char *path, const char *element, int nth)
{
    struct iis_config_events *s = iis_config_events_open(file, str_of(path), a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    while (iis_config_events_next(s, a, &ev, &gap, &err) > 0) {
        iis_config_events_fill(s, a, &ev);
        T_OK(ev.offset + ev.size <= file.n);
        if (str_eq(event_text(&ev, "Element"), str_of(element)) && nth-- == 0)
            return ev;
    }
    bool is_there = false;
    T_OK(is_there);
    return (struct event){0};
}

#define FILE_OF(text) ((struct bytes){(const uint8_t *)(text), sizeof(text) - 1})

static void an_element_has_what_it_belongs_to(void)
{
    const char *path = "x/C/Windows/System32/inetsrv/config/applicationHost.config";
    struct event ev = told(FILE_OF(HOST), path, "virtualDirectory", 0);
    T_EQ(ev.kind, EVENT_IIS_CONFIG);
    T_OK(ev.time == INSTANT_NONE);
    T_STR(event_text(&ev, "Section"), "system.applicationHost/sites/site/application");
    T_STR(event_text(&ev, "Site"), "Default Web Site");
    T_STR(event_text(&ev, "Application"), "/owa");
    T_STR(event_text(&ev, "physicalPath"), "C:\\x");
    T_STR(event_text(&ev, "ConfigName"), "applicationHost.config");
    T_STR(event_text(&ev, "History"), "");
    T_OK(memcmp(HOST + ev.offset, "<virtualDirectory", 17) == 0);
    T_EQ(ev.size, strlen("<virtualDirectory path=\"/\" physicalPath=\"C:\\x\"/>"));

    ev = told(FILE_OF(HOST), path, "clear", 0);
    T_STR(event_text(&ev, "Section"), "system.webServer/modules");
    T_STR(event_text(&ev, "Location"), "Default Web Site/owa");
    T_STR(event_text(&ev, "Site"), "Default Web Site");
    ev = told(FILE_OF(HOST), path, "action", 0);
    T_STR(event_text(&ev, "Rule"), "R");
    ev = told(FILE_OF(HOST), path, "key", 0);
    T_STR(event_text(&ev, "InstalledBuild"), "15.2.922.7");
    ev = told(FILE_OF(HOST), "inetpub/history/CFGHISTORY_0000000007/applicationHost.config",
              "add", 1);
    T_STR(event_text(&ev, "Section"), "system.webServer/globalModules");
    T_STR(event_text(&ev, "image"), "C:\\n.dll");
    T_STR(event_text(&ev, "History"), "CFGHISTORY_0000000007");
}

static void a_type_is_taken_apart(void)
{
    struct event ev = told(FILE_OF(HOST), "C/inetpub/wwwroot/web.config", "add", 2);
    T_STR(event_text(&ev, "TypeName"), "A.B");
    T_STR(event_text(&ev, "TypeAssembly"), "C");
    T_STR(event_text(&ev, "PublicKeyToken"), "31bf");
    T_STR(event_text(&ev, "WebPath"), "/web.config");
}

static void secrets_are_cut_short(void)
{
    struct event ev = told(FILE_OF(HOST), "web.config", "machineKey", 0);
    T_STR(event_text(&ev, "validationKey"), "01234567...");
    T_STR(event_text(&ev, "decryptionKey"), "AutoGenerate");
    T_STR(event_text(&ev, "MachineKey"), "explicit");
    T_EQ(ev.size, 0);
    ev = told(FILE_OF(HOST), "web.config", "processModel", 0);
    T_STR(event_text(&ev, "Pool"), "P");
    T_STR(event_text(&ev, "password"), "averylon...");
    T_EQ(ev.size, 0);
}

static void declarations_are_left_out_and_damage_is_told(void)
{
    struct bytes file = FILE_OF("<configuration><a b='c'/><configSections><section name='x'/>"
                                "</configSections><d></configuration>");
    struct iis_config_events *s = iis_config_events_open(file, STR("web.config"), a);
    struct event ev;
    struct span gap = {0};
    struct err err = {0};
    T_EQ(iis_config_events_next(s, a, &ev, &gap, &err), 1);
    T_EQ(iis_config_events_next(s, a, &ev, &gap, &err), -1);
    T_EQ(gap.to, file.n);
    T_OK(gap.from > 60 && gap.from < file.n);
    T_EQ(iis_config_events_next(s, a, &ev, &gap, &err), 0);
}

static void walk(struct bytes data)
{
    struct arena *arena = arena_new();
    struct iis_config_events *s = iis_config_events_open(data, STR("web.config"), arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    int got;
    while ((got = iis_config_events_next(s, arena, &ev, &gap, &err)) != 0)
        if (got > 0)
            iis_config_events_fill(s, arena, &ev);
    arena_free(arena);
}

static void survives_truncation_and_flips(void)
{
    static char copy[sizeof HOST];
    memcpy(copy, HOST, sizeof HOST);
    struct bytes b = FILE_OF(copy);
    t_each_prefix(b, walk);
    for (size_t i = 0; i < b.n; i++) {
        copy[i] = (char)(copy[i] ^ 4);
        walk(b);
        copy[i] = (char)(copy[i] ^ 4);
    }
}

int main(void)
{
    a = arena_new();
    T_RUN(an_element_has_what_it_belongs_to);
    T_RUN(a_type_is_taken_apart);
    T_RUN(secrets_are_cut_short);
    T_RUN(declarations_are_left_out_and_damage_is_told);
    T_RUN(survives_truncation_and_flips);
    arena_free(a);
    return t_done();
}
