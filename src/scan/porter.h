/* porter.h - the process that reads a carrier and puts its members, window by window, into
 * memory files that its parent hands on to the workers.
 *
 * The parent opens the carrier, makes the memory files and asks; the porter, in the jail, reads
 * and answers. One process reads one carrier. What it says of a member is no more to be trusted
 * than the member.
 *
 * Window after window of a large log takes the place of the one before: an event log is cut at
 * its chunks, a log of lines behind its last newline. What is no evidence but for its digest is
 * read on without being kept.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/time.h"
#include "format/format.h"

enum {
    PORTER_WINDOW = 32 << 20,  /* bytes of a member that are read at once */
    PORTER_HASHED = 256 << 20, /* bytes that are read at once where they are not kept */
    PORTER_SECONDS = 300,      /* of processor time for one request */
};

#define PORTER_MEMBER_MAX ((uint64_t)1 << 42) /* bytes of one member */

enum porter_ask {
    PORTER_SEGMENT, /* before OPEN: a further segment of the image, handed along */
    PORTER_OPEN,    /* the carrier handed along; texts: its name */
    PORTER_NEXT,    /* the next member; its first window into the file handed along */
    PORTER_MORE,    /* the next window of the same member into the same file */
    PORTER_REST,    /* the next bytes of that member, for its digest only */
};

struct porter_request {
    enum porter_ask ask;
    enum format format; /* OPEN: of the carrier */
    uint64_t skip;      /* NEXT: members before the one that is meant */
    uint64_t to;        /* NEXT, MORE: how far the file reaches now */
    bool events_only;   /* NEXT: of a member without events the start is enough */
    struct str name;    /* OPEN */
};

enum porter_told { TOLD_OPEN = 1, TOLD_MEMBER, TOLD_END, TOLD_DAMAGE };

struct porter_cut {
    uint64_t at, layout; /* as in struct span: a span ends here; the next one's layout */
};

struct porter_reply {
    enum porter_told told;
    struct str path; /* MEMBER, to NEXT */
    struct str why;  /* MEMBER: refused, or damaged from `filled` on; DAMAGE */
    bool refused;    /* nothing of it can be read */
    bool deleted;    /* as in struct member; so unlisted */
    bool unlisted;
    bool ended;         /* all of it has been read that can be */
    bool hashed;        /* the digest is that of all of it: it ended behind the first window */
    enum format format; /* as sniffed */
    uint64_t filled;    /* bytes of it so far */
    instant modified;
    bool no_zone; /* as in struct member */
    uint8_t sha256[SHA256_SIZE];
    struct porter_cut *cuts; /* behind those of the windows before; only where it may be read
                                in spans and did not end in its first window */
    size_t n_cuts;
};

struct porter;

/* Made before the fork. password: of encrypted members; NULL: none. arena owns it. */
struct porter *porter_new(const char *password, struct arena *arena);

/* A proc_answer, of a struct porter. */
void porter_answer(void *porter, struct bytes bytes, int file, struct buf *reply);

void porter_request_write(const struct porter_request *request, struct buf *out);

/* False if it is none. Texts are borrowed; arena owns the cuts. */
bool porter_reply_read(struct bytes reply, struct arena *arena, struct porter_reply *ret);
