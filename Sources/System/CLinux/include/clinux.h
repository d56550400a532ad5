// Linux calls that the Swift overlay does not show.
#ifndef CLINUX_H
#define CLINUX_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "clinux_process.h"

/// Starts writing dirty pages of a range without waiting for them. 0 or -1 with errno.
int clinux_start_writeback(int fd, int64_t offset, int64_t length);
/// Asks for pages of a range to be read ahead. 0 or -1 with errno.
int clinux_read_ahead(int fd, int64_t offset, size_t length);
/// Takes an exclusive advisory lock without waiting: 0, or -1 with errno EWOULDBLOCK.
int clinux_try_lock(int fd);
/// Shares the extents of `source` with the empty file `target` (FICLONE). 0 or -1 with errno.
int clinux_clone(int target, int source);
/// Renames without replacing: -1 with EEXIST when the new name is taken.
int clinux_rename_new(const char *from, const char *to);
/// Waits until everything written so far to the filesystem of `fd` is on disk (syncfs). Since Linux
/// 5.8 it reports every write error that happened after `fd` was opened. 0 or -1 with errno.
int clinux_sync_filesystem(int fd);
/// Lets malloc keep at most so many heaps for all threads together. 1, or 0 where it refuses.
int clinux_limit_heaps(int count);
#endif
