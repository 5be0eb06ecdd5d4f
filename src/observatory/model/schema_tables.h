// SPDX-License-Identifier: Apache-2.0
// The vocabularies that the tables of fields point to. Readers ask schema.h.
#ifndef VIGIE_OBSERVATORY_MODEL_SCHEMA_TABLES_H
#define VIGIE_OBSERVATORY_MODEL_SCHEMA_TABLES_H

#include "observatory/model/schema.h"

extern const struct vocabulary vocabulary_type;
extern const struct vocabulary vocabulary_trend;
extern const struct vocabulary vocabulary_sector;
extern const struct vocabulary vocabulary_target_kind;
extern const struct vocabulary vocabulary_information;
extern const struct vocabulary vocabulary_harm;
extern const struct vocabulary vocabulary_who_kind;
extern const struct vocabulary vocabulary_claim_type;
extern const struct vocabulary vocabulary_basis;
extern const struct vocabulary vocabulary_stance;
extern const struct vocabulary vocabulary_actor_category;
extern const struct vocabulary vocabulary_responsibility;
extern const struct vocabulary vocabulary_confidence;
extern const struct vocabulary vocabulary_likelihood;
extern const struct vocabulary vocabulary_relation;
extern const struct vocabulary vocabulary_response;
extern const struct vocabulary vocabulary_criterion;
extern const struct vocabulary vocabulary_met;
extern const struct vocabulary vocabulary_decision;
extern const struct vocabulary vocabulary_source_kind;
extern const struct vocabulary vocabulary_reliability;
extern const struct vocabulary vocabulary_credibility;
extern const struct vocabulary vocabulary_tlp;
extern const struct vocabulary vocabulary_conduct;
extern const struct vocabulary vocabulary_allegation_status;
extern const struct vocabulary vocabulary_place_kind;
extern const struct vocabulary vocabulary_certainty;
extern const struct vocabulary vocabulary_consent;
extern const struct vocabulary vocabulary_indicator_type;
extern const struct vocabulary vocabulary_language;
extern const struct vocabulary vocabulary_region;

extern const struct schema_kind schema_kind_table[];
extern const size_t schema_kind_table_count;

#endif
