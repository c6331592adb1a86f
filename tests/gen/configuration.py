"""What a server's configuration looks like, clean and with one back door in it: configurations of
IIS, transport agents, tasks, programs, detections. Each maker gives the bytes of one file."""
import struct

HOST = """<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <configSections><section name="x" /></configSections>
  <system.applicationHost>
    <sites><site name="Default Web Site" id="1"><application path="/">
      <virtualDirectory path="/" physicalPath="%SystemDrive%\\inetpub\\wwwroot" />{vdir}
    </application></site></sites>
  </system.applicationHost>
  <system.webServer>
    <globalModules>
      <add name="StaticFileModule" image="%windir%\\System32\\inetsrv\\static.dll" />{native}
    </globalModules>
    <httpLogging dontLog="false" />
  </system.webServer>
  <location path="Default Web Site/owa"><system.webServer>
    <modules><add name="OwaModule" type="Microsoft.Exchange.Clients.Owa.Core.OwaModule, \
Microsoft.Exchange.Clients.Owa" />{managed}</modules>
    <handlers><add name="p" path="*.aspx" verb="*" type="System.Web.UI.PageHandlerFactory" />\
{handler}</handlers>{rewrite}
  </system.webServer></location>
</configuration>
"""
PARTS = ("vdir", "native", "managed", "handler", "rewrite")


def application_host(**planted):
    text = HOST
    for part in PARTS:
        text = text.replace("{" + part + "}", planted.get(part, ""))
    return text.encode()


def agents(extra=""):
    return ('<configuration><mexRuntime><agentList><agent name="Transport Rule Agent" '
            'baseType="Microsoft.Exchange.Data.Transport.Routing.RoutingAgent" classFactory='
            '"Microsoft.Exchange.MessagingPolicies.TransportRuleAgent.TransportRuleAgentFactory" '
            'assemblyPath="C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\agents\\'
            'Rule\\Rule.dll" enabled="true" />' + extra +
            "</agentList></mexRuntime></configuration>").encode()


def task(command, arguments="", hidden=False, user="S-1-5-18"):
    text = ('<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2" '
            'xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><RegistrationInfo>'
            "<Date>2021-03-03T04:05:06</Date></RegistrationInfo><Principals><Principal id=\"A\">"
            f"<UserId>{user}</UserId></Principal></Principals><Settings><Hidden>"
            f"{'true' if hidden else 'false'}</Hidden></Settings><Actions><Exec><Command>{command}"
            f"</Command><Arguments>{arguments}</Arguments></Exec></Actions></Task>")
    return b"\xff\xfe" + text.encode("utf-16-le")


def _wide(text):
    return (text + "\0").encode("utf-16-le")


def _node(key, value=b"", text=True, children=b""):
    head = _wide(key)
    body = head + b"\0" * (-(6 + len(head)) % 4) + value
    if children:
        body += b"\0" * (-(6 + len(body)) % 4) + children
    count = len(value) // 2 if text else len(value)
    return struct.pack("<HHH", 6 + len(body), count, int(text)) + body


def _padded(nodes):
    out = b""
    for node in nodes:
        out += b"\0" * (-len(out) % 4) + node
    return out


def program(version=(15, 1, 2375, 7), name="ExSetup.exe", exports=(), signed=False,
            company="Example"):
    """A library for x64 with a version and exports, in one section."""
    rva, at = 0x1000, 0x400
    body = bytearray()
    dirs = {}

    def put(data, align=8):
        body.extend(b"\0" * (-len(body) % align))
        body.extend(data)
        return rva + len(body) - len(data)

    if exports:
        names = [put(e.encode() + b"\0", 1) for e in exports]
        self_name = put(name.encode() + b"\0", 1)
        table = put(struct.pack(f"<{len(names)}I", *names))
        dirs[0] = (put(struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, self_name, 1, 0, len(names), 0, table,
                                   0)), 40)
    fixed = struct.pack("<IIII", 0xfeef04bd, 0x10000, version[0] << 16 | version[1],
                        version[2] << 16 | version[3]) + bytes(36)
    strings = _padded(_node(k, _wide(v)) for k, v in (
        ("CompanyName", company), ("FileVersion", ".".join(map(str, version))),
        ("OriginalFilename", name)))
    info = _node("VS_VERSION_INFO", fixed, False,
                 _node("StringFileInfo", children=_node("040904b0", children=strings)))
    data = put(info)
    tree = b"".join(struct.pack("<IIHHHHII", 0, 0, 0, 0, 0, 1, 16 if i == 0 else 1,
                                (24 * (i + 1)) | (0x80000000 if i < 2 else 0)) for i in range(3))
    dirs[2] = (put(tree + struct.pack("<IIII", data, len(info), 0, 0)), 88)
    size = (len(body) + 0x1ff) & ~0x1ff
    if signed:
        dirs[4] = (at + size, 16)
    table = b"".join(struct.pack("<II", *dirs.get(i, (0, 0))) for i in range(16))
    optional = (struct.pack("<H", 0x20b) + bytes(58) + struct.pack("<I", at) + bytes(44) +
                struct.pack("<I", 16) + table)
    pe = (b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 1614816000, 0, 0, len(optional), 0x2022) +
          optional + b".text\0\0\0" + struct.pack("<IIII", size, rva, size, at) + bytes(16))
    head = b"MZ" + bytes(58) + struct.pack("<I", 0x80) + bytes(64) + pe
    return (head.ljust(at, b"\0") + bytes(body).ljust(size, b"\0") +
            (struct.pack("<IHH", 16, 0x200, 2) + bytes(8) if signed else b""))


def detection(threat, path, status=3):
    """A detection of Defender's history; status 3: quarantined."""
    def value(kind, data):
        return struct.pack("<II", len(data), kind) + data + b"\0" * (-len(data) % 8)

    magic = value(0x15, _wide("Magic.Version:1.2"))
    out = value(8, struct.pack("<Q", 2147700001)) + value(0x1e, bytes(range(16))) + magic
    out += value(0x15, _wide(threat))
    out += b"".join(value(6, struct.pack("<I", status if i == 7 else 0)) for i in range(2, 10))
    out += magic + value(0x15, _wide("file")) + value(0x15, _wide(path))
    out += value(6, bytes(4)) * 2 + value(0x28, struct.pack("<IIIII", 1, 20, 0, 20, 0))
    for i in range(6, 21):
        if i in (12, 14):
            out += value(0x15, _wide("SYSTEM" if i == 12 else "C:\\w3wp.exe"))
        else:
            out += value(0x0a, struct.pack("<Q", 132600000000000000 if i == 18 else 0))
    return out
