/* pipeline.h - processing pipelines: a user's YAML that rewrites rules before they are
 * compiled. Fields renamed, values replaced, conditions added, log sources changed.
 *
 * A pipeline works on a rule's document and gives a new document; the old one stays as it
 * is. What pySigma would refuse for a rule is an error for that rule.
 *
 * Source: docs/formats/pipeline.md; pySigma 1.5.1, sigma/processing.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "rule/yaml.h"

struct pipeline;

/* Reads a pipeline.
 *
 * text, arena  the pipeline borrows from both
 * ret          to be freed with pipeline_free before the arena
 * errors       ERR_INVALID, ERR_UNSUPPORTED "line L, column C: ...", ERR_LIMIT
 */
int pipeline_parse(struct str text, struct arena *arena, struct pipeline **ret,
                   struct err *err);
void pipeline_free(struct pipeline *p); /* NULL is fine; the arena keeps its memory */

struct str pipeline_name(const struct pipeline *p); /* "" if it has none */
int64_t pipeline_priority(const struct pipeline *p);

/* What was read and is not done: parts that only form the text of queries.
 * returns how many lines */
size_t pipeline_notices(const struct pipeline *p, const struct str **ret);

/* Applies pipelines to one rule or correlation, the lowest priority first, equal ones in
 * the order given. Not for several threads at once.
 *
 * document  not changed
 * arena     owns *ret, which also borrows from the document and the pipelines
 * ret       a document for the rule compiler; it may hold YAML_ANY nodes (yaml.h)
 * errors    ERR_INVALID the reason for which the rule must not be used; ERR_LIMIT
 */
int pipeline_apply(struct pipeline *const *pipelines, size_t n, const struct yaml *document,
                   struct arena *arena, const struct yaml **ret, struct err *err);

/* The text of a pipeline that the program brings along ("sysmon", "windows-audit",
 * "windows-logsources"). False if there is none of that name. */
bool pipeline_builtin(struct str name, struct str *ret);
