// SPDX-License-Identifier: Apache-2.0
// What an audit cannot be faster than: floor read FILE fetches the file's bytes, floor sha256 FILE
// also hashes them, with the library that Vigie uses. Prints the digest.
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool walk(int fd, EVP_MD_CTX *hash)
{
    static unsigned char block[1 << 18];
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) > 0)
        if (hash && EVP_DigestUpdate(hash, block, (size_t)n) != 1)
            return false;
    return n == 0;
}

int main(int argc, char **argv)
{
    if (argc != 3 || (strcmp(argv[1], "read") != 0 && strcmp(argv[1], "sha256") != 0)) {
        fputs("usage: floor read|sha256 FILE\n", stderr);
        return 2;
    }
    EVP_MD_CTX *hash = strcmp(argv[1], "sha256") == 0 ? EVP_MD_CTX_new() : NULL;
    int fd = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        perror(argv[2]);
        return 2;
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    bool ok = (!hash || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1) && walk(fd, hash) &&
              (!hash || EVP_DigestFinal_ex(hash, digest, &len) == 1);
    for (unsigned i = 0; ok && i < len; i++)
        printf("%02x", digest[i]);
    EVP_MD_CTX_free(hash);
    close(fd);
    return ok ? 0 : 2;
}
