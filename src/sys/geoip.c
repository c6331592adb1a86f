#include "sys/geoip.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>

#include <maxminddb.h>

#include "base/buf.h"
#include "base/utf.h"

enum {
    DATABASES_MAX = 8,
    TEXT_MAX = 256, /* bytes of one name out of a database */
};

#define GEOIP_FILE_MAX ((uint64_t)2 << 30) /* the largest known have 200 MB */

struct geoip {
    size_t n;
    MMDB_s databases[DATABASES_MAX];
    size_t *damaged; /* counted even where the databases are only read */
};

static int open_one(struct geoip *g, const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_IO, "%s: not a file", path);
    if ((uint64_t)st.st_size > GEOIP_FILE_MAX)
        return err_set(err, ERR_LIMIT, "%s: larger than an address database may be", path);
    int status = MMDB_open(path, MMDB_MODE_MMAP, &g->databases[g->n]);
    if (status != MMDB_SUCCESS)
        return err_set(err, ERR_CORRUPT, "%s: no MaxMind DB that can be read: %s", path,
                       MMDB_strerror(status));
    g->n++;
    return 0;
}

int geoip_open(const char *const *paths, size_t n, struct arena *arena, struct geoip **ret,
               struct err *err)
{
    if (n == 0) {
        *ret = NULL;
        return 0;
    }
    if (n > DATABASES_MAX)
        return err_set(err, ERR_INVALID, "at most %d address databases", DATABASES_MAX);
    struct geoip *g = ARENA_NEW(arena, struct geoip);
    g->damaged = ARENA_NEW(arena, size_t);
    for (size_t i = 0; i < n; i++)
        if (open_one(g, paths[i], err) < 0) {
            geoip_close(g);
            return -1;
        }
    *ret = g;
    return 0;
}

void geoip_close(struct geoip *g)
{
    for (size_t i = 0; g && i < g->n; i++)
        MMDB_close(&g->databases[i]);
    if (g)
        g->n = 0;
}

/* The record of an address; false if there is none. */
static bool look_up(const struct geoip *g, size_t i, const struct ip *ip,
                    MMDB_lookup_result_s *ret)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    int status = MMDB_SUCCESS;
    memcpy(&v4.sin_addr, ip->byte + 12, 4);
    memcpy(&v6.sin6_addr, ip->byte, 16);
    const struct sockaddr *address =
        ip->v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
    *ret = MMDB_lookup_sockaddr(&g->databases[i], address, &status);
    if (status != MMDB_SUCCESS && status != MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
        ++*g->damaged;
    return status == MMDB_SUCCESS && ret->found_entry;
}

static bool get(const struct geoip *g, MMDB_lookup_result_s *found, const char *const *path,
                uint32_t type, MMDB_entry_data_s *ret)
{
    int status = MMDB_aget_value(&found->entry, ret, path);
    if (status != MMDB_SUCCESS && status != MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR)
        ++*g->damaged;
    return status == MMDB_SUCCESS && ret->has_data && ret->type == type;
}

static void take_text(const struct geoip *g, MMDB_lookup_result_s *found,
                      const char *const *path, struct arena *arena, struct str *text)
{
    MMDB_entry_data_s data;
    if (text->n || !get(g, found, path, MMDB_DATA_TYPE_UTF8_STRING, &data) ||
        data.data_size > TEXT_MAX)
        return;
    struct bytes raw = {(const uint8_t *)data.utf8_string, data.data_size};
    *text = arena_str(arena, utf8_repair(raw, arena));
}

bool geoip_find(const struct geoip *g, const struct ip *ip, struct arena *arena,
                struct geoip_place *ret)
{
    static const char *const country[] = {"country", "iso_code", NULL};
    static const char *const city[] = {"city", "names", "en", NULL};
    static const char *const asn[] = {"autonomous_system_number", NULL};
    static const char *const organisation[] = {"autonomous_system_organization", NULL};
    struct geoip_place place = {.country = STR(""), .city = STR(""), .organisation = STR("")};
    for (size_t i = 0; g && i < g->n; i++) {
        MMDB_lookup_result_s found;
        MMDB_entry_data_s data;
        if (!look_up(g, i, ip, &found))
            continue;
        take_text(g, &found, country, arena, &place.country);
        take_text(g, &found, city, arena, &place.city);
        take_text(g, &found, organisation, arena, &place.organisation);
        if (place.asn == 0 && get(g, &found, asn, MMDB_DATA_TYPE_UINT32, &data))
            place.asn = data.uint32;
    }
    if (!place.country.n && !place.city.n && !place.organisation.n && !place.asn)
        return false;
    *ret = place;
    return true;
}

bool geoip_find_text(const struct geoip *g, struct str address, struct arena *arena,
                     struct geoip_place *ret)
{
    struct ip ip;
    return g && ip_parse(address, &ip) && geoip_find(g, &ip, arena, ret);
}

size_t geoip_damaged(const struct geoip *g)
{
    return g ? *g->damaged : 0;
}

struct str geoip_text(const struct geoip_place *p, struct arena *arena)
{
    enum { MOST = 4 * TEXT_MAX };
    struct buf b = buf_new(MOST);
    if (p->city.n)
        buf_add_str(&b, p->city);
    if (p->country.n)
        buf_addf(&b, "%s%.*s", b.n ? ", " : "", STR_ARG(p->country));
    if (p->asn)
        buf_addf(&b, "%sAS%" PRIu32, b.n ? ", " : "", p->asn);
    if (p->organisation.n)
        buf_addf(&b, "%s%.*s", b.n ? (p->asn ? " " : ", ") : "", STR_ARG(p->organisation));
    struct str text = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return text;
}
