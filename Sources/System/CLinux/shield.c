#define _GNU_SOURCE
#include "shield.h"
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

// Linux 5.12; glibc 2.36 has the calls, these are for older headers.
#ifndef SYS_mount_setattr
#define SYS_open_tree 428
#define SYS_move_mount 429
#define SYS_mount_setattr 442
#endif

enum { CLONE_TREE = 1, READ_ONLY = 1, FROM_DESCRIPTOR = 4, RECURSIVE = 0x8000, OF_DESCRIPTOR = 0x1000 };

struct attributes {
    uint64_t set;
    uint64_t clear;
    uint64_t propagation;
    uint64_t user_namespace;
};

// The number in decimal and `0x20`, without the library's formatting: between fork and exec nothing may allocate.
static char *append_number(char *end, unsigned number) {
    char digits[12];
    int count = 0;
    do digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count) *end++ = digits[--count];
    *end++ = ' ';
    return end;
}

static int write_file(const char *path, const char *text, size_t size) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count = write(file, text, size);
    close(file);
    return count == (ssize_t)size ? 0 : -1;
}

// Each user and group stays itself.
static int write_map(const char *path, unsigned number) {
    char text[40];
    char *end = append_number(append_number(text, number), number);
    *end++ = '1';
    return write_file(path, text, (size_t)(end - text));
}

static int own_view(void) {
    unsigned user = geteuid(), group = getegid();
    if (unshare(CLONE_NEWNS) < 0) {
        // Without privileges a user namespace comes first; it is given up with the exec.
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) return -1;
        if (write_file("/proc/self/setgroups", "deny", 4) < 0) return -1;
        if (write_map("/proc/self/uid_map", user) < 0 || write_map("/proc/self/gid_map", group) < 0) return -1;
    }
    // Nothing that is mounted here may show anywhere else.
    return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
}

static int copy_tree(const char *path) { return (int)syscall(SYS_open_tree, AT_FDCWD, path, CLONE_TREE | RECURSIVE | O_CLOEXEC); }

static int place(int tree, const char *path) { return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, FROM_DESCRIPTOR); }

void clinux_shield(const char *const *folders, const char *open_folder) {
    if (!folders || !folders[0] || own_view() < 0) return;
    // Copied before its surroundings become read-only, it stays as it is.
    int open_tree = copy_tree(open_folder);
    if (open_tree < 0) return;
    struct attributes attributes = {READ_ONLY, 0, 0, 0};
    for (const char *const *folder = folders; *folder; folder++) {
        int tree = copy_tree(*folder);
        if (tree < 0) continue;
        if (syscall(SYS_mount_setattr, tree, "", OF_DESCRIPTOR | RECURSIVE, &attributes, sizeof attributes) == 0) place(tree, *folder);
        close(tree);
    }
    place(open_tree, open_folder);
    close(open_tree);
}
