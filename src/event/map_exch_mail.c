/* What is worked out from the rows of the transport's logs. */
#include <stdint.h>

#include "event/map_exch_int.h"
#include "event/web.h"
#include "event/webpath.h"

enum {
    LIST_MOST = 1000, /* addresses of one message: Exchange's own limit is 500 */
    AGENTS_MOST = 64, /* agents named in one row */
};

static struct str cell(const struct exch_events *s, enum known which, struct arena *arena)
{
    return exch_cell(s, which, arena);
}

/* One field for each address of "a@x;b@y". */
static void derive_list(struct event *ev, struct arena *arena, const char *name,
                        struct str list)
{
    size_t at = 0;
    for (int i = 0; i < LIST_MOST && at < list.n; i++) {
        size_t to = str_find(list, STR(";"), at);
        to = to < list.n ? to : list.n;
        web_derive(ev, arena, name, str_trim(str_part(list, at, to)));
        at = to + 1;
    }
}

static void derive_probe(struct event *ev, struct arena *arena, struct str sender)
{
    if (str_istarts(sender, STR("HealthMailbox")))
        web_derive(ev, arena, "HealthProbe", STR("true"));
}

/* --- message tracking ------------------------------------------------------------------- */

/* A message that this server sent has its own name in the client's column, one that it took
 * in, in the server's; other rows leave out either or mean another server. (Exchange 2010's
 * hub delivers to mailbox servers: then the two differ for DELIVER, too.) */
struct str exch_tracking_host(const struct exch_events *s, struct arena *arena)
{
    static const char *const taken[] = {"RECEIVE", "HARECEIVE"};
    static const char *const sent[] = {"SEND", "SENDEXTERNAL", "DELIVER", "SUBMIT",
                                       "NOTIFYMAPI"};
    struct str event = cell(s, EVENT_ID, arena);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (str_ieq(event, str_of(taken[i])))
            return cell(s, SERVER_HOST, arena);
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
        if (str_ieq(event, str_of(sent[i])))
            return cell(s, CLIENT_HOST, arena);
    return STR("");
}

static bool has_agent(const struct event *ev, struct str name)
{
    for (size_t i = 0; i < ev->n; i++)
        if (ev->fields[i].section == SECTION_DERIVED &&
            str_eq(ev->fields[i].name, STR("TransportAgent")) &&
            str_eq(ev->fields[i].value, name))
            return true;
    return false;
}

/* "CATRS-Transport Rule Agent=0.002" -> the agent's name. The stages in which agents run
 * start with CAT (categorizer) and SMR (reception). */
static struct str agent_of(struct str part)
{
    bool stage = str_starts(part, STR("CAT")) || str_starts(part, STR("SMR"));
    size_t dash = str_find(part, STR("-"), 0);
    size_t equals = str_find(part, STR("="), 0);
    if (!stage || dash == SIZE_MAX || equals == SIZE_MAX || dash + 1 >= equals)
        return STR("");
    for (size_t i = 0; i < dash; i++)
        if (part.p[i] < 'A' || part.p[i] > 'Z')
            return STR("");
    return str_part(part, dash + 1, equals);
}

/* The agents that a message went through, from the record of how long each took. */
static void derive_agents(struct event *ev, struct arena *arena, struct str info)
{
    size_t found = 0;
    for (size_t at = 0; at < info.n && found < AGENTS_MOST;) {
        size_t to = at;
        while (to < info.n && !strchr("|();", info.p[to]))
            to++;
        struct str name = agent_of(str_part(info, at, to));
        if (name.n && !has_agent(ev, name)) {
            web_derive(ev, arena, "TransportAgent", name);
            found++;
        }
        at = to + 1;
    }
}

struct str exch_tracking_build(struct exch_events *s, struct arena *arena)
{
    struct exch_build b;
    if (!exch_build_parse(cell(s, SCHEMA_VERSION, arena), &b))
        return STR("");
    if (s->build.text.n == 0 || exch_build_cmp(s->build.of, b) != 0)
        s->build = (struct memo){b, exch_build_text(b, s->arena)};
    return s->build.text;
}

void exch_derive_tracking(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str sender = cell(s, SENDER_ADDRESS, arena);
    struct str client = cell(s, ORIGINAL_CLIENT, arena);
    web_derive(ev, arena, "Sender", sender);
    derive_list(ev, arena, "Recipient", cell(s, RECIPIENT_ADDRESS, arena));
    web_derive(ev, arena, "Subject", cell(s, SUBJECT, arena));
    web_add_client(ev, arena, client.n ? client : cell(s, CLIENT_IP, arena));
    web_derive(ev, arena, "Build", exch_tracking_build(s, arena));
    derive_agents(ev, arena, cell(s, MESSAGE_INFO, arena));
    derive_probe(ev, arena, sender);
}

/* --- SMTP sessions ---------------------------------------------------------------------- */

struct str exch_smtp_host(const struct exch_events *s, struct arena *arena)
{
    struct str connector = cell(s, CONNECTOR, arena);
    size_t slash = str_find(connector, STR("\\"), 0);
    return slash == SIZE_MAX ? STR("") : str_part(connector, 0, slash);
}

/* A receive connector's name has the server's before it, a send connector's belongs to the
 * organisation. */
static bool is_sent(const struct exch_events *s, struct arena *arena)
{
    if (s->way_known)
        return s->sends;
    struct str connector = cell(s, CONNECTOR, arena);
    return connector.n && str_find(connector, STR("\\"), 0) == SIZE_MAX;
}

/* "MAIL FROM:<a@b> SIZE=1" -> "a@b" */
static struct str bracketed(struct str s)
{
    size_t open = str_find(s, STR("<"), 0);
    size_t close = open == SIZE_MAX ? SIZE_MAX : str_find(s, STR(">"), open);
    return close == SIZE_MAX ? STR("") : str_part(s, open + 1, close);
}

/* The command that the client gave: what was received, or in a log of sending what was
 * sent. */
static void derive_command(struct event *ev, struct arena *arena, struct str data)
{
    size_t to = 0;
    while (to < data.n && ((data.p[to] >= 'A' && data.p[to] <= 'Z') ||
                           (data.p[to] >= 'a' && data.p[to] <= 'z') || data.p[to] == '-'))
        to++;
    web_derive(ev, arena, "SmtpCommand", str_part(data, 0, to));
    if (str_istarts(data, STR("MAIL FROM:")))
        web_derive(ev, arena, "Sender", bracketed(data));
    else if (str_istarts(data, STR("RCPT TO:")))
        web_derive(ev, arena, "Recipient", bracketed(data));
}

void exch_derive_smtp(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str user = STR("User Name: ");
    struct str context = cell(s, CONTEXT, arena);
    struct str remote = cell(s, REMOTE_ENDPOINT, arena);
    bool sends = is_sent(s, arena);
    if (sends)
        web_derive(ev, arena, "TargetServer", web_address(remote));
    else
        web_add_client(ev, arena, remote);
    if (str_eq(cell(s, EVENT, arena), sends ? STR(">") : STR("<")))
        derive_command(ev, arena, str_trim(cell(s, DATA, arena)));
    if (str_istarts(context, user))
        web_derive(ev, arena, "SmtpUser", str_trim(str_part(context, user.n, context.n)));
}

/* --- agents, connections ---------------------------------------------------------------- */

void exch_derive_agent(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str sender = cell(s, P1_FROM, arena);
    struct str entered = cell(s, ENTERED_FROM, arena);
    web_derive(ev, arena, "TransportAgent", cell(s, AGENT, arena));
    web_derive(ev, arena, "Sender", sender);
    derive_list(ev, arena, "Recipient", cell(s, RECIPIENT, arena));
    web_add_client(ev, arena, entered.n ? entered : cell(s, REMOTE_ENDPOINT_AGENT, arena));
    derive_probe(ev, arena, sender);
}

void exch_derive_connectivity(struct exch_events *s, struct arena *arena, struct event *ev)
{
    if (str_ieq(cell(s, SOURCE, arena), STR("SMTP")))
        web_derive(ev, arena, "TargetServer", cell(s, DESTINATION, arena));
}
