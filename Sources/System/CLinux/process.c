#define _GNU_SOURCE
#include "clinux_process.h"
#include "shield.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

struct outcome {
    int step;
    int number;
};

// Everything from here to `child` runs between fork and exec: system calls only, no allocation, no locks.

static void fail(int descriptor, int step, int number) {
    struct outcome outcome = {step, number};
    // A parent that is gone reads nothing; the process ends either way.
    ssize_t ignored = write(descriptor, &outcome, sizeof outcome);
    (void)ignored;
    _exit(127);
}

static void close_span(unsigned from, unsigned to) {
    if (from > to) return;
    if (syscall(SYS_close_range, from, to, 0) == 0) return;
    // Linux before 5.9.
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0 || limit > 65536) limit = 65536;
    for (unsigned i = from; i <= to && i < (unsigned)limit; i++) close((int)i);
}

static void close_all_but(int a, int b, int c) {
    int kept[3] = {a, b, c};
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2 - i; j++)
            if (kept[j] > kept[j + 1]) {
                int swap = kept[j];
                kept[j] = kept[j + 1];
                kept[j + 1] = swap;
            }
    int from = 3;
    for (int i = 0; i < 3; i++) {
        if (kept[i] < from) continue;
        close_span((unsigned)from, (unsigned)kept[i] - 1);
        from = kept[i] + 1;
    }
    close_span((unsigned)from, UINT_MAX);
}

static void default_signals(void) {
    struct sigaction action = {0};
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// What root could go around Landlock with: modules, raw memory and disks, handles, other processes, mounts, devices, BPF.
static void drop_capabilities(void) {
    static const int dropped[] = {2, 9, 12, 16, 17, 19, 21, 22, 25, 27, 32, 33, 34, 38, 39, 40};
    // Refused where we have none of them to drop.
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++) prctl(PR_CAPBSET_DROP, dropped[i], 0, 0, 0);
}

// When memory runs out the kernel ends a model server rather than us, who start it again.
static void prefer_as_victim(void) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t ignored = write(file, "500", 3);
    (void)ignored;
    close(file);
}

static void child(const struct clinux_launch *launch, int go, int outcome) {
    close_all_but(go, outcome, launch->ruleset);
    default_signals();
    if (setsid() < 0) fail(outcome, CLINUX_STEP_SESSION, errno);
    char word = 0;
    ssize_t count;
    while ((count = read(go, &word, 1)) < 0 && errno == EINTR) {}
    if (count != 1) _exit(127);
    int input = open("/dev/null", O_RDONLY);
    int log = open(launch->log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0640);
    if (input < 0 || log < 0 || dup2(input, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) fail(outcome, CLINUX_STEP_LOG, errno);
    if (input > 2) close(input);
    if (log > 2) close(log);
    if (launch->ruleset >= 0) clinux_shield(launch->shielded, launch->folder);
    if (chdir(launch->folder) < 0) fail(outcome, CLINUX_STEP_FOLDER, errno);
    prefer_as_victim();
    if (launch->ruleset >= 0) {
        drop_capabilities();
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_landlock_restrict_self, launch->ruleset, 0) < 0)
            fail(outcome, CLINUX_STEP_WALLS, errno);
        close(launch->ruleset);
    }
    execve(launch->program, launch->arguments, launch->environment);
    fail(outcome, CLINUX_STEP_EXEC, errno);
}

// A pipe that is closed on exec, away from the three standard descriptors.
static int make_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) return errno;
    for (int i = 0; i < 2; i++) {
        if (ends[i] > 2) continue;
        int moved = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
        int number = errno;
        close(ends[i]);
        ends[i] = moved;
        if (moved < 0) {
            close(ends[1 - i]);
            return number;
        }
    }
    return 0;
}

int clinux_launch_prepare(const struct clinux_launch *launch, struct clinux_launched *launched) {
    int go[2], outcome[2];
    int number = make_pipe(go);
    if (number) return number;
    number = make_pipe(outcome);
    if (number) {
        close(go[0]);
        close(go[1]);
        return number;
    }
    // No handler of ours may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    number = errno;
    if (pid == 0) child(launch, go[0], outcome[1]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(go[0]);
    close(outcome[1]);
    if (pid < 0) {
        close(go[1]);
        close(outcome[0]);
        return number;
    }
    launched->pid = pid;
    launched->go = go[1];
    launched->outcome = outcome[0];
    return 0;
}

static void reap(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

void clinux_launch_cancel(struct clinux_launched *launched) {
    close(launched->go);
    close(launched->outcome);
    kill(launched->pid, SIGKILL);
    reap(launched->pid);
}

int clinux_launch_go(struct clinux_launched *launched, int *step) {
    struct outcome outcome = {CLINUX_STEP_NONE, 0};
    ssize_t count = 0;
    // A child that died before it was asked leaves a broken pipe: no signal for that.
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t written;
    while ((written = write(launched->go, "g", 1)) < 0 && errno == EINTR) {}
    if (written < 0) {
        struct timespec now = {0, 0};
        sigtimedwait(&pipe_signal, NULL, &now);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(launched->go);
    while ((count = read(launched->outcome, &outcome, sizeof outcome)) < 0 && errno == EINTR) {}
    close(launched->outcome);
    if (count == 0 && written == 1) return 0;
    if (count != (ssize_t)sizeof outcome) {
        outcome.step = CLINUX_STEP_FORK;
        outcome.number = ECHILD;
    }
    reap(launched->pid);
    *step = outcome.step;
    return outcome.number;
}
