"""Gives events that are known as texts the value types that Windows gives them in EVTX.

A SID is stored as a SID, 0x3e7 as a hexadecimal number, {…} as a GUID, and so on; each reads
back as the text it was made from. Events whose values all lack names are written as the old
event API writes them (what Exchange's own providers use).
"""

import re

import evtxgen

_SID = re.compile(r"S-1-\d+(-\d+)*")
_HEX = re.compile(r"0x(0|[1-9a-f][0-9a-f]{0,15})")
_GUID = re.compile(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")
_COUNT = re.compile(r"0|[1-9][0-9]{0,8}")
_COUNTS = {"ProcessId", "ParentProcessId", "SourceProcessId", "TargetProcessId", "SourceThreadId",
           "NewThreadId", "TerminalSessionId", "SourcePort", "DestinationPort", "LogonType",
           "KeyLength", "Session"}
_TRUTHS = {"Initiated", "SourceIsIpv6", "DestinationIsIpv6"}

# Provider -> (keywords, version, task by event id or None for "the event id itself").
_SECURITY_TASKS = {4624: 12544, 4634: 12545, 4672: 12548, 4688: 13312, 5140: 12808, 5145: 12811}
_KEYWORDS = {"Microsoft-Windows-Security-Auditing": 0x8020000000000000,
             "Microsoft-Windows-Sysmon": 0x8000000000000000,
             "Service Control Manager": 0x8080000000000000}
_CLASSIC_KEYWORDS = 0x80000000000000
_CLASSIC_QUALIFIERS = 16384


def typed(name, text):
    """The value of a named field in the type Windows uses for such texts."""
    if _SID.fullmatch(text):
        return evtxgen.sid(text)
    if _GUID.fullmatch(text):
        return evtxgen.guid(text)
    if _HEX.fullmatch(text):
        return evtxgen.hex64(int(text, 16))
    if name in _COUNTS and _COUNT.fullmatch(text):
        return evtxgen.u32(int(text))
    if name in _TRUTHS and text in ("true", "false"):
        return text == "true"
    return text


def add_event(log, *, provider, event_id, data, guid=None, task=None, keywords=None, **more):
    """Adds an event to an EvtxWriter. data is a list of (name or None, text)."""
    if guid is None and all(name is None for name, _ in data):
        log.add(provider=provider, event_id=event_id, data=[text for _, text in data],
                task=task or 1, qualifiers=_CLASSIC_QUALIFIERS,
                keywords=_CLASSIC_KEYWORDS if keywords is None else keywords, **more)
        return
    if task is None:
        task = _SECURITY_TASKS.get(event_id, 0)
        if provider == "Microsoft-Windows-Sysmon":
            task = event_id
    if keywords is None:
        keywords = _KEYWORDS.get(provider, _CLASSIC_KEYWORDS)
    log.add(provider=provider, event_id=event_id, guid=guid, task=task, keywords=keywords,
            data=[(name, text if name is None else typed(name, text)) for name, text in data],
            **more)
