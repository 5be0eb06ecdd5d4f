// SPDX-License-Identifier: Apache-2.0
// Packs files into a C source, at build time: embed OUTPUT.c DEPFILE ROOT PATH...
// Each PATH (below ROOT) is a file, or a folder whose *.yml files are taken, sorted by path. The
// depfile makes the build run this again when a file or folder changes.
#define _GNU_SOURCE
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct output {
    FILE *source, *table, *dependencies;
    const char *root;
    unsigned count;
};

static void die(const char *what, const char *path)
{
    fprintf(stderr, "embed: %s: %s\n", path, what);
    exit(1);
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        die("out of memory", name);
    return path;
}

// One byte as it may stand in a string literal. Octal always has three digits, so that no digit can
// follow by chance.
static void put_byte(FILE *f, int c)
{
    if (c == '\n')
        fputs("\\n\"\n\"", f);
    else if (c == '"' || c == '\\')
        fprintf(f, "\\%c", c);
    else if (c >= 32 && c < 127 && c != '?')
        fputc(c, f);
    else
        fprintf(f, "\\%03o", (unsigned)c);
}

static void pack_file(struct output *out, const char *path)
{
    char *full = join(out->root, path);
    FILE *in = fopen(full, "rb");
    if (!in)
        die("cannot be opened", full);
    fprintf(out->dependencies, " \\\n %s", full);
    fprintf(out->source, "static const char data_%u[] =\n\"", out->count);
    size_t size = 0;
    for (int c; (c = fgetc(in)) != EOF; size++)
        put_byte(out->source, c);
    fputs("\";\n", out->source);
    fprintf(out->table, "    {\"%s\", (const uint8_t *)data_%u, %zu},\n", path, out->count, size);
    out->count++;
    fclose(in);
    free(full);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_yml(const char *name)
{
    size_t len = strlen(name);
    return len > 4 && strcmp(name + len - 4, ".yml") == 0;
}

static void pack(struct output *out, const char *path, int depth)
{
    char *full = join(out->root, path);
    struct stat st;
    if (stat(full, &st) != 0)
        die("cannot be found", full);
    if (!S_ISDIR(st.st_mode)) {
        if (depth == 0 || is_yml(path))
            pack_file(out, path);
        free(full);
        return;
    }
    fprintf(out->dependencies, " \\\n %s", full);
    struct dirent **entries;
    int count = scandir(full, &entries, NULL, by_bytes);
    if (count < 0 || depth > 16)
        die("cannot be listed", full);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            char *below = join(path, entries[i]->d_name);
            pack(out, below, depth + 1);
            free(below);
        }
        free(entries[i]);
    }
    free(entries);
    free(full);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        die("usage: embed OUTPUT.c DEPFILE ROOT PATH...", "");
    char *table_text = NULL;
    size_t table_size = 0;
    struct output out = {.root = argv[3]};
    out.source = fopen(argv[1], "w");
    out.dependencies = fopen(argv[2], "w");
    out.table = open_memstream(&table_text, &table_size);
    if (!out.source || !out.dependencies || !out.table)
        die("cannot be written", argv[1]);
    fprintf(out.dependencies, "%s:", argv[1]);
    fputs("// Made by tools/embed.c out of knowledge/.\n#include \"detection/sigma/bundled.h\"\n\n",
          out.source);
    for (int i = 4; i < argc; i++)
        pack(&out, argv[i], 0);
    fclose(out.table);
    fprintf(out.source, "\nconst struct bundled_file bundled_files[] = {\n%s    {0},\n};\n",
            table_text);
    fputc('\n', out.dependencies);
    free(table_text);
    if (fclose(out.source) != 0 || fclose(out.dependencies) != 0)
        die("cannot be written", argv[1]);
    return 0;
}
