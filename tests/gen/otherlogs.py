"""The logs of a healthy server that no campaign of ours is told from: its other folders.

A few rows a day in each, for as long as Exchange keeps them (30 days), so that they are there to
be read: EWS, Autodiscover, MAPI, remote PowerShell, control panel activity, the audit queue, and
the transport's (message tracking, SMTP sessions, agents, connections).
"""
import json

from exchlog import EX, LOGS, TRANSPORT, TYPES, VERSION, cell, item
from server import (COMPUTER, DAY, DOMAIN, FQDN, HEALTH_MAILBOX, HOST, HOUR, INSIDE, MINUTE,
                    NETBIOS, OUTLOOK, PEOPLE, SECOND, dotted, guid, iso, moment, padded)

KEPT = 30 * DAY
PARTNER = "mx.partner.example"
PARTNER_ADDRESS = "192.0.2.200"
BOM = "\ufeff"

assert LOGS.startswith(EX) and TRANSPORT.startswith(EX)


class Day:
    """What one day's logs are made of."""

    def __init__(self, evidence, rng, start):
        self.evidence = evidence
        self.rng = rng
        self.start = start

    def times(self, count):
        """Times of the working day at which the server was up, in order."""
        span = range(self.start + 7 * HOUR, self.start + 18 * HOUR, MINUTE)
        chosen = sorted(self.rng.sample(span, count))
        return [t + self.rng.randrange(MINUTE) for t in chosen if self.evidence.up(t)]

    def person(self):
        return self.rng.choice(PEOPLE)

    def build(self, time):
        return self.evidence.build_at(time)

    def version(self, time):
        return dict(zip(VERSION.split(","), map(str, self.build(time))))

    def log(self, name, folder_name, rows):
        """One file: rows are (time, {column: text}); columns not given are empty."""
        _, log_type, _, _, names = TYPES[name]
        columns = names.split(",")
        if not rows:
            return
        time_column = columns[0]
        version = padded(self.build(rows[0][0]))
        lines = ["#Software: Microsoft Exchange Server", "#Version: " + version,
                 "#Log-type: " + log_type, "#Date: " + iso(rows[0][0]), "#Fields: " + names]
        for time, values in rows:
            values = dict(values, **{time_column: iso(time)})
            lines.append(",".join(cell(values.get(c, "")) for c in columns))
        path = folder_name % moment(self.start).strftime("%Y%m%d")
        self.evidence.file(path, BOM + "\r\n".join(lines) + "\r\n", rows[-1][0])


def add(evidence, rng):
    """All of them."""
    first = max(evidence.start, evidence.end - KEPT)
    for start in range(first - first % DAY, evidence.end, DAY):
        day = Day(evidence, rng, start)
        for write in (_ews, _autodiscover, _mapi, _cmdlets, _powershell, _activity, _audit, _mail):
            write(day)


def _probe():
    return "%s@%s" % (HEALTH_MAILBOX, DOMAIN)


def _request(day, time, user, agent, address):
    return dict(day.version(time), RequestId=guid(day.rng), AuthenticationType="Negotiate",
                IsAuthenticated="true", AuthenticatedUser=user, UserAgent=agent,
                ClientIpAddress=address, ServerHostName=HOST, HttpStatus="200")


def _ews(day):
    rows = []
    for time in day.times(6):
        person = day.person()
        info = ";".join((item("", "ADIdentityCache", "Hit"), item("S", "WLM.BT", "Ews")))
        rows.append((time, dict(
            _request(day, time, person.smtp, OUTLOOK, person.inside), FrontEndServer=FQDN,
            SoapAction=day.rng.choice(("GetUserAvailability", "GetFolder", "Subscribe")),
            RequestSize="2210", ResponseSize="1480", ActAsUser=person.smtp, GenericInfo=info,
            PrimaryOrProxyServer="PrimaryServer", TaskType="LocalTask")))
    day.log("ews2016", LOGS + "Ews/Ews_%s08-1.LOG", rows)


def _autodiscover(day):
    rows = []
    for time in day.times(3):
        person = day.person()
        rows.append((time, dict(_request(day, time, person.smtp, OUTLOOK, person.inside),
                                RedirectType="FullResponse", TotalRequestTime="31",
                                GenericInfo="ADIdentityCache=Hit;")))
    day.log("autodiscover", LOGS + "Autodiscover/Autod_%s08-1.LOG", rows)


def _mapi(day):
    rows = []
    for time in day.times(6):
        person = day.person()
        rows.append((time, dict(
            day.version(time), RequestId=guid(day.rng), RequestType="Execute", HttpStatusCode="200",
            ResponseCode="0", StatusCode="0", ReturnCode="0", TotalRequestLatency="4",
            AuthenticatedUserEmail=person.smtp, MailboxId=person.mailbox + "@" + DOMAIN,
            ActAsUserEmail=person.smtp, ClientIP=person.inside, SourceCafeServer=FQDN,
            ClientSoftware="OUTLOOK.EXE", ClientMode="Cached", GenericInfo="RpcLatency=1;")))
    day.log("mapihttp", LOGS + "MapiHttp/Mailbox/MapiHttp_%s08-1.LOG", rows)


def _cmdlets(day):
    rows = [(time, dict(
        day.version(time), RequestId=guid(day.rng), ServerHostName=HOST, ProcessId="15756",
        ProcessName="w3wp#MSExchangePowerShellAppPool", AuthenticatedUser=_probe(),
        ClientApplication="ActiveMonitor", Cmdlet="Get-Mailbox", Parameters='-ResultSize "1"',
        CmdletUniqueId=guid(day.rng), ExecutionResult="Success",
        GenericInfo="PSSenderInfo=" + NETBIOS + "\\" + HEALTH_MAILBOX + ";")) for time in
        day.times(3)]
    day.log("rps-cmdlet", LOGS + "CmdletInfra/Powershell-Proxy/Cmdlet/Rps_Cmdlet_%s08-1.LOG", rows)


def _powershell(day):
    rows = [(time, dict(
        _request(day, time, _probe(), "", "::1"), AuthenticationType="Kerberos", UrlHost=FQDN,
        UrlStem="/powershell", SubStatus="0", Action="Command", CommandName="Get-Mailbox",
        ClientInfo="Microsoft WinRM Client", UrlQuery="?clientApplication=ActiveMonitor"))
            for time in day.times(3)]
    day.log("rps-http", LOGS + "CmdletInfra/Powershell-Proxy/Http/Rps_Http_%s08-1.LOG", rows)


def _activity(day):
    rows = [(time, {"ServerName": HOST, "EventId": "Request", "EventData": ";".join((
        "S:PSA=<PII>%s</PII>" % _probe(),
        "S:URL=https://localhost:444/ecp/RulesEditor/InboxRules.svc/GetList?msExchEcpCanary=x.",
        "S:Bld=" + dotted(day.build(time)), "S:ActID=" + guid(day.rng), "Dbl:WLM.TS=16"))})
            for time in day.times(2)]
    day.log("ecp-activity", LOGS + "ECP/Activity/ECPActivity_11500_%s-1.LOG", rows)


def _audit(day):
    rows = []
    for time in day.times(1):
        identity = "%s/Monitoring Mailboxes/%s" % (DOMAIN, HEALTH_MAILBOX)
        data = json.dumps({
            "CreationTime": iso(time)[:19], "Operation": "Set-Mailbox", "RecordType": 1,
            "UserId": "NT AUTHORITY\\SYSTEM (MSExchangeHMHost)", "ExternalAccess": False,
            "OriginatingServer": "%s (%s)" % (HOST, padded(day.build(time))),
            "Parameters": [{"Name": "Identity", "Value": identity}]})
        rows.append((time, {
            "Server": HOST, "TenantId": "00000000-0000-0000-0000-000000000000",
            "RecordType": "ExchangeAdmin", "Data": data, "RecordId": guid(day.rng),
            "UserKey": "NT AUTHORITY\\SYSTEM (MSExchangeHMHost)", "Operation": "Set-Mailbox",
            "Workload": "Exchange", "ResultStatus": "True", "Version": "1", "Scope": "Online"}))
    day.log("audit", LOGS + "LocalQueue/Exchange/audit%s-1.LOG", rows)


def _mail(day):
    """Messages from and to a partner, in every log of the transport."""
    received, sent, tracked, delivered, agents, connections = [], [], [], [], [], []
    for time in day.times(4):
        person = day.person()
        sender = "orders@partner.example"
        session = "%016X" % day.rng.getrandbits(64)
        message = "<%x@partner.example>" % day.rng.getrandbits(64)
        connector = "%s\\Default Frontend %s" % (HOST, HOST)
        received += _session(time, session, connector, INSIDE + ":25", PARTNER_ADDRESS + ":53228",
                             "<", sender, person.smtp)
        track = {
            "client-ip": PARTNER_ADDRESS, "client-hostname": PARTNER, "server-ip": INSIDE,
            "server-hostname": HOST, "connector-id": "%s\\Default %s" % (HOST, HOST),
            "source": "SMTP", "event-id": "RECEIVE", "message-id": message,
            "recipient-address": person.smtp, "sender-address": sender, "return-path": sender,
            "message-subject": "Order %d, confirmed" % day.rng.randrange(9999),
            "total-bytes": "15054", "recipient-count": "1", "directionality": "Incoming",
            "message-info": "%s;LSRV=%s:TOTAL-HUB=1.9|CAT=1.7(CATRS=1.5(CATRS-Transport Rule "
                            "Agent=0.1|CATRS-Index Routing Agent=1.4))" % (iso(time), FQDN),
            "original-client-ip": PARTNER_ADDRESS, "custom-data": "S:DeliveryPriority=Normal",
            "transport-traffic-type": "Email", "log-id": guid(day.rng),
            "schema-version": padded(day.build(time))}
        tracked.append((time, track))
        deliver = {"client-hostname": COMPUTER, "source": "STOREDRIVER", "event-id": "DELIVER"}
        delivered.append((time + SECOND, dict(track, **deliver)))
        agents.append((time, {
            "SessionId": session, "LocalEndpoint": INSIDE + ":25", "MessageId": message,
            "RemoteEndpoint": PARTNER_ADDRESS + ":53228", "EnteredOrgFromIP": PARTNER_ADDRESS,
            "P1FromAddress": sender, "P2FromAddresses": sender + ";", "Recipient": person.smtp,
            "NumRecipients": "1", "Agent": "Inbound Trust Agent", "Event": "OnEndOfHeaders",
            "Action": "ModifyHeaders", "Directionality": "Incoming"}))
    for time in day.times(2):
        person = day.person()
        session = "%016X" % day.rng.getrandbits(64)
        sent += _session(time, session, "To the internet", "", PARTNER_ADDRESS + ":25", ">",
                         person.smtp, "orders@partner.example")
        connections.append((time, {
            "session": session, "source": "SMTP", "Destination": PARTNER, "direction": ">",
            "description": "DNS server returned NoError, reported by 10.20.0.2"}))
    day.log("smtp-receive", TRANSPORT + "FrontEnd/ProtocolLog/SmtpReceive/RECV%s08-1.LOG", received)
    day.log("smtp-send", TRANSPORT + "Hub/ProtocolLog/SmtpSend/SEND%s08-1.LOG", sent)
    day.log("tracking2016", TRANSPORT + "MessageTracking/MSGTRK%s08-1.LOG", tracked)
    day.log("tracking2016", TRANSPORT + "MessageTracking/MSGTRKMD%s08-1.LOG", delivered)
    day.log("agent", TRANSPORT + "FrontEnd/AgentLog/AgentLog%s-1.LOG", agents)
    day.log("connectivity", TRANSPORT + "Hub/Connectivity/CONNECTLOG%s-1.LOG", connections)


def _session(time, session, connector, local, remote, client, sender, recipient):
    """A short SMTP session; `client` is the sign of what the client says."""
    server = ">" if client == "<" else "<"
    said = [("+", ""), (client, "EHLO " + PARTNER), (server, "250 Hello"),
            (client, "MAIL FROM:<%s>" % sender), (client, "RCPT TO:<%s>" % recipient),
            (client, "BDAT 15054 LAST"), (server, "250 2.6.0 Queued mail for delivery"), ("-", "")]
    return [(time, {"connector-id": connector, "session-id": session, "sequence-number": str(i),
                    "local-endpoint": local, "remote-endpoint": remote, "event": sign,
                    "data": text}) for i, (sign, text) in enumerate(said)]
