/* Pipelines: each transformation, where it does something and where it does not. */
#include "pipeline_t.h"

static void fields_are_renamed(void)
{
    static const struct pipeline_case cases[] = {
        {"- {type: field_name_mapping, mapping: {A: B}}", "{A|contains: x, C: y}",
         "{B|contains:'x',C:'y'}"},
        {"- {type: field_name_mapping, mapping: {A: B}}", "{a: x}", "{a:'x'}"},
        {"- {type: field_name_mapping, mapping: {A: [B, C]}}", "{A|endswith: [x, y], D: z}",
         "{:<{B|endswith:['x','y']},{C|endswith:['x','y']}>,D:'z'}"},
        {"- {type: field_name_mapping, mapping: {A: [B]}}", "[{A: x}, {C: y}]",
         "[{B:'x'},{C:'y'}]"},
        {"- {type: field_name_mapping, mapping: {A: [B, C]}}", "[{A: x}, {D: y}]",
         "[{:<{B:'x'},{C:'x'}>},{D:'y'}]"},
        {"- {type: field_name_mapping, mapping: {~: message}}", "[x, '*y']",
         "{message:['*x*','*y*']}"},
        {"- {type: field_name_mapping, mapping: {null: message}}", "{'|all': [x, y]}",
         "{message|all:['*x*','*y*']}"},
        {"- {type: field_name_mapping, mapping: {B: C}}", "{A|fieldref: [B, D]}",
         "{A|fieldref:['C','D']}"},
        {"- {type: field_name_mapping, mapping: {B: [C, E]}}", "{A|fieldref|endswith: B}",
         "{A|fieldref|endswith:['C','E']}"},
        {"- {type: field_name_mapping, mapping: {A: B}}\n"
         "- {type: field_name_mapping, mapping: {B: C}}",
         "{A: x}", "{C:'x'}"},
        {"- {type: field_name_prefix_mapping, mapping: {win: w., wi: v.}}",
         "{winA: 1, wiB: 2, C: 3}", "{w.A:1,v.B:2,C:3}"},
        {"- {type: field_name_prefix_mapping, mapping: {a: [b, c]}}", "{ax: 1}",
         "{:<{bx:1},{cx:1}>}"},
        {"- {type: field_name_prefix, prefix: p.}", "{A|re: x}", "{p.A|re:'x'}"},
        {"- {type: field_name_prefix, prefix: p.}", "[x]", "{:['x']}"},
        {"- {type: field_name_suffix, suffix: .s}", "{A: ~}", "{A.s:~}"},
        {"- {type: field_name_suffix, suffix: .s}", "x", "{:'x'}"},
        {"- {type: field_name_transform, transform_func: lower}", "{AbC: 1}", "{abc:1}"},
        {"- {type: field_name_transform, transform_func: upper}", "{AbC: 1}", "{ABC:1}"},
        {"- {type: field_name_transform, transform_func: title}", "{aBc_dE: 1}", "{Abc_De:1}"},
        {"- {type: field_name_transform, transform_func: snake_case}", "{ParentImage: 1}",
         "{parent_image:1}"},
        {"- {type: field_name_transform, transform_func: lower, mapping: {A: X}}",
         "{A: 1, B: 2}", "{X:1,b:2}"},
        {"- {type: field_name_transform, transform_func: reverse}", "{A: 1}",
         "!transform_func must be"},
        {"- {type: field_name_mapping, mapping: {A: []}}", "{A: 1}", "!line 4, column 43"},
        {"- {type: field_name_mapping, mapping: {A: [[B]]}}", "{A: 1}", "!a name or to names"},
        {"- {type: field_name_prefix_mapping, mapping: {'': B}}", "{A: 1}", "!an empty prefix"},
    };
    RUN_CASES(cases);
}

static void names_outside_of_selections_follow(void)
{
    static const struct {
        struct pipeline_case c;
        const char *parts;
    } cases[] = {
        {{"- {type: field_name_mapping, mapping: {A: [B, C]}}", "{x: 1}", "['B','C','Z']"},
         "fields"},
        {{"- {type: field_name_prefix, prefix: p}", "{x: 1}", "['pA','pZ']"}, "fields"},
        {{"- {type: add_field, field: [M, N]}", "{x: 1}", "['A','Z','M','N']"}, "fields"},
        {{"- {type: add_field, field: M}", "{x: 1}", "['A','Z','M']"}, "fields"},
        {{"- {type: remove_field, field: A}", "{x: 1}", "['Z']"}, "fields"},
        {{"- {type: remove_field, field: [A, Q]}", "{x: 1}", "['Z']"}, "fields"},
        {{"- {type: set_field, fields: [Q]}", "{x: 1}", "['Q']"}, "fields"},
        {{"- {type: change_logsource, product: windows, service: sysmon}", "{x: 1}",
          "{product:'windows',service:'sysmon'}"},
         "logsource"},
        {{"- {type: set_custom_attribute, attribute: index, value: [1, 2]}", "{x: 1}",
          "'t'[1,2]"},
         "title index"},
        {{"- {type: set_custom_attribute, attribute: level, value: low}", "{x: 1}", "'low'"},
         "level"},
        {{"- {type: set_custom_attribute, attribute: assay, value: 1}", "{x: 1}",
          "!cannot be set"},
         "assay"},
        {{"- {type: change_logsource}", "{x: 1}", "!without product"}, "logsource"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(&cases[i].c, cases[i].parts, "", "");
}

static void conditions_are_added(void)
{
    static const struct pipeline_case cases[] = {
        {"- {type: add_condition, conditions: {EventID: 1}}", "{x: 1}",
         "{s:{x:1},_cond_1:{EventID:1},condition:['_cond_1 and (s)']}"},
        {"- {type: add_condition, name: n, negated: true, conditions: {E: [1, 2], F: x}}",
         "{x: 1}", "{s:{x:1},n:{E:[1,2],F:'x'},condition:['not n and (s)']}"},
        {"- {type: add_condition, name: n, conditions: {E: 1}}\n"
         "- {type: add_condition, name: n, conditions: {E: 2}}",
         "{x: 1}", "{s:{x:1},n:{E:2},condition:['n and (n and (s))']}"},
        {"- {type: add_condition, name: n, template: true, conditions: {E: ['$category-$x', "
         "'${product} $service $$ $categoryx']}}",
         "{x: 1}",
         "{s:{x:1},n:{E:['process_creation-$x','windows None $ $categoryx']},"
         "condition:['n and (s)']}"},
        {"- {type: add_condition, name: n, conditions: {E: '$category'}}", "{x: 1}",
         "{s:{x:1},n:{E:'$category'},condition:['n and (s)']}"},
        {"- {type: add_condition, conditions: {}}", "{x: 1}", "!not empty"},
        {"- {type: add_condition}", "{x: 1}", "!'conditions' is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(&cases[i], "detection", "", "");
}

static void every_condition_of_a_list_is_bound(void)
{
    struct buf out = buf_new(1 << 16);
    run_text(
        "transformations: [{type: add_condition, conditions: {E: 1}}]",
        "detection: {_cond_1: {x: 1}, condition: [_cond_1, 1 of them or x, 's | count() > 5'],"
        " timeframe: 5m}",
        "detection", &out);
    T_STR(buf_str(&out),
          "{_cond_1:{x:1},_cond_2:{E:1},condition:['_cond_2 and (_cond_1)',"
          "'_cond_2 and (1 of them or x)','_cond_2 and (s ) | count() > 5'],timeframe:'5m'}");
    buf_free(&out);
}

static void items_are_dropped(void)
{
    static const char *const drop =
        "- {type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: "
        "[A]}]}";
    const struct pipeline_case cases[] = {
        {drop, "{A: x, B: y}", "{B:'y'}"},
        {drop, "{B: y}", "{B:'y'}"},
        {drop, "[{A: x}, {A: x, B: y}, {C: z}]", "[{B:'y'},{C:'z'}]"},
        {drop, "{A: x}", "<>"},
        {drop, "[{A: x}, {A: y}]", "<>"},
    };
    RUN_CASES(cases);
    struct buf out = buf_new(1 << 16);
    char pipeline[512];
    (void)snprintf(pipeline, sizeof pipeline, "transformations:\n%s\n", drop);
    run_text(pipeline, "detection: {s_a: {A: 1}, s_b: {B: 1}, condition: 1 of s_*}",
             "detection", &out);
    T_STR(buf_str(&out), "{s_a:<>,s_b:{B:1},condition:['1 of s_*']}");
    buf_free(&out);
}

static void texts_are_replaced(void)
{
    static const struct pipeline_case cases[] = {
        {"- {type: replace_string, regex: x, replacement: y}", "{A: axbx}", "{A:['ayby']}"},
        {"- {type: replace_string, regex: x, replacement: y}", "{A|contains: [ab, ac]}",
         "{A|contains:['ab','ac']}"},
        {"- {type: replace_string, regex: x, replacement: y}", "{A|contains: [ab, ax]}",
         "{A:['*ab*','*ay*']}"},
        {"- {type: replace_string, regex: '^\\*\\\\', replacement: '*/'}",
         "{A|endswith: '\\cmd.exe'}", "{A:['*/cmd.exe']}"},
        {"- {type: replace_string, regex: '(a)(?P<q>b)', replacement: '\\2\\g<1>\\g<q>'}",
         "{A: xab}", "{A:['xbab']}"},
        {"- {type: replace_string, regex: 'C:', replacement: 'D:'}", "{A: 'C:\\x\\\\*'}",
         "{A:['D:\\\\x\\\\*']}"},
        {"- {type: replace_string, regex: x, replacement: '*'}", "{A: 'x\\*x'}",
         "{A:['*\\**']}"},
        {"- {type: replace_string, regex: '^', replacement: z}", "{A: 5}", "{A:['z5']}"},
        {"- {type: replace_string, regex: 'o*', replacement: '-'}", "{A: foo}", "{A:['-f--']}"},
        {"- {type: replace_string, regex: x, replacement: y}", "{A|re: x}", "{A|re:'x'}"},
        {"- {type: replace_string, regex: x, replacement: y}", "{A|windash: -x}",
         "{A|windash:'-x'}"},
        {"- {type: replace_string, regex: x, replacement: y}", "{A|base64: foo}",
         "{A|base64:'foo'}"},
        {"- {type: replace_string, regex: Zm, replacement: Q}", "{A|base64|contains: foo}",
         "{A:['*Q9v*']}"},
        {"- {type: replace_string, regex: x, replacement: y}", "{A|cased|all: [x, z]}",
         "{A|cased|all:['y','z']}"},
        {"- {type: replace_string, regex: x, replacement: y}", "{A: [x, 1, ~, true]}",
         "{A:['y',1,~,true]}"},
        {"- {type: replace_string, regex: '[*]', replacement: y}", "{A|contains: 'a\\*b'}",
         "{A:['ya\\\\yby']}"},
        {"- {type: replace_string, skip_special: true, regex: '[*]', replacement: '?'}",
         "{A|contains: 'a\\*b'}", "{A:['*a\\?b*']}"},
        {"- {type: replace_string, skip_special: true, interpret_special: true, regex: '[*]', "
         "replacement: '?'}",
         "{A|contains: 'a\\*b'}", "{A:['*a?b*']}"},
        {"- {type: replace_string, regex: n, replacement: m}", "{A|expand: 'n%one%n'}",
         "{A|expand:['m%ome%m']}"},
        {"- {type: replace_string, skip_special: true, regex: n, replacement: m}",
         "{A|expand: 'n%one%n'}", "{A|expand:['m%one%m']}"},
        {"- {type: replace_string, regex: '(', replacement: y}", "{A: x}",
         "!line 4, column 33"},
        {"- {type: replace_string, regex: x, replacement: '\\1'}", "{A: x}", "!a backslash"},
        {"- {type: replace_string, regex: x, replacement: '\\q'}", "{A: x}", "!a backslash"},
        {"- {type: replace_string, regex: x, replacement: '\\'}", "{A: x}", "!a backslash"},
        {"- {type: replace_string, regex: '^(a+)+[bd]', replacement: y}",
         "{A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac}", "!given up"},
    };
    RUN_CASES(cases);
}

static void values_are_set(void)
{
    static const struct pipeline_case cases[] = {
        {"- {type: map_string, mapping: {a: b, 'c*': [d, 'e*']}}",
         "{A: [a, x], B|startswith: c, C: [1]}", "{A:['b','x'],B:['d','e*'],C:[1]}"},
        {"- {type: map_string, mapping: {'1': b}}", "{A: 1}", "{A:1}"},
        {"- {type: map_string, mapping: [a]}", "{A: 1}", "!mapping must be a map"},
        {"- {type: set_value, value: z}", "{A|contains: [a, b]}", "{A:['z','z']}"},
        {"- {type: set_value, value: 5}", "{A|re: x}", "{A:[5]}"},
        {"- {type: set_value, value: 5, force_type: str}", "{A: x}", "{A:['5']}"},
        {"- {type: set_value, value: '5', force_type: num}", "{A: x}", "{A:[5]}"},
        {"- {type: set_value, value: ~}", "{A: x}", "{A:[~]}"},
        {"- {type: set_value, value: true}", "{A|neq: x}", "{A|neq:[true]}"},
        {"- {type: set_value, value: x, force_type: num}", "{A: x}", "!not a number"},
        {"- {type: set_value, value: x, force_type: int}", "{A: x}", "!'str' or 'num'"},
        {"- {type: set_value, value: [x]}", "{A: x}", "!a value must be"},
        {"- {type: convert_type, target_type: str}", "{A: [5, x, ~]}", "{A:['5','x',~]}"},
        {"- {type: convert_type, target_type: num}", "{A: ['5', 6, ~]}", "{A:[5,6,~]}"},
        {"- {type: convert_type, target_type: num}", "{A|contains: '5'}",
         "!'*5*' is not a number"},
        {"- {type: convert_type, target_type: bool}", "{A: 5}", "!'str' or 'num'"},
        {"- {type: case}", "{A: 'AbC', B: 5}", "{A:['abc'],B:5}"},
        {"- {type: case, method: upper}", "{A|contains: 'a\\*b'}", "{A:['*A\\*B*']}"},
        {"- {type: case, method: snake_case}", "{A: 'FooBar'}", "{A:['foo_bar']}"},
        {"- {type: case, method: upper}", "{A|expand: 'x%one%'}", "{A|expand:['X%one%']}"},
        {"- {type: case, method: title}", "{A: x}", "!method must be"},
        {"- {type: regex}", "{A|startswith: 'a.b'}", "{A|re|i|s:['\\Aa\\.b.*\\z']}"},
        {"- {type: regex, method: plain}", "{A: 'a?b'}", "{A|re|s:['\\Aa.b\\z']}"},
        {"- {type: regex, method: ignore_case_flag}", "{A: ['', x, 5]}",
         "{:<{A:['',5]},{A|re|i|s:['\\Ax\\z']}>}"},
        {"- {type: regex}", "{A|all: ['', x]}", "{A|all:[''],A|re|i|s|all:['\\Ax\\z']}"},
        {"- {type: regex}", "{A|neq: ['', x]}", "{A|neq:[''],A|re|i|s|neq:['\\Ax\\z']}"},
        {"- {type: regex}", "{A|expand: '%one%'}", "!a placeholder cannot"},
        {"- {type: regex, method: brackets}", "{A: x}", "!method must be"},
    };
    RUN_CASES(cases);
}

static void placeholders_are_filled(void)
{
    static const struct pipeline_case cases[] = {
        {"- {type: value_placeholders}", "{A|expand: '%one%'}", "{A:['a']}"},
        {"- {type: value_placeholders}", "{A|contains|expand: 'x%two%'}",
         "{A|contains:['xb','xc*']}"},
        {"- {type: value_placeholders}", "{A|expand: '%two%%num%%two%'}",
         "{A:['b5b','b5c*','c*5b','c*5c*']}"},
        {"- {type: value_placeholders}", "{A: '%one%'}", "{A:'%one%'}"},
        {"- {type: value_placeholders}", "{A|expand: ['x\\%one%', 5]}", "{A:['x%one%','5']}"},
        {"- {type: value_placeholders}", "{A|expand: '\\\\%one%\\*'}", "{A:['\\\\a\\*']}"},
        {"- {type: value_placeholders}", "{A|expand: '%path%*'}", "{A:['C:\\\\*']}"},
        {"- {type: value_placeholders}", "{A|expand: '%o*e%'}", "{A:['%o*e%']}"},
        {"- {type: value_placeholders}", "{A|expand: '%nope%'}", "!no variable 'nope'"},
        {"- {type: value_placeholders}", "{A|expand: '%none%'}", "!'none' has no value"},
        {"- {type: value_placeholders}", "{A|expand: '%odd%'}", "!no text or number"},
        {"- {type: value_placeholders, include: [one]}", "{A|expand: '%one%%two%'}",
         "{A|expand:['a%two%']}"},
        {"- {type: value_placeholders, exclude: [one]}", "{A|expand: '%one%%two%'}",
         "{A|expand:['%one%b','%one%c*']}"},
        {"- {type: value_placeholders, include: [one]}", "{A|expand: ['%one%\\%', '%two%']}",
         "{A|expand:['a\\%','%two%']}"},
        {"- {type: value_placeholders}", "{A|all|expand: ['%one%', '%two%']}",
         "{A:['a'],A:['b','c*']}"},
        {"- {type: value_placeholders}", "{A|all|neq|expand: ['%one%', '%two%']}",
         "{:<{A|neq:['a']},{A|neq:['b','c*']}>}"},
        {"- {type: value_placeholders, include: [one], exclude: [two]}", "{A: x}",
         "!exclude each other"},
        {"- {type: value_placeholders, include: one}", "{A: x}", "!must be a list"},
        {"- {type: value_placeholders}", "{A|re|i|expand: '^%two%\\\\$'}",
         "{A|re|i:['^b\\\\$','^c*\\\\$']}"},
        {"- {type: value_placeholders}", "{A|windash|expand: '-%one%'}", "{A|windash:['-a']}"},
        {"- {type: value_placeholders}", "{A|cidr|expand: '%net%'}", "{A|cidr:['10.0.0.0/8']}"},
        {"- {type: value_placeholders}", "['x%one%']", "{:['x%one%']}"},
        {"- {type: value_placeholders}", "{'|expand': 'x%one%'}", "{:['xa']}"},
        {"- {type: wildcard_placeholders}", "{A|expand: ['x%nope%', 5]}", "{A:['x*','5']}"},
        {"- {type: wildcard_placeholders}", "{A|re|expand: 'x%nope%'}", "{A|re:['x.*']}"},
        {"- {type: wildcard_placeholders, include: [one]}", "{A|expand: '%nope%'}",
         "{A|expand:['%nope%']}"},
    };
    RUN_CASES(cases);
}

static void hashes_become_fields(void)
{
    static const struct pipeline_case cases[] = {
        {"- {type: hashes_fields, valid_hash_algos: [MD5, SHA1], field_prefix: File}",
         "{Hashes|contains: ['MD5=AA', 'SHA1=BB', 'MD5=CC', 'IMPHASH=DD'], B: 1}",
         "{:<{FileMD5:['AA','CC']},{FileSHA1:['BB']}>,B:1}"},
        {"- {type: hashes_fields, valid_hash_algos: [MD5]}",
         "{Hash: 00112233445566778899aabbccddeeff}",
         "{:<{MD5:['00112233445566778899aabbccddeeff']}>}"},
        {"- {type: hashes_fields, valid_hash_algos: [MD5]}", "{Hashes: 'md5|AA'}",
         "{:<{MD5:['AA']}>}"},
        {"- {type: hashes_fields, valid_hash_algos: [MD5, SHA1]}",
         "{Hashes|all: ['MD5=AA', 'SHA1=BB']}", "{MD5:['AA'],SHA1:['BB']}"},
        {"- {type: hashes_fields, valid_hash_algos: [MD5], field_prefix: hash, "
         "drop_algo_prefix: true}",
         "{Hashes: 'MD5=AA'}", "{:<{hash:['AA']}>}"},
        {"- {type: hashes_fields, valid_hash_algos: [MD5], field_to_parse: [H]}",
         "{H: 'MD5=AA', Hashes: 'MD5=AA'}", "{:<{MD5:['AA']}>,Hashes:'MD5=AA'}"},
        {"- {type: hashes_fields, valid_hash_algos: [MD5]}", "{Hashes|re: 'MD5=AA'}",
         "{Hashes|re:'MD5=AA'}"},
        {"- {type: hashes_fields, valid_hash_algos: [MD5]}", "{Hashes: 'SHA1=AA'}",
         "!no hash that the pipeline lists"},
        {"- {type: hashes_fields, valid_hash_algos: [MD5]}", "{Hashes|neq: 'MD5=AA'}",
         "!cannot be taken apart"},
        {"- {type: hashes_fields}", "{Hashes: x}", "!'valid_hash_algos' is missing"},
    };
    RUN_CASES(cases);
}

static void groups_become_fields(void)
{
    static const struct pipeline_case cases[] = {
        {"- {type: extract_fields, regex: '(?P<t>[A-Za-z]+):(?P<v>[0-9]+)', field_prefix: r}",
         "{A: 'Dword:00001', B: x}", "{:<{r.t:'Dword',r.v:'00001'}>,B:'x'}"},
        {"- {type: extract_fields, regex: '(?P<t>[a-z]+):(?P<v>[0-9]*)'}",
         "{A: ['a:12', 'no', 'null:']}", "{:<{t:'a',v:12},{t:~}>}"},
        {"- {type: extract_fields, regex: '(?P<t>[a-z]+):', preserve_unmatched: true}",
         "{A|all: ['a:', '1']}", "{t:'a',A:'1'}"},
        {"- {type: extract_fields, regex: '(?P<t>x)'}", "{A: y}", "{A:'y'}"},
        {"- {type: extract_fields, regex: '(?P<t>x)'}", "{A: 5}", "{A:5}"},
        {"- {type: extract_fields, regex: '(x)'}", "{A: x}", "!no group with a name"},
        {"- {type: extract_fields, regex: '(?P<t>x)'}", "{A|neq: x}", "!cannot be taken apart"},
    };
    RUN_CASES(cases);
}

static void failures_refuse(void)
{
    static const struct pipeline_case cases[] = {
        {"- {type: rule_failure, message: not here}", "{A: x}", "!pipeline: not here"},
        {"- {type: rule_failure, message: no, rule_conditions: [{type: logsource, product: "
         "linux}]}",
         "{A: x}", "{A:'x'}"},
        {"- {type: detection_item_failure, message: no A, field_name_conditions: [{type: "
         "include_fields, fields: [A]}]}",
         "{A: x}", "!pipeline: no A"},
        {"- {type: detection_item_failure, message: no A, field_name_conditions: [{type: "
         "include_fields, fields: [A]}]}",
         "{B: x}", "{B:'x'}"},
        {"- {type: field_name_mapping, mapping: {A: X, B: [Y, Q]}}\n"
         "- {type: strict_field_mapping_failure}",
         "{A: x, B: y}", "{X:'x',:<{Y:'y'},{Q:'y'}>}"},
        {"- {type: field_name_mapping, mapping: {A: X}}\n"
         "- {type: strict_field_mapping_failure}",
         "{A: x, B: y}", "!the field 'B' is not mapped"},
        {"- {type: query_expression_placeholders, expression: x}", "{A: x}",
         "!line 4, column 10: query_expression_placeholders: it makes the text of a query"},
        {"- {type: file_placeholders}", "{A: x}", "!reads no files"},
        {"- {type: http_placeholders}", "{A: x}", "!asks no server"},
        {"- {type: command_placeholders}", "{A: x}", "!runs no commands"},
        {"- {type: no_such}", "{A: x}", "!line 4, column 10: unknown transformation 'no_such'"},
        {"- {type: add_conditions, conditions: {A: 1}}", "{A: x}",
         "!'add_conditions' (did you mean 'add_condition'?)"},
        {"- {typ: no_such}", "{A: x}", "!line 4, column 3: a transformation without type"},
        {"- {type: set_state, key: k, val: v, vall: w}", "{A: x}",
         "!line 4, column 43: unknown parameter 'vall'"},
        {"- x", "{A: x}", "!must be a map"},
    };
    RUN_CASES(cases);
}

static void steps_nest(void)
{
    static const struct pipeline_case cases[] = {
        {"- type: nest\n  items:\n  - {type: set_state, key: k, val: 1}\n"
         "  - {type: field_name_mapping, mapping: {A: B}}\n"
         "- {type: set_value, value: 2, rule_conditions: [{type: processing_state, key: k, "
         "val: "
         "1}]}",
         "{A: x}", "{B:[2]}"},
        {"- type: nest\n  rule_conditions: [{type: logsource, product: linux}]\n"
         "  items:\n  - {type: field_name_mapping, mapping: {A: B}}\n",
         "{A: x}", "{A:'x'}"},
        {"- {type: nest, items: [{type: nest, items: [{type: nest, items: [{type: nest, items: "
         "[{type: nest, items: [{type: nest, items: [{type: nest, items: [{type: nest, items: "
         "[]}]}]}]}]}]}]}]}",
         "{A: x}", "!nested too deeply"},
        {"- {type: nest, items: x}", "{A: x}", "!must be a list"},
    };
    RUN_CASES(cases);
}

static void correlations_get_new_names(void)
{
    static const char rule[] = "correlation: {type: value_count, rules: [r1], group-by: [A, "
                               "al], timespan: 5m, aliases: "
                               "{al: {r1: A}}, condition: {gte: 3, field: A}}";
    struct buf out = buf_new(1 << 16);
    run_text("transformations: [{type: field_name_mapping, mapping: {A: B, al: no}}, {type: "
             "add_condition, conditions: {E: 1}}, {type: change_logsource, product: x}]",
             rule, "correlation logsource", &out);
    T_STR(buf_str(&out), "{type:'value_count',rules:['r1'],group-by:['B','al'],timespan:'5m',"
                         "aliases:{al:{r1:'B'}},condition:{gte:3,field:'B'}}");
    buf_clear(&out);
    run_text("transformations: [{type: field_name_mapping, mapping: {A: [B, C]}}]",
             "correlation: {type: event_count, group-by: A}", "correlation", &out);
    T_STR(buf_str(&out), "{type:'event_count',group-by:['B','C']}");
    buf_clear(&out);
    run_text("transformations: [{type: field_name_mapping, mapping: {A: [B, C]}}]", rule, "",
             &out);
    T_OK(str_find(buf_str(&out), STR("mapped to several"), 0) != SIZE_MAX);
    buf_free(&out);
}

static void pipelines_apply_by_priority(void)
{
    static const char *const texts[] = {
        "priority: 20\nvars: {v: second}\ntransformations: [{type: replace_string, regex: '$', "
        "replacement: 3}]",
        "priority: -1\ntransformations: [{type: value_placeholders}]",
        "priority: 20\ntransformations: [{type: replace_string, regex: '$', replacement: 4}]",
        "vars: {v: first}\ntransformations: [{type: replace_string, regex: '$', replacement: "
        "1}]"};
    struct arena *arena = arena_new();
    struct pipeline *p[4] = {NULL};
    struct yaml *document = NULL;
    const struct yaml *made = NULL;
    struct err err = {0};
    struct buf out = buf_new(1 << 16);
    for (size_t i = 0; i < 4; i++)
        T_EQ(pipeline_parse(cstr(texts[i]), arena, &p[i], &err), 0);
    T_EQ(yaml_parse(STR("detection: {s: {A|expand: '%v%'}, condition: s}"), arena, &document,
                    &err),
         0);
    T_EQ(pipeline_apply(p, 4, document, arena, &made, &err), 0);
    if (made)
        show_yaml(made, &out);
    T_STR(buf_str(&out), "{detection:{s:{A:['second134']},condition:['s']}}");
    buf_clear(&out);
    show_yaml(document, &out); /* as it was */
    T_STR(buf_str(&out), "{detection:{s:{A|expand:'%v%'},condition:'s'}}");
    T_EQ(pipeline_priority(p[1]), (uint64_t)-1);
    for (size_t i = 0; i < 4; i++)
        pipeline_free(p[i]);
    buf_free(&out);
    arena_free(arena);
}

static void what_makes_queries_is_told_of(void)
{
    struct arena *arena = arena_new();
    struct pipeline *p = NULL;
    struct err err = {0};
    const struct str *lines = NULL;
    T_EQ(pipeline_parse(STR("name: N\nallowed_backends: [x]\npostprocessing:\n- {type: embed}\n"
                            "finalizers: []\n"),
                        arena, &p, &err),
         0);
    T_STR(pipeline_name(p), "N");
    T_EQ(pipeline_notices(p, &lines), 1);
    T_STR(lines[0], "line 4: postprocessing forms the text of queries: left out");
    pipeline_free(p);
    arena_free(arena);
}

static void a_text_that_is_no_pipeline_is_refused(void)
{
    static const char *const texts[][2] = {
        {"", "not a pipeline"},
        {"- a", "not a pipeline"},
        {"a: 1", "line 1, column 4: unknown parameter 'a'"},
        {"name: x\n---\nname: y", "a second document"},
        {"priority: high", "the priority must be a number"},
        {"vars: [x]", "vars must be a map"},
        {"transformations: {a: b}", "must be a list"},
        {"a: [", "line"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct arena *arena = arena_new();
        struct pipeline *p = NULL;
        struct err err = {0};
        T_EQ(pipeline_parse(cstr(texts[i][0]), arena, &p, &err), (uint64_t)-1);
        T_OK(p == NULL);
        T_OK(strstr(err.msg, texts[i][1]) != NULL);
        arena_free(arena);
    }
}

/* What doubles with each step reaches a bound, soon. */
static void growth_is_bounded(void)
{
    static const char *const grow[] = {
        "{type: field_name_mapping, mapping: {A: [A, A]}}",
        "{type: replace_string, regex: x, replacement: xx}",
        "{type: map_string, mapping: {x: [x, x]}}",
        "{type: add_condition, conditions: {B: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}}",
    };
    static const unsigned times[] = {100, 100, 100, 4000};
    for (size_t i = 0; i < sizeof grow / sizeof grow[0]; i++) {
        struct buf text = buf_new(1 << 20);
        struct buf out = buf_new(1 << 16);
        buf_add_cstr(&text, "transformations:\n");
        for (unsigned k = 0; k < times[i]; k++)
            buf_addf(&text, "- %s\n", grow[i]);
        buf_add_char(&text, '\0');
        run_text(text.p, "detection: {s: {A: x}, condition: s}", "", &out);
        buf_add_char(&out, '\0');
        T_OK(strstr(out.p, "beyond every bound") || strstr(out.p, "nested too deeply"));
        buf_free(&text);
        buf_free(&out);
    }
}

static void any_prefix(struct bytes data)
{
    struct arena *arena = arena_new();
    struct pipeline *p = NULL;
    struct err err = {0};
    struct yaml *document = NULL;
    const struct yaml *made = NULL;
    if (pipeline_parse((struct str){(const char *)data.p, data.n}, arena, &p, &err) == 0 &&
        yaml_parse(STR("detection: {s: {A: x, B|re: y}, condition: s}"), arena, &document,
                   &err) == 0)
        (void)pipeline_apply(&p, 1, document, arena, &made, &err);
    pipeline_free(p);
    arena_free(arena);
}

static void damaged_text_is_harmless(void)
{
    static const char text[] =
        "name: x\nvars: {v: [a, b]}\ntransformations:\n"
        "- {id: a, type: field_name_mapping, mapping: {A: [B, C]}, rule_conditions: {p: {type: "
        "logsource, product: x}, q: {type: tag, tag: a.b}}, rule_cond_expr: not p and not q}\n"
        "- {type: replace_string, regex: '(x)', replacement: '\\1\\g<1>'}\n"
        "- {type: add_condition, conditions: {E: [1, x]}, template: true}\n";
    struct bytes data = {(const uint8_t *)text, sizeof text - 1};
    t_each_prefix(data, any_prefix);
    for (size_t i = 0; i < data.n * 8; i++) {
        char copy[sizeof text];
        memcpy(copy, text, sizeof text);
        copy[i / 8] = (char)(copy[i / 8] ^ (1 << i % 8));
        any_prefix((struct bytes){(const uint8_t *)copy, data.n});
    }
}

int main(void)
{
    T_RUN(fields_are_renamed);
    T_RUN(names_outside_of_selections_follow);
    T_RUN(conditions_are_added);
    T_RUN(every_condition_of_a_list_is_bound);
    T_RUN(items_are_dropped);
    T_RUN(texts_are_replaced);
    T_RUN(values_are_set);
    T_RUN(placeholders_are_filled);
    T_RUN(hashes_become_fields);
    T_RUN(groups_become_fields);
    T_RUN(failures_refuse);
    T_RUN(steps_nest);
    T_RUN(correlations_get_new_names);
    T_RUN(pipelines_apply_by_priority);
    T_RUN(what_makes_queries_is_told_of);
    T_RUN(a_text_that_is_no_pipeline_is_refused);
    T_RUN(growth_is_bounded);
    T_RUN(damaged_text_is_harmless);
    return t_done();
}
