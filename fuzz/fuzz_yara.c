/* Files held against YARA rules with strings, expressions and modules: places lie inside the
 * file, what is told is valid UTF-8. */
#include <assert.h>

#include "base/utf.h"
#include "rule/yara.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char RULES[] =
    "import \"pe\"\nimport \"elf\"\nimport \"dotnet\"\nimport \"math\"\nimport \"hash\"\n"
    "rule text { strings: $a = \"eval(\" nocase wide ascii $b = /<\\?(php)?.{0,40}\\$_/ "
    "$c = { 4D 5A [2-40] 50 45 } $d = \"abc\" xor $e = \"cmd.exe\" base64 condition: any of "
    "them }\n"
    "rule modules { condition: pe.number_of_sections > 0 or elf.type == 2 or "
    "dotnet.number_of_streams > 1 or math.entropy(0, filesize) > 7 }\n"
    "rule version { condition: pe.version_info[\"CompanyName\"] contains \"M\" or "
    "pe.imphash() == \"x\" or hash.md5(0, filesize) == \"y\" }\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct yara_set *set; /* for all inputs */
    static struct ruleset *rules;
    static struct yara_scanner *scanner;
    struct err err = {0};
    if (!set) {
        set = yara_set_new();
        rules = ruleset_new();
        yara_set_add(set, STR("made.yar"), STR(""), str_of(RULES));
        assert(yara_set_compile(set, &err) == 0);
        ruleset_freeze(rules);
        yara_set_bind(set, rules, NULL);
        assert(ruleset_count(rules) == 3);
        scanner = yara_scanner_make(set);
    }
    struct arena *arena = arena_new();
    const struct yara_found *found = NULL;
    size_t n_found = 0;
    const struct yara_file about = {
        .name = STR("x"), .directory = STR(""), .extension = STR(""), .type = STR("")};
    (void)yara_scan(scanner, false, (struct bytes){data, n}, &about, arena, &found, &n_found,
                    &err);
    for (size_t i = 0; i < n_found; i++) {
        assert(found[i].rule < 3);
        assert(found[i].offset <= n && found[i].size <= n - found[i].offset);
        assert(utf8_valid(str_bytes(found[i].told)));
    }
    arena_free(arena);
    return 0;
}
