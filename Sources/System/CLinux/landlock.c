#define _GNU_SOURCE
#include "clinux_process.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Debian 12's headers end at Landlock's second version; these are the numbers of the kernel's interface
// (linux/landlock.h, Documentation/userspace-api/landlock.rst).
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#endif

enum {
    WRITE_FILE = 1 << 1,
    REMOVE_DIR = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_CHAR = 1 << 6,
    MAKE_DIR = 1 << 7,
    MAKE_REG = 1 << 8,
    MAKE_SOCK = 1 << 9,
    MAKE_FIFO = 1 << 10,
    MAKE_BLOCK = 1 << 11,
    MAKE_SYM = 1 << 12,
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    FOR_FILES = WRITE_FILE | TRUNCATE,
    ALLOWED = FOR_FILES | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER,
    HANDLED = ALLOWED | MAKE_CHAR | MAKE_BLOCK
};
enum { SCOPE_ABSTRACT_SOCKETS = 1 << 0, SCOPE_SIGNALS = 1 << 1 };

struct ruleset_attributes {
    uint64_t files;
    uint64_t ports;
    uint64_t scopes;
};
struct path_rule {
    uint64_t allowed;
    int32_t folder;
} __attribute__((packed));

int clinux_landlock_abi(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
    return version < 0 ? 0 : (int)version;
}

int clinux_landlock_ruleset(void) {
    int version = clinux_landlock_abi();
    if (version < 3) {
        errno = ENOSYS;
        return -1;
    }
    struct ruleset_attributes attributes = {HANDLED, 0, version >= 6 ? SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS : 0};
    // Older kernels know a shorter structure and accept a longer one whose rest is zero.
    long ruleset = syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    return (int)ruleset;
}

int clinux_landlock_allow(int ruleset, const char *path) {
    int place = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
    if (place < 0) return -1;
    struct stat facts;
    int result = fstat(place, &facts);
    if (result == 0) {
        struct path_rule rule = {S_ISDIR(facts.st_mode) ? ALLOWED : FOR_FILES, place};
        result = (int)syscall(SYS_landlock_add_rule, ruleset, 1, &rule, 0);
    }
    int number = errno;
    close(place);
    errno = number;
    return result;
}
