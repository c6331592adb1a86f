#include "sys/chance.h"

#include <sys/random.h>

struct hash_key chance_key(void)
{
    struct hash_key key = {0};
    if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key)
        key = (struct hash_key){1, 2};
    return key;
}

int chance_fill(void *p, size_t n, struct err *err)
{
    if (n > CHANCE_MOST || getrandom(p, n, 0) != (ssize_t)n)
        return err_set(err, ERR_IO, "the system gives no random numbers");
    return 0;
}
