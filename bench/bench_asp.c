/* bench_asp.c - how fast pages with server script are looked at, on one thread.
 *
 * bench_asp net|classic FILE...
 *
 * The files are read into memory and looked at several times; the best time is printed, and how
 * many are likely or certainly a web shell. Time is processor time.
 */
#include "bench.h"
#include "format/asp_page.h"

enum { ROUNDS = 5 };

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: bench_asp net|classic FILE...\n");
        return 2;
    }
    enum asp_kind kind =
        str_eq(str_of(argv[1]), STR("classic")) ? ASP_KIND_CLASSIC : ASP_KIND_NET;
    size_t n = (size_t)argc - 2;
    struct bytes *files = calloc(n, sizeof *files);
    size_t size = 0;
    for (size_t i = 0; files && i < n; i++) {
        files[i] = read_file(argv[i + 2]);
        size += files[i].n;
    }
    double best = 0;
    size_t shells = 0;
    for (int round = 0; files && round < ROUNDS; round++) {
        double start = cpu_now();
        shells = 0;
        for (size_t i = 0; i < n; i++) {
            struct arena *arena = arena_new();
            struct asp_verdict verdict;
            asp_look(files[i], kind, arena, &verdict);
            shells += verdict.sure >= ASP_LIKELY;
            arena_free(arena);
        }
        double took = cpu_now() - start;
        best = round == 0 || took < best ? took : best;
    }
    printf("%zu files, %.1f MB, %.2f s, %.0f MB/s; web shells: %zu\n", n, (double)size / 1e6,
           best, (double)size / 1e6 / best, shells);
    return 0;
}
