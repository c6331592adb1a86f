#include "cli/progress.h"

#include "t.h"

static const uint64_t MB = 1000000;

/* What is said after so many seconds of reading at a speed that changes. */
static double after(struct estimate *e, double from, double to, double bytes_per_second,
                    struct scan_progress *now)
{
    double left = 0;
    double start = (double)now->bytes_done;
    for (double at = from + 0.25; at <= to; at += 0.25) {
        now->bytes_done = (uint64_t)(start + (at - from) * bytes_per_second);
        now->events = now->bytes_done / 100;
        left = progress_estimate(e, at, now);
    }
    return left;
}

static bool about(double got, double want)
{
    return got > want * 0.8 && got < want * 1.25;
}

static void at_an_even_speed_the_estimate_is_right(void)
{
    struct estimate e = {0};
    struct scan_progress now = {.bytes = 1000 * MB};
    T_OK(progress_estimate(&e, 0, &now) == PROGRESS_UNKNOWN);
    T_OK(about(after(&e, 0, 5, 10e6, &now), 95));
    T_OK(about(after(&e, 5, 60, 10e6, &now), 40));
    T_OK(about(e.event_rate, 10e4));
    now.bytes_done = now.bytes;
    T_OK(progress_estimate(&e, 61, &now) == 0);
}

static void a_new_speed_counts_more_and_more(void)
{
    struct estimate e = {0};
    struct scan_progress now = {.bytes = 100000 * MB};
    (void)after(&e, 0, 100, 100e6, &now);
    double soon = after(&e, 100, 102, 10e6, &now);
    double later = after(&e, 102, 220, 10e6, &now);
    T_OK(about(soon, 990));
    T_OK(about(later, (double)(now.bytes - now.bytes_done) / 10e6));
}

static void nothing_is_promised_while_archives_are_open(void)
{
    struct estimate e = {0};
    struct scan_progress now = {.bytes = 100 * MB, .growing = true};
    T_OK(after(&e, 0, 9, 10e6, &now) == PROGRESS_UNKNOWN);
    now.growing = false;
    T_OK(about(progress_estimate(&e, 9.1, &now), 1));
}

static void odd_numbers_do_no_harm(void)
{
    struct estimate e = {0};
    struct scan_progress now = {.bytes = UINT64_MAX, .bytes_done = 1};
    T_OK(progress_estimate(&e, 0, &now) == PROGRESS_UNKNOWN);
    double left = progress_estimate(&e, 1e6, &now);
    T_OK(left > 0 && left <= 100 * 86400);
    now = (struct scan_progress){.bytes = 5,
                                 .bytes_done = 9}; /* less than before, and too much */
    T_OK(progress_estimate(&e, 1e6, &now) == 0);
}

static size_t columns_of(struct str line)
{
    size_t n = 0;
    for (size_t i = 0; i < line.n; i++) {
        unsigned char c = (unsigned char)line.p[i];
        T_OK(c >= 0x20 && c != 0x7f);
        n += c < 0x80 ? 1 : c >= 0xc0 ? 2 : 0;
    }
    return n;
}

static void the_line_fits_whatever_a_path_holds(void)
{
    static const char LONG[] = "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97/a/very/long/"
                               "path/that/goes/on/and/on/and/on/"
                               "and/on/for/ever/\xe6\xbc\xa2\xe5\xad\x97\xff\xfe.evtx";
    static const char *const paths[] = {"", "C/inetpub/logs/u_ex210303.log",
                                        "\x1b[2J\r\n\x07 \xe2\x80\xae gpj.exe", LONG};
    struct scan_progress now = {.files = 123456,
                                .files_done = 1000,
                                .bytes = 70000 * MB,
                                .bytes_done = 1234 * MB,
                                .hits = 17};
    struct estimate e = {.event_rate = 84000};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (size_t columns = 0; columns < 300; columns++) {
            struct buf line = buf_new(4096);
            now.path = str_of(paths[i]);
            progress_text(&now, &e, 4000, columns, &line);
            T_OK(columns_of(buf_str(&line)) < (columns ? columns : 1));
            buf_free(&line);
        }
}

static void the_line_says_what_matters_first(void)
{
    struct scan_progress now = {.files = 340,
                                .files_done = 12,
                                .bytes = 5600 * MB,
                                .bytes_done = 1200 * MB,
                                .hits = 1,
                                .path = STR("/collected/C/inetpub/logs/u_ex210303.log")};
    struct estimate e = {.event_rate = 84000};
    struct buf line = buf_new(4096);
    progress_text(&now, &e, 125, 121, &line);
    T_STR(buf_str(&line), "12/340 files, 1.2/5.6 GB, 2:05 min left, 1 finding, 84 k events/s: "
                          "/collected/C/inetpub/logs/u_ex210303.log");
    buf_clear(&line);
    progress_text(&now, &e, 125, 80, &line);
    T_STR(buf_str(&line), "12/340 files, 1.2/5.6 GB, 2:05 min left, 1 finding, 84 k events/s: "
                          "...10303.log");
    buf_clear(&line);
    progress_text(&now, &e, 125, 40, &line);
    T_STR(buf_str(&line), "12/340 files, 1.2/5.6 GB, 2:05 min left");
    buf_clear(&line);
    now.growing = true;
    progress_text(&now, &e, PROGRESS_UNKNOWN, 60, &line);
    T_STR(buf_str(&line), "12/340 files, 1.2/5.6 GB, more in archives, 1 finding");
    buf_free(&line);
}

static void for_programs_it_is_one_object(void)
{
    struct scan_progress now = {.files = 3,
                                .files_done = 2,
                                .bytes = 10,
                                .bytes_done = 7,
                                .events = 5,
                                .hits = 1,
                                .path = STR("a\"\n\xff")};
    struct buf line = buf_new(4096);
    progress_json(&now, 1.25, PROGRESS_UNKNOWN, &line);
    T_STR(buf_str(&line),
          "{\"type\":\"progress\",\"files\":3,\"files_done\":2,\"bytes\":10,\"bytes_done\":7,"
          "\"events\":5,\"findings\":1,\"seconds\":1.2,\"seconds_left\":null,"
          "\"growing\":false,\"path\":\"a\\\"\\n\xef\xbf\xbd\"}\n");
    buf_free(&line);
}

static void a_mode_is_one_of_four(void)
{
    enum progress_mode mode = PROGRESS_AUTO;
    struct err err = {0};
    T_EQ(progress_mode("json", &mode, &err), 0);
    T_EQ(mode, PROGRESS_JSON);
    T_EQ(progress_mode(NULL, &mode, &err), 0);
    T_EQ(mode, PROGRESS_JSON);
    T_EQ(progress_mode("xml", &mode, &err), -1);
    T_STR(str_of(err.msg), "--progress xml: want auto, text, json or none");
}

int main(void)
{
    T_RUN(at_an_even_speed_the_estimate_is_right);
    T_RUN(a_new_speed_counts_more_and_more);
    T_RUN(nothing_is_promised_while_archives_are_open);
    T_RUN(odd_numbers_do_no_harm);
    T_RUN(the_line_fits_whatever_a_path_holds);
    T_RUN(the_line_says_what_matters_first);
    T_RUN(for_programs_it_is_one_object);
    T_RUN(a_mode_is_one_of_four);
    return t_done();
}
