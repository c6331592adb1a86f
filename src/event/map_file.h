/* map_file.h - a file of the inventory as an event. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"
#include "event/event.h"
#include "format/format.h"

struct file_facts {
    struct str path;      /* in the evidence, '/'-separated */
    uint64_t size;        /* bytes */
    instant modified;     /* INSTANT_NONE if not known */
    bool no_zone;         /* that is local time of a zone that nothing tells */
    struct str sha256;    /* lower-case hex; "" if not taken */
    struct str md5, sha1; /* the same; "" if not asked for */
    enum format format;   /* as sniffed */
    bool deleted;         /* the file system had given it up */
    bool known_good;      /* the digest is one that the vendor shipped */
    struct bytes content; /* whole file or its head; empty if it was not read */
    struct bytes whole;   /* the file, of any size; empty: take the content */
};

/* Makes the event. Its texts are in `arena` or borrowed from the facts. Fields:
 *
 * Path          as on the server: "C:\inetpub\wwwroot\x.aspx", "\inetpub\..." where the
 *               evidence does not tell the drive
 * FileName, Extension (lower case, no dot), Directory, Size, Modified, Sha256, Format
 * Md5, Sha1     only where they were taken
 * KnownGood     true, false
 * Deleted       true, of a file that was deleted and is read from an image; else not there
 * and derived:
 * WebRoot       aspnet_client, owa\auth, ecp\auth, FrontEnd\HttpProxy, ClientAccess, wwwroot
 * WebPath       as webpath_of_file
 * Shipped       the name, if Exchange ships a file of this name in this folder
 * ScriptType    true for extensions that the server runs
 * ScriptMarks   eval-request, process-start, file-write, assembly-load: what script in the
 *               content does; several values (shell.h, with ShellCan and the rest)
 * DumpObject, DumpServer, DumpExternalUrl, DumpInternalUrl, DumpWhenChangedText,
 * DumpWhenChanged (ISO, only where the order of day and month is certain), DumpBuild,
 * DumpScript, DumpKey   of a virtual directory dump (DumpKey of any script)
 * CompiledPage  the page that an ASP.NET .compiled file names
 * PeMachine, PeManaged, PeSigned ("true" if there is a signature: it is not checked), PeSigner (names
 * in its certificates), PeVersion (numbers), FileVersion, ProductVersion, CompanyName, ProductName,
 * FileDescription, OriginalFileName, InternalName, PeCompiled, Imphash, PeExports, PeUses, PeKind
 * (iis-module, isapi, isapi-filter, service), PeDamaged   of a Windows program (docs/formats/pe.md)
 */
void file_event(const struct file_facts *facts, struct arena *arena, struct event *ret);

/* The derived fields alone, for evidence that tells of a file on a server: an entry of a master
 * file table. Of the facts the format and the content are read.
 *
 * path  as on the server, '\' between folders; kept
 */
void file_derive(struct str path, const struct file_facts *facts, struct arena *arena,
                 struct event *ev);

/* A path in the evidence as it was on the server: "x/C/inetpub/a" is "C:\inetpub\a". */
struct str file_windows_path(struct str path, struct arena *arena);

/* What is above a path's last name, without the separator behind it but for that of "\". */
struct str file_directory(struct str path);

/* What is behind a name's last dot, in lower case; "" if there is none. */
struct str file_extension(struct str name, struct arena *arena);
