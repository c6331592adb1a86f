#include <signal.h>

#include "sys/interrupt.h"
#include "t.h"

static void one_is_noted_and_the_next_has_its_usual_effect(void)
{
    struct sigaction now;
    (void)signal(SIGHUP, SIG_IGN); /* as nohup does */
    T_OK(!interrupt_pending());
    interrupt_catch();
    T_EQ(raise(SIGHUP), 0);
    T_OK(!interrupt_pending());
    T_EQ(raise(SIGINT), 0);
    T_OK(interrupt_pending());
    T_EQ(sigaction(SIGTERM, NULL, &now), 0);
    T_OK(now.sa_handler == SIG_DFL);
}

static void a_worker_hears_none(void)
{
    interrupt_ignore();
    T_EQ(raise(SIGTERM), 0);
    T_EQ(raise(SIGINT), 0);
}

int main(void)
{
    T_RUN(one_is_noted_and_the_next_has_its_usual_effect);
    T_RUN(a_worker_hears_none);
    return t_done();
}
