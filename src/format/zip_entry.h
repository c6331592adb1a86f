/* zip_entry.h - what one header of a ZIP says of its member: the entry of the directory, or the
 * member's own header, which stands before its bytes.
 *
 * A member has a date as MS-DOS wrote it: local time of the machine that packed it, in steps of
 * two seconds, with nothing that tells the zone. Packers that care add the time in UTC as an
 * extra field. Taking the one for the other shifts what is told of a file by hours.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10, 4.3.7 (own header), 4.3.9 (behind the bytes), 4.3.12
 * (directory), 4.4.6 (date), 4.5.3 (large sizes), 4.5.5 (NTFS), 4.6.9 (name in Unicode);
 * Info-ZIP's proginfo/extrafld.txt (0x5455, extended timestamp); WinZip, AES Encryption
 * Information.
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "base/time.h"

enum {
    ZIP_OWN_SIZE = 30,   /* of a member's own header, without what varies */
    ZIP_ENTRY_SIZE = 46, /* of an entry of the directory, likewise */
    ZIP_ENCRYPTED = 1,   /* flags */
    ZIP_SIZES_BEHIND = 8,
    ZIP_AES = 99, /* method: the real one stands in an extra field */
};

struct zip_entry {
    struct bytes name;        /* views of the archive */
    struct bytes extra;       /* all extra fields */
    struct bytes aes;         /* the one of AES, with its head; empty: there is none */
    uint64_t header;          /* offset of the own header, as the directory says it */
    uint64_t packed, size;    /* bytes; 0 where they stand behind the bytes */
    uint32_t crc, attributes; /* the latter as the system in `made_by` has them */
    uint16_t flags, method, time, date;
    uint8_t made_by;
    instant modified;  /* INSTANT_NONE: no such date */
    instant born;      /* INSTANT_NONE: not told */
    bool no_zone;      /* `modified` is local time of a zone that nothing tells */
    uint64_t from, to; /* where this header lies in the archive, with name and extra fields */
};

/* Both: false where no such header starts there or it does not fit into the archive. */
bool zip_entry_read(struct bytes file, uint64_t at, struct zip_entry *ret);
bool zip_own_read(struct bytes file, uint64_t at, struct zip_entry *ret);

/* The same where the four bytes that start it are not looked at. */
bool zip_own_read_damaged(struct bytes file, uint64_t at, struct zip_entry *ret);

/* The own header may have extra fields that the directory leaves out: takes the time from there
 * where that tells its zone, and what AES needs. */
void zip_entry_add_own(struct zip_entry *e, const struct zip_entry *own);

/* How many bytes behind the packed ones repeat their sizes; 0: none do. */
size_t zip_behind(struct bytes file, uint64_t at, const struct zip_entry *e);

bool zip_is_at(struct bytes file, uint64_t at, const char magic[4]);

bool zip_is_folder(const struct zip_entry *e);
bool zip_is_link(const struct zip_entry *e);
