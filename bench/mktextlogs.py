#!/usr/bin/env python3
"""Makes large text logs for benchmarks: mktextlogs.py FOLDER [MEGABYTES]

iis.log (W3C, the columns as installed, with the query that Exchange appends), httpproxy.log (all 74 columns), combined.log (Apache's combined form). A block of a
few ten thousand rows, made by a fixed seed, is repeated day after day; nothing in it is an
attack. Lines are about as long as those of a production server (300 to 800 bytes).
"""
import datetime
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "gen"))
import textlogs  # noqa: E402

ROWS = 40000
DAY = b"2021-02-01"
AGENTS = ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/88.0.4324.150 Safari/537.36", "Microsoft Office/16.0 (Windows NT 10.0; "
          "Microsoft Outlook 16.0.13628; Pro)", "Apple-iPhone12C1/1803.95", "MacOutlook/16.45",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 14_4 like Mac OS X) AppleWebKit/605.1.15"]
PAGES = ["/owa/service.svc", "/Microsoft-Server-ActiveSync/default.eas", "/mapi/emsmdb/",
         "/EWS/Exchange.asmx", "/owa/auth/logon.aspx", "/rpc/rpcproxy.dll", "/OAB/8b1c/oab.xml",
         "/autodiscover/autodiscover.xml", "/owa/prem/15.1.2176.2/scripts/boot.worldwide.0.mouse.js"]


def guid(rng):
    h = "%032x" % rng.getrandbits(128)
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def requests(rng):
    for i in range(ROWS):
        second = i * 86400 // ROWS
        yield {"time": "%02d:%02d:%02d" % (second // 3600, second // 60 % 60, second % 60),
               "page": rng.choice(PAGES), "agent": rng.choice(AGENTS), "id": guid(rng),
               "ip": "198.51.100.%d" % rng.randrange(1, 255), "user": "CORP\\user%d" % rng.randrange(900),
               "method": rng.choice(["GET", "POST", "POST", "OPTIONS"]),
               "status": rng.choice([200, 200, 200, 304, 401, 302]), "took": rng.randrange(1, 900),
               "bytes": rng.randrange(200, 90000)}


def iis(r):
    return ("%s %s 10.0.0.5 %s %s &CorrelationID=<empty>;&cafeReqId=%s;&encoding=; 443 %s %s %s - "
            "%d 0 0 %d\r\n" % (DAY.decode(), r["time"], r["method"], r["page"], r["id"], r["user"],
                               r["ip"], r["agent"].replace(" ", "+"), r["status"], r["took"]))


def proxy(r):
    cells = ["0"] * len(textlogs.COLUMN)
    known = {"DateTime": "%sT%s.125Z" % (DAY.decode(), r["time"]), "RequestId": r["id"],
             "MajorVersion": "15", "MinorVersion": "1", "BuildVersion": "2176",
             "RevisionVersion": "2", "ClientRequestId": "{" + r["id"].upper() + "}",
             "Protocol": "Owa", "UrlHost": "mail.example.com", "UrlStem": r["page"],
             "ProtocolAction": "", "AuthenticationType": "FBA", "IsAuthenticated": "true",
             "AuthenticatedUser": r["user"] + "@example.com", "Organization": "",
             "AnchorMailbox": "Sid~S-1-5-21-1004336348-1177238915-682003330-%d" % (r["took"] + 1000),
             "UserAgent": r["agent"].replace(",", " "), "ClientIpAddress": r["ip"],
             "ServerHostName": "MAIL01", "HttpStatus": str(r["status"]),
             "BackEndStatus": str(r["status"]), "ErrorCode": "", "Method": r["method"],
             "ProxyAction": "Proxy", "TargetServer": "mail01.corp.example.com",
             "TargetServerVersion": "15.01.2176.000", "RoutingType": "IntraForest",
             "RoutingHint": "WindowsIdentity", "RequestBytes": str(r["bytes"]),
             "TotalRequestTime": str(r["took"]), "UrlQuery": "?ver=15.1.2176.2&cId=" + r["id"],
             "BackEndGenericInfo": "", "GenericInfo": "BeginRequest=%sT%s.110Z;CorrelationID=<empty>"
             ";ProxyState-Run=None;FEAuth=BEVersion-1942063232;BeginGetResponse=1" % (DAY.decode(), r["time"]),
             "GenericErrors": "", "RoutingStatus": "CafeV1"}
    for name, value in known.items():
        cells[textlogs.COLUMN[name]] = textlogs.cell(value)
    return ",".join(cells) + "\r\n"


def combined(r):
    return ('%s - %s [01/Feb/2021:%s +0000] "%s %s?id=%s HTTP/1.1" %d %d "-" "%s"\n'
            % (r["ip"], r["user"].replace("\\", "\\\\"), r["time"], r["method"], r["page"], r["id"],
               r["status"], r["bytes"], r["agent"]))


LOGS = {
    "iis.log": ("#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
                "#Date: 2021-02-01 00:00:00\r\n#Fields: " + textlogs.IIS_FIELDS + "\r\n", iis, DAY, "%Y-%m-%d"),
    "httpproxy.log": ("#Software: Microsoft Exchange Server\r\n#Version: 15.01.2176.002\r\n#Log-type: "
                      "HttpProxy Logs\r\n#Date: 2021-02-01T00:00:00.000Z\r\n#Fields: "
                      + textlogs.HTTPPROXY_COLUMNS + "\r\n", proxy, DAY, "%Y-%m-%d"),
    "combined.log": ("", combined, b"[01/Feb/2021", "[%d/%b/%Y"),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    size = int(sys.argv[2] if len(sys.argv) > 2 else "500") * 1000000
    folder.mkdir(parents=True, exist_ok=True)
    for name, (head, row, day, days) in LOGS.items():
        rng = random.Random(1)
        block = "".join(row(r) for r in requests(rng)).encode()
        with open(folder / name, "wb") as f:
            f.write(head.encode())
            n = 0
            while f.tell() < size:
                date = datetime.date(2021, 2, 1) + datetime.timedelta(days=n)
                f.write(block.replace(day, date.strftime(days).encode()))
                n += 1
        print(folder / name, (folder / name).stat().st_size)


main()
