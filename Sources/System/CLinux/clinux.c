#define _GNU_SOURCE
#include "clinux.h"
#include <fcntl.h>
#include <linux/fs.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

int clinux_start_writeback(int fd, int64_t offset, int64_t length) {
    return sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE);
}

int clinux_read_ahead(int fd, int64_t offset, size_t length) {
    return (int)readahead(fd, offset, length);
}

int clinux_try_lock(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

int clinux_clone(int target, int source) { return ioctl(target, FICLONE, source); }

int clinux_rename_new(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int clinux_sync_filesystem(int fd) { return syncfs(fd); }

int clinux_limit_heaps(int count) { return mallopt(M_ARENA_MAX, count); }
