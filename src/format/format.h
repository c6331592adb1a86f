/* format.h - the kinds of evidence we know, told by content, never by name. */
#pragma once

#include "base/str.h"

enum format {
    FORMAT_EMPTY,   /* no bytes */
    FORMAT_UNKNOWN, /* binary we do not read; inventoried */
    FORMAT_TEXT,    /* text we do not read; inventoried */
    FORMAT_EVTX,
    FORMAT_JSON_LINES, /* one JSON object per line */
    FORMAT_JSON,       /* an array, or objects written over several lines */
    FORMAT_IIS_W3C,
    FORMAT_HTTPERR,
    FORMAT_IIS_NATIVE, /* IIS's own comma-separated form */
    FORMAT_NCSA,       /* common and combined: IIS, Apache, nginx */
    FORMAT_HTTPPROXY,
    FORMAT_ECP_SERVER,
    FORMAT_ECP_ACTIVITY,
    FORMAT_EWS,
    FORMAT_AUTODISCOVER,
    FORMAT_OWA,
    FORMAT_MAPIHTTP,
    FORMAT_RPS_CMDLET,
    FORMAT_RPS_HTTP,
    FORMAT_MESSAGE_TRACKING,
    FORMAT_SMTP,
    FORMAT_AGENT,
    FORMAT_CONNECTIVITY,
    FORMAT_AUDIT,
    FORMAT_MITIGATION,
    FORMAT_EXCHANGE, /* another Exchange log of the same form */
    FORMAT_OAB_GENERATOR,
    FORMAT_EXCHANGE_SETUP,
    FORMAT_REMEDIATION,
    FORMAT_IIS_CONFIG,   /* configuration of IIS, ASP.NET or a .NET program */
    FORMAT_AGENT_CONFIG, /* Exchange's transport agents: agents.config, fetagents.config */
    FORMAT_TASK,         /* a scheduled task */
    FORMAT_DEFENDER,     /* a detection in Microsoft Defender's own history */
    FORMAT_GZIP,         /* unpacked and sniffed again */
    FORMAT_ZSTD,
    FORMAT_SCRIPT,    /* <%@ Page, <script runat=server, ... */
    FORMAT_VDIR_DUMP, /* a virtual directory object written as a table (ProxyLogon's shell) */
    FORMAT_ASPNET_COMPILED, /* <preserve virtualPath=...> residue */
    FORMAT_PE,
    FORMAT_ZIP,
    FORMAT_7Z,
    FORMAT_TAR, /* also packed: carrier_sniff */
    FORMAT_XZ,
    FORMAT_BZIP2,
    FORMAT_RAR,
    FORMAT_CAB,
    FORMAT_ISO, /* ISO 9660 */
    FORMAT_WIM, /* Windows' own form of images of folders */
    FORMAT_MINIDUMP,
    FORMAT_PST,
    FORMAT_REGISTRY,
    FORMAT_REGISTRY_LOG, /* what was written to a hive last; read with its hive */
    FORMAT_ESE,
    FORMAT_XML,
    FORMAT_HTML,
    FORMAT_IMAGE,
    FORMAT_RAW_DISK,     /* a disk, or a volume, as it is */
    FORMAT_E01,          /* a disk in the Expert Witness form: its first segment */
    FORMAT_E01_SEGMENT,  /* another one; read with the first */
    FORMAT_VIRTUAL_DISK, /* VMDK, VHD, ...: to be converted */
    FORMAT_MFT,          /* master file table of NTFS */
    FORMAT_USN,          /* its change journal */
    FORMATS,
};

/* Tells the format from the first bytes (at most 64 KiB are looked at). */
enum format format_sniff(struct bytes head);

/* The same of a whole file: one that starts with a hole, as change journals do, is told by its
 * end. */
enum format format_sniff_file(struct bytes file);

/* "evtx", "iis-w3c", ... : the names used in output. */
const char *format_name(enum format format);

/* Whether source.h reads events from it. */
bool format_has_events(enum format format);

/* Whether it holds other files that can be read one by one (format/carrier_open.h). */
bool format_is_carrier(enum format format);

/* Whether it is a log of lines: it may be cut behind any newline, and read in spans. */
bool format_is_lines(enum format format);
