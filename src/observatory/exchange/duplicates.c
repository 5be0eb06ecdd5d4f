// SPDX-License-Identifier: Apache-2.0
// How alike two incidents are: which of the words in their titles and targets they share, each word
// weighing more the rarer it is; whether they rest on the same address; how far apart their days
// are; whether what both say of origin and target agrees. Only pairs that share a rare word or an
// address are looked at, by an index from words to records, so that the work grows with the number
// of pairs that share something, not with all pairs.
#include "observatory/exchange/duplicates.h"

#include "base/map.h"
#include "base/utf.h"
#include "observatory/store/team_merge.h"

#include <math.h>
#include <stdlib.h>

enum {
    RARE = 40,      // a word of more records than that proposes no pair
    MAX_WORDS = 96, // of one record
    MAX_URLS = 64,  // of one record
    NEAR_DAYS = 45, // a report often follows by weeks
    FAR_DAYS = 500, // beyond, two events
};
static const double alike_enough = 0.6;

struct word {
    struct slice text;
    uint32_t records; // that have it
    uint32_t index;   // of the word
    ARRAY_OF(uint32_t) where;
};

struct features {
    struct slice id, dataset;
    uint32_t words[MAX_WORDS]; // indices, ascending
    uint32_t urls[MAX_URLS];
    uint32_t word_count, url_count;
    bool dated;
    int32_t first, last;                  // days that any of its dates can mean
    struct slice types, origins, targets; // codes, "; " between
    struct slice began, ended, disclosed;
};

struct work {
    struct arena arena;
    struct map index; // text to struct word
    ARRAY_OF(struct word *) words;
    ARRAY_OF(struct features *) records;
};

static struct word *word_of(struct work *w, struct slice text)
{
    struct word *word = map_get(&w->index, text);
    if (!word) {
        word = ARENA_NEW(&w->arena, struct word);
        word->text = arena_copy(&w->arena, text);
        word->index = (uint32_t)w->words.count;
        *ARRAY_ADD(&w->words) = word;
        *map_put(&w->index, word->text, NULL) = word;
    }
    return word;
}

static void note(struct work *w, uint32_t *list, uint32_t *count, uint32_t max, struct slice text)
{
    struct word *word = word_of(w, text);
    for (uint32_t i = 0; i < *count; i++)
        if (list[i] == word->index)
            return;
    if (*count < max) {
        list[(*count)++] = word->index;
        word->records++;
        *ARRAY_ADD(&word->where) = (uint32_t)w->records.count;
    }
}

static void note_words(struct work *w, struct features *f, struct slice text)
{
    struct slice folded = utf8_fold_copy(&w->arena, text);
    for (size_t at = 0; at < folded.len;) {
        size_t from = at;
        while (at < folded.len &&
               (folded.at[at] >= 0x80 || (folded.at[at] >= '0' && folded.at[at] <= '9') ||
                (folded.at[at] >= 'a' && folded.at[at] <= 'z')))
            at++;
        if (at - from > 2)
            note(w, f->words, &f->word_count, MAX_WORDS, slice_sub(folded, from, at));
        at += at == from || at < folded.len;
    }
}

// Without scheme, "www." and a slash at the end.
static void note_url(struct work *w, struct features *f, struct slice url)
{
    for (size_t i = 0; i + 3 <= url.len; i++)
        if (memcmp(url.at + i, "://", 3) == 0) {
            url = slice_sub(url, i + 3, url.len);
            break;
        }
    if (slice_starts(url, SLICE("www.")))
        url = slice_sub(url, 4, url.len);
    while (url.len && url.at[url.len - 1] == '/')
        url.len--;
    if (!memchr(url.at ? url.at : (const uint8_t *)"", '/', url.len))
        return; // a site's front page says nothing
    note(w, f->urls, &f->url_count, MAX_URLS, arena_printf(&w->arena, "//%.*s", SLICE_FMT(url)));
}

static void note_days(struct features *f, struct slice text, struct slice precision)
{
    int32_t first, last;
    if (!date_range(text, precision, &first, &last))
        return;
    if (!f->dated || first < f->first)
        f->first = first;
    if (!f->dated || last > f->last)
        f->last = last;
    f->dated = true;
}

static void append(struct work *w, struct slice *list, struct slice text)
{
    *list = list->len ? arena_printf(&w->arena, "%.*s; %.*s", SLICE_FMT(*list), SLICE_FMT(text))
                      : arena_copy(&w->arena, text);
}

static void note_main(struct work *w, struct features *f, const struct record *r)
{
    const struct item *m = record_next(r, "", NULL);
    for (size_t i = 0; m && i < m->values.count; i++) {
        const struct value *v = &m->values.items[i];
        const char *field = record_field(r, m, v)->name;
        if (v->set_aside)
            continue;
        if (strcmp(field, "title") == 0)
            note_words(w, f, v->text);
        else if (strcmp(field, "type") == 0)
            append(w, &f->types, v->text);
        else if (strcmp(field, "origin") == 0)
            append(w, &f->origins, v->text);
        else if (strcmp(field, "began") == 0)
            append(w, &f->began, v->text);
        else if (strcmp(field, "ended") == 0)
            append(w, &f->ended, v->text);
        else if (strcmp(field, "disclosed") == 0)
            append(w, &f->disclosed, v->text);
        if (strcmp(field, "began") == 0 || strcmp(field, "disclosed") == 0 ||
            strcmp(field, "discovered") == 0)
            note_days(f, v->text, v->precision);
    }
}

static bool each(void *context, const struct revision *meta, const struct record *r)
{
    struct work *w = context;
    struct features *f = ARENA_NEW(&w->arena, struct features);
    f->id = arena_copy(&w->arena, meta->record);
    const struct item *known = record_next(r, "ids", NULL);
    if (known)
        f->dataset = arena_copy(&w->arena, item_text(r, known, "scheme"));
    note_main(w, f, r);
    for (const struct item *t = record_next(r, "targets", NULL); t;
         t = record_next(r, "targets", t)) {
        note_words(w, f, item_text(r, t, "name"));
        struct slice country = item_text(r, t, "country");
        if (country.len)
            append(w, &f->targets, country);
    }
    for (const struct item *s = record_next(r, "sources", NULL); s;
         s = record_next(r, "sources", s))
        note_url(w, f, item_text(r, s, "url"));
    *ARRAY_ADD(&w->records) = f;
    return true;
}

// --- comparing
static double weight(const struct work *w, uint32_t word)
{
    return log((double)(w->records.count + 1) / (double)w->words.items[word]->records);
}

static bool has(const uint32_t *list, uint32_t count, uint32_t word)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == word)
            return true;
    return false;
}

static double total_weight(const struct work *w, const struct features *f)
{
    double sum = 0;
    for (uint32_t i = 0; i < f->word_count; i++)
        sum += weight(w, f->words[i]);
    return sum;
}

static bool is_vague(struct slice code)
{
    return slice_equal_str(code, "unknown") || slice_equal_str(code, "other");
}

// Both lists name something definite, and nothing of it is the same.
static bool disagree(struct slice a, struct slice b)
{
    bool definite = false;
    for (size_t at = 0; at < a.len;) {
        size_t end = at;
        while (end < a.len && a.at[end] != ';')
            end++;
        struct slice code = slice_trim(slice_sub(a, at, end));
        at = end + 1;
        if (is_vague(code))
            continue;
        for (size_t k = 0; k < b.len;) {
            size_t stop = k;
            while (stop < b.len && b.at[stop] != ';')
                stop++;
            struct slice other = slice_trim(slice_sub(b, k, stop));
            k = stop + 1;
            if (is_vague(other))
                continue;
            if (slice_equal(code, other))
                return false;
            definite = true;
        }
    }
    return definite;
}

static uint32_t shared_url(const struct work *w, const struct features *a, const struct features *b)
{
    for (uint32_t i = 0; i < a->url_count; i++)
        // An address that many records name is a collection, not a report on one incident.
        if (w->words.items[a->urls[i]]->records <= 3 && has(b->urls, b->url_count, a->urls[i]))
            return a->urls[i] + 1;
    return 0;
}

static double likeness(const struct work *w, const struct features *a, const struct features *b,
                       uint32_t url)
{
    double shared = 0, ta = total_weight(w, a), tb = total_weight(w, b);
    for (uint32_t i = 0; i < a->word_count; i++)
        if (has(b->words, b->word_count, a->words[i]))
            shared += weight(w, a->words[i]);
    double smaller = ta < tb ? ta : tb;
    double score = smaller > 0 ? shared / smaller : 0;
    if (a->dated && b->dated) {
        int64_t gap = a->first > b->last   ? (int64_t)a->first - b->last
                      : b->first > a->last ? (int64_t)b->first - a->last
                                           : 0;
        if (gap > FAR_DAYS)
            score = 0;
        else if (gap > NEAR_DAYS)
            score *= 1 - 0.5 * (double)(gap - NEAR_DAYS) / (FAR_DAYS - NEAR_DAYS);
    } else {
        score *= 0.8;
    }
    if (disagree(a->origins, b->origins))
        score *= 0.6;
    if (disagree(a->targets, b->targets))
        score *= 0.7;
    if (url && score > 0.2)
        score += 0.3;
    return score > 1 ? 1 : score;
}

// What speaks for and against a pair.
struct reasons {
    struct merge_reason list[8];
    size_t count;
    struct buf words;
};

static void differ(struct reasons *r, const char *what, struct slice left, struct slice right)
{
    if (!slice_equal(left, right) && (left.len || right.len))
        r->list[r->count++] = (struct merge_reason){slice_from_str(what), left, right};
}

// The rarest words that both have; of three letters or fewer few say something.
static void share_words(struct reasons *r, const struct work *w, const struct features *a,
                        const struct features *b)
{
    enum { MOST = 6 };
    const struct word *best[MOST + 1];
    size_t count = 0;
    for (uint32_t i = 0; i < a->word_count; i++) {
        const struct word *word = w->words.items[a->words[i]];
        size_t at = count;
        if (word->records > RARE || word->text.len < 4 ||
            !has(b->words, b->word_count, word->index))
            continue;
        for (; at && best[at - 1]->records > word->records; at--)
            best[at] = best[at - 1];
        best[at] = word;
        count += count < MOST;
    }
    for (size_t i = 0; i < count; i++) {
        buf_str(&r->words, i ? ", " : "");
        buf_add(&r->words, best[i]->text);
    }
    if (count)
        r->list[r->count++] =
            (struct merge_reason){.what = SLICE("words"), .a = buf_slice(&r->words)};
}

static bool propose(struct store *s, const struct work *w, const struct features *a,
                    const struct features *b, double score, uint32_t url, struct err *e)
{
    if (slice_compare(a->id, b->id) > 0) {
        const struct features *other = a;
        a = b;
        b = other;
    }
    struct reasons r = {0};
    share_words(&r, w, a, b);
    if (url) // without the mark that tells addresses from words
        r.list[r.count++] = (struct merge_reason){
            .what = SLICE("source"),
            .a = slice_sub(w->words.items[url - 1]->text, 2, w->words.items[url - 1]->text.len)};
    differ(&r, "began", a->began, b->began);
    differ(&r, "ended", a->ended, b->ended);
    differ(&r, "disclosed", a->disclosed, b->disclosed);
    differ(&r, "type", a->types, b->types);
    differ(&r, "origin", a->origins, b->origins);
    differ(&r, "target-country", a->targets, b->targets);
    const struct merge_proposal p = {
        .a = a->id, .b = b->id, .score = score, .reasons = r.list, .reason_count = r.count};
    bool ok = merge_proposal_add(s, &p, e);
    buf_free(&r.words);
    return ok;
}

// Compares record n with those after it that share a rare word or an address.
static bool compare_from(struct store *s, struct work *w, uint32_t n, uint32_t *mark,
                         uint64_t *proposed, struct err *e)
{
    const struct features *a = w->records.items[n];
    for (uint32_t k = 0; k < a->word_count + a->url_count; k++) {
        uint32_t word = k < a->word_count ? a->words[k] : a->urls[k - a->word_count];
        const struct word *shared = w->words.items[word];
        if (shared->records > RARE)
            continue;
        for (size_t i = 0; i < shared->where.count; i++) {
            uint32_t other = shared->where.items[i];
            if (other <= n || mark[other] == n + 1)
                continue;
            mark[other] = n + 1;
            const struct features *b = w->records.items[other];
            if (a->dataset.len && slice_equal(a->dataset, b->dataset))
                continue;
            uint32_t url = shared_url(w, a, b);
            double score = likeness(w, a, b, url);
            if (score < alike_enough)
                continue;
            if (!propose(s, w, a, b, score, url, e))
                return false;
            ++*proposed;
        }
    }
    return true;
}

bool duplicates_propose(struct store *s, uint64_t *proposed, struct err *e)
{
    struct work w = {0};
    arena_init(&w.arena, 1 << 20);
    map_init(&w.index);
    const struct query q = {.kind = "incident",
                            .team = true,
                            .sort = SORT_OLDEST,
                            .states =
                                1u << STATE_PUBLISHED | 1u << STATE_DRAFT | 1u << STATE_REVIEW};
    *proposed = 0;
    bool ok = store_walk(s, &q, each, &w, e) && store_begin(s, e);
    if (ok) {
        uint32_t *mark = mem_alloc_zero(w.records.count + 1, sizeof *mark);
        for (uint32_t n = 0; ok && n < w.records.count; n++)
            ok = compare_from(s, &w, n, mark, proposed, e);
        free(mark);
        if (ok)
            ok = store_commit(s, e);
        else
            store_rollback(s);
    }
    for (size_t i = 0; i < w.words.count; i++)
        ARRAY_FREE(&w.words.items[i]->where);
    ARRAY_FREE(&w.words);
    ARRAY_FREE(&w.records);
    map_free(&w.index);
    arena_free(&w.arena);
    return ok;
}
