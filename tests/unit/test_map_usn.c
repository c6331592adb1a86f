#include "event/map_usn.h"

#include "t_log.h"
#include "t_ntfs.h"

static struct t_usn *journal(void)
{
    struct t_usn *u = calloc(1, sizeof *u);
    if (!u)
        abort();
    t_usn_add(u, 2, t_reference(60, 1), t_reference(50, 2), 0x80000100, 0x10, "aspnet_client");
    t_usn_add(u, 2, t_reference(100, 1), t_reference(60, 1), 0x100, 0x20, "x.gif");
    t_usn_add(u, 2, t_reference(100, 1), t_reference(60, 1), 0x1000, 0x20, "x.gif");
    t_usn_add(u, 2, t_reference(100, 1), t_reference(60, 1), 0x2000, 0x20, "x.aspx");
    t_usn_add(u, 2, t_reference(101, 1), t_reference(70, 1), 0x80000200, 0x26, "other.txt");
    return u;
}

static void records_have_reasons_and_what_the_journal_knows(void)
{
    struct t_usn *u = journal();
    struct t_log l = t_log_open(t_usn_bytes(u), "C/$Extend/$J");
    T_OK(t_log_find(&l, "FileName", "x.gif"));
    T_EQ(l.ev.kind, EVENT_USN);
    T_FIELD(l, "Reason", "Create");
    T_FIELD(l, "Entry", "100");
    T_FIELD(l, "ParentEntry", "60");
    T_FIELD(l, "KnownPath", "aspnet_client\\x.gif");
    T_FIELD(l, "OldFileName", "");
    T_OK(t_log_find(&l, "FileName", "x.aspx"));
    T_FIELD(l, "Reason", "RenameNew");
    T_FIELD(l, "OldFileName", "x.gif");
    T_FIELD(l, "Extension", "aspx");
    T_FIELD(l, "WebRoot", "aspnet_client");
    T_FIELD(l, "ScriptType", "true");
    T_OK(t_log_find(&l, "FileName", "other.txt"));
    T_FIELD(l, "KnownPath", "");
    T_FIELD(l, "WebRoot", "");
    T_FIELD(l, "Attributes", "hidden");
    T_OK(!t_log_next(&l));
    t_log_close(&l);
    free(u);
}

static void records_that_name_no_file_are_a_gap(void)
{
    struct t_usn *u = journal();
    t_put(u->bytes + u->n, 80, 4);
    t_put(u->bytes + u->n + 4, 4, 2);
    u->n += 80;
    struct t_log l = t_log_open(t_usn_bytes(u), "$J");
    while (t_log_next(&l))
        continue;
    T_EQ(l.events, 5);
    T_EQ(l.gaps, 1);
    t_log_close(&l);
    free(u);
}

int main(void)
{
    T_RUN(records_have_reasons_and_what_the_journal_knows);
    T_RUN(records_that_name_no_file_are_a_gap);
    return t_done();
}
