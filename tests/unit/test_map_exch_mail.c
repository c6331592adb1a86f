#include "exch_t.h"

#define TRACKING                                                                  \
    FIELDS("date-time,client-ip,client-hostname,server-hostname,source,event-id," \
           "recipient-address,message-subject,sender-address,message-info,"       \
           "original-client-ip,custom-data,schema-version")

static void a_message_is_followed(void)
{
    struct arena *a = arena_new();
    struct event ev =
        t_row(TRACKING AT
              ",192.0.2.1,relay,SRV,SMTP,RECEIVE,a@example.org;b@example.org,\"Re: a, b\","
              "s@example.com,2021-03-03T06:49:51.000Z;LSRV=x:TOTAL-HUB=1.9|SMR=0.1(SMRPI="
              "0.1(SMRPI-FrontendProxyAgent=0.1))|CAT=1(CATRS=1(CATRS-Rule Agent=0.1(X-ETREX"
              "=0.002)|CATRS-Odd One=1))|CATRT-Rule Agent=1|MTSS-PEN=0,203.0.113.4,"
              "S:DeliveryPriority=Normal;S:From=x,15.01.2507.035\r\n",
              FORMAT_MESSAGE_TRACKING, "Logs/MessageTracking/MSGTRK2021030306-1.LOG", a);
    T_STR(ev.host, "SRV");
    T_STR(ev.part, "transport");
    T_STR(event_text(&ev, "Sender"), "s@example.com");
    T_EQ(t_values(&ev, "Recipient"), 2);
    T_STR(event_text(&ev, "Subject"), "Re: a, b");
    T_STR(event_text(&ev, "ClientAddress"), "203.0.113.4");
    T_STR(event_text(&ev, "Build"), "15.1.2507.35");
    T_STR(event_text(&ev, "custom-data.DeliveryPriority"), "Normal");
    T_EQ(t_values(&ev, "TransportAgent"), 3); /* each once; no stages, no counters */
    T_STR(event_text(&ev, "TransportAgent"), "FrontendProxyAgent");
    arena_free(a);
}

static void the_server_is_not_always_in_one_column(void)
{
    static const struct {
        const char *row, *host;
    } cases[] = {
        {"SMTP,SENDEXTERNAL", "here"}, {"STOREDRIVER,DELIVER", "here"},
        {"SMTP,RECEIVE", "there"},     {"STOREDRIVER,SUBMIT", "here"},
        {"AGENT,AGENTINFO", ""},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, TRACKING AT ",,here,there,%s,,,HealthMailbox1@x,,,,",
                       cases[i].row);
        struct event ev = t_row(text, FORMAT_MESSAGE_TRACKING, "MSGTRKMS1.LOG", a);
        t_str(ev.host, str_of(cases[i].host), cases[i].row, __FILE__, (int)i);
        T_STR(ev.part, "submission");
        T_STR(event_text(&ev, "HealthProbe"), "true");
    }
    arena_free(a);
}

#define SMTP                                                                            \
    "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,"        \
    "remote-endpoint,event,data,context\r\n" AT ",SRV\\Default SRV,08D,3,192.0.2.1:25," \
    "203.0.113.9:1111,"

static void a_session_received(void)
{
    static const char path[] =
        "TransportRoles\\Logs\\FrontEnd\\ProtocolLog\\SmtpReceive\\R.LOG";
    struct arena *a = arena_new();
    struct event ev = t_row("#Log-type: SMTP Receive Protocol Log\r\n" SMTP
                            "<,MAIL FROM:<s@x.org> SIZE=1,\r\n",
                            FORMAT_SMTP, path, a);
    T_STR(ev.host, "SRV");
    T_STR(ev.part, "FrontEnd/SmtpReceive");
    T_STR(event_text(&ev, "ClientAddress"), "203.0.113.9");
    T_STR(event_text(&ev, "SmtpCommand"), "MAIL");
    T_STR(event_text(&ev, "Sender"), "s@x.org");
    ev = t_row(SMTP "*,,User Name: adele@example.org\r\n", FORMAT_SMTP, path, a);
    T_STR(event_text(&ev, "SmtpUser"), "adele@example.org");
    T_STR(event_text(&ev, "SmtpCommand"), "");
    ev = t_row(SMTP ">,250 ok,a, b and c\r\n", FORMAT_SMTP, path, a);
    T_STR(event_text(&ev, "context"), "a, b and c"); /* free text to the end of the line */
    T_STR(event_text(&ev, "SmtpCommand"), "");
    arena_free(a);
}

static void a_session_sent(void)
{
    struct arena *a = arena_new();
    struct event ev =
        t_row("#Log-type: SMTP Send Protocol Log\r\n" SMTP ">,RCPT TO:<r@x.org>,\r\n",
              FORMAT_SMTP, "x", a);
    T_STR(ev.part, "SmtpSend");
    T_STR(event_text(&ev, "TargetServer"), "203.0.113.9");
    T_STR(event_text(&ev, "ClientAddress"), "");
    T_STR(event_text(&ev, "Recipient"), "r@x.org");
    ev = t_row(AT ",To the world,08D,1,,198.51.100.3:25,*,,attempting to connect\r\n",
               FORMAT_SMTP, "TransportRoles/Logs/Hub/x.LOG", a);
    T_STR(ev.part, "Hub"); /* nothing says which way, but the connector has no server */
    T_STR(event_text(&ev, "TargetServer"), "198.51.100.3");
    arena_free(a);
}

static void agents_and_connections(void)
{
    struct arena *a = arena_new();
    struct event ev = t_row(FIELDS("Timestamp,RemoteEndpoint,EnteredOrgFromIP,P1FromAddress,"
                                   "Recipient,NumRecipients,Agent") AT
                            ",203.0.113.9:5,,s@x.org,a@x.org;b@x.org,2,Odd Agent\r\n",
                            FORMAT_AGENT, "TransportRoles/Logs/Hub/AgentLog/A.LOG", a);
    T_STR(ev.part, "Hub");
    T_STR(event_text(&ev, "TransportAgent"), "Odd Agent");
    T_STR(event_text(&ev, "ClientAddress"), "203.0.113.9");
    T_STR(event_text(&ev, "Sender"), "s@x.org");
    T_EQ(t_values(&ev, "Recipient"), 3); /* the column itself is called so, too */
    ev = t_row(
        FIELDS("date-time,session,source,Destination,direction,description") AT
        ",08D,SMTP,mx.example.org,>,DNS server returned NoRecords, reported by 192.0.2.1\r\n",
        FORMAT_CONNECTIVITY, "TransportRoles/Logs/Edge/Connectivity/C.LOG", a);
    T_STR(ev.part, "Edge");
    T_STR(event_text(&ev, "TargetServer"), "mx.example.org");
    T_STR(event_text(&ev, "description"),
          "DNS server returned NoRecords, reported by 192.0.2.1");
    arena_free(a);
}

static void survives_truncation_and_flips(void)
{
    char text[] = SMTP "<,MAIL FROM:<>,\n#Fields: date-time,message-info,recipient-address\n" AT
                       ",CATRS-a=1(SMR-b=2,;;\"\n";
    t_each_prefix((struct bytes){(const uint8_t *)text, sizeof text - 1}, t_walk_exch);
    t_flip_exch(text, sizeof text - 1);
}

int main(void)
{
    T_RUN(a_message_is_followed);
    T_RUN(the_server_is_not_always_in_one_column);
    T_RUN(a_session_received);
    T_RUN(a_session_sent);
    T_RUN(agents_and_connections);
    T_RUN(survives_truncation_and_flips);
    return t_done();
}
