/* ncsa.h - rows of access logs in the NCSA forms: common, combined, and what Apache, nginx
 * and others make of them.
 *
 * Source: docs/formats/ncsa.md
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"

enum { NCSA_EXTRA = 32 }; /* values behind the usual ones; further ones stay in the last */

/* All values are as written, without their quotes; what a row lacks is empty. "-" stands
 * for a missing value. */
struct ncsa_row {
    struct bytes server;    /* "www.example.com:443": the virtual host */
    struct bytes forwarded; /* "10.0.0.2, 10.0.0.1": whom proxies name, in front of client */
    struct bytes client;
    struct bytes ident;
    struct bytes user;
    struct bytes request; /* "GET /x?y HTTP/1.1", or what else the client sent */
    struct bytes status;
    struct bytes size;
    struct bytes referer;
    struct bytes agent;
    struct bytes extra[NCSA_EXTRA];
    size_t n_extra;
    instant time; /* INSTANT_NONE if it is no date */
    bool zoned;   /* the time has its offset from UTC; else it is somebody's local time */
};

/* Splits a row. False if it is none: there is no "[date]", no quoted request, no status. */
bool ncsa_split(struct bytes line, struct ncsa_row *ret);

/* When the rows before were written: most are of the same minute. All zero at first. */
struct ncsa_clock {
    char minute[18]; /* as it is written: "05/Mar/2021:03:06:" */
    instant at;      /* when it begins */
};

/* The same, of a log whose rows are split one after the other. */
bool ncsa_split_near(struct bytes line, struct ncsa_clock *clock, struct ncsa_row *ret);

struct ncsa_request {
    struct str method;
    struct str stem;
    struct str query;
    struct str version; /* "" for HTTP/0.9 */
};

/* Takes a request's text apart. False if it is not of the form "METHOD target [HTTP/x]":
 * then it is nothing that HTTP knows. */
bool ncsa_request_parse(struct str text, struct ncsa_request *ret);

/* A value as the client sent it: the escapes of the program that logged it taken out, which
 * are \" \\ and \xHH. Where they do not make sense as a whole (IIS and Tomcat do not escape,
 * and DOMAIN\name and c:\boot.ini are what was sent), or the result is no text, the value
 * stays as written. So does one with \n or \t, which Apache writes: nobody can tell.
 *
 * arena   owns the result if it differs
 */
struct str ncsa_text(struct bytes value, struct arena *arena);
