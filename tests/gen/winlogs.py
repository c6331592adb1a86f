"""Windows events in the shapes that a real Exchange server records.

Field names and their order are those of a recording of the attack (OTRF Security-Datasets)
and, for MSExchange Management, of a real log file (27 unnamed values by position).
"""

import hashlib

from server import DOMAIN, EX_WIN, HOST, INSIDE, NETBIOS, PEOPLE, guid, moment

SECURITY = "Microsoft-Windows-Security-Auditing"
SECURITY_GUID = "54849625-5478-4994-A5BA-3E3B0328C30D"
SYSMON = "Microsoft-Windows-Sysmon"
SYSMON_GUID = "5770385F-C22A-43E0-BF4C-06F5698FFBD9"
SERVICES = "Service Control Manager"
SERVICES_GUID = "555908D1-A6D7-4695-8E1E-26931D2012F4"

SYSTEM32 = "C:\\Windows\\System32\\"
W3WP = "C:\\Windows\\System32\\inetsrv\\w3wp.exe"
W3WP_PID = 10844
W3WP_OWA = ("c:\\windows\\system32\\inetsrv\\w3wp.exe -ap \"MSExchangeOWAAppPool\" -v \"v4.0\" "
            "-c \"" + EX_WIN + "bin\\GenericAppPoolConfigWithGCServerEnabledFalse.config\" -a "
            "\\\\.\\pipe\\iisipm5d1c3b7e-2f40-4c11-9c1a-7fbd0e3a9c55 -h \"C:\\inetpub\\temp\\"
            "apppools\\MSExchangeOWAAppPool\\MSExchangeOWAAppPool.config\" -w \"\" -m 0")


class Process:
    """A process as Security 4688 and Sysmon 1 describe it. `user` "" is SYSTEM."""

    def __init__(self, image, command, parent, parent_pid, pid, user="", parent_command=""):
        self.image = image
        self.command = command
        self.parent = parent
        self.parent_pid = parent_pid
        self.pid = pid
        self.user = user
        self.parent_command = parent_command or parent

    def subject(self):
        """SID, account name, domain, logon id"""
        if self.user:
            sid = next(person.sid for person in PEOPLE if person.name == self.user)
            return [sid, self.user, NETBIOS, "0x26558d3"]
        return ["S-1-5-18", HOST + "$", NETBIOS, "0x3e7"]


def _subject(values, prefix="Subject"):
    names = ("UserSid", "UserName", "DomainName", "LogonId")
    return [(prefix + name, value) for name, value in zip(names, values)]


def _security(evidence, time, event_id, data):
    evidence.event("security", time, SECURITY, event_id, data, guid=SECURITY_GUID, level=0)


def process_created(evidence, time, process):
    """Security 4688 with its command line."""
    data = _subject(process.subject())
    data += [("NewProcessId", hex(process.pid)), ("NewProcessName", process.image),
             ("TokenElevationType", "%%1936"), ("ProcessId", hex(process.parent_pid)),
             ("CommandLine", process.command)]
    data += _subject(["S-1-0-0", "-", "-", "0x0"], "Target")
    data += [("ParentProcessName", process.parent), ("MandatoryLabel", "S-1-16-16384")]
    _security(evidence, time, 4688, data)


def logon(evidence, time, rng, sid, name, address, kind="3"):
    """Security 4624 and, a second later, 4634."""
    logon_id = hex(rng.randrange(1 << 24, 1 << 27))
    data = _subject(["S-1-0-0", "-", "-", "0x0"])
    data += _subject([sid, name, NETBIOS, logon_id], "Target")
    data += [("LogonType", kind), ("LogonProcessName", "Kerberos"),
             ("AuthenticationPackageName", "Kerberos"), ("WorkstationName", "-"),
             ("LogonGuid", "{%s}" % guid(rng).upper()), ("TransmittedServices", "-"),
             ("LmPackageName", "-"), ("KeyLength", "0"), ("ProcessId", "0x0"),
             ("ProcessName", "-"), ("IpAddress", address),
             ("IpPort", str(rng.randrange(49152, 65000))), ("ImpersonationLevel", "%%1833"),
             ("RestrictedAdminMode", "-"), ("TargetOutboundUserName", "-"),
             ("TargetOutboundDomainName", "-"), ("VirtualAccount", "%%1843"),
             ("TargetLinkedLogonId", "0x0"), ("ElevatedToken", "%%1842")]
    _security(evidence, time, 4624, data)
    data = _subject([sid, name, NETBIOS, logon_id], "Target") + [("LogonType", kind)]
    _security(evidence, time + 1000, 4634, data)


def share_opened(evidence, time, share, local_path, port):
    """Security 5140: the machine account opens a share of its own server over loopback."""
    data = _subject(["S-1-5-18", HOST + "$", NETBIOS, "0x3e7"])
    data += [("ObjectType", "File"), ("IpAddress", "127.0.0.1"), ("IpPort", str(port)),
             ("ShareName", share), ("ShareLocalPath", local_path), ("AccessMask", "0x1"),
             ("AccessList", "%%4416\n\t\t\t\t")]
    _security(evidence, time, 5140, data)


def share_checked(evidence, time, target, mask, rights, port):
    """Security 5145 on C$, by the machine account over loopback."""
    data = _subject(["S-1-5-18", HOST + "$", NETBIOS, "0x3e7"])
    data += [("ObjectType", "File"), ("IpAddress", "127.0.0.1"), ("IpPort", str(port)),
             ("ShareName", "\\\\*\\C$"), ("ShareLocalPath", "\\??\\C:\\"),
             ("RelativeTargetName", target), ("AccessMask", mask),
             ("AccessList", "".join("%%%%%d\n\t\t\t\t" % right for right in rights)),
             ("AccessReason", "-")]
    _security(evidence, time, 5145, data)


# -- Sysmon ------------------------------------------------------------------------------


def _sysmon(evidence, time, event_id, data):
    stamp = moment(time).strftime("%Y-%m-%d %H:%M:%S.") + "%03d" % (time % 1000)
    head = [("RuleName", "-"), ("UtcTime", stamp)]
    evidence.event("sysmon", time + 3, SYSMON, event_id, head + data, guid=SYSMON_GUID)


def _process_guid(pid, time):
    return "{6004D249-%04X-604D-%04X-000000000900}" % (time // 1000 % 65536, pid % 65536)


def sysmon_process(evidence, time, process):
    """Sysmon 1. Hashes are made from the image's name: they are no real file's."""
    user = NETBIOS + "\\" + process.user if process.user else "NT AUTHORITY\\SYSTEM"
    name = process.image.rsplit("\\", 1)[1]
    _sysmon(evidence, time, 1, [
        ("ProcessGuid", _process_guid(process.pid, time)), ("ProcessId", str(process.pid)),
        ("Image", process.image), ("FileVersion", "10.0.14393.0 (rs1_release.160715-1616)"),
        ("Description", "-"), ("Product", "Microsoft® Windows® Operating System"),
        ("Company", "Microsoft Corporation"), ("OriginalFileName", name),
        ("CommandLine", process.command),
        ("CurrentDirectory", "c:\\windows\\system32\\inetsrv\\"), ("User", user),
        ("LogonGuid", "{6004D249-FD95-604C-E703-000000000000}"),
        ("LogonId", process.subject()[3]), ("TerminalSessionId", "2" if process.user else "0"),
        ("IntegrityLevel", "High" if process.user else "System"), ("Hashes", _hashes(name)),
        ("ParentProcessGuid", _process_guid(process.parent_pid, 0)),
        ("ParentProcessId", str(process.parent_pid)), ("ParentImage", process.parent),
        ("ParentCommandLine", process.parent_command)])


def _hashes(name):
    data = ("demonstration " + name).encode()
    return "SHA1=%s,MD5=%s,SHA256=%s,IMPHASH=%032d" % (
        hashlib.sha1(data).hexdigest().upper(), hashlib.md5(data).hexdigest().upper(),
        hashlib.sha256(data).hexdigest().upper(), 0)


def sysmon_connection(evidence, time, image, user, address, port=443):
    """Sysmon 3, a connection that the server itself opened."""
    six = "true" if ":" in address else "false"
    _sysmon(evidence, time, 3, [
        ("ProcessGuid", _process_guid(11604, time)), ("ProcessId", "11604"), ("Image", image),
        ("User", user), ("Protocol", "tcp"), ("Initiated", "true"), ("SourceIsIpv6", six),
        ("SourceIp", address if six == "true" or address == "127.0.0.1" else INSIDE),
        ("SourceHostname", "-"), ("SourcePort", str(30000 + time // 1000 % 20000)),
        ("SourcePortName", "-"), ("DestinationIsIpv6", six), ("DestinationIp", address),
        ("DestinationHostname", "-"), ("DestinationPort", str(port)),
        ("DestinationPortName", "-")])


def sysmon_file_created(evidence, time, image, pid, target):
    """Sysmon 11"""
    stamp = moment(time).strftime("%Y-%m-%d %H:%M:%S.") + "%03d" % (time % 1000)
    _sysmon(evidence, time, 11, [
        ("ProcessGuid", _process_guid(pid, time)), ("ProcessId", str(pid)), ("Image", image),
        ("TargetFilename", target), ("CreationUtcTime", stamp)])


def sysmon_file_deleted(evidence, time, image, pid, target, content):
    """Sysmon 23"""
    _sysmon(evidence, time, 23, [
        ("ProcessGuid", _process_guid(pid, time)), ("ProcessId", str(pid)),
        ("User", "NT AUTHORITY\\SYSTEM"), ("Image", image), ("TargetFilename", target),
        ("Hashes", _hashes(content)), ("IsExecutable", "false"), ("Archived", "true")])


# -- Exchange and the rest ---------------------------------------------------------------


def cmdlet(evidence, time, rng, name, parameters, caller, sid, application="Unknown",
           pool="w3wp#MSExchangePowerShellAppPool", pid=5668, failure=""):
    """MSExchange Management 1 (or 6 where it failed): 27 values by position.

    The parameter text begins with the dash of the first parameter, as in a real log.
    """
    scope = ("View Entire Forest: 'False', Default Scope: '%s', Configuration Domain "
             "Controller: 'dc01.%s', Preferred Global Catalog: 'dc01.%s', Preferred Domain "
             "Controllers: '{ dc01.%s }'" % ((DOMAIN,) * 4))
    values = [name, parameters, caller, sid, sid, application, "%d %s" % (pid, pool), "", "5",
              "00:00:00.%07d" % rng.randrange(10**6, 10**7), scope, failure]
    values += [""] * 5 + ["False", "", "0 objects execution has been proxied to remote server.",
                          "", "", "0", "ActivityId: " + guid(rng),
                          "ServicePlan:;IsAdmin:True;", "", "en-US"]
    evidence.event("mgmt", time, "MSExchange CmdletLogs", 6 if failure else 1,
                   [(None, value) for value in values], level=2 if failure else 4)


def application(evidence, time, provider, event_id, values, level=4, provider_guid=None):
    """An event of the Application log with unnamed values."""
    evidence.event("application", time, provider, event_id, [(None, v) for v in values],
                   level=level, guid=provider_guid)


def service_state(evidence, time, name, state):
    """System 7036"""
    evidence.event("system", time, SERVICES, 7036, [("param1", name), ("param2", state)],
                   guid=SERVICES_GUID)


def event_log_service(evidence, time, event_id, values=()):
    """System 6005 (started), 6006 (stopped), 6013 (uptime)."""
    evidence.event("system", time, "EventLog", event_id, [(None, v) for v in values])


def shutdown(evidence, time, reason):
    """System 1074: a planned restart, with its reason."""
    evidence.event("system", time, "User32", 1074, [
        ("param1", "C:\\Windows\\system32\\wbem\\wmiprvse.exe (%s)" % HOST), ("param2", HOST),
        ("param3", reason), ("param4", "0x80020002"), ("param5", "restart"), ("param6", ""),
        ("param7", NETBIOS + "\\a.berg")], guid="B0AA8734-56F7-41CC-B2F4-DE228E98B946")
