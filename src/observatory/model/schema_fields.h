// SPDX-License-Identifier: Apache-2.0
// Fields and groups that several kinds of record have; for the tables of this folder only.
#ifndef VIGIE_OBSERVATORY_MODEL_SCHEMA_FIELDS_H
#define VIGIE_OBSERVATORY_MODEL_SCHEMA_FIELDS_H

#include "observatory/model/schema.h"
#include "report/texts.h"

#define FIELD_TITLE                                                                                \
    {                                                                                              \
        .name = "title", .label = TEXT("Title"),                                                   \
        .definition = TEXT("What happened, to whom, in one line, without a judgment."),            \
        .kind = VALUE_LINE, .required = true                                                       \
    }
#define FIELD_TITLE_FR                                                                             \
    {                                                                                              \
        .name = "title-fr", .label = TEXT("Title in French"),                                      \
        .definition = TEXT("The same in French."), .kind = VALUE_LINE                              \
    }
#define FIELD_SUMMARY                                                                              \
    {                                                                                              \
        .name = "summary", .label = TEXT("Summary"),                                               \
        .definition = TEXT(                                                                        \
            "What the sources report, in a few sentences. What is disputed is called disputed."),  \
        .kind = VALUE_TEXT, .required = true                                                       \
    }
#define FIELD_SUMMARY_FR                                                                           \
    {                                                                                              \
        .name = "summary-fr", .label = TEXT("Summary in French"),                                  \
        .definition = TEXT("The same in French."), .kind = VALUE_TEXT                              \
    }
#define FIELD_BEGAN                                                                                \
    {                                                                                              \
        .name = "began", .label = TEXT("Began"),                                                   \
        .definition =                                                                              \
            TEXT("When it began, as each source says. Several sources may say different days."),   \
        .kind = VALUE_DATE, .many = true, .double_coded = true                                     \
    }
#define FIELD_ENDED                                                                                \
    {                                                                                              \
        .name = "ended", .label = TEXT("Ended"),                                                   \
        .definition = TEXT("When it ended, as each source says. Empty: not known, or not over."),  \
        .kind = VALUE_DATE, .many = true                                                           \
    }
#define FIELD_DISCOVERED                                                                           \
    {                                                                                              \
        .name = "discovered", .label = TEXT("Discovered"),                                         \
        .definition = TEXT("When those affected, or somebody else, found out."),                   \
        .kind = VALUE_DATE, .many = true                                                           \
    }
#define FIELD_DISCLOSED                                                                            \
    {                                                                                              \
        .name = "disclosed", .label = TEXT("Disclosed"),                                           \
        .definition = TEXT("When the public could first read of it."), .kind = VALUE_DATE,         \
        .many = true, .double_coded = true                                                         \
    }
#define FIELD_SECTOR                                                                               \
    {                                                                                              \
        .name = "sector", .label = TEXT("Sector"),                                                 \
        .definition = TEXT(                                                                        \
            "Whom it aimed at, by field of activity. The sectors of all targets count as well."),  \
        .kind = VALUE_TERM, .vocabulary = &vocabulary_sector, .many = true, .filter = true,        \
        .double_coded = true                                                                       \
    }
#define FIELD_HARM                                                                                 \
    {                                                                                              \
        .name = "harm", .label = TEXT("Harm"),                                                     \
        .definition =                                                                              \
            TEXT("What the sources say it did to people, groups and services, deterrence "         \
                 "and intimidation included."),                                                    \
        .kind = VALUE_TERM, .vocabulary = &vocabulary_harm, .many = true, .filter = true,          \
        .double_coded = true                                                                       \
    }
#define FIELD_TECHNIQUE                                                                            \
    {                                                                                              \
        .name = "technique", .label = TEXT("Techniques"),                                          \
        .definition = TEXT("ATT&CK ids of the techniques that sources describe."),                 \
        .kind = VALUE_TECHNIQUE, .many = true, .filter = true                                      \
    }
#define FIELD_ORIGIN                                                                               \
    {                                                                                              \
        .name = "origin", .label = TEXT("Origin as reported"),                                     \
        .definition =                                                                              \
            TEXT("The country from which sources say that it came: geography, which does "         \
                 "not imply that its government is responsible. Several countries: each is "       \
                 "counted. No source says: not known."),                                           \
        .kind = VALUE_COUNTRY, .many = true, .filter = true, .double_coded = true                  \
    }
#define FIELD_REMARK                                                                               \
    {                                                                                              \
        .name = "remark", .label = TEXT("Remark"),                                                 \
        .definition = TEXT(                                                                        \
            "What a reader should know of how this was coded: doubts, gaps, contradictions."),     \
        .kind = VALUE_TEXT                                                                         \
    }
#define FIELD_REMARK_FR                                                                            \
    {                                                                                              \
        .name = "remark-fr", .label = TEXT("Remark in French"),                                    \
        .definition = TEXT("The same in French."), .kind = VALUE_TEXT                              \
    }
#define FIELD_TLP                                                                                  \
    {                                                                                              \
        .name = "tlp", .label = TEXT("Sharing"),                                                   \
        .definition = TEXT("How far the record may travel. What is published is TLP:CLEAR."),      \
        .kind = VALUE_TERM, .vocabulary = &vocabulary_tlp                                          \
    }
#define FIELD_DATE                                                                                 \
    {                                                                                              \
        .name = "date", .label = TEXT("Date"),                                                     \
        .definition = TEXT("When it was said, done or counted."), .kind = VALUE_DATE, .many = true \
    }
#define FIELD_URL                                                                                  \
    {                                                                                              \
        .name = "url", .label = TEXT("Address"), .definition = TEXT("Where it was published."),    \
        .kind = VALUE_URL                                                                          \
    }
#define FIELD_STATUS                                                                               \
    {                                                                                              \
        .name = "status", .label = TEXT("Status"),                                                 \
        .definition = TEXT("How far the allegation has been examined."), .kind = VALUE_TERM,       \
        .vocabulary = &vocabulary_allegation_status, .filter = true, .double_coded = true,         \
        .required = true                                                                           \
    }

extern const struct schema_field schema_targets_fields[6];
extern const struct schema_field schema_claims_fields[16];
extern const struct schema_field schema_responses_fields[7];
extern const struct schema_field schema_links_fields[4];
extern const struct schema_field schema_criteria_fields[4];
extern const struct schema_field schema_sources_fields[11];
extern const struct schema_field schema_ids_fields[3];
extern const struct schema_field schema_totals_fields[7];
extern const struct schema_field schema_indicators_fields[9];

#define GROUP_TARGETS                                                                              \
    {                                                                                              \
        .name = "targets", .one = "target", .label = TEXT("Targets"), .one_label = TEXT("Target"), \
        .definition = TEXT("Who or what it was aimed at, one entry each. People are described, "   \
                           "not named, unless they made it public themselves."),                   \
        .repeated = true, .fields = schema_targets_fields,                                         \
        .count = sizeof schema_targets_fields / sizeof *schema_targets_fields                      \
    }
#define GROUP_CLAIMS                                                                               \
    {                                                                                              \
        .name = "claims", .one = "claim", .label = TEXT("Claims of responsibility"),               \
        .one_label = TEXT("Claim of responsibility"),                                              \
        .definition = TEXT(                                                                        \
            "Who says who did it: each claim by itself, with its source. Claims may contradict "   \
            "each other; the registry does not choose between them and makes none of its own."),   \
        .repeated = true, .fields = schema_claims_fields,                                          \
        .count = sizeof schema_claims_fields / sizeof *schema_claims_fields                        \
    }
#define GROUP_RESPONSES                                                                            \
    {                                                                                              \
        .name = "responses", .one = "response", .label = TEXT("Responses"),                        \
        .one_label = TEXT("Response"),                                                             \
        .definition = TEXT(                                                                        \
            "What was done or said afterwards: by states, by those affected, by those named."),    \
        .repeated = true, .fields = schema_responses_fields,                                       \
        .count = sizeof schema_responses_fields / sizeof *schema_responses_fields                  \
    }
#define GROUP_LINKS                                                                                \
    {                                                                                              \
        .name = "links", .one = "link", .label = TEXT("Links to other records"),                   \
        .one_label = TEXT("Link to another record"),                                               \
        .definition = TEXT("How this record relates to others of the registry."),                  \
        .repeated = true, .fields = schema_links_fields,                                           \
        .count = sizeof schema_links_fields / sizeof *schema_links_fields                          \
    }
#define GROUP_CRITERIA                                                                             \
    {                                                                                              \
        .name = "criteria", .one = "criterion",                                                    \
        .label = TEXT("Inclusion, criterion by criterion"), .one_label = TEXT("Criterion"),        \
        .definition =                                                                              \
            TEXT("Whether it meets the definition: intentional, malicious actions, limited in "    \
                 "time and carried out at least in part in cyber space, that are geopolitical. "   \
                 "Each criterion is judged by itself, from a source."),                            \
        .repeated = true, .fields = schema_criteria_fields,                                        \
        .count = sizeof schema_criteria_fields / sizeof *schema_criteria_fields                    \
    }
#define GROUP_SOURCES                                                                              \
    {                                                                                              \
        .name = "sources", .one = "source", .label = TEXT("Sources"), .one_label = TEXT("Source"), \
        .definition = TEXT("What the record rests on. Every source is archived, so that it can "   \
                           "be read when the original is gone."),                                  \
        .repeated = true, .fields = schema_sources_fields,                                         \
        .count = sizeof schema_sources_fields / sizeof *schema_sources_fields                      \
    }
#define GROUP_IDS                                                                                  \
    {                                                                                              \
        .name = "ids", .one = "id", .label = TEXT("Names elsewhere"),                              \
        .one_label = TEXT("Name elsewhere"),                                                       \
        .definition = TEXT("The same event in other registries."), .repeated = true,               \
        .fields = schema_ids_fields, .count = sizeof schema_ids_fields / sizeof *schema_ids_fields \
    }
#define GROUP_TOTALS                                                                               \
    {                                                                                              \
        .name = "totals", .one = "total", .label = TEXT("Totals by date"),                         \
        .one_label = TEXT("Total"),                                                                \
        .definition = TEXT("How many there were said to be, each time somebody counted."),         \
        .repeated = true, .fields = schema_totals_fields,                                          \
        .count = sizeof schema_totals_fields / sizeof *schema_totals_fields                        \
    }
#define GROUP_INDICATORS                                                                           \
    {                                                                                              \
        .name = "indicators", .one = "indicator", .label = TEXT("Indicators"),                     \
        .one_label = TEXT("Indicator"),                                                            \
        .definition = TEXT("Traces by which others can recognise it."), .repeated = true,          \
        .fields = schema_indicators_fields,                                                        \
        .count = sizeof schema_indicators_fields / sizeof *schema_indicators_fields                \
    }
// The group of a record's own fields.
#define GROUP_OWN(table)                                                                           \
    {                                                                                              \
        .name = "", .one = "", .label = TEXT("The record itself"),                                 \
        .one_label = TEXT("The record itself"), .definition = TEXT("What describes the whole."),   \
        .fields = table, .count = sizeof table / sizeof *table                                     \
    }

#endif
