/* evtx_wish_main.c - whether events filled for a wish answer it as whole ones do.
 *
 * evtx_wish SEED FILE...
 *
 * All records of the event logs, each for some of many wishes made of the names in its log.
 * Ends by abort at the first difference. */
#include "sys/file.h"
#include "wish_check.h"

static struct wish_pool pool;

int main(int argc, char **argv)
{
    uint64_t files = 0;
    pool.random = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    for (int i = 2; i < argc; i++) {
        struct file_map map;
        struct err err = {0};
        if (file_map(argv[i], &map, &err) < 0)
            continue;
        pool.n = 0;
        wish_see_all(&pool, map.bytes);
        wish_make(&pool);
        wish_check(&pool, map.bytes, 4);
        file_unmap(&map);
        files++;
    }
    printf("%llu files; events in part %llu, whole %llu; values %llu; repeated %llu\n",
           (unsigned long long)files, (unsigned long long)pool.some,
           (unsigned long long)pool.whole, (unsigned long long)pool.values,
           (unsigned long long)pool.repeated);
    return files == 0 || pool.some == 0 || pool.repeated == 0;
}
