"""What the EVTX tests share: our reader and libevtx's evtxexport, brought to one form.

An event becomes two dictionaries, System and data: field name -> list of texts, named as
docs/formats/evtx.md has it. Before they are compared, both sides are normalised where the
two programs differ on purpose or where XML cannot carry the value:
  - hexadecimal numbers: libevtx pads them with zeros (0x00000000000003e7)
  - times: libevtx writes nine digits of a FILETIME, three of a SYSTEMTIME; we write seven
  - size_t: libevtx writes it in decimal
  - floats: libevtx writes 3.199234e+003, we 3199.23
  - values that are XML text (type 0x23): libevtx does not escape them
  - text of nothing but blanks: libevtx drops it
  - control characters, and noncharacters, are not allowed in XML and are dropped by it
  - line ends: XML turns CR LF into LF, and white space in attributes into blanks
  - an element without content and an element that is not there read the same
"""
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

SKIP = 77
NS = "{http://schemas.microsoft.com/win/2004/08/events/event}"
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
HEX = re.compile(r"0x0*([0-9a-f]+)", re.IGNORECASE)
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.)(\d{3}|\d{7}|\d{9})Z")
FLOAT = re.compile(r"-?\d\.\d{6}e[+-]\d{3}")
DATA = re.compile(r'(<Data Name="[^"]*">)(.*?)(</Data>\n)', re.DOTALL)


def skip(why):
    print("skipped:", why)
    sys.exit(SKIP)


def need(tool):
    if not shutil.which(tool):
        skip(f"{tool} (libevtx) is not installed")


# ---- ours ------------------------------------------------------------------


def ours(dump, path):
    """The events and the gaps that our reader gives for a file."""
    out = subprocess.run([dump, path], capture_output=True, check=True).stdout
    events, gaps = [], []
    for line in out.decode("utf-8").splitlines():
        event = json.loads(line)
        (gaps if "gap" in event else events).append(event)
    return events, gaps


def listed(section):
    return {name: v if isinstance(v, list) else [v] for name, v in section.items()}


def ours_as_fields(event):
    data = listed(event.get("fields", {}))
    for name, values in listed(event.get("message", {})).items():
        data.setdefault(name, []).extend(values)
    return listed(event["system"]), data


# ---- libevtx's -------------------------------------------------------------


def peer_count(path):
    out = subprocess.run(["evtxinfo", path], capture_output=True, text=True,
                         errors="replace").stdout
    found = re.search(r"Number of records\s*: (\d+)", out)
    return int(found[1]) if found else None


def peer_xml(path):
    """The events as XML texts, and whether evtxexport reached the end of the file."""
    out = subprocess.run(["evtxexport", "-f", "xml", path], capture_output=True)
    text = NOT_XML.sub("", out.stdout.decode("utf-8", "replace"))
    return re.findall(r"<Event xmlns.*?\n</Event>", text, re.DOTALL), \
        b"Unable to export file" not in out.stderr


def pyevtx_xml(path):
    """The same from libevtx's Python module, with None for records it cannot read; None
    altogether where there is no such module."""
    try:
        import pyevtx
    except ImportError:
        sys.path.append("/usr/lib/python3/dist-packages")  # where Debian puts it
        try:
            import pyevtx
        except ImportError:
            return None
    events = []
    log = pyevtx.file()
    log.open(str(path))
    for i in range(log.number_of_records):
        try:
            events.append(NOT_XML.sub("", log.get_record(i).xml_string))
        except (OSError, SystemError):
            events.append(None)
    log.close()
    return events


def bare(tag):
    return tag.rsplit("}", 1)[-1]


def add(fields, name, text):
    fields.setdefault(name, []).append(text or "")


def escape_inner(match):
    return match[1] + match[2].replace("<", "&lt;").replace(">", "&gt;") + match[3]


def leaves(element, fields):
    """Fields of an element below EventData, UserData and the like."""
    tag = bare(element.tag)
    name = element.get("Name") if tag in ("Data", "ComplexData") else None
    others = {bare(k): v for k, v in element.attrib.items() if name is None or k != "Name"}
    for attribute, text in others.items():
        add(fields, f"{tag}_{attribute}", text)
    if len(element) == 0:
        if name is not None or not others or element.text:
            add(fields, name or tag, element.text)
    elif (element.text or "").strip():
        add(fields, name or tag, element.text)
    for child in element:
        leaves(child, fields)


def peer_as_fields(xml):
    """System and data of an event as libevtx wrote it."""
    try:
        event = ET.fromstring(xml)
    except ET.ParseError:
        event = ET.fromstring(DATA.sub(escape_inner, xml))
    system, data = {}, {}
    for section in event:
        if section.tag == NS + "System":
            for element in section:
                tag = bare(element.tag)
                for attribute, text in element.attrib.items():
                    name = tag if tag == "TimeCreated" else f"{tag}_{attribute}"
                    add(system, name, text)
                if element.text:
                    add(system, tag, element.text)
        else:
            tag = bare(section.tag)
            for attribute, text in section.attrib.items():
                add(data, f"{tag}_{attribute}", text)
            if len(section) == 0 and section.text:
                add(data, tag, section.text)
            for child in section:
                leaves(child, data)
    return system, data


# ---- comparing -------------------------------------------------------------


def normal(text):
    text = NOT_XML.sub("", text or "").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return ""
    if HEX.fullmatch(text):
        return "0x" + HEX.fullmatch(text)[1].lower()
    return TIME.sub(lambda m: m[1] + m[2].ljust(9, "0") + "Z", text)


def same_text(a, b):
    """a is ours, b the peer's."""
    a, b = normal(a), normal(b)
    if a == b:
        return True
    if HEX.fullmatch(a) and b.isdecimal():
        return int(a, 16) == int(b)  # size_t
    if FLOAT.fullmatch(b):
        return f"{float(b):g}" == a
    return a.replace("\n", " ").replace("\t", " ") == b  # attribute


def differences(mine, theirs):
    """Names of the fields in which two dictionaries differ, with both values."""
    out = []
    for name in sorted({*mine, *theirs}):
        a, b = mine.get(name, []), theirs.get(name, [])
        if not any(a) and not any(b) and (not a or not b):
            continue  # absent and empty read the same
        if len(a) != len(b) or not all(map(same_text, a, b)):
            out.append((name, a, b))
    return out
