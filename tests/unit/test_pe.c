#include "format/pe.h"
#include "pe_t.h"

static struct arena *a;

static void a_program_tells_what_it_is(void)
{
    static const char *const names[] = {"RegisterModule", "x"};
    struct pe_t made;
    struct pe pe;
    pe_t_begin(&made);
    pe_t_exports(&made, names, 2);
    pe_t_imports(&made, "other.dll");
    pe_t_version(&made, "ExSetup.exe");
    pe_t_signature(&made);
    T_OK(pe_parse(pe_t_bytes(&made), a, &pe));
    T_OK(strcmp(pe.machine, "x64") == 0 && pe.dll && !pe.managed && pe.signature &&
         !pe.damaged);
    T_OK(pe.compiled == instant_of_civil(2021, 3, 4, 0, 0, 0));
    T_STR(pe.version, "15.1.2375.7");
    T_STR(pe.file_version, "15.01.2375.007");
    T_STR(pe.company, "Microsoft Corporation");
    T_STR(pe.original_name, "ExSetup.exe");
    T_STR(pe.product, "");
    T_EQ(pe.n_exports, 2);
    T_STR(pe.exports[0], "RegisterModule");
    T_STR(pe.export_name, "self.dll");
    T_EQ(pe.n_signers, 2);
    T_STR(pe.signers[0], "Root CA");
    T_STR(pe.signers[1], "Signer");
    T_STR(pe.imphash, "9b04083775b2483d587775705def6390");
}

static void imports_by_number_may_have_names(void)
{
    struct pe_t made;
    struct pe pe;
    pe_t_begin(&made);
    pe_t_imports(&made, "WS2_32.dll");
    T_OK(pe_parse(pe_t_bytes(&made), a, &pe));
    T_STR(pe.imphash, "");
}

static void managed_code_tells_its_interfaces(void)
{
    struct pe_t made;
    struct pe pe;
    pe_t_begin(&made);
    pe_t_managed(&made);
    T_OK(pe_parse(pe_t_bytes(&made), a, &pe));
    T_OK(pe.managed);
    T_EQ(pe.n_uses, 1);
    T_STR(pe.uses[0], "IHttpModule");
    T_STR(pe.version, "");
    T_OK(!pe.signature);
}

static void what_is_none_is_refused_and_damage_is_told(void)
{
    struct pe_t made;
    struct pe pe = {.n_exports = 7};
    T_OK(!pe_parse((struct bytes){(const uint8_t *)"MZ", 2}, a, &pe));
    T_OK(!pe_parse((struct bytes){0}, a, &pe));
    T_EQ(pe.n_exports, 7);
    pe_t_begin(&made);
    pe_t_dir(&made, 0, 0x9999, 40);
    T_OK(pe_parse(pe_t_bytes(&made), a, &pe));
    T_OK(pe.damaged);
    T_EQ(pe.n_exports, 0);
}

static void a_signature_may_end_inside_a_name(void)
{
    struct pe_t made;
    struct pe pe;
    pe_t_begin(&made);
    pe_t_signature(&made);
    size_t end = made.at - sizeof "\x13\x07Root CA"; /* behind the last name's own number */
    T_OK(pe_parse((struct bytes){made.b, end}, a, &pe));
    T_EQ(pe.n_signers, 2);
    T_OK(pe.damaged);
}

static void walk(struct bytes data)
{
    struct arena *arena = arena_new();
    struct pe pe;
    if (pe_parse(data, arena, &pe))
        T_OK(pe.n_exports <= PE_EXPORTS_MAX && pe.n_signers <= PE_SIGNERS_MAX);
    arena_free(arena);
}

static void survives_truncation_and_flips(void)
{
    static const char *const names[] = {"RegisterModule", "x"};
    static struct pe_t made;
    pe_t_begin(&made);
    pe_t_exports(&made, names, 2);
    pe_t_imports(&made, "other.dll");
    pe_t_managed(&made);
    pe_t_version(&made, "a.dll");
    pe_t_signature(&made);
    size_t end = made.at;
    t_each_prefix((struct bytes){made.b, end}, walk);
    for (size_t i = 0; i < end * 8; i++) {
        made.b[i / 8] = (uint8_t)(made.b[i / 8] ^ 1 << i % 8);
        walk((struct bytes){made.b, end});
        made.b[i / 8] = (uint8_t)(made.b[i / 8] ^ 1 << i % 8);
    }
}

int main(void)
{
    a = arena_new();
    T_RUN(a_program_tells_what_it_is);
    T_RUN(imports_by_number_may_have_names);
    T_RUN(managed_code_tells_its_interfaces);
    T_RUN(what_is_none_is_refused_and_damage_is_told);
    T_RUN(a_signature_may_end_inside_a_name);
    T_RUN(survives_truncation_and_flips);
    arena_free(a);
    return t_done();
}
