#!/usr/bin/env python3
"""Makes a large ordinary Security log of a server: mksecurity.py [-m MEGABYTES] OUT

What a server that nobody attacks logs under the default audit policy with process creation
added: logons, logoffs, privileges, Kerberos tickets, credential checks, processes, shares,
filtered connections. A block of some thousand records, made by a fixed seed, is repeated with
record ids and times that go on.
"""
import argparse
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "gen"))
import evtxgen  # noqa: E402
from evtxgen import guid, hex32, hex64, sid  # noqa: E402

BLOCK = 8000
FIRST_ID = 0x4A17C35001  # unlike any other number in the records, so that it can be found again
START = evtxgen.ticks("2021-02-01T00:00:00Z")
STEP = 20_000_000  # two seconds, in steps of 100 ns
DOMAIN = "S-1-5-21-1004336348-1177238915-682003330-"
PROGRAMS = [("conhost.exe", "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1"),
            ("svchost.exe", "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s gpsvc"),
            ("taskhostw.exe", "taskhostw.exe $(Arg0)"), ("wsqmcons.exe", "C:\\Windows\\System32\\wsqmcons.exe"),
            ("backgroundTaskHost.exe", "\"C:\\Windows\\system32\\backgroundTaskHost.exe\" -ServerName:App"),
            ("SearchProtocolHost.exe", "\"C:\\Windows\\system32\\SearchProtocolHost.exe\" Global\\UsGthrFltPipeMssGthrPipe_ 1 2"),
            ("w3wp.exe", "c:\\windows\\system32\\inetsrv\\w3wp.exe -ap \"MSExchangeOWAAppPool\" -v \"v4.0\" -a \\\\.\\pipe\\iisipm1")]


def user(rng):
    n = rng.randrange(900)
    return sid(f"{DOMAIN}{1100 + n}"), f"user{n}", "CORP"


def subject(rng, machine):
    if rng.random() < 0.5:
        return [("SubjectUserSid", sid("S-1-5-18")), ("SubjectUserName", machine + "$"), ("SubjectDomainName", "CORP"),
                ("SubjectLogonId", hex64(0x3e7))]
    s, name, domain = user(rng)
    return [("SubjectUserSid", s), ("SubjectUserName", name), ("SubjectDomainName", domain),
            ("SubjectLogonId", hex64(rng.getrandbits(32)))]


def target(rng):
    s, name, domain = user(rng)
    return [("TargetUserSid", s), ("TargetUserName", name), ("TargetDomainName", domain),
            ("TargetLogonId", hex64(rng.getrandbits(32)))]


def address(rng):
    return f"10.1.{rng.randrange(8)}.{rng.randrange(1, 255)}"


def logon(rng):
    return 4624, 12544, subject(rng, "SRV01") + target(rng) + [
        ("LogonType", rng.choice([3, 3, 3, 5, 2])), ("LogonProcessName", "Kerberos"), ("AuthenticationPackageName", "Kerberos"),
        ("WorkstationName", "-"), ("LogonGuid", guid(f"{{{rng.getrandbits(32):08X}-1111-2222-3333-{rng.getrandbits(48):012X}}}")),
        ("TransmittedServices", "-"), ("LmPackageName", "-"), ("KeyLength", 0), ("ProcessId", hex64(0)),
        ("ProcessName", "-"), ("IpAddress", address(rng)), ("IpPort", str(rng.randrange(49152, 65535))),
        ("ImpersonationLevel", "%%1833"), ("RestrictedAdminMode", "-"), ("TargetOutboundUserName", "-"),
        ("TargetOutboundDomainName", "-"), ("VirtualAccount", "%%1843"), ("TargetLinkedLogonId", hex64(0)), ("ElevatedToken", "%%1842")]


def logoff(rng):
    return 4634, 12545, target(rng) + [("LogonType", 3)]


def privileges(rng):
    return 4672, 12548, subject(rng, "SRV01") + [
        ("PrivilegeList", "SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeRestorePrivilege\n\t\t\tSeTakeOwnershipPrivilege\n\t\t\t"
                          "SeDebugPrivilege\n\t\t\tSeSystemEnvironmentPrivilege\n\t\t\tSeLoadDriverPrivilege\n\t\t\tSeImpersonatePrivilege")]


def ticket(rng):
    return 4769, 14337, [("TargetUserName", f"user{rng.randrange(900)}@CORP.EXAMPLE"), ("TargetDomainName", "CORP.EXAMPLE"),
                         ("ServiceName", f"SRV{rng.randrange(40):02}$"), ("ServiceSid", sid(f"{DOMAIN}{2000 + rng.randrange(40)}")),
                         ("TicketOptions", hex32(0x40810000)), ("TicketEncryptionType", hex32(0x12)),
                         ("IpAddress", "::ffff:" + address(rng)), ("IpPort", str(rng.randrange(49152, 65535))), ("Status", hex32(0)),
                         ("LogonGuid", guid(f"{{{rng.getrandbits(32):08X}-1111-2222-3333-{rng.getrandbits(48):012X}}}")),
                         ("TransmittedServices", "-")]


def check(rng):
    return 4776, 14336, [("PackageName", "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0"), ("TargetUserName", f"user{rng.randrange(900)}"),
                         ("Workstation", f"PC{rng.randrange(900):04}"), ("Status", hex32(0))]


def process(rng):
    name, command = rng.choice(PROGRAMS)
    return 4688, 13312, subject(rng, "SRV01") + [
        ("NewProcessId", hex64(rng.randrange(400, 20000) & ~3)), ("NewProcessName", "C:\\Windows\\System32\\" + name),
        ("TokenElevationType", "%%1936"), ("ProcessId", hex64(rng.randrange(400, 20000) & ~3)), ("CommandLine", command),
        ("TargetUserSid", sid("S-1-0-0")), ("TargetUserName", "-"), ("TargetDomainName", "-"), ("TargetLogonId", hex64(0)),
        ("ParentProcessName", "C:\\Windows\\System32\\services.exe"), ("MandatoryLabel", sid("S-1-16-16384"))]


def share(rng):
    return 5140, 12808, subject(rng, "SRV01") + [
        ("ObjectType", "File"), ("IpAddress", address(rng)), ("IpPort", str(rng.randrange(49152, 65535))), ("ShareName", "\\\\*\\IPC$"),
        ("ShareLocalPath", ""), ("AccessMask", hex32(1)), ("AccessList", "%%4416\n\t\t\t\t")]


def connection(rng):
    return 5156, 12810, [("ProcessID", rng.randrange(400, 20000)),
                         ("Application", "\\device\\harddiskvolume2\\windows\\system32\\svchost.exe"), ("Direction", "%%14592"),
                         ("SourceAddress", address(rng)), ("SourcePort", str(rng.randrange(49152, 65535))), ("DestAddress", "10.1.0.10"),
                         ("DestPort", rng.choice(["443", "135", "389", "88"])), ("Protocol", 6), ("FilterRTID", 70000 + rng.randrange(99)),
                         ("LayerName", "%%14610"), ("LayerRTID", 44), ("RemoteUserID", sid("S-1-0-0")), ("RemoteMachineID", sid("S-1-0-0"))]


KINDS = [(logon, 26), (logoff, 20), (privileges, 12), (ticket, 12), (check, 4), (process, 5), (share, 6), (connection, 15)]


def block():
    rng = random.Random(20210201)
    makers = [m for m, weight in KINDS for _ in range(weight)]
    log = evtxgen.EvtxWriter()
    log.next_id = FIRST_ID
    for i in range(BLOCK):
        event_id, task, data = rng.choice(makers)(rng)
        log.add(provider="Microsoft-Windows-Security-Auditing", guid="{54849625-5478-4994-A5BA-3E3B0328C30D}", event_id=event_id,
                version=2, task=task, channel="Security", computer="SRV01.corp.example", time=START + i * STEP,
                keywords=0x8020000000000000, data=data)
    return bytearray(log.to_bytes())


def places(data):
    """Where record ids and times stand, and those numbers: (place, number, is a time)."""
    ret = []
    for chunk in range(4096, len(data), evtxgen.CHUNK):
        for at, is_time in ((8, False), (16, False), (24, False), (32, False)):
            ret.append((chunk + at, struct.unpack_from("<Q", data, chunk + at)[0], is_time))
        at = chunk + 512
        while data[at:at + 4] == b"**\0\0":
            size, = struct.unpack_from("<I", data, at + 4)
            for field, is_time in ((8, False), (16, True)):
                raw = bytes(data[at + field:at + field + 8])
                number = struct.unpack("<Q", raw)[0]
                ret.append((at + field, number, is_time))
                inside = data.find(raw, at + 24, at + size)
                if inside < 0:
                    raise SystemExit(f"record at {at}: its {'time' if is_time else 'id'} is not among its values")
                ret.append((inside, number, is_time))
            at += size
    return ret


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("-m", "--megabytes", type=int, default=1000)
    args.add_argument("out")
    args = args.parse_args()
    data = block()
    where = places(data)
    chunks = (len(data) - 4096) // evtxgen.CHUNK
    repeats = max(1, args.megabytes * 1000000 // (chunks * evtxgen.CHUNK))
    with open(args.out, "wb") as out:
        header = bytearray(data[:4096])
        struct.pack_into("<Q", header, 16, min(repeats * chunks, 65535) - 1)
        struct.pack_into("<H", header, 42, min(repeats * chunks, 65535))
        out.write(evtxgen.reseal(header))
        for i in range(repeats):
            for at, number, is_time in where:
                struct.pack_into("<Q", data, at, number + i * BLOCK * (STEP if is_time else 1))
            out.write(evtxgen.reseal(data)[4096:])
    print(f"{repeats * BLOCK} records, {repeats * chunks} chunks: {repeats * chunks * evtxgen.CHUNK / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
