/* report_indicators.h - what is told of indicators of compromise, in every form of output. */
#pragma once

#include "report/json_int.h"
#include "report/report.h"

/* Appends the section for people; nothing where no lists were given. */
void indicators_text(const struct report_input *in, bool colour, struct buf *out);

/* The document's member "indicators": the lists, and how what rests on them may be passed on. */
void indicators_json(struct json_report *r);

/* A finding's member "indicator"; null where a rule matched by itself. */
void indicator_json(struct json_report *r, const struct hit *hit);
