/* json_int.h - what the files that write the JSON document share. */
#pragma once

#include "base/json.h"
#include "judge/ids.h"
#include "report/report.h"

struct json_report {
    struct json_out j;
    const struct report_input *in;
    struct arena *arena; /* scratch, of one document */
    struct finding_ids ids;
    bool of_case;    /* what is a row there stays out: findings, evidence */
    size_t *written; /* per hit: 1 + the number of the last fact that named its id, so that
                        a fact names an id once */
};

/* report_campaign.c */
void json_campaign(struct json_report *r, const struct campaign *c);

/* json_correlation.c: the member "correlation" of a finding, and that of the document. */
void json_correlated(struct json_report *r, uint32_t rule, const struct correlated *c);
void json_correlations(struct json_report *r);

/* A text, or null where it is empty. */
void json_text(struct json_out *j, struct str text);

/* The member "marks" of a finding. marks: of enum event_mark */
void json_marks(struct json_out *j, unsigned marks);
