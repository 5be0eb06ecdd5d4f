// SPDX-License-Identifier: Apache-2.0
// The API's description (OpenAPI 3.1.0), from the table of endpoints and the codebook.
#include "observatory/machine/api.h"

#include "observatory/exchange/json_values.h"
#include "observatory/http/app.h"
#include "report/texts.h"

static json_t *reference(const char *schema)
{
    struct buf b = {0};
    buf_printf(&b, "#/components/schemas/%s", schema);
    json_t *o = json_object();
    json_object_set_new(o, "$ref", json_slice(buf_slice(&b)));
    buf_free(&b);
    return o;
}

static json_t *parameter(const char *name, const char *in, const char *description, json_t *schema)
{
    json_t *p = json_pack("{s:s, s:s, s:s, s:o}", "name", name, "in", in, "description",
                          description, "schema", schema);
    if (strcmp(in, "path") == 0)
        json_object_set_new(p, "required", json_true());
    return p;
}

static json_t *of_type(const char *type)
{
    return json_pack("{s:s}", "type", type);
}

// The codes that a filter takes.
static json_t *filter_schema(const struct schema_field *f)
{
    json_t *one = of_type("string");
    if (f && f->vocabulary) {
        json_t *codes = json_array();
        for (size_t i = 0; i < f->vocabulary->count; i++)
            json_array_append_new(codes, json_string(f->vocabulary->terms[i].code));
        json_object_set_new(one, "enum", codes);
    }
    return json_pack("{s:s, s:o}", "type", "array", "items", one);
}

static void add_filters(json_t *list, const struct schema_kind *k)
{
    struct filter filters[VIEW_MAX_FILTERS];
    size_t count = view_filters(k, filters);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, parameter(filters[i].name, "query", filters[i].label,
                                              filter_schema(filters[i].field)));
    json_array_append_new(list, parameter("q", "query", "words to search for", of_type("string")));
    json_array_append_new(
        list, parameter("since", "query", "first day, month or year", of_type("string")));
    json_array_append_new(
        list, parameter("until", "query", "last day, month or year", of_type("string")));
}

static void add_parameters(json_t *list, const struct api_endpoint *p, const struct schema_kind *k)
{
    if (strstr(p->after, "{id}"))
        json_array_append_new(list, parameter("id", "path", "such as I-000001", of_type("string")));
    if (strstr(p->after, "{revision}"))
        json_array_append_new(
            list, parameter("revision", "path", "number of the revision", of_type("integer")));
    if (p->takes & API_FIELDS) {
        json_t *by = parameter("by", "query", "a filter's name, or year", of_type("string"));
        json_object_set_new(by, "required", json_true());
        json_array_append_new(list, by);
        json_array_append_new(
            list, parameter("by2", "query", "another, to count pairs", of_type("string")));
    }
    if (p->takes & API_FILTERS)
        add_filters(list, k);
    if (p->takes & API_PAGES) {
        json_array_append_new(list, parameter("page", "query", "from 1", of_type("integer")));
        json_array_append_new(list, parameter("per_page", "query", "1 to 500", of_type("integer")));
        json_array_append_new(
            list, parameter("sort", "query", "newest, oldest, changed, title", of_type("string")));
    }
    if (p->takes & API_AS_OF)
        json_array_append_new(
            list, parameter("as_of", "query", "as public at the end of that day",
                            json_pack("{s:s, s:s}", "type", "string", "format", "date")));
    if (p->takes & API_ORIGINALS)
        json_array_append_new(
            list, parameter("originals", "query", "yes: the sources' own columns too",
                            json_pack("{s:s, s:[s]}", "type", "string", "enum", "yes")));
}

static json_t *operation(const struct api_endpoint *p, const struct schema_kind *k)
{
    struct buf id = {0};
    if (k)
        buf_str(&id, k->name);
    buf_str(&id, p->id);
    json_t *parameters = json_array();
    if (k)
        add_parameters(parameters, p, k);
    json_t *ok = json_pack("{s:s, s:{s:{s:o}}}", "description", p->summary, "content",
                           "application/json", "schema", reference(p->schema));
    json_t *problem = json_pack("{s:s, s:{s:{s:o}}}", "description", "What is wrong", "content",
                                "application/problem+json", "schema", reference("Problem"));
    json_t *o = json_pack("{s:o, s:s, s:o, s:{s:o, s:o}}", "operationId",
                          json_slice(buf_slice(&id)), "summary", p->summary, "parameters",
                          parameters, "responses", "200", ok, "default", problem);
    buf_free(&id);
    return json_pack("{s:o}", "get", o);
}

static json_t *paths(void)
{
    json_t *all = json_object();
    size_t count, kinds;
    const struct api_endpoint *list = api_endpoints(&count);
    const struct schema_kind *k = schema_kinds(&kinds);
    for (size_t i = 0; i < count; i++) {
        if (list[i].path) {
            json_object_set_new(all, list[i].path, operation(&list[i], NULL));
            continue;
        }
        for (size_t n = 0; n < kinds; n++) {
            const char *plural = machine_plural(k[n].name);
            struct buf path = {0};
            if (!plural)
                continue;
            buf_printf(&path, "/api/v1/%s%s", plural, list[i].after);
            buf_byte(&path, 0);
            json_object_set_new(all, (const char *)path.at, operation(&list[i], &k[n]));
            buf_free(&path);
        }
    }
    return all;
}

// The answers' schemas (JSON Schema 2020-12). Records are described by the codebook: their groups
// and fields are members of those names.
static const char schemas_text[] =
    "{\"Problem\":{\"type\":\"object\",\"description\":\"RFC "
    "9457\",\"required\":[\"title\",\"status\"],"
    "\"properties\":{\"title\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"}}},"
    "\"Index\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
    "\"Codebook\":{\"type\":\"object\",\"required\":[\"version\",\"kinds\",\"vocabularies\"],"
    "\"properties\":{\"version\":{\"type\":\"string\"},\"kinds\":{\"type\":\"array\",\"items\":"
    "{\"type\":\"object\"}},\"vocabularies\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}}}}"
    ","
    "\"Value\":{\"type\":\"object\",\"required\":[\"value\"],\"properties\":{"
    "\"value\":{\"type\":\"string\"},\"precision\":{\"type\":\"string\"},"
    "\"sources\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"note\":{\"type\":"
    "\"string\"},"
    "\"set_aside\":{\"type\":\"boolean\"}}},"
    "\"Row\":{\"type\":\"object\",\"required\":[\"id\",\"kind\",\"state\",\"revision\",\"changed\","
    "\"title\",\"types\",\"origins_as_reported\",\"targets\",\"self\",\"page\"],\"properties\":{"
    "\"id\":{\"type\":\"string\"},\"kind\":{\"type\":\"string\"},\"state\":{\"type\":\"string\"},"
    "\"revision\":{\"type\":\"integer\"},\"changed\":{\"type\":\"string\",\"format\":\"date-time\"}"
    ","
    "\"title\":{\"type\":\"string\"},\"title_fr\":{\"type\":\"string\"},"
    "\"began\":{\"type\":\"string\"},\"disclosed\":{\"type\":\"string\"},"
    "\"types\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"origins_as_reported\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"targets\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"self\":{\"type\":\"string\",\"format\":\"uri\"},"
    "\"page\":{\"type\":\"string\",\"format\":\"uri\"}}},"
    "\"List\":{\"type\":\"object\",\"required\":[\"total\",\"page\",\"per_page\",\"links\","
    "\"items\"],"
    "\"properties\":{\"as_of\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"total\":{\"type\":\"integer\"},\"page\":{\"type\":\"integer\"},"
    "\"per_page\":{\"type\":\"integer\"},\"invented\":{\"type\":\"boolean\"},"
    "\"links\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\",\"format\":"
    "\"uri\"}},"
    "\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Row\"}}}},"
    "\"Record\":{\"type\":\"object\",\"description\":\"Fields and groups as the codebook names "
    "them; "
    "each field is a list of values.\",\"required\":[\"id\",\"kind\",\"state\",\"revision\","
    "\"changed\"],\"properties\":{\"id\":{\"type\":\"string\"},\"kind\":{\"type\":\"string\"},"
    "\"state\":{\"type\":\"string\"},\"revision\":{\"type\":\"integer\"},"
    "\"changed\":{\"type\":\"string\",\"format\":\"date-time\"},\"fields\":{\"type\":\"object\","
    "\"additionalProperties\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/"
    "Value\"}}}}},"
    "\"History\":{\"type\":\"object\",\"required\":[\"id\",\"revisions\"],\"properties\":{"
    "\"id\":{\"type\":\"string\"},\"revisions\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
    "\"properties\":{\"revision\":{\"type\":\"integer\"},\"state\":{\"type\":\"string\"},"
    "\"made\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"public_from\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"author\":{\"type\":\"string\"},\"reason\":{\"type\":\"string\"},"
    "\"reason_language\":{\"type\":\"string\",\"enum\":[\"en\",\"fr\"]},"
    "\"reason_other_language\":{\"type\":\"string\"},"
    "\"codebook\":{\"type\":\"string\"},\"self\":{\"type\":\"string\",\"format\":\"uri\"}}}}}},"
    "\"Tallies\":{\"type\":\"object\",\"required\":[\"records\",\"by\",\"tallies\"],\"properties\":"
    "{"
    "\"records\":{\"type\":\"integer\"},\"by\":{\"type\":\"string\"},\"by2\":{\"type\":\"string\"},"
    "\"as_of\":{\"type\":\"string\",\"format\":\"date-time\"},\"note\":{\"type\":\"string\"},"
    "\"tallies\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
    "\"value\":{\"type\":\"string\"},\"value2\":{\"type\":\"string\"},"
    "\"records\":{\"type\":\"integer\"}}}}}}}";

void api_openapi_get(struct request *rq, struct response *rs)
{
    json_t *info = json_pack("{s:o, s:s, s:s}", "title", json_slice(rq->app->settings.name_en),
                             "version", "1", "description",
                             "Origin is as reported and does not imply that a government is "
                             "responsible. Field names and codes are those of /api/v1/codebook.");
    json_t *server = json_pack("{s:o}", "url", json_slice(rq->base_url));
    json_t *o = json_pack("{s:s, s:o, s:[o], s:o, s:{s:o}}", "openapi", "3.1.0", "info", info,
                          "servers", server, "paths", paths(), "components", "schemas",
                          json_loads(schemas_text, 0, NULL));
    char *text = o ? json_dumps(o, JSON_INDENT(1)) : NULL;
    json_decref(o);
    if (!text) {
        response_error(rq, rs, 500, "The description could not be made.");
        return;
    }
    rs->type = "application/json";
    rs->shared = true;
    buf_str(&rs->body, text);
    buf_byte(&rs->body, '\n');
    free(text);
}
