#include "format/format.h"

#include "t.h"

static void is(const char *name, struct bytes b, enum format want)
{
    enum format got = format_sniff(b);
    if (got != want)
        printf("  %s: ", name);
    T_EQ(got, want);
}

#define BYTES(text) ((struct bytes){(const uint8_t *)(text), sizeof(text) - 1})
#define IS(text, want) is(#want, BYTES(text), want)

static void tells_binaries(void)
{
    IS("", FORMAT_EMPTY);
    IS("ElfFile\0\0\0", FORMAT_EVTX);
    IS("ElfChnk\0", FORMAT_EVTX);
    IS("\x1f\x8b\x08", FORMAT_GZIP);
    IS("\x28\xb5\x2f\xfd", FORMAT_ZSTD);
    IS("PK\x03\x04", FORMAT_ZIP);
    IS("7z\xbc\xaf\x27\x1c", FORMAT_7Z);
    IS("\xfd\x37zXZ\0", FORMAT_XZ);
    IS("BZh91AY&SY", FORMAT_BZIP2);
    IS("BZhello", FORMAT_TEXT);
    IS("Rar!\x1a\x07\x01", FORMAT_RAR);
    IS("MSCF\0\0\0\0", FORMAT_CAB);
    IS("MSWIM\0\0\0", FORMAT_WIM);
    IS("MDMP\x93\xa7", FORMAT_MINIDUMP);
    IS("!BDN....<%@ Page", FORMAT_PST);
    IS("regf\1", FORMAT_REGISTRY);
    IS("\1\2\3\4\xef\xcd\xab\x89", FORMAT_ESE);
    IS("\x89PNG\r\n\x1a\n", FORMAT_IMAGE);
    IS("GIF89a", FORMAT_IMAGE);
    IS("MZ\x90\0\3", FORMAT_PE);
    IS("MZ is how a sentence may start", FORMAT_TEXT);
    IS("\1\2\3", FORMAT_UNKNOWN);
}

static void tells_logs(void)
{
    IS("#Software: Microsoft Internet Information Services 10.0\r\n", FORMAT_IIS_W3C);
    IS("\xef\xbb\xbf#Date: 2021-03-05\n#Fields: date time c-ip cs-uri-stem sc-status\n",
       FORMAT_IIS_W3C);
    IS("2021-03-05 03:06:27 xxx GET /owa/auth/x.aspx - 443 - 203.0.113.9 UA - 200 0 0 1\n",
       FORMAT_IIS_W3C);
    IS("#Software: Microsoft HTTP API 2.0\n#Fields: date time c-ip cs-uri\n", FORMAT_HTTPERR);
    IS("#Fields: date time c-ip cs-uri sc-status s-siteid s-reason s-queuename\n",
       FORMAT_HTTPERR);
    IS("2018-12-30 14:22:07 ::1%0 49958 ::1%0 80 - - - - - Timer_ConnectionIdle -\n",
       FORMAT_HTTPERR);
    IS("2018-05-05 05:05:55 192.0.2.7 12345 192.0.2.9 443 HTTP/1.1 GET /../.. 400 - URL -\n",
       FORMAT_HTTPERR);
    IS("2018-05-05 05:05:55 we had 12 of them and 443 in all that day - no more\n",
       FORMAT_TEXT);
    IS("#Software: Microsoft Forefront TMG\n#Fields: c-ip\tcs-uri\tsc-status\n",
       FORMAT_IIS_W3C);
    IS("#Software: Microsoft Exchange Server\r\n#Log-type: HttpProxy Logs\r\n",
       FORMAT_HTTPPROXY);
    IS("DateTime,RequestId,MajorVersion,UrlStem,AnchorMailbox\n", FORMAT_HTTPPROXY);
    IS("#TYPE Selected.X\n\"DateTime\",\"RequestId\",\"UrlStem\",\"AnchorMailbox\"\n",
       FORMAT_HTTPPROXY);
    IS("DateTime,RequestId,MajorVersion,SoapAction\n#Log-type: EWS Logs\n", FORMAT_EWS);
    IS("2021-03-03T06:49:42.162Z,29d1a846-41f6-4da6-9dbf-dd8a9151ce59,15,1,2106,2,,Ecp,,,,,,,,"
       ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n",
       FORMAT_HTTPPROXY);
    IS("#Log-type: ECP Server Log\n", FORMAT_ECP_SERVER);
    IS("#Log-type: ECP Activity Log\n#Fields: TimeStamp,ServerName,EventId,EventData\n",
       FORMAT_ECP_ACTIVITY);
    IS("TimeStamp,ServerName,EventId,EventData\n2021-03-03T06:49:42.162Z,S,ECP.Request,S:TIME="
       "1\n",
       FORMAT_ECP_SERVER);
    IS("TimeStamp,ServerName,EventId,EventData\n2021-03-03T06:49:42.162Z,S,Request,S:PSA=1\n",
       FORMAT_ECP_ACTIVITY);
    /* a client's own words make no other log of it */
    IS("2021-03-03T06:49:42.162Z,SRV,ECP.Request,S:TIME=13;S:CMD=Get-X;S:URL=/OABGenerator\n",
       FORMAT_ECP_SERVER);
    IS("2021-03-03 06:49:42 10.0.0.5 GET /x OABGenerator 443 - 203.0.113.7 - - 200 0 0 1\n",
       FORMAT_IIS_W3C);
    IS("#Software: Microsoft Exchange Server\n#Log-type: OABGeneratorLog\n#Fields: "
       "DateTime,a\n",
       FORMAT_OAB_GENERATOR);
    IS("2021-03-03T06:49:42.162Z,SRV,ECP.Request,S:TIME=13;S:CMD=Get-X\n", FORMAT_ECP_SERVER);
    IS("2021-03-03 a log of ours saw <script runat=server> and <% eval\n", FORMAT_TEXT);
}

#define ACCESS "192.0.2.7 - - [05/Mar/2021:03:06:27 +0000] \"GET /x HTTP/1.1\" 200 5\n"
#define NATIVE                                                                          \
    "192.0.2.7, -, 03/05/21, 7:55:20, W3SVC2, S, 192.0.2.9, 4, 1, 3, 200, 0, GET, /a, " \
    "-,\n"

static void tells_access_logs(void)
{
    IS(ACCESS, FORMAT_NCSA);
    IS(ACCESS "\n" ACCESS "192.0.2.7 - - [05/Mar/2021:03", FORMAT_NCSA); /* cut off */
    IS("3:06:27 +0000] \"-\" 400 0\n" ACCESS ACCESS, FORMAT_NCSA);
    IS("::1 - - [05/Mar/2021:03:06:27 +0000] \"GET /<%eval(1)%> HTTP/1.1\" 404 5\n",
       FORMAT_NCSA);
    IS(NATIVE NATIVE, FORMAT_IIS_NATIVE);

    IS("Notes of [05/Mar/2021:03:06:27 +0000]:\n" ACCESS "and this is what we think\n"
       "of it all\n",
       FORMAT_TEXT);
    IS("<%@ Page Language=\"Jscript\"%>\n" ACCESS, FORMAT_SCRIPT);
    IS(ACCESS "<%eval(Request.Item[\"x\"])%>\n", FORMAT_SCRIPT);
    IS(ACCESS ACCESS "<script runat=server>x</script>\n" ACCESS ACCESS, FORMAT_SCRIPT);
    IS("ip,user,date,time,a,b,c,1,2,3,4,5,m,s,q\n192.0.2.7,x,1,2,3,4,5,6,7,8,9,10,11,12,13\n",
       FORMAT_TEXT);
    IS(NATIVE "<%eval(1)%>\n", FORMAT_SCRIPT);
}

static void tells_logs_through_damage(void)
{
    IS("#Software: Microsoft Internet Information Services 10.0\n\0\0\0\0\0\0\0\0\0\0",
       FORMAT_IIS_W3C);
    IS("#Software: Microsoft Internet Information Services 10.0\n\0\0\0\0\0\0\0\0\0\0more\n",
       FORMAT_IIS_W3C);
    IS("text\0\0more", FORMAT_UNKNOWN);
    static const char wide[] = "\xff\xfe#\0L\0o\0g\0-\0t\0y\0p\0e\0:\0 \0E\0C\0P\0 \0S\0e\0r\0v"
                               "\0e\0r\0 \0L\0o\0g\0\n";
    is("wide", (struct bytes){(const uint8_t *)wide, sizeof wide}, FORMAT_ECP_SERVER);
    is("wide, no mark", (struct bytes){(const uint8_t *)wide + 2, sizeof wide - 2},
       FORMAT_ECP_SERVER);
}

static void tells_json(void)
{
    IS("{\"a\":1}\n{\"a\":2}\n", FORMAT_JSON_LINES);
    IS("{\"a\":\"}{\\\"\"}\n\n{\"b\":2}\n", FORMAT_JSON_LINES);
    IS("{\"a\":1}", FORMAT_JSON_LINES);
    IS("{\n  \"a\": 1\n}\n", FORMAT_JSON);
    IS("[{\"a\":1}]", FORMAT_JSON);
    IS("[section]\nkey=value\n", FORMAT_TEXT);
    IS("{ int x; }", FORMAT_TEXT);
    IS("Record 1\r\n{\r\n  \"Event\": {}\r\n}\r\n", FORMAT_JSON);
    IS("Record one\n{}", FORMAT_TEXT);
}

static void tells_pages(void)
{
    IS("<%@ Page Language=\"Jscript\"%><%eval(Request.Item[\"x\"])%>", FORMAT_SCRIPT);
    IS("<html><script language='c#' RUNAT = \"server\">x</script>", FORMAT_SCRIPT);
    IS("<!DOCTYPE html><script>var x;</script>", FORMAT_HTML);
    IS("<?xml version=\"1.0\"?><configuration/>", FORMAT_IIS_CONFIG);
    IS("<configuration></configuration>", FORMAT_IIS_CONFIG);
    IS("<!-- c --><?x?>\n<configuration>\n<!-- <% eval %> -->", FORMAT_IIS_CONFIG);
    IS("<?xml version='1.0'?>\n<!DOCTYPE c>\n<configuration/>", FORMAT_IIS_CONFIG);
    IS("<!DOCTYPE c [<!ENTITY a '>'>]><configuration/>", FORMAT_IIS_CONFIG);
    IS("<!DOCTYPE c [<!ENTITY a '>'><configuration/>", FORMAT_XML);
    IS("<configurations></configurations>", FORMAT_XML);
    IS("<configuration><mexRuntime/></configuration>", FORMAT_AGENT_CONFIG);
    IS("\xff\xfe<\0T\0a\0s\0k\0>\0<\0A\0c\0t\0i\0o\0n\0s\0/\0>\0<\0/\0T\0a\0s\0k\0>\0",
       FORMAT_TASK);
    IS("<Task></Task>", FORMAT_XML);
    IS("<?xml version=\"1.0\"?>\r\n<preserve resultType=\"3\" "
       "virtualPath=\"/owa/auth/x.aspx\">",
       FORMAT_ASPNET_COMPILED);
    IS("\r\nName                            : OAB (Default Web Site)\r\n"
       "PollInterval                    : 480\r\n"
       "MetabasePath                    : IIS://s/W3SVC/1/ROOT/OAB\r\n"
       "Server                          : S\r\n"
       "ExternalUrl                     : http://f/<script runat=\"server\">x</script>\r\n",
       FORMAT_VDIR_DUMP);
    IS("Name : x\nOther : y\n", FORMAT_TEXT);
}

static void names_every_format(void)
{
    for (int i = 0; i < FORMATS; i++)
        for (int k = 0; k < i; k++)
            T_OK(strcmp(format_name((enum format)i), format_name((enum format)k)) != 0);
    T_OK(format_has_events(FORMAT_IIS_W3C));
    T_OK(format_has_events(FORMAT_ZSTD)); /* or its content is a gap */
    T_OK(!format_has_events(FORMAT_TEXT));
}

static void walk(struct bytes b)
{
    T_OK((unsigned)format_sniff(b) < FORMATS);
}

static void survives_truncation(void)
{
    t_each_prefix(
        BYTES("\xef\xbb\xbf#Fields: date time c-ip cs-uri-stem\n{\"a\":[1]}\nName : x\0\0"),
        walk);
    t_each_prefix(
        BYTES("MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0@\0\0\0\0\0\0\0\0\0"
              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0PE\0\0"),
        walk);
    t_each_prefix(BYTES("\xff\xfe{\0\"\0a\0\"\0:\0"
                        "1\0}\0"),
                  walk);
}

int main(void)
{
    T_RUN(tells_binaries);
    T_RUN(tells_logs);
    T_RUN(tells_access_logs);
    T_RUN(tells_logs_through_damage);
    T_RUN(tells_json);
    T_RUN(tells_pages);
    T_RUN(names_every_format);
    T_RUN(survives_truncation);
    return t_done();
}
