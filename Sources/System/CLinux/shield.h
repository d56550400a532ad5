#ifndef CLINUX_SHIELD_H
#define CLINUX_SHIELD_H
/// For a child between fork and exec: gives it a view of the file system of its own, in which the folders are
/// read-only but for `open`. Where the kernel does not let us, nothing changes.
void clinux_shield(const char *const *folders, const char *open);
#endif
