/* jail.h - a process gives up its rights before it reads what an attacker may have written.
 *
 * Behind it the process can compute, take memory up to a limit, read what it was handed, and
 * answer. It cannot open, make or change a file, reach a network, start or watch a process, or
 * run code that was not there before. Nothing takes it back.
 *
 * Source: ARCHITECTURE.md, "Processes", has the table; docs/adr/0012 says why this way.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum jail_part { /* what a system may lack; the rest every Linux has */
                 JAIL_CALLS =
                     1
                     << 0, /* a list of system calls (seccomp); another one ends the process */
                 JAIL_PATHS = 1 << 1,  /* no path can be opened (Landlock) */
                 JAIL_MEMORY = 1 << 2, /* memory has a limit */
                 JAIL_CODE = 1 << 3,   /* nothing in memory can be both written and run */
                 JAIL_ALL = (1 << 4) - 1,
};

struct jail_spec {
    int socket;    /* moved to JAIL_SOCKET; every other descriptor is closed. -1: none */
    bool output;   /* standard output and error stay; else they lead nowhere */
    size_t memory; /* bytes to be had besides what is in use now */
};

enum { JAIL_SOCKET = 3 };

/* Goes in. Nothing is inherited but memory: the environment is wiped.
 *
 * ret_parts  the parts that hold now, of enum jail_part
 * errors     ERR_IO: something failed that every system has; the process must end
 */
int jail_enter(const struct jail_spec *spec, unsigned *ret_parts, struct err *err);

/* Parts that this build leaves out, because its sanitizers need what they forbid. */
unsigned jail_left_out(void);

/* The short name of a part, for documents ("calls"), and what it is, for people. */
const char *jail_name(enum jail_part part);
const char *jail_text(enum jail_part part);

/* "system calls (seccomp), files (Landlock)": parts, for people. */
void jail_list(unsigned parts, struct buf *out);
