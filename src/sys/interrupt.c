#include "sys/interrupt.h"

#include <signal.h>
#include <stddef.h>

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP};

enum { SIGNALS_N = sizeof SIGNALS / sizeof *SIGNALS };

static volatile sig_atomic_t pending;

static void note(int signal_number)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    (void)signal_number;
    pending = 1;
    for (size_t i = 0; i < SIGNALS_N; i++)
        (void)sigaction(SIGNALS[i], &usual, NULL);
}

void interrupt_catch(void)
{
    struct sigaction noting = {.sa_handler = note};
    for (size_t i = 0; i < SIGNALS_N; i++)
        (void)sigaddset(&noting.sa_mask, SIGNALS[i]);
    for (size_t i = 0; i < SIGNALS_N; i++) {
        struct sigaction before;
        if (sigaction(SIGNALS[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaction(SIGNALS[i], &noting, NULL);
    }
}

bool interrupt_pending(void)
{
    return pending;
}

void interrupt_ignore(void)
{
    for (size_t i = 0; i < SIGNALS_N; i++)
        (void)signal(SIGNALS[i], SIG_IGN);
}
