#include "event/map_hive.h"

#include "hive_t.h"
#include "t_log.h"

/* Adds the keys of a path below a key, those that are not there yet. returns the last */
static int path_of(struct t_hive *t, int key, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int found = -1;
        for (int k = 0; k < t->n_keys; k++)
            if (t->keys[k].parent == key && strcmp(t->keys[k].name, names[i]) == 0)
                found = k;
        key = found < 0 ? t_hive_key(t, key, names[i]) : found;
    }
    return key;
}

#define PATH(t, ...)                                    \
    path_of((t), 0, (const char *const[]){__VA_ARGS__}, \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static struct t_hive *system_hive(void)
{
    struct t_hive *t = t_hive_new();
    t_hive_number(t, PATH(t, "Select"), "Current", 1);
    t_hive_text(t, PATH(t, "ControlSet001", "Control", "ComputerName", "ComputerName"),
                "ComputerName", "MX01");
    t_hive_text(t, PATH(t, "ControlSet001", "Services", "Tcpip", "Parameters"), "Domain",
                "example.com");
    int service = PATH(t, "ControlSet001", "Services", "Upd");
    t_hive_text(t, service, "ImagePath", "\"C:\\Windows\\Temp\\a b.exe\" -x");
    t_hive_number(t, service, "Start", 2);
    return t;
}

static struct t_hive *software_hive(void)
{
    struct t_hive *t = t_hive_new();
    (void)PATH(t, "Classes");
    int task =
        PATH(t, "Microsoft", "Windows NT", "CurrentVersion", "Schedule", "TaskCache", "Tree");
    t_hive_text(t, task, "SD", "x");
    task = PATH(t, "Microsoft", "Windows NT", "CurrentVersion", "Schedule", "TaskCache", "Tree",
                "Gone");
    t_hive_text(t, task, "Id", "{1}");
    int setup = PATH(t, "Microsoft", "ExchangeServer", "v15", "Setup");
    t_hive_number(t, setup, "MsiProductMajor", 15);
    t_hive_number(t, setup, "MsiProductMinor", 1);
    t_hive_number(t, setup, "MsiBuildMajor", 2507);
    t_hive_number(t, setup, "MsiBuildMinor", 6);
    int request = PATH(t, "Microsoft", "SystemCertificates", "REQUEST", "Certificates", "0123");
    (void)t_hive_value(t, request, "Blob", HIVE_BINARY, "\x30\x82<script runat=x>\x01\x02", 20);
    t_hive_text(t, PATH(t, "Microsoft", "Windows Defender", "Exclusions", "Paths"), "C:\\",
                "0");
    t_hive_text(t, PATH(t, "WOW6432Node", "Microsoft", "Windows", "CurrentVersion", "Run"),
                "Upd", "%SystemRoot%\\u.exe /q");
    return t;
}

static void system_names_its_host_and_services(void)
{
    struct t_hive *t = system_hive();
    struct t_log l = t_log_open(t_hive_done(t), "SYSTEM");
    T_OK(t_log_find(&l, "ValueName", "ImagePath"));
    T_EQ(l.ev.kind, EVENT_REGISTRY);
    T_EQ(l.gaps, 0);
    T_STR(l.ev.host, "MX01.example.com");
    T_FIELD(l, "Hive", "SYSTEM");
    T_FIELD(l, "KeyPath", "HKLM\\SYSTEM\\ControlSet001\\Services\\Upd");
    T_FIELD(l, "KeyModified", "2021-03-12T05:20:00Z");
    T_FIELD(l, "ValueType", "REG_SZ");
    T_FIELD(l, "TargetObject", "HKLM\\System\\CurrentControlSet\\Services\\Upd\\ImagePath");
    T_FIELD(l, "AutostartKind", "service");
    T_FIELD(l, "AutostartImage", "C:\\Windows\\Temp\\a b.exe");
    T_FIELD(l, "ServiceName", "Upd");
    T_FIELD(l, "ServiceStart", "auto");
    T_OK(t_log_find(&l, "ValueName", "Start"));
    T_FIELD(l, "Value", "2");
    T_FIELD(l, "Details", "DWORD (0x00000002)");
    T_FIELD(l, "AutostartKind", "");
    t_log_close(&l);
    free(t);
}

static void software_names_no_host(void)
{
    struct t_hive *t = software_hive();
    struct t_log l = t_log_open(t_hive_done(t), "SOFTWARE");
    T_OK(t_log_find(&l, "TaskPath", "\\Gone"));
    T_STR(l.ev.host, "");
    T_FIELD(l, "TaskHidden", "true");
    T_OK(t_log_find(&l, "ValueName", "MsiBuildMinor"));
    T_FIELD(l, "Build", "15.1.2507.6");
    T_OK(t_log_find(&l, "ValueName", "Blob"));
    T_FIELD(l, "CertificateText", "<script runat=x>");
    T_OK(t_log_find(&l, "Exclusion", "C:\\"));
    T_FIELD(l, "ExclusionKind", "Paths");
    T_OK(t_log_find(&l, "AutostartKind", "run"));
    T_FIELD(l, "AutostartImage", "C:\\Windows\\u.exe");
    t_log_close(&l);
    free(t);
}

/* Updates of Exchange, as both keys list them; others have no build. */
static void an_update_of_exchange_is_told_with_its_product(void)
{
    static const char name[] =
        "Security Update for Exchange Server 2016 Cumulative Update 18 (KB5000871)";
    struct t_hive *t = t_hive_new();
    (void)PATH(t, "Classes");
    t_hive_text(t, PATH(t, "Microsoft", "Windows", "CurrentVersion", "Uninstall", "x"),
                "DisplayName", name);
    t_hive_text(t, PATH(t, "Microsoft", "Windows", "CurrentVersion", "Uninstall", "y"),
                "DisplayName", "Security Update for Windows (KB5000802)");
    t_hive_text(t, PATH(t, "Microsoft", "Updates", "Exchange 2016", "KB5000871"), "PackageName",
                name);
    int product = PATH(t, "Microsoft", "Windows", "CurrentVersion", "Uninstall", "p");
    t_hive_text(t, product, "DisplayName",
                "Microsoft Exchange Server 2016 Cumulative Update 18");
    t_hive_text(t, product, "DisplayVersion", "15.1.2106.2");
    struct t_log l = t_log_open(t_hive_done(t), "SOFTWARE");
    T_OK(t_log_find(&l, "InstalledVersion", "15.1.2106.2"));
    T_FIELD(l, "Build", "15.1.2106.2");
    t_log_close(&l);
    l = t_log_open(t_hive_done(t), "SOFTWARE");
    for (int i = 0; i < 2; i++) {
        T_OK(t_log_find(&l, "InstalledUpdate", "KB5000871"));
        T_FIELD(l, "Build", "Exchange 2016 CU18 KB5000871");
        T_OK(str_eq(event_text(&l.ev, "InstalledProgram"), str_of(name)));
    }
    t_log_close(&l);
    l = t_log_open(t_hive_done(t), "SOFTWARE");
    T_OK(t_log_find(&l, "InstalledUpdate", "KB5000802"));
    T_FIELD(l, "Build", "");
    t_log_close(&l);
    free(t);
}

/* Amcache: what is told of a file stands with its path, in both layouts. */
static void amcache_names_programs(void)
{
    static const uint8_t size[8] = {0x39, 0x05};
    struct t_hive *t = t_hive_new();
    int file = PATH(t, "Root", "InventoryApplicationFile", "x.exe|0123456789abcdef");
    t_hive_text(t, file, "LowerCaseLongPath", "c:\\users\\public\\x.exe");
    t_hive_text(t, file, "FileId", "0000da39a3ee5e6b4b0d3255bfef95601890afd80709");
    (void)t_hive_value(t, file, "Size", HIVE_QWORD, size, sizeof size);
    t_hive_text(t, file, "LinkDate", "03/12/2021 05:20:01");
    t_hive_text(t, file, "Publisher", "vendor");
    t_hive_text(t, file, "Version", "1.2");
    file = PATH(t, "Root", "InventoryApplicationFile", "lost");
    t_hive_text(t, file, "FileId", "0000da39a3ee5e6b4b0d3255bfef95601890afd80700");
    t_hive_text(t, file, "Size", "0x539");
    t_hive_text(t, file, "LinkDate", "13/32/2021 05:20:01");
    file = PATH(t, "Root", "File", "{volume}", "10000abcd");
    t_hive_text(t, file, "15", "C:\\PerfLogs\\y.exe");
    t_hive_text(t, file, "101", "0000da39a3ee5e6b4b0d3255bfef95601890afd80701");
    t_hive_number(t, file, "6", 1337);
    t_hive_number(t, file, "f", 1615526401);
    t_hive_text(t, file, "5", "2.3");
    struct t_log l = t_log_open(t_hive_done(t), "Amcache.hve");
    T_OK(t_log_find(&l, "ProgramName", "x.exe"));
    T_FIELD(l, "Hive", "AMCACHE");
    T_FIELD(l, "ProgramPath", "c:\\users\\public\\x.exe");
    T_FIELD(l, "ProgramSha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    T_FIELD(l, "ProgramSize", "1337");
    T_FIELD(l, "ProgramLinked", "2021-03-12T05:20:01Z");
    T_FIELD(l, "ProgramPublisher", "vendor");
    T_FIELD(l, "ProgramVersion", "1.2");
    t_log_close(&l);
    l = t_log_open(t_hive_done(t), "Amcache.hve");
    T_OK(t_log_find(&l, "ProgramSha1", "da39a3ee5e6b4b0d3255bfef95601890afd80700"));
    T_FIELD(l, "ProgramPath", "");
    T_FIELD(l, "ProgramSize", "1337");
    T_FIELD(l, "ProgramLinked", "");
    t_log_close(&l);
    l = t_log_open(t_hive_done(t), "Amcache.hve");
    T_OK(t_log_find(&l, "ProgramName", "y.exe"));
    T_FIELD(l, "ProgramPath", "C:\\PerfLogs\\y.exe");
    T_FIELD(l, "ProgramSha1", "da39a3ee5e6b4b0d3255bfef95601890afd80701");
    T_FIELD(l, "ProgramSize", "1337");
    T_FIELD(l, "ProgramLinked", "2021-03-12T05:20:01Z");
    T_FIELD(l, "ProgramVersion", "2.3");
    t_log_close(&l);
    free(t);
}

static void a_list_has_an_event_for_each(void)
{
    static const char packages[] = "m\0s\0v\0\0\0x\0y\0\0\0\0\0";
    struct t_hive *t = system_hive();
    int lsa = PATH(t, "ControlSet001", "Control", "Lsa");
    (void)t_hive_value(t, lsa, "Security Packages", HIVE_MULTI_SZ, packages,
                       sizeof packages - 1);
    struct t_log l = t_log_open(t_hive_done(t), "SYSTEM");
    T_OK(t_log_find(&l, "ValueName", "Security Packages"));
    T_FIELD(l, "Value", "msv");
    T_FIELD(l, "AutostartKind", "");
    T_OK(t_log_next(&l));
    T_FIELD(l, "AutostartCommand", "msv");
    T_OK(t_log_next(&l));
    T_FIELD(l, "AutostartCommand", "xy");
    T_FIELD(l, "AutostartKind", "lsa-package");
    t_log_close(&l);
    free(t);
}

static uint32_t number_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void give_up_cell(struct t_hive *t, uint32_t cell)
{
    uint8_t *p = t_hive_at(t, cell);
    t_put(p, 0U - number_at(p), 4);
}

/* Gives a key's cells up, as Windows does: nothing is cleared. */
static void give_up(struct t_hive *t, int key, bool unlink)
{
    const struct t_hive_key *k = &t->keys[key];
    give_up_cell(t, number_at(t_hive_at(t, k->cell) + 44));
    give_up_cell(t, k->cell);
    for (uint32_t i = 0; i < k->n_values; i++) {
        const uint8_t *value = t_hive_at(t, k->values[i]) + 4;
        if (number_at(value + 4) < INT32_MAX)
            give_up_cell(t, number_at(value + 8));
        give_up_cell(t, k->values[i]);
    }
    uint8_t *above = t_hive_at(t, t->keys[k->parent].cell) + 4;
    if (unlink) { /* it was the only one */
        t_put(above + 20, 0, 4);
        t_put(above + 28, UINT32_MAX, 4);
    }
}

static struct t_hive *hive_with_a_run_key(int *ret_key, int *ret_above)
{
    struct t_hive *t = t_hive_new();
    (void)PATH(t, "Classes");
    *ret_above = PATH(t, "Microsoft", "Windows", "CurrentVersion");
    *ret_key = PATH(t, "Microsoft", "Windows", "CurrentVersion", "Run");
    t_hive_text(t, *ret_key, "Upd", "C:\\ProgramData\\u.exe /q");
    (void)t_hive_done(t);
    return t;
}

static void a_deleted_key_is_told_as_deleted(void)
{
    int key = 0;
    int above = 0;
    struct t_hive *t = hive_with_a_run_key(&key, &above);
    give_up(t, key, true);
    struct t_log l = t_log_open((struct bytes){t->bytes, HIVE_HEADER + 4096}, "SOFTWARE");
    T_OK(t_log_find(&l, "ValueName", "Upd"));
    T_EQ(l.gaps, 0);
    T_EQ(l.ev.marks, MARK_DELETED);
    T_FIELD(l, "Deleted", "true");
    T_FIELD(l, "ParentLost", "");
    T_FIELD(l, "KeyPath", "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run");
    T_FIELD(l, "AutostartKind", "run");
    T_FIELD(l, "AutostartImage", "C:\\ProgramData\\u.exe");
    t_log_close(&l);
    free(t);
}

/* Deleting a key changes its parent's time: one that is older is another key. */
static void a_parent_that_cannot_be_is_not_joined(void)
{
    int key = 0;
    int above = 0;
    struct t_hive *t = hive_with_a_run_key(&key, &above);
    give_up(t, key, true);
    t_put(t_hive_at(t, t->keys[above].cell) + 8, T_HIVE_TIME - 1, 8);
    struct t_log l = t_log_open((struct bytes){t->bytes, HIVE_HEADER + 4096}, "SOFTWARE");
    T_OK(t_log_find(&l, "ValueName", "Upd"));
    T_FIELD(l, "KeyPath", "HKLM\\SOFTWARE\\$Orphan\\Run");
    T_FIELD(l, "ParentLost", "true");
    T_FIELD(l, "AutostartKind", "");
    t_log_close(&l);
    free(t);
}

/* What is in use too, under the same path and with the same data, was not deleted. */
static void what_was_moved_is_told_once(void)
{
    int key = 0;
    int above = 0;
    struct t_hive *t = t_hive_new();
    (void)PATH(t, "Classes");
    above = PATH(t, "Microsoft");
    key = t_hive_key(t, above, "Old");
    t_hive_number(t, key, "Same", 5);
    t_hive_number(t, key, "Other", 6);
    int now = t_hive_key(t, above, "New");
    t_hive_number(t, now, "Same", 5);
    t_hive_number(t, now, "Other", 7);
    (void)t_hive_done(t);
    give_up(t, key, false);
    uint8_t *list = t_hive_at(t, t->keys[above].cell) + 4;
    uint32_t at = (uint32_t)list[28] | (uint32_t)list[29] << 8;
    t_put(list + 20, 1, 4);
    t_put(t_hive_at(t, at) + 6, 1, 2); /* the list names one key, the other one */
    t_put(t_hive_at(t, at) + 8, t->keys[now].cell, 4);
    memcpy(t_hive_at(t, t->keys[key].cell) + 80, "New", 3);
    struct t_log l = t_log_open((struct bytes){t->bytes, HIVE_HEADER + 4096}, "SOFTWARE");
    T_OK(t_log_find(&l, "Deleted", "true"));
    T_FIELD(l, "ValueName", "Other");
    T_FIELD(l, "Value", "6");
    T_OK(!t_log_find(&l, "Deleted", "true"));
    T_EQ(l.gaps, 0);
    t_log_close(&l);
    free(t);
}

/* A hive that was not written whole says so, and is read. */
static void a_dirty_hive_is_a_gap(void)
{
    struct t_hive *t = system_hive();
    struct bytes file = t_hive_done(t);
    t_put(t->bytes + 4, 8, 4);
    t_hive_seal(t);
    struct t_log l = t_log_open(file, "SYSTEM");
    T_OK(t_log_find(&l, "ValueName", "ImagePath"));
    T_EQ(l.gaps, 1);
    t_log_close(&l);
    l = t_log_open((struct bytes){file.p, file.n - 100}, "SYSTEM");
    T_OK(t_log_find(&l, "ValueName", "ImagePath"));
    T_OK(l.gaps >= 2);
    t_log_close(&l);
    free(t);
}

/* What is made before an event is filled says the same as what fills it. */
static void the_row_holds_every_value(void)
{
    struct t_hive *t = software_hive();
    struct bytes file = t_hive_done(t);
    struct arena *arena = arena_new();
    struct hive_events *r = hive_events_open(file, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    struct log_row row;
    while (hive_events_next(r, arena, &ev, &gap, &err) > 0) {
        T_OK(hive_events_row(r, arena, &row));
        hive_events_fill(r, arena, &ev);
        for (size_t i = 0; i < ev.n; i++)
            T_OK(str_find((struct str){(const char *)row.text.p, row.text.n},
                          ev.fields[i].value, 0) != SIZE_MAX);
    }
    arena_free(arena);
    free(t);
}

static void any_bytes_are_read_to_an_end(void)
{
    struct t_hive *t = software_hive();
    struct bytes file = t_hive_done(t);
    size_t n = file.n;
    for (file.n = 0; file.n < n; file.n += 7)
        t_log_read(file);
    for (size_t i = HIVE_HEADER; i < HIVE_HEADER + (size_t)t->at; i++) {
        t->bytes[i] ^= (uint8_t)(1U << i % 8);
        t_log_read((struct bytes){t->bytes, n});
        t->bytes[i] ^= (uint8_t)(1U << i % 8);
    }
    free(t);
}

static void any_bytes_of_what_was_deleted_are_read_to_an_end(void)
{
    int key = 0;
    int above = 0;
    struct t_hive *t = hive_with_a_run_key(&key, &above);
    give_up(t, key, true);
    struct bytes file = {t->bytes, HIVE_HEADER + 4096};
    for (size_t i = HIVE_HEADER; i < HIVE_HEADER + (size_t)t->at; i++)
        for (int bit = 0; bit < 8; bit += 3) {
            t->bytes[i] ^= (uint8_t)(1U << bit);
            t_log_read(file);
            t->bytes[i] ^= (uint8_t)(1U << bit);
        }
    for (file.n = 0; file.n < HIVE_HEADER + 4096; file.n += 5)
        t_log_read(file);
    free(t);
}

int main(void)
{
    T_RUN(system_names_its_host_and_services);
    T_RUN(software_names_no_host);
    T_RUN(an_update_of_exchange_is_told_with_its_product);
    T_RUN(amcache_names_programs);
    T_RUN(a_list_has_an_event_for_each);
    T_RUN(a_deleted_key_is_told_as_deleted);
    T_RUN(a_parent_that_cannot_be_is_not_joined);
    T_RUN(what_was_moved_is_told_once);
    T_RUN(any_bytes_of_what_was_deleted_are_read_to_an_end);
    T_RUN(a_dirty_hive_is_a_gap);
    T_RUN(the_row_holds_every_value);
    T_RUN(any_bytes_are_read_to_an_end);
    return t_done();
}
