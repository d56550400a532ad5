// Processes that outlive the one that started them, and walls around them.
#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H
#include <stdint.h>
#include <sys/types.h>

/// What to run. `ruleset` is a Landlock ruleset, or -1 for no walls.
struct clinux_launch {
    const char *program;
    char *const *arguments;
    char *const *environment;
    /// The working folder.
    const char *folder;
    /// The file that standard output and standard error are appended to; made if it is missing.
    const char *log;
    int ruleset;
    /// Folders, up to a null, that the process sees as mounted read-only, but for `folder` beneath them, where the
    /// kernel lets us: so it cannot change modes, times or attributes there either, which Landlock does not cover.
    const char *const *shielded;
};

/// A process that waits for the word to become the program.
struct clinux_launched {
    pid_t pid;
    int go;
    int outcome;
};

/// Where a launch failed.
enum clinux_step {
    CLINUX_STEP_NONE = 0,
    CLINUX_STEP_FORK,
    CLINUX_STEP_SESSION,
    CLINUX_STEP_LOG,
    CLINUX_STEP_FOLDER,
    CLINUX_STEP_WALLS,
    CLINUX_STEP_EXEC
};

/// Makes a process with a session and a process group of its own, default signals, and no open file but
/// /dev/null as its input and the log as its output. It does not become the program before
/// `clinux_launch_go`; if we end before that, it ends too. 0, or an errno.
int clinux_launch_prepare(const struct clinux_launch *launch, struct clinux_launched *launched);
/// Lets it become the program, and returns when it has: 0, or the errno and the step it failed at; then the
/// process is gone. Closes what `launched` holds.
int clinux_launch_go(struct clinux_launched *launched, int *step);
/// Ends the waiting process instead.
void clinux_launch_cancel(struct clinux_launched *launched);

/// A descriptor that becomes readable when the process has ended; -1 with errno.
int clinux_pidfd_open(pid_t pid);

/// The version of the kernel's Landlock, 0 where there is none.
int clinux_landlock_abi(void);
/// A ruleset that forbids, from now on and for all descendants, every change to a file or a folder that
/// `clinux_landlock_allow` does not allow, and signals to processes outside where the kernel can (ABI 6).
/// A descriptor, or -1 with errno.
int clinux_landlock_ruleset(void);
/// Allows every kind of change beneath a folder (or to one file), except making device files; no link is
/// followed in the last part of the path. 0, or -1 with errno.
int clinux_landlock_allow(int ruleset, const char *path);
#endif
