"""Writes small MaxMind DB files, so that tests of addresses need no licensed data.

Source: MaxMind DB File Format Specification 2.0 (search tree of 24-bit records, data section,
metadata behind its marker).
"""

import ipaddress
import struct

MARKER = b"\xab\xcd\xefMaxMind.com"
SEPARATOR = bytes(16)
TYPES = {str: 2, dict: 7, int: 6, list: 11}
LARGE = 9  # uint64, of metadata
SMALL = 5  # uint16


def control(kind, size):
    """The bytes before a value: its type and size; types above 7 need a second byte."""
    if size < 29:
        head, more = size, b""
    elif size < 285:
        head, more = 29, bytes([size - 29])
    else:
        head, more = 30, struct.pack(">H", size - 285)
    if kind > 7:
        return bytes([head, kind - 7]) + more
    return bytes([kind << 5 | head]) + more


def number(value, kind):
    raw = value.to_bytes(8, "big").lstrip(b"\0")
    return control(kind, len(raw)) + raw


def encode(value):
    if isinstance(value, str):
        raw = value.encode()
        return control(2, len(raw)) + raw
    if isinstance(value, int):
        return number(value, TYPES[int])
    if isinstance(value, list):
        return control(TYPES[list], len(value)) + b"".join(map(encode, value))
    return control(TYPES[dict], len(value)) + b"".join(
        encode(k) + encode(v) for k, v in value.items())


def bits_of(network, wide):
    """A network's bits from the top; IPv4 lies in ::/96 of an IPv6 tree."""
    net = ipaddress.ip_network(network)
    bits = int(net.network_address)
    length, width = net.prefixlen, net.max_prefixlen
    if wide and width == 32:
        length, width = length + 96, 128
    return [bits >> (width - 1 - i) & 1 for i in range(length)]


def tree_of(networks, wide):
    """Nodes as pairs; a value is a child's number, ("data", i) or None."""
    nodes = [[None, None]]
    for i, network in enumerate(networks):
        bits = bits_of(network, wide)
        at = 0
        for bit in bits[:-1]:
            if not isinstance(nodes[at][bit], int):
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][bits[-1]] = ("data", i)
    return nodes


def build(records, version=6, kind="Test-City-ASN"):
    """The bytes of a database. records: {network: {...}}, the wider network first."""
    data, offsets = b"", []
    for record in records.values():
        offsets.append(len(data))
        data += encode(record)
    nodes = tree_of(records, version == 6)
    count = len(nodes)

    def value(child):
        if child is None:
            return count
        if isinstance(child, int):
            return child
        return count + 16 + offsets[child[1]]

    tree = b"".join(value(child).to_bytes(3, "big") for node in nodes for child in node)
    metadata = {"node_count": count, "database_type": kind, "languages": ["en"],
                "description": {"en": "made for tests"}}
    fields = {"record_size": number(24, SMALL), "ip_version": number(version, SMALL),
              "binary_format_major_version": number(2, SMALL),
              "binary_format_minor_version": number(0, SMALL),
              "build_epoch": number(1614729600, LARGE)}
    head = control(TYPES[dict], len(metadata) + len(fields))
    body = b"".join(encode(k) + encode(v) for k, v in metadata.items())
    body += b"".join(encode(k) + raw for k, raw in fields.items())
    return tree + SEPARATOR + data + MARKER + head + body
