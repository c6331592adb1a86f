/* file.h - files as bytes. Evidence is opened read-only and never altered, not even its
 * access time where the system lets us. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct file_map {
    struct bytes bytes; /* the whole file; shrinking it under us kills the process (SIGBUS):
                           only workers map evidence */
};

/* Maps a file. An empty file gives empty bytes. errors ERR_IO */
int file_map(const char *path, struct file_map *ret, struct err *err);

/* Opens a regular file for reading; file_map_open, in another process too, maps and closes
 * what was opened. errors ERR_IO */
int file_open(const char *path, int *ret_file, struct err *err);
int file_map_open(int file, struct file_map *ret, struct err *err);
void file_close(int file); /* a negative one is fine */

/* What tells one state of a file from another: where nothing of this changed, nothing was
 * written to it since, whatever was done to its times. */
struct file_id {
    uint64_t size;
    int64_t modified_ns, changed_ns; /* since 1970 */
    uint64_t inode;
};

/* errors ERR_IO (it is not there, or no regular file) */
int file_identify(const char *path, struct file_id *ret, struct err *err);

/* file_open that identifies what it opened, too. */
int file_open_known(const char *path, int *ret_file, struct file_id *ret_id, struct err *err);

void file_unmap(struct file_map *map); /* an empty one is fine */

/* Gives back the memory of a part of a mapped file that will not be read again soon: it stays
 * readable, and in the system's cache. */
void file_let_go(struct bytes part);

/* Reads at most `max` bytes from the start. errors ERR_IO */
int file_head(const char *path, size_t max, struct arena *arena, struct bytes *ret,
              struct err *err);

/* Reads a file whole. errors ERR_IO, ERR_LIMIT (larger than max) */
int file_read(const char *path, size_t max, struct arena *arena, struct bytes *ret,
              struct err *err);

/* Writes a file whole beside its place and moves it there. errors ERR_IO */
int file_write(const char *path, struct str content, struct err *err);

/* The same without waiting for the disk: for thousands of files that can be made again. */
int file_write_one_of_many(const char *path, struct str content, struct err *err);

/* Makes a file that must not be there yet. is_private: nobody else may read it. errors ERR_IO */
int file_create(const char *path, struct str content, bool is_private, struct err *err);
