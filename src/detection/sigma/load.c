// SPDX-License-Identifier: Apache-2.0
// Texts to drafts: documents, actions, refusals. What needs the whole set is done in load_finish.c.
#include "detection/sigma/load.h"

#include "base/buf.h"
#include "detection/sigma/condition.h"

void sigma_set_init(struct sigma_set *set)
{
    *set = (struct sigma_set){0};
    arena_init(&set->arena, (size_t)1 << 20);
    map_init(&set->by_id);
}

struct sigma_loader *sigma_loader_of(struct sigma_set *set)
{
    if (!set->loader) {
        struct sigma_loader *l = mem_alloc_zero(1, sizeof *l);
        arena_init(&l->scratch, 0);
        set->loader = l;
    }
    return set->loader;
}

void sigma_set_free(struct sigma_set *set)
{
    struct sigma_loader *l = set->loader;
    if (l) {
        ARRAY_FREE(&l->drafts);
        ARRAY_FREE(&l->filters);
        arena_free(&l->scratch);
        free(l);
    }
    ARRAY_FREE(&set->rules);
    ARRAY_FREE(&set->correlations);
    ARRAY_FREE(&set->refusals);
    map_free(&set->by_id);
    sigma_unread_destroy(set->unread);
    arena_free(&set->arena);
    *set = (struct sigma_set){0};
}

static void add_line(struct buf *b, struct slice s)
{
    buf_add(b, s);
    buf_byte(b, '\n');
}

struct sha256_digest sigma_set_digest(const struct sigma_set *set)
{
    if (set->unread)
        return set->digest;
    struct buf lines = {0};
    for (size_t i = 0; i < set->rules.count; i++) {
        add_line(&lines, set->rules.items[i]->id);
        add_line(&lines, set->rules.items[i]->title);
        add_line(&lines, set->rules.items[i]->file);
    }
    for (size_t i = 0; i < set->correlations.count; i++)
        add_line(&lines, set->correlations.items[i]->rule->title);
    buf_add(&lines, slice_of(set->files.bytes, sizeof set->files.bytes));
    struct sha256_digest d = sha256_of(buf_slice(&lines));
    buf_free(&lines);
    return d;
}

void sigma_refuse(struct sigma_set *set, struct slice file, uint32_t line, struct slice title,
                  bool warning, struct slice reason)
{
    *ARRAY_ADD(&set->refusals) = (struct sigma_refusal){.file = file,
                                                        .line = line,
                                                        .title = title,
                                                        .reason = arena_copy(&set->arena, reason),
                                                        .warning = warning};
}

static struct slice title_of(struct sigma_text *t, const struct ynode *doc)
{
    struct slice title = {0};
    struct err ignored;
    if (doc && !attribute_text(&t->set->arena, doc, "title", &title, &ignored))
        return (struct slice){0};
    return title;
}

static void refuse_document(struct sigma_text *t, const struct ynode *doc, const struct err *e)
{
    uint32_t line = (uint32_t)(e->offset ? e->offset : doc ? doc->line : 1);
    sigma_refuse(t->set, t->file, line, title_of(t, doc), false, slice_from_str(e->message));
}

static bool rule_is_wanted(const struct sigma_text *t, const struct sigma_rule *rule)
{
    const struct sigma_load_options *o = t->options;
    if (!o)
        return rule->status != SIGMA_DEPRECATED && rule->status != SIGMA_UNSUPPORTED;
    if (rule->level < o->minimum_level)
        return false;
    if (o->statuses)
        return o->statuses >> rule->status & 1;
    return o->with_deprecated ||
           (rule->status != SIGMA_DEPRECATED && rule->status != SIGMA_UNSUPPORTED);
}

static bool add_rule(struct sigma_text *t, const struct ynode *doc, struct sigma_draft *draft,
                     struct err *e)
{
    struct sigma_rule *rule = draft->rule;
    const struct ynode *detection = ynode_get(doc, "detection");
    if (!ynode_get(doc, "logsource"))
        return err_set(e, ERR_FORMAT, doc->line, "the rule has no logsource");
    if (!detection)
        return err_set(e, ERR_FORMAT, doc->line, "the rule has no detection");
    if (!load_logsource(t, doc, &rule->product, &rule->category, &rule->service, e))
        return false;
    struct sigma_detection d;
    if (!load_detection(t, detection, NULL, &d, e))
        return false;
    rule->selections = d.selections;
    rule->selection_count = d.selection_count;
    rule->condition = d.condition;
    return true;
}

static bool add_correlation(struct sigma_text *t, const struct ynode *doc,
                            struct sigma_draft *draft, struct err *e)
{
    if (ynode_get(doc, "detection"))
        return err_set(e, ERR_FORMAT, doc->line, "both detection and correlation in one document");
    draft->correlation = ARENA_NEW(&t->set->arena, struct sigma_correlation);
    draft->correlation->rule = draft->rule;
    draft->raw = ARENA_NEW(&t->set->arena, struct sigma_correlation_draft);
    return load_correlation(t, doc, draft->correlation, draft->raw, e);
}

static bool add_filter(struct sigma_text *t, const struct ynode *doc, struct err *e)
{
    struct sigma_filter *f = ARENA_NEW(&t->set->arena, struct sigma_filter);
    f->file = t->file;
    f->line = doc->line;
    if (!load_filter(t, doc, f, e))
        return false;
    *ARRAY_ADD(&t->loader->filters) = f;
    t->set->filter_count++;
    return true;
}

// One document, complete after any merging.
static bool add_document(struct sigma_text *t, const struct ynode *doc, struct err *e)
{
    if (ynode_get(doc, "filter"))
        return add_filter(t, doc, e);
    struct sigma_draft *draft = ARENA_NEW(&t->set->arena, struct sigma_draft);
    draft->rule = ARENA_NEW(&t->set->arena, struct sigma_rule);
    draft->rule->file = t->file;
    draft->rule->line = doc->line;
    draft->rule->bundled = t->bundled;
    draft->share = t->share;
    if (!load_attributes(t, doc, draft->rule, e))
        return false;
    bool ok = ynode_get(doc, "correlation") ? add_correlation(t, doc, draft, e)
                                            : add_rule(t, doc, draft, e);
    if (!ok)
        return false;
    draft->wanted = rule_is_wanted(t, draft->rule);
    draft->order = (uint32_t)t->loader->drafts.count;
    *ARRAY_ADD(&t->loader->drafts) = draft;
    return true;
}

// over laid on base, within the file's budget.
static bool merge(struct sigma_text *t, const struct ynode *base, const struct ynode *over,
                  struct ynode **out, struct err *e)
{
    size_t cost = (base ? base->weight : 0) + over->weight;
    if (cost > t->merge_left)
        return err_set(e, ERR_LIMIT, over->line, "too much repeated by 'action'");
    t->merge_left -= cost;
    *out = ynode_merge(&t->loader->scratch, base, over);
    (*out)->line = over->line;
    return true;
}

static struct ynode *without_action(struct sigma_text *t, const struct ynode *doc)
{
    struct ynode *copy = ARENA_NEW(&t->loader->scratch, struct ynode);
    *copy = *doc;
    copy->pairs = ARENA_ARRAY(&t->loader->scratch, struct ypair, doc->count);
    copy->count = 0;
    for (size_t i = 0; i < doc->count; i++)
        if (!slice_equal_str(doc->pairs[i].key, "action"))
            copy->pairs[copy->count++] = doc->pairs[i];
    return copy;
}

// `action`: global is laid under all documents that follow, repeat is laid over the one before,
// reset forgets.
static bool take_document(struct sigma_text *t, const struct ynode *doc, struct ynode **complete,
                          struct err *e)
{
    struct slice action = {0};
    if (!attribute_text(&t->loader->scratch, doc, "action", &action, e))
        return false;
    *complete = NULL;
    if (action.len == 0) {
        t->share = !ynode_get(doc, "id") && t->global && ynode_get(t->global, "id")
                       ? t->global_share
                       : ++t->loader->last_share;
        if (!merge(t, t->global, doc, complete, e))
            return false;
        t->previous = *complete;
        return true;
    }
    struct ynode *rest = without_action(t, doc);
    if (slice_equal_str(action, "global")) {
        t->global_share = ++t->loader->last_share;
        return merge(t, t->global, rest, &t->global, e);
    }
    if (slice_equal_str(action, "reset")) {
        t->global = NULL;
        return true;
    }
    if (!slice_equal_str(action, "repeat"))
        return err_set(e, ERR_UNSUPPORTED, doc->line,
                       "unknown action '%.*s' (global, reset and repeat are known)",
                       (int)(action.len < 40 ? action.len : 40), (const char *)action.at);
    if (!t->previous)
        return err_set(e, ERR_FORMAT, doc->line, "action: repeat without a document before it");
    if (!merge(t, t->previous, rest, complete, e))
        return false;
    t->previous = *complete;
    return true;
}

static void add_all_documents(struct sigma_text *t, const struct sigma_documents *d)
{
    size_t documents = 0, refusals = t->set->refusals.count;
    for (size_t i = 0; i < d->list.count; i++) {
        if (t->set->refusals.count - refusals >= SIGMA_MAX_REFUSALS) {
            sigma_refuse(t->set, t->file, 0, (struct slice){0}, false,
                         SLICE("too many errors; the rest of the file was not read"));
            return;
        }
        const struct sigma_document *document = &d->list.items[i];
        struct err e = {0};
        documents += document->root || document->wrong;
        if (document->wrong) {
            refuse_document(t, NULL, document->wrong);
            continue;
        }
        struct ynode *doc = document->root;
        if (!doc)
            continue;
        if (doc->kind != YNODE_MAP) {
            err_set(&e, ERR_FORMAT, doc->line, "not a Sigma rule: the document is no map");
            refuse_document(t, NULL, &e);
            continue;
        }
        struct ynode *complete;
        if (!take_document(t, doc, &complete, &e)) {
            refuse_document(t, doc, &e);
            continue;
        }
        if (complete && !add_document(t, complete, &e))
            refuse_document(t, complete, &e);
    }
    if (documents == 0)
        sigma_refuse(t->set, t->file, 1, (struct slice){0}, false, SLICE("the file holds no rule"));
}

static size_t longest_file(const struct sigma_load_options *options)
{
    return options && options->max_file_bytes ? options->max_file_bytes : SIGMA_MAX_FILE_BYTES;
}

void sigma_documents_init(struct sigma_documents *d)
{
    *d = (struct sigma_documents){0};
    arena_init(&d->arena, 0);
}

void sigma_documents_free(struct sigma_documents *d)
{
    ARRAY_FREE(&d->list);
    arena_free(&d->arena);
}

void sigma_documents_read(struct sigma_documents *d, struct slice text,
                          const struct sigma_load_options *options)
{
    arena_reset(&d->arena);
    d->list.count = 0;
    d->text_len = text.len;
    if (text.len > longest_file(options))
        return;
    struct ystream *s = ystream_create(&d->arena, text);
    // One more than is ever told, so that it can be said that there are more.
    for (size_t wrong = 0; wrong <= SIGMA_MAX_REFUSALS;) {
        struct sigma_document document = {0};
        struct err e = {0};
        enum ystream_result r = ystream_next(s, &document.root, &e);
        if (r == YSTREAM_END)
            break;
        if (r == YSTREAM_BAD) {
            struct err *kept = ARENA_NEW(&d->arena, struct err);
            *kept = e;
            document.wrong = kept;
            wrong++;
        }
        *ARRAY_ADD(&d->list) = document;
    }
    ystream_destroy(s);
}

void sigma_set_add_documents(struct sigma_set *set, struct slice file,
                             const struct sigma_documents *d, bool bundled,
                             const struct sigma_load_options *options)
{
    struct sigma_text t = {.set = set,
                           .loader = sigma_loader_of(set),
                           .options = options,
                           .file = arena_copy(&set->arena, file),
                           .bundled = bundled,
                           .builder = {&set->arena, SIGMA_MAX_TESTS, CONDITION_MAX_WORK},
                           .merge_left = SIGMA_MAX_MERGED_NODES};
    size_t limit = longest_file(options);
    set->file_count++;
    if (d->text_len > limit) {
        struct slice reason = arena_printf(
            &set->arena, "the file has %zu bytes; rules may have %zu", d->text_len, limit);
        sigma_refuse(set, t.file, 1, (struct slice){0}, false, reason);
        return;
    }
    add_all_documents(&t, d);
    arena_reset(&t.loader->scratch);
}

void sigma_set_add_text(struct sigma_set *set, struct slice file, struct slice text, bool bundled,
                        const struct sigma_load_options *options)
{
    struct sigma_documents d;
    sigma_documents_init(&d);
    sigma_documents_read(&d, text, options);
    sigma_set_add_documents(set, file, &d, bundled, options);
    sigma_documents_free(&d);
}
