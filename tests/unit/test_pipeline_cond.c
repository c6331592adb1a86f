/* Conditions of pipelines: each one, where it holds and where it does not. */
#include "pipeline_t.h"

#define ON_RULE(cond) "- {type: field_name_suffix, suffix: _, rule_conditions: [" cond "]}"
#define ON_ITEM(cond) \
    "- {type: field_name_suffix, suffix: _, detection_item_conditions: [" cond "]}"
#define ON_FIELD(cond) \
    "- {type: field_name_suffix, suffix: _, field_name_conditions: [" cond "]}"
#define YES "{A_:'x'}"
#define NO "{A:'x'}"

static void about_rules(void)
{
    static const struct pipeline_case cases[] = {
        {ON_RULE("{type: logsource, product: windows}"), "{A: x}", YES},
        {ON_RULE("{type: logsource, product: windows, category: process_creation}"), "{A: x}",
         YES},
        {ON_RULE("{type: logsource, product: windows, service: sysmon}"), "{A: x}", NO},
        {ON_RULE("{type: logsource, product: linux}"), "{A: x}", NO},
        {ON_RULE("{type: logsource}"), "{A: x}", "!without product"},
        {ON_RULE("{type: contains_field, field: A}"), "{A: x}", YES},
        {ON_RULE("{type: contains_field, field: a}"), "{A: x}", NO},
        {ON_RULE("{type: contains_field, field: B}"), "[{A: x}, {B: y}]",
         "[{A_:'x'},{B_:'y'}]"},
        {ON_RULE("{type: contains_detection_item, field: A, value: x}"), "{A: [w, x]}",
         "{A_:['w','x']}"},
        {ON_RULE("{type: contains_detection_item, field: A, value: '*x*'}"), "{A|contains: x}",
         "{A_|contains:'x'}"},
        {ON_RULE("{type: contains_detection_item, field: A, value: X}"), "{A: x}", NO},
        {ON_RULE("{type: contains_detection_item, field: A, value: 5}"), "{A: 5}", "{A_:5}"},
        {ON_RULE("{type: contains_detection_item, field: A, value: 5}"), "{A: '5'}", "{A:'5'}"},
        {ON_RULE("{type: contains_detection_item, field: A, value: true}"), "{A: true}",
         "{A_:true}"},
        {ON_RULE("{type: contains_detection_item, field: B, value: x}"), "{A: x}", NO},
        {ON_RULE("{type: is_sigma_rule}"), "{A: x}", YES},
        {ON_RULE("{type: is_sigma_correlation_rule}"), "{A: x}", NO},
        {ON_RULE("{type: tag, tag: attack.t1}"), "{A: x}", YES},
        {ON_RULE("{type: tag, tag: attack.t}"), "{A: x}", NO},
        {ON_RULE("{type: match_string, cond: any, pattern: x}"), "{A: x}",
         "!unknown condition 'match_string' among rule_conditions"},
        {ON_RULE("{type: tag}"), "{A: x}", "!'tag' is missing"},
        {ON_RULE("{type: tag, tag: x, of: y}"), "{A: x}", "!unknown parameter 'of'"},
        {ON_RULE("x"), "{A: x}", "!must be a map with a type"},
    };
    RUN_CASES(cases);
}

static void about_attributes(void)
{
    static const struct pipeline_case cases[] = {
        {ON_RULE("{type: rule_attribute, attribute: level, value: medium, op: gte}"), "{A: x}",
         YES},
        {ON_RULE("{type: rule_attribute, attribute: level, value: high, op: gt}"), "{A: x}",
         NO},
        {ON_RULE("{type: rule_attribute, attribute: level, value: high}"), "{A: x}", YES},
        {ON_RULE("{type: rule_attribute, attribute: level, value: huge}"), "{A: x}",
         "!no level or status"},
        {ON_RULE("{type: rule_attribute, attribute: status, value: stable, op: lt}"), "{A: x}",
         YES},
        {ON_RULE("{type: rule_attribute, attribute: status, value: test, op: lt}"), "{A: x}",
         NO},
        {ON_RULE("{type: rule_attribute, attribute: date, value: '2024-05-05', op: gt}"),
         "{A: x}", YES},
        {ON_RULE("{type: rule_attribute, attribute: date, value: 2024-05-06, op: lte}"),
         "{A: x}", YES},
        {ON_RULE("{type: rule_attribute, attribute: date, value: '2024-05-06', op: ne}"),
         "{A: x}", NO},
        {ON_RULE("{type: rule_attribute, attribute: author, value: me}"), "{A: x}", YES},
        {ON_RULE("{type: rule_attribute, attribute: author, value: you, op: ne}"), "{A: x}",
         YES},
        {ON_RULE("{type: rule_attribute, attribute: author, value: me, op: gt}"), "{A: x}",
         "!only equal or not"},
        {ON_RULE("{type: rule_attribute, attribute: tags, value: car.x, op: in}"), "{A: x}",
         YES},
        {ON_RULE("{type: rule_attribute, attribute: tags, value: car.x, op: not_in}"), "{A: x}",
         NO},
        {ON_RULE("{type: rule_attribute, attribute: tags, value: car.x}"), "{A: x}", NO},
        {ON_RULE("{type: rule_attribute, attribute: stage, value: 2, op: gt}"), "{A: x}", YES},
        {ON_RULE("{type: rule_attribute, attribute: stage, value: 3.5, op: gt}"), "{A: x}", NO},
        {ON_RULE("{type: rule_attribute, attribute: stage, value: many, op: ne}"), "{A: x}",
         YES},
        {ON_RULE("{type: rule_attribute, attribute: no_such, value: 1, op: ne}"), "{A: x}", NO},
        {ON_RULE("{type: rule_attribute, attribute: level, value: 1, op: like}"), "{A: x}",
         "!unknown relation 'like'"},
        {"- {type: set_custom_attribute, attribute: a, value: 7}\n" ON_RULE(
             "{type: rule_attribute, attribute: a, value: 7}"),
         "{A: x}", YES},
    };
    RUN_CASES(cases);
}

static void about_what_was_done(void)
{
    static const struct pipeline_case cases[] = {
        {"- {id: i, type: field_name_mapping, mapping: {Q: R}}\n" ON_RULE(
             "{type: processing_item_applied, processing_item_id: i}"),
         "{A: x}", YES},
        {"- {id: i, type: set_state, key: k, val: 1, rule_conditions: [{type: tag, tag: q.q}]}"
         "\n" ON_RULE("{type: processing_item_applied, processing_item_id: i}"),
         "{A: x}", NO},
        {"- {id: i, type: field_name_mapping, mapping: {A: B}}\n" ON_ITEM(
             "{type: processing_item_applied, processing_item_id: i}"),
         "{A: x, C: y}", "{B_:'x',C:'y'}"},
        {"- {id: i, type: field_name_mapping, mapping: {A: [B, D]}}\n" ON_ITEM(
             "{type: processing_item_applied, processing_item_id: i}"),
         "{A: x, C: y}", "{:<{B_:'x'},{D_:'x'}>,C:'y'}"},
        {"- {id: i, type: replace_string, regex: x, replacement: z}\n" ON_ITEM(
             "{type: processing_item_applied, processing_item_id: i}"),
         "{A: x, C: y}", "{A_:['z'],C:'y'}"},
        {"- {id: i, type: field_name_mapping, mapping: {A: B, C: D}}\n" ON_FIELD(
             "{type: processing_item_applied, processing_item_id: i}"),
         "{A: x, C: y, E: z}", "{B_:'x',D_:'y',E:'z'}"},
        {"- {type: set_state, key: k, val: v}\n" ON_RULE(
             "{type: processing_state, key: k, val: v}"),
         "{A: x}", YES},
        {"- {type: set_state, key: k, val: v}\n" ON_RULE(
             "{type: processing_state, key: k, val: v, op: ne}"),
         "{A: x}", NO},
        {ON_RULE("{type: processing_state, key: k, val: v, op: ne}"), "{A: x}", NO},
        {"- {type: set_state, key: k, val: 2}\n" ON_ITEM(
             "{type: processing_state, key: k, val: 1, op: gt}"),
         "{A: x}", YES},
        {"- {type: set_state, key: k, val: 2}\n" ON_ITEM(
             "{type: processing_state, key: k, val: 2, op: lt}"),
         "{A: x}", NO},
        {"- {type: set_state, key: k, val: 2}\n- {type: set_state, key: k, val: 3}\n" ON_FIELD(
             "{type: processing_state, key: k, val: 3, op: gte}"),
         "{A: x}", YES},
        {"- {type: set_state, key: k, val: 2}\n" ON_FIELD(
             "{type: processing_state, key: k, val: 1, op: lte}"),
         "{A: x}", NO},
        {ON_ITEM("{type: processing_state, key: k, val: 1, op: in}"), "{A: x}",
         "!unknown relation 'in'"},
    };
    RUN_CASES(cases);
}

static void added_conditions_are_marked(void)
{
    static const struct pipeline_case t = {
        "- {id: i, type: add_condition, name: n, conditions: {E: 1}}\n"
        "- {type: drop_detection_item, field_name_cond_not: true, field_name_conditions: "
        "[{type: processing_item_applied, processing_item_id: i}]}",
        "{A: x}", "{s:<>,n:{E:1},condition:['n and (s)']}"};
    check_case(&t, "detection", "", "");
}

static void about_values(void)
{
    static const struct pipeline_case cases[] = {
        {ON_ITEM("{type: match_string, cond: any, pattern: '.*b$'}"), "{A: [ab, c], B: c}",
         "{A_:['ab','c'],B:'c'}"},
        {ON_ITEM("{type: match_string, cond: all, pattern: a}"), "{A: [ab, c], B: [a, ac]}",
         "{A:['ab','c'],B_:['a','ac']}"},
        {ON_ITEM("{type: match_string, cond: any, pattern: b}"), "{A: ab}", "{A:'ab'}"},
        {ON_ITEM("{type: match_string, cond: any, pattern: '\\*x\\*$'}"), "{A|contains: x}",
         "{A_|contains:'x'}"},
        {ON_ITEM("{type: match_string, cond: any, pattern: x, negate: true}"), "{A: x, B: y}",
         "{A:'x',B_:'y'}"},
        {ON_ITEM("{type: match_string, cond: any, pattern: '.*'}"), "{A: 5, B|re: x}",
         "{A:5,B|re:'x'}"},
        {ON_ITEM("{type: match_string, cond: some, pattern: x}"), "{A: x}", "!'any' or 'all'"},
        {ON_ITEM("{type: match_string, cond: any, pattern: '('}"), "{A: x}",
         "!regular expression, byte 1"},
        {ON_ITEM("{type: match_value, cond: any, value: x}"), "{A: [x, y], B: y}",
         "{A_:['x','y'],B:'y'}"},
        {ON_ITEM("{type: match_value, cond: all, value: 5}"), "{A: [5, 5], B: [5, '5']}",
         "{A_:[5,5],B:[5,'5']}"},
        {ON_ITEM("{type: contains_wildcard, cond: any}"), "{A: 'x*', B: 'x\\*', C|contains: c}",
         "{A_:'x*',B:'x\\*',C_|contains:'c'}"},
        {ON_ITEM("{type: contains_wildcard, cond: all}"), "{A: ['x?', y], B: ['?']}",
         "{A:['x?','y'],B_:['?']}"},
        {ON_ITEM("{type: is_null, cond: any}"), "{A: [~, x], B: ''}", "{A_:[~,'x'],B:''}"},
        {ON_ITEM("{type: is_null, cond: all}"), "{A: [~, x], B: ~}", "{A:[~,'x'],B_:~}"},
        {ON_ITEM("{type: include_fields, fields: [A]}"), "{A: x}",
         "!among detection_item_conditions"},
    };
    RUN_CASES(cases);
}

static void about_fields(void)
{
    static const struct pipeline_case cases[] = {
        {ON_FIELD("{type: include_fields, fields: [A, C]}"), "{A: x, B: y, C: z}",
         "{A_:'x',B:'y',C_:'z'}"},
        {ON_FIELD("{type: include_fields, mode: re, fields: ['A.', '^B$']}"),
         "{A: x, AB: y, B: z, BA: w}", "{A:'x',AB_:'y',B_:'z',BA:'w'}"},
        {ON_FIELD("{type: include_fields, mode: re, fields: ['B']}"), "{AB: y}", "{AB:'y'}"},
        {ON_FIELD("{type: exclude_fields, fields: [A, C]}"), "{A: x, B: y}", "{A:'x',B_:'y'}"},
        {ON_FIELD("{type: exclude_fields, mode: re, fields: [A]}"), "{AB: x, B: y}",
         "{AB:'x',B_:'y'}"},
        {"- {type: set_value, value: 1, field_name_conditions: [{type: exclude_fields, fields: "
         "[A]}]}",
         "[x]", "{:[1]}"},
        {"- {type: set_value, value: 1, field_name_conditions: [{type: include_fields, fields: "
         "[A]}]}",
         "[x]", "{:['x']}"},
        {"- {type: field_name_mapping, mapping: {A: X, B: Y}, field_name_conditions: [{type: "
         "include_fields, fields: [B]}]}",
         "{A|fieldref: B, B|fieldref: A}", "{A|fieldref:['Y'],Y|fieldref:'A'}"},
        {ON_FIELD("{type: include_fields, fields: A}"), "{A: x}", "!fields must be a list"},
        {ON_FIELD("{type: include_fields, mode: glob, fields: [A]}"), "{A: x}",
         "!'plain' or 're'"},
    };
    RUN_CASES(cases);
}

#define TWO "rule_conditions: {p: {type: tag, tag: attack.t1}, q: {type: tag, tag: no.no}}, "
#define EXPR(text) "- {type: field_name_suffix, suffix: _, " TWO "rule_cond_expr: '" text "'}"

static void conditions_are_linked(void)
{
    static const char *const two =
        "- {type: field_name_suffix, suffix: _, rule_conditions: [{type: tag, tag: attack.t1}, "
        "{type: tag, tag: no.no}]%s}";
    static const struct {
        const char *link;
        const char *want;
    } links[] = {
        {"", NO},
        {", rule_cond_op: and", NO},
        {", rule_cond_op: or", YES},
        {", rule_cond_op: or, rule_cond_not: true", NO},
        {", rule_cond_not: true", YES},
        {", rule_cond_op: xor", "!must be 'and' or 'or'"},
        {", rule_cond_not: 1", "!must be true or false"},
        {", rule_cond_expr: p", "!that have names"},
    };
    static const struct pipeline_case cases[] = {
        {EXPR("p and q"), "{A: x}", NO},
        {EXPR("p and not q"), "{A: x}", YES},
        {EXPR("p or q"), "{A: x}", YES},
        {EXPR("not p or q"), "{A: x}", NO},
        {EXPR("not (p and q)"), "{A: x}", YES},
        {EXPR("not p and q or p"), "{A: x}", YES},
        {EXPR("q and p or q"), "{A: x}", NO},
        {EXPR("p"), "{A: x}", "!does not use 'q'"},
        {EXPR("p and r or q"), "{A: x}", "!character 7: no condition of that name"},
        {EXPR("p and q)"), "{A: x}", "!no part of it"},
        {EXPR("(p and q"), "{A: x}", "!')' is missing"},
        {EXPR("p q"), "{A: x}", "!no part of it"},
        {EXPR(""), "{A: x}", "!no condition of that name"},
        {EXPR("((((((((p or q))))))))"), "{A: x}", "!nested too deeply"},
        {"- {type: field_name_suffix, suffix: _, " TWO "rule_cond_op: or}", "{A: x}", YES},
        {"- {type: field_name_suffix, suffix: _, " TWO
         "rule_cond_expr: p or q, rule_cond_op: or}",
         "{A: x}", "!exclude each other"},
        {"- {type: field_name_suffix, suffix: _, detection_item_conditions: {n: {type: "
         "is_null, "
         "cond: any}}, detection_item_cond_expr: not n, field_name_conditions: {f: {type: "
         "include_fields, fields: [A, B]}}, field_name_cond_expression: f}",
         "{A: x, B: ~, C: y}", "{A_:'x',B:~,C:'y'}"},
        {"- {type: field_name_suffix, suffix: _, rule_conditions: x}", "{A: x}",
         "!must be a list or a map"},
    };
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        char steps[512];
        (void)snprintf(steps, sizeof steps, two, links[i].link);
        struct pipeline_case t = {steps, "{A: x}", links[i].want};
        run_cases(&t, 1);
    }
    RUN_CASES(cases);
}

static void about_correlations(void)
{
    static const char rule[] = "correlation: {group-by: [A]}\nlogsource: {product: windows}";
    static const struct {
        const char *condition;
        const char *want;
    } cases[] = {
        {"{type: is_sigma_correlation_rule}", "{group-by:['B']}"},
        {"{type: is_sigma_rule}", "{group-by:['A']}"},
        {"{type: logsource, product: windows}", "{group-by:['A']}"},
        {"{type: contains_field, field: A}", "{group-by:['A']}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        struct buf out = buf_new(1 << 16);
        (void)snprintf(text, sizeof text,
                       "transformations: [{type: field_name_mapping, mapping: {A: B}, "
                       "rule_conditions: [%s]}]",
                       cases[i].condition);
        run_text(text, rule, "correlation", &out);
        T_OK(str_eq(buf_str(&out), cstr(cases[i].want)));
        buf_free(&out);
    }
}

int main(void)
{
    T_RUN(about_rules);
    T_RUN(about_attributes);
    T_RUN(about_what_was_done);
    T_RUN(added_conditions_are_marked);
    T_RUN(about_values);
    T_RUN(about_fields);
    T_RUN(conditions_are_linked);
    T_RUN(about_correlations);
    return t_done();
}
