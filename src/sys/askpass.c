#include "sys/askpass.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

enum { SIGNALS_N = sizeof SIGNALS / sizeof *SIGNALS };

/* A handler has no other way to tell. */
static volatile sig_atomic_t came;

static void note(int number)
{
    came = number;
}

struct quiet { /* the terminal, and what signals did before */
    struct termios before;
    struct sigaction actions[SIGNALS_N];
    sigset_t mask;
};

/* Signals are held back but for the time of waiting: none is missed between looking and waiting.
 * One that is ignored stays ignored. */
static void hold_signals(struct quiet *q)
{
    struct sigaction noting = {.sa_handler = note};
    sigset_t held;
    (void)sigemptyset(&held);
    for (size_t i = 0; i < SIGNALS_N; i++)
        (void)sigaddset(&held, SIGNALS[i]);
    (void)sigprocmask(SIG_BLOCK, &held, &q->mask);
    for (size_t i = 0; i < SIGNALS_N; i++) {
        (void)sigaction(SIGNALS[i], NULL, &q->actions[i]);
        if (q->actions[i].sa_handler != SIG_IGN)
            (void)sigaction(SIGNALS[i], &noting, NULL);
    }
}

static void release_signals(const struct quiet *q)
{
    for (size_t i = 0; i < SIGNALS_N; i++)
        (void)sigaction(SIGNALS[i], &q->actions[i], NULL);
    (void)sigprocmask(SIG_SETMASK, &q->mask, NULL);
}

static int hide(struct quiet *q, struct err *err)
{
    struct termios silent;
    if (tcgetattr(STDIN_FILENO, &q->before) < 0)
        return err_set(err, ERR_IO, "the terminal: %s", strerror(errno));
    silent = q->before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    silent.c_lflag |= ICANON | ISIG;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) < 0)
        return err_set(err, ERR_IO, "the terminal: %s", strerror(errno));
    return 0;
}

static void show(const struct quiet *q)
{
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &q->before);
}

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

/* The terminal as it was, then the signal with the effect that it had. Returns where it only
 * stopped the program, which goes on now. */
static void pass_on(struct quiet *q, int number)
{
    show(q);
    release_signals(q);
    (void)raise(number);
    hold_signals(q);
}

static bool stops(int number)
{
    return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

/* 1 a line, 0 a signal came, -1. The bytes behind a line that is too long are read, too. */
static int read_line(const struct quiet *q, char *line, size_t *n, struct err *err)
{
    for (;;) {
        struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
        char c = 0;
        if (came)
            return 0;
        int ready = ppoll(&in, 1, NULL, &q->mask);
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t got = ready < 0 ? -1 : read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, ERR_IO, "the terminal: %s", strerror(errno));
        if (got == 0 || c == '\n')
            return 1;
        if (*n < ASKPASS_MAX)
            line[*n] = c;
        ++*n;
    }
}

/* A line, however often the program is stopped meanwhile. */
static int ask(struct quiet *q, const char *prompt, char *line, size_t *n, struct err *err)
{
    for (;;) {
        int got = hide(q, err);
        if (got < 0)
            return -1;
        came = 0;
        *n = 0;
        say(prompt);
        got = read_line(q, line, n, err);
        say("\n");
        int number = came;
        if (got != 0) {
            show(q);
            return got;
        }
        pass_on(q, number);
        if (!stops(number))
            return err_set(err, ERR_INTERRUPTED, "interrupted");
    }
}

int askpass(const char *prompt, char ret[ASKPASS_MAX], struct err *err)
{
    struct quiet q;
    char line[ASKPASS_MAX];
    size_t n = 0;
    if (!isatty(STDIN_FILENO))
        return 0;
    hold_signals(&q);
    int got = ask(&q, prompt, line, &n, err);
    release_signals(&q);
    if (got > 0 && (n == 0 || n >= ASKPASS_MAX || memchr(line, 0, n)))
        got = err_set(err, ERR_INVALID, n ? "this is no password" : "no password was given");
    if (got > 0) {
        memcpy(ret, line, n);
        ret[n] = 0;
    }
    explicit_bzero(line, sizeof line);
    return got;
}
