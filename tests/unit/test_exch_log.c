#include "format/exch_log.h"

#include "format/exch_shape.h"
#include "t.h"

static void is(const char *text, enum format want, int line)
{
    t_str(str_of(format_name(exch_log_sniff(str_of(text)))), str_of(format_name(want)), text,
          __FILE__, line);
}

#define IS(text, want) is(text, want, __LINE__)
#define NAMED(type) "#Software: Microsoft Exchange Server\n#Log-type: " type "\n"
#define T "2021-03-03T06:49:42.162Z,"
#define GUID "29d1a846-41f6-4da6-9dbf-dd8a9151ce59,"
#define C10 ",,,,,,,,,,"

static void by_its_name(void)
{
    IS(NAMED("HttpProxy Logs"), FORMAT_HTTPPROXY);
    IS(NAMED("ECP Server Log"), FORMAT_ECP_SERVER);
    IS(NAMED("ECP Activity Context Log"), FORMAT_ECP_ACTIVITY);
    IS(NAMED("EWS Logs"), FORMAT_EWS);
    IS(NAMED("Autodiscover Protocol Logs"), FORMAT_AUTODISCOVER);
    IS(NAMED("OWA Server Log"), FORMAT_OWA);
    IS(NAMED("MapiHttp Logs"), FORMAT_MAPIHTTP);
    IS(NAMED("Rps Cmdlet Logs"), FORMAT_RPS_CMDLET);
    IS(NAMED("Rps Http Logs"), FORMAT_RPS_HTTP);
    IS(NAMED("Message Tracking Log"), FORMAT_MESSAGE_TRACKING);
    IS(NAMED("SMTP Receive Protocol Log"), FORMAT_SMTP);
    IS(NAMED("SMTP Send Protocol Log"), FORMAT_SMTP);
    IS(NAMED("Agent Log"), FORMAT_AGENT);
    IS(NAMED("Transport Connectivity Log"), FORMAT_CONNECTIVITY);
    IS("#Software: Microsoft Exchange\n#Log-type: audit\n", FORMAT_AUDIT);
    IS(NAMED("Mitigation Service Log"), FORMAT_MITIGATION);
    IS(NAMED("Rps AuthZ Logs"), FORMAT_EXCHANGE);
    IS(NAMED("IMAP4 Log") "#Fields: dateTime,sessionId\n", FORMAT_EXCHANGE);
}

static void the_name_is_more_than_the_columns(void)
{
    IS(NAMED("GLS Logs") "#Fields: DateTime,AnchorMailbox,RoutingHint\n", FORMAT_EXCHANGE);
    IS("#Log-type: X\n#Fields: DateTime,a\n", FORMAT_EXCHANGE);
    IS("#Log-type: X\n#Fields: DateTime\n", FORMAT_TEXT);
    IS("#Software: Frob\n#Fields: DateTime,a,b\n", FORMAT_TEXT);
}

static void by_its_columns(void)
{
    IS("DateTime,RequestId,UrlStem,AnchorMailbox\n", FORMAT_HTTPPROXY);
    IS("\"UrlStem\"\t\"DateTime\"\t\"RoutingHint\"\n", FORMAT_HTTPPROXY);
    IS("#TYPE Selected.X\n\"UrlStem\",\"AnchorMailbox\"\n\"/x\",\"\"\n", FORMAT_HTTPPROXY);
    IS("#Fields: DateTime,SoapAction,ImpersonatedUser\n", FORMAT_EWS);
    IS("DateTime,SoapAction,RedirectType\n", FORMAT_AUTODISCOVER);
    IS("DateTime,MapiRequestId,RopIds\n", FORMAT_MAPIHTTP);
    IS("DateTime,Cmdlet,NonPiiParameters\n", FORMAT_RPS_CMDLET);
    IS("DateTime,CommandId,ShellId\n", FORMAT_RPS_HTTP);
    IS("date-time;event-id;message-subject\n", FORMAT_MESSAGE_TRACKING);
    IS("date-time,connector-id,session-id,sequence-number,local-endpoint,x\n", FORMAT_SMTP);
    IS("date-time,session,source,Destination,direction,description\n", FORMAT_CONNECTIVITY);
    IS("Timestamp,Agent,P1FromAddress\n", FORMAT_AGENT);
    IS("Timestamp,RecordType,UserKey,RecordId\n", FORMAT_AUDIT);
    IS("DateTime,Alpha,Beta\n", FORMAT_TEXT); /* nothing says that Exchange wrote it */
}

static void logs_of_four_columns_by_their_events(void)
{
    static const char head[] = "TimeStamp,ServerName,EventId,EventData\n";
    char text[256];
    static const struct {
        const char *row;
        enum format want;
    } cases[] = {
        {"", FORMAT_ECP_SERVER},
        {T "S,ECP.Request,S:TIME=1\n", FORMAT_ECP_SERVER},
        {T "S,Request,S:PSA=1\n", FORMAT_ECP_ACTIVITY},
        {T "S,GlobalActivity,S:Bld=1\n", FORMAT_ECP_ACTIVITY},
        {T "S,Something,S:A=1\n", FORMAT_EXCHANGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(text, sizeof text, "%s%s", head, cases[i].row);
        is(text, cases[i].want, (int)i);
    }
}

static void by_the_shape_of_a_row(void)
{
    IS(T GUID "15,1,2106,2,,Ecp" C10 C10 C10 C10 "\n", FORMAT_HTTPPROXY);
    IS(T GUID "15,1,2106,2,,Negotiate,true" C10 C10 C10 "\n", FORMAT_AUTODISCOVER);
    IS(T GUID "x,y,Execute,200,0,0,0,12" C10 C10 C10 ",,,,,,\n", FORMAT_MAPIHTTP);
    IS(T T GUID C10 C10 C10 ",,,,\n", FORMAT_RPS_HTTP);
    IS(T "SRV\\x,08D,3,192.0.2.1:25,192.0.2.2:9,<,EHLO x,\n", FORMAT_SMTP);
    IS(T "08D,SMTP,example.org,>,DNS, and more\n", FORMAT_CONNECTIVITY);
    IS(T ",,,,,,SMTP,RECEIVE" C10 C10 ",\n", FORMAT_MESSAGE_TRACKING);
    IS(T "SRV,00000000-0000-0000-0000-000000000000,x,\"{\"\"a\"\":1}\",,,,,,,\n", FORMAT_AUDIT);
    IS(T "1,2,192.0.2.1:5,,,,,,1" C10 "\n", FORMAT_AGENT);
    IS(T "1,2,a,b,u,1,2,3,login,x,,\n", FORMAT_EXCHANGE);
    IS(T "1,2,3\n", FORMAT_UNKNOWN);
    IS("a,b,c\n", FORMAT_UNKNOWN);
    IS("", FORMAT_UNKNOWN);
}

static void every_shape_holds_its_own_columns(void)
{
    static const enum format each[] = {FORMAT_ECP_SERVER,   FORMAT_ECP_ACTIVITY, FORMAT_SMTP,
                                       FORMAT_CONNECTIVITY, FORMAT_AUDIT,        FORMAT_AGENT};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        T_OK(exch_log_of(each[i]) != NULL);
    T_OK(exch_log_of(FORMAT_EVTX) == NULL);

    struct csv_row row;
    struct exch_layout layout;
    const char *text = T GUID "15,1,2106,2,,Ecp" C10 C10 C10 C10;
    (void)csv_split(str_bytes(str_of(text)), ',', &row);
    const struct exch_shape *shape = exch_shape_find(FORMAT_HTTPPROXY, &row);
    T_OK(shape != NULL);
    T_OK(exch_shape_find(FORMAT_EWS, &row) == NULL);
    exch_shape_layout(shape, &layout);
    T_EQ(layout.n, 74);
    T_EQ(exch_column(&layout, "AnchorMailbox"), 15);
    T_EQ(exch_column(&layout, "GenericInfo"), 67);
    T_OK(exch_shape_holds(shape, 40));
    T_OK(!exch_shape_holds(shape, 39));
}

static void walk(struct bytes data)
{
    (void)exch_log_sniff((struct str){(const char *)data.p, data.n});
}

static void survives_truncation_and_flips(void)
{
    char text[] =
        "\n#TYPE x\n\"a\",\"b\"\n#Log-type: X\r\n#Fields: DateTime,\"RequestId\"\n" T "\"1,2\n";
    struct bytes b = {(const uint8_t *)text, sizeof text - 1};
    t_each_prefix(b, walk);
    for (size_t i = 0; i < b.n; i++)
        for (int bit = 1; bit < 256; bit <<= 1) {
            text[i] = (char)(text[i] ^ bit);
            walk(b);
            text[i] = (char)(text[i] ^ bit);
        }
}

int main(void)
{
    T_RUN(by_its_name);
    T_RUN(the_name_is_more_than_the_columns);
    T_RUN(by_its_columns);
    T_RUN(logs_of_four_columns_by_their_events);
    T_RUN(by_the_shape_of_a_row);
    T_RUN(every_shape_holds_its_own_columns);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
