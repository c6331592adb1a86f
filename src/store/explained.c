#include "store/explained.h"

int explained_id(struct str text, char ret[EXPLAIN_ID_MAX + 1], struct err *err)
{
    if (text.n < EXPLAIN_ID_MIN || text.n > EXPLAIN_ID_MAX)
        return err_set(err, ERR_INVALID, "an id has %d to %d digits", (int)EXPLAIN_ID_MIN,
                       (int)EXPLAIN_ID_MAX);
    char id[EXPLAIN_ID_MAX + 1] = {0};
    for (size_t i = 0; i < text.n; i++) {
        char c = ascii_lower(text.p[i]);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return err_set(err, ERR_INVALID, "an id consists of the digits 0-9 and a-f");
        id[i] = c;
    }
    memcpy(ret, id, sizeof id);
    return 0;
}

int explained_ambiguous(const char *id, struct err *err)
{
    return err_set(err, ERR_INVALID, "%s is the start of several ids: give more digits", id);
}

int explained_missing(const char *id, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "no finding or fact has the id %s", id);
}
