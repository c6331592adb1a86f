#include "event/map_mft.h"

#include "t_log.h"
#include "t_ntfs.h"

static struct t_mft *server(void)
{
    struct t_mft *m = calloc(1, sizeof *m);
    if (!m)
        abort();
    t_mft_file(m, 0, 1, 1, "$MFT", t_reference(5, 5), NULL);
    t_mft_file(m, 5, 5, 3, ".", t_reference(5, 5), NULL);
    t_mft_file(m, 6, 1, 3, "inetpub", t_reference(5, 5), NULL);
    t_mft_file(m, 7, 1, 3, "wwwroot", t_reference(6, 1), NULL);
    t_mft_file(m, 8, 1, 3, "aspnet_client", t_reference(7, 1), NULL);
    t_mft_file(m, 9, 2, 0, "x.aspx", t_reference(8, 1), "<%eval(Request[\"k\"])%>");
    t_mft_begin(m, 10, 1, 1, 0);
    t_mft_standard(m, T_2021 - 10 * 864000000000, 0x22); /* ten days before its name */
    t_mft_name(m, "stomped.aspx", t_reference(8, 1), T_BOTH, T_2021 + 1234567);
    t_mft_attribute(m, 0x80, "", str_bytes(STR("x")));
    t_mft_attribute(m, 0x80, "Zone.Identifier", str_bytes(STR("ZoneId=3")));
    t_mft_end(m);
    return m;
}

static void a_page_that_is_gone(void)
{
    struct t_mft *m = server();
    struct t_log l = t_log_open(t_mft_bytes(m), "host/C/$MFT");
    char t[INSTANT_TEXT];
    T_OK(t_log_find(&l, "FileName", "x.aspx"));
    T_EQ(l.ev.kind, EVENT_MFT);
    T_STR(instant_text(l.ev.time, t), "2021-03-01T00:00:00.0000001Z");
    T_FIELD(l, "Path", "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx");
    T_FIELD(l, "Directory", "C:\\inetpub\\wwwroot\\aspnet_client");
    T_FIELD(l, "Extension", "aspx");
    T_FIELD(l, "Deleted", "true");
    T_FIELD(l, "InUse", "false");
    T_FIELD(l, "Entry", "9");
    T_FIELD(l, "Parent", "8");
    T_FIELD(l, "Size", "22");
    T_FIELD(l, "Resident", "true");
    T_FIELD(l, "Content", "<%eval(Request[\"k\"])%>");
    T_FIELD(l, "WebRoot", "aspnet_client");
    T_FIELD(l, "WebPath", "/aspnet_client/x.aspx");
    T_FIELD(l, "ScriptMarks", "eval-request");
    T_FIELD(l, "Timestomped", "");
    t_log_close(&l);
    free(m);
}

static void hints_of_forged_times(void)
{
    struct t_mft *m = server();
    struct t_log l = t_log_open(t_mft_bytes(m), "$MFT");
    T_OK(t_log_find(&l, "FileName", "stomped.aspx"));
    T_FIELD(l, "Path", "\\inetpub\\wwwroot\\aspnet_client\\stomped.aspx");
    T_FIELD(l, "Timestomped", "created-before-name");
    T_FIELD(l, "Attributes", "hidden");
    T_FIELD(l, "StreamName", "Zone.Identifier");
    T_FIELD(l, "StreamContent", "ZoneId=3");
    t_log_close(&l);
    free(m);
}

static void the_root_has_a_path(void)
{
    struct t_mft *m = server();
    struct t_log l = t_log_open(t_mft_bytes(m), "x/C/$MFT");
    T_OK(t_log_find(&l, "Entry", "5"));
    T_FIELD(l, "Path", "C:\\");
    t_log_close(&l);
    free(m);
}

/* Setup makes folders named after the build: when their names were made, it was installed. */
static void a_folder_of_a_build_tells_it(void)
{
    struct t_mft *m = server();
    t_mft_file(m, 11, 1, 3, "ClientAccess", t_reference(5, 5), NULL);
    t_mft_file(m, 12, 1, 3, "Owa", t_reference(11, 1), NULL);
    t_mft_file(m, 13, 1, 3, "15.1.2106.2", t_reference(12, 1), NULL);
    t_mft_file(m, 14, 1, 3, "15.1.2106.2", t_reference(6, 1), NULL);
    t_mft_file(m, 15, 1, 1, "15.1.2176.2", t_reference(12, 1), NULL);
    struct t_log l = t_log_open(t_mft_bytes(m), "x/C/$MFT");
    T_OK(t_log_find(&l, "Entry", "13"));
    T_FIELD(l, "Build", "15.1.2106.2");
    T_OK(t_log_find(&l, "Entry", "14"));
    T_FIELD(l, "Build", "");
    T_OK(t_log_find(&l, "Entry", "15"));
    T_FIELD(l, "Build", "");
    t_log_close(&l);
    free(m);
}

int main(void)
{
    T_RUN(a_page_that_is_gone);
    T_RUN(hints_of_forged_times);
    T_RUN(the_root_has_a_path);
    T_RUN(a_folder_of_a_build_tells_it);
    return t_done();
}
