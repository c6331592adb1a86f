/* dump_member.h - what an archive or an image of a disk holds, for `assay dump`.
 *
 * A path may go on behind a file: C.zip/C/inetpub/x.log is a member, as all output names it.
 */
#pragma once

#include "format/carrier_open.h"
#include "sys/file.h"

struct dump_place {
    struct file_map map;
    struct bytes *more; /* further segments of it, where it is an image in several files; they
                           stay mapped as long as the process lives */
    size_t n_more;
    struct str file;   /* the path of what is mapped */
    struct str member; /* the rest of the path; "": the file itself is meant */
    const char *password;
    struct arena *arena;
    struct dump_room *rooms; /* of the files that members come into */
};

/* Opens the file that a path names, or that holds the member that it names; to be done before
 * the jail is entered. The place's arena and password are set by the caller.
 * errors ERR_IO */
int dump_open(const char *path, struct dump_place *p, struct err *err);
void dump_close(struct dump_place *p);

/* The bytes of what the path names; members are read for it.
 * errors ERR_NOT_FOUND, ERR_UNSUPPORTED, ERR_CORRUPT, ERR_LIMIT (2 GiB, or archives inside of
 *        archives) */
int dump_content(struct dump_place *p, struct bytes *ret, struct err *err);

struct dump_told {
    void *context;
    int (*line)(void *context, struct str line, struct err *err); /* -1 stops */
    void (*gap)(void *context, struct str why);
};

/* Tells each member of a carrier in a line of JSON, and what cannot be read.
 * errors  those of carrier_open, and of `line` */
int dump_list(const struct dump_place *p, struct bytes file, enum format format,
              const struct dump_told *told, struct err *err);
