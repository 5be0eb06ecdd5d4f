// SPDX-License-Identifier: Apache-2.0
// vigie rules add and remove: the rules that a user keeps for all audits.
#include "cmd/cmd.h"
#include "cmd/rules.h"

#include "base/out.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

struct rule_file {
    struct slice path;   // as given
    struct slice target; // below the user's folder
    struct slice text;
    bool bad;
};

struct file_list {
    struct arena *arena;
    const char *what; // the word of the command, for messages
    size_t skip;      // bytes of the path that do not belong to the target
    ARRAY_OF(struct rule_file) files;
    int status;
};

static void take_file(void *user, struct slice path, struct slice text, const struct err *e)
{
    struct file_list *l = user;
    if (e) {
        l->status = rules_complain(l->what, "%.*s: %s", SLICE_FMT(path), e->message);
        return;
    }
    struct slice target = slice_sub(path, l->skip, path.len);
    while (target.len && target.at[0] == '/')
        target = slice_sub(target, 1, target.len);
    *ARRAY_ADD(&l->files) = (struct rule_file){.path = arena_copy(l->arena, path),
                                               .target = arena_copy(l->arena, target),
                                               .text = arena_copy(l->arena, text)};
}

// Where the last part of a path begins, slashes at its end left aside: "a/b/" -> 2.
static size_t base_name_at(const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    while (end > 0 && path[end - 1] != '/')
        end--;
    return end;
}

static bool gather(struct file_list *l, const char *path)
{
    struct err e = {0};
    const char *base = path + base_name_at(path);
    // The folder's own name stays in the target, unless it says nothing.
    bool plain = strcmp(base, ".") == 0 || strcmp(base, "..") == 0 || strncmp(base, "./", 2) == 0 ||
                 strncmp(base, "../", 3) == 0;
    l->skip = plain ? strlen(path) : base_name_at(path);
    size_t before = l->files.count;
    if (!sigma_walk_rule_files(path, 0, take_file, l, &e)) {
        l->status = rules_complain(l->what, "%s", e.message);
        return false;
    }
    if (l->files.count == before)
        l->status = rules_complain(l->what, "%s: there is no .yml or .yaml file", path);
    return true;
}

static char *full_path(struct arena *a, const char *dir, struct slice target)
{
    return arena_str(a, arena_printf(a, "%s/%.*s", dir, SLICE_FMT(target)));
}

static bool is_target(const struct file_list *l, struct slice target)
{
    for (size_t i = 0; i < l->files.count; i++)
        if (slice_equal(l->files.items[i].target, target))
            return true;
    return false;
}

// Loads what is there already and what is to come together, so that an id taken twice is seen now
// and not at every audit.
static void check_together(struct file_list *l, const char *dir)
{
    const struct sigma_load_options load = {.with_deprecated = true};
    struct sigma_set set;
    struct err ignored;
    struct file_list present = {.arena = l->arena, .what = l->what, .skip = strlen(dir)};
    sigma_set_init(&set);
    sigma_set_add_bundled(&set, &load);
    if (access(dir, F_OK) == 0)
        (void)!sigma_walk_rule_files(dir, 0, take_file, &present, &ignored);
    for (size_t i = 0; i < present.files.count; i++)
        if (!is_target(l, present.files.items[i].target))
            sigma_set_add_text(&set, present.files.items[i].path, present.files.items[i].text,
                               false, &load);
    for (size_t i = 0; i < l->files.count; i++)
        sigma_set_add_text(&set, l->files.items[i].path, l->files.items[i].text, false, &load);
    sigma_set_finish(&set, &load);
    for (size_t i = 0; i < set.refusals.count; i++) {
        const struct sigma_refusal *r = &set.refusals.items[i];
        for (size_t k = 0; k < l->files.count; k++) {
            if (!slice_equal(l->files.items[k].path, r->file))
                continue;
            l->files.items[k].bad |= !r->warning;
            rules_print_refusal(r, false);
            break;
        }
    }
    ARRAY_FREE(&present.files);
    sigma_set_free(&set);
}

static bool write_file(struct file_list *l, const char *dir, const struct rule_file *f, bool force)
{
    struct err e = {0};
    struct out *out;
    char *path = full_path(l->arena, dir, f->target);
    char *slash = strrchr(path, '/');
    if (!force && access(path, F_OK) == 0) {
        l->status = rules_complain(l->what, "%s is there already; --force replaces it", path);
        return false;
    }
    *slash = 0;
    bool ok = out_make_folder(path, &e);
    *slash = '/';
    if (ok && out_create(path, &out, &e)) {
        out_write(out, f->text);
        ok = out_commit(out, &e);
    } else {
        ok = false;
    }
    if (!ok)
        l->status = rules_complain(l->what, "%s: %s", path, e.message);
    return ok;
}

static void add_help(void)
{
    puts("usage: vigie rules add [--force] PATH...\n"
         "\n"
         "Checks the Sigma rules in these files and folders and copies the files into your own "
         "folder of rules\n"
         "($XDG_DATA_HOME/vigie/rules, or ~/.local/share/vigie/rules). Every audit uses them from "
         "then on, unless it is run\n"
         "with --no-bundled. Files with a rule that is refused are named and left out.\n"
         "\n"
         "      --force  replace files that are there already\n"
         "\n"
         "example: vigie rules add sigma/rules/windows");
}

int rules_add(int argc, char **argv)
{
    static const struct option longs[] = {
        {"force", no_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool force = false;
    for (int option; (option = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (option == 'h')
            return add_help(), EXIT_NOTHING;
        if (option != 'f')
            return EXIT_TROUBLE;
        force = true;
    }
    char dir[4096];
    if (optind == argc)
        return rules_complain("add", "name a rule file or a folder with rules");
    if (!sigma_user_rules_dir(dir, sizeof dir))
        return rules_complain("add",
                              "neither XDG_DATA_HOME nor HOME says where your rules are kept");
    struct arena arena;
    arena_init(&arena, (size_t)1 << 20);
    struct file_list l = {.arena = &arena, .what = "add"};
    for (int i = optind; i < argc; i++)
        (void)gather(&l, argv[i]);
    check_together(&l, dir);
    size_t added = 0, bad = 0;
    for (size_t i = 0; i < l.files.count; i++) {
        bad += l.files.items[i].bad;
        if (!l.files.items[i].bad)
            added += write_file(&l, dir, &l.files.items[i], force);
    }
    printf("%zu file%s added to %s", added, added == 1 ? "" : "s", dir);
    if (bad)
        printf("; %zu left out, since a rule in %s was refused", bad, bad == 1 ? "it" : "them");
    puts("");
    ARRAY_FREE(&l.files);
    arena_free(&arena);
    return l.status || bad ? EXIT_TROUBLE : EXIT_NOTHING;
}

// By its path below the folder, by a folder above it, by its own name, or by the id of a rule in
// it.
static bool file_is_named(const struct rule_file *f, struct slice name)
{
    if (slice_equal(f->target, name) ||
        (slice_starts(f->target, name) && f->target.at[name.len] == '/'))
        return true;
    struct slice base = f->target;
    for (size_t i = f->target.len; i-- > 0;)
        if (f->target.at[i] == '/') {
            base = slice_sub(f->target, i + 1, f->target.len);
            break;
        }
    if (slice_equal(base, name))
        return true;
    const struct sigma_load_options load = {.with_deprecated = true};
    struct sigma_set set;
    bool found = false;
    sigma_set_init(&set);
    sigma_set_add_text(&set, f->path, f->text, false, &load);
    sigma_set_finish(&set, &load);
    for (size_t i = 0; i < set.rules.count; i++)
        found |= name.len && slice_equal_nocase(set.rules.items[i]->id, name);
    sigma_set_free(&set);
    return found;
}

static size_t remove_named(struct file_list *l, const char *dir, const char *word)
{
    struct slice name = slice_from_str(word);
    size_t removed = 0, before = strlen(dir);
    if (slice_starts(name, slice_from_str(dir)) && name.len > before) // as `add` prints it
        name = slice_sub(name, before, name.len);
    while (name.len && name.at[0] == '/')
        name = slice_sub(name, 1, name.len);
    while (name.len && name.at[name.len - 1] == '/')
        name = slice_sub(name, 0, name.len - 1);
    for (size_t i = 0; name.len && i < l->files.count; i++) {
        if (l->files.items[i].bad || !file_is_named(&l->files.items[i], name))
            continue;
        l->files.items[i].bad = true; // gone
        char *path = full_path(l->arena, dir, l->files.items[i].target);
        if (unlink(path) != 0) {
            l->status = rules_complain(l->what, "%s: %s", path, strerror(errno));
            continue;
        }
        printf("removed %s\n", path);
        removed++;
        // Folders that are empty now go as well.
        for (char *slash; (slash = strrchr(path, '/')) != NULL;) {
            *slash = 0;
            if (strlen(path) <= before || rmdir(path) != 0)
                break;
        }
    }
    if (removed == 0 && l->status == EXIT_NOTHING)
        l->status = rules_complain(l->what, "no added rule is called '%s'; your rules are in %s",
                                   word, dir);
    return removed;
}

static void remove_help(void)
{
    puts("usage: vigie rules remove NAME...\n"
         "\n"
         "Takes rules away that were kept with `vigie rules add`. NAME is a file or folder below "
         "your folder of rules, the name of\n"
         "a file there, or the id of a rule.\n"
         "\n"
         "example: vigie rules remove windows/process_creation");
}

int rules_remove(int argc, char **argv)
{
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'}, {0}};
    for (int option; (option = getopt_long(argc, argv, "h", longs, NULL)) != -1;)
        return option == 'h' ? (remove_help(), EXIT_NOTHING) : EXIT_TROUBLE;
    char dir[4096];
    struct err e = {0};
    if (optind == argc)
        return rules_complain("remove", "name the rules to take away");
    if (!sigma_user_rules_dir(dir, sizeof dir))
        return rules_complain("remove",
                              "neither XDG_DATA_HOME nor HOME says where your rules are kept");
    if (access(dir, F_OK) != 0)
        return rules_complain("remove", "no rules were added yet (%s is not there)", dir);
    struct arena arena;
    arena_init(&arena, (size_t)1 << 20);
    struct file_list l = {.arena = &arena, .what = "remove", .skip = strlen(dir)};
    if (!sigma_walk_rule_files(dir, 0, take_file, &l, &e))
        l.status = rules_complain("remove", "%s", e.message);
    for (int i = optind; i < argc && l.status == EXIT_NOTHING; i++)
        (void)remove_named(&l, dir, argv[i]);
    ARRAY_FREE(&l.files);
    arena_free(&arena);
    return l.status;
}
