/* Many open streams of server-sent events, and how late their chunks come. Build: cc -O2 -o streams streams.c

   streams source PORT RATE            answers every request with a stream that gets RATE chunks a
                                       second, each saying when it was sent; RATE 0: one chunk and
                                       then silence. Prints "ready".
   streams watch PORT COUNT SECONDS PATH
                                       opens COUNT streams, leaves a second to settle, watches for
                                       SECONDS. Prints all chunks, those watched, and the 50th, 99th,
                                       99.9th percentile and the longest of their delays in microseconds.
   streams hold PORT COUNT PATH        opens COUNT streams, waits for the first chunk of each, prints
                                       "open", and keeps them until its input ends.
   Both ends are on one machine and read one monotonic clock. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 65536, SLOTS = 1 << 22 };

static long long nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct sockaddr_in place(int port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void quick(int fd) {
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void watch_for(int poll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

/* The source. A stream's place in `open` decides its phase, so that chunks are spread evenly. */
static int opened[MOST], phase_of[MOST];
static char asked[MOST];

static void say(int fd) {
    char text[64], framed[96];
    int size = snprintf(text, sizeof text, "data: %lld\n\n", nanoseconds());
    int whole = snprintf(framed, sizeof framed, "%x\r\n%s\r\n", size, text);
    if (send(fd, framed, whole, MSG_NOSIGNAL | MSG_DONTWAIT) != whole && errno != EPIPE && errno != ECONNRESET) perror("source: send");
}

static int source(int port, double rate) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1, poll = epoll_create1(0), slots = 0;
    struct sockaddr_in at = place(port);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096)) { perror("listen"); return 1; }
    watch_for(poll, listener);
    printf("ready\n");
    fflush(stdout);
    struct epoll_event events[256];
    long long began = nanoseconds(), last = 0;
    /* Each of 1,000 phases has its turn RATE times a second. */
    double turns = rate * 1000;
    for (;;) {
        struct timespec pause = {.tv_nsec = 500000};
        int ready = epoll_pwait2(poll, events, 256, rate ? &pause : NULL, NULL);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                int made;
                while ((made = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    quick(made);
                    asked[made] = 0;
                    watch_for(poll, made);
                }
                continue;
            }
            char in[65536];
            ssize_t got = recv(fd, in, sizeof in, 0);
            if (got <= 0) {
                if (asked[fd]) opened[phase_of[fd]] = 0;
                asked[fd] = 0;
                close(fd);
                continue;
            }
            if (asked[fd]) continue;
            if (!strncmp(in, "GET /health", 11)) {
                const char *well = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                send(fd, well, strlen(well), MSG_NOSIGNAL);
                continue;
            }
            const char *head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
            send(fd, head, strlen(head), MSG_NOSIGNAL);
            asked[fd] = 1;
            int slot = 0;
            while (slot < slots && opened[slot]) slot++;
            if (slot == slots) slots++;
            opened[slot] = fd;
            phase_of[fd] = slot;
            say(fd);
        }
        if (!rate) continue;
        long long due = (nanoseconds() - began) / 1e9 * turns;
        for (long long turn = last; turn < due && turn - last < 1000; turn++)
            for (int slot = turn % 1000; slot < slots; slot += 1000) if (opened[slot]) say(opened[slot]);
        last = due;
    }
}

static int connect_all(int poll, int port, int count, const char *path, int *fds) {
    struct sockaddr_in to = place(port);
    const char *body = "{\"model\":\"bench\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"count\"}]}";
    for (int i = 0; i < count; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) { perror("connect"); return 1; }
        quick(fd);
        char text[1024];
        int size = snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", path, port, strlen(body), body);
        if (send(fd, text, size, MSG_NOSIGNAL) != size) { perror("send"); return 1; }
        watch_for(poll, fd);
        fds[i] = fd;
    }
    return 0;
}

static unsigned late[SLOTS];
static char kept[MOST][40];
static int kept_size[MOST];

/* Stamps among the bytes of a stream; a line may come in two parts. */
static long stamps(int fd, const char *in, ssize_t size, long long arrived, int counts, long *longest) {
    long found = 0;
    for (ssize_t i = 0; i < size; i++) {
        char *line = kept[fd];
        if (in[i] != '\n') {
            if (kept_size[fd] < 39) line[kept_size[fd]++] = in[i];
            continue;
        }
        line[kept_size[fd]] = 0;
        kept_size[fd] = 0;
        if (strncmp(line, "data: ", 6)) continue;
        long micro = (arrived - atoll(line + 6)) / 1000;
        found++;
        if (!counts) continue;
        late[micro < SLOTS ? micro : SLOTS - 1]++;
        if (micro > *longest) *longest = micro;
    }
    return found;
}

static int percentile(double share, long done) {
    long below = 0;
    for (int i = 0; i < SLOTS; i++) if ((below += late[i]) >= done * share) return i;
    return SLOTS;
}

static int watch(int port, int count, double seconds, const char *path, int holds) {
    static int fds[MOST];
    static char begun[MOST];
    int poll = epoll_create1(0), started = 0;
    if (connect_all(poll, port, count, path, fds)) return 1;
    long chunks = 0, all = 0, longest = 0;
    long long from = 0;
    static char in[1 << 18];
    struct epoll_event events[256];
    for (;;) {
        long long moment = nanoseconds();
        if (from && moment > from + seconds * 1e9) break;
        int ready = epoll_wait(poll, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            ssize_t got = recv(fd, in, sizeof in, MSG_DONTWAIT);
            if (got <= 0) { fprintf(stderr, "a stream ended: %s\n", got ? strerror(errno) : "closed"); return 1; }
            long long arrived = nanoseconds();
            int counts = from && arrived > from;
            long found = stamps(fd, in, got, arrived, counts, &longest);
            all += found;
            if (counts) chunks += found;
            if (found && !begun[fd]) { begun[fd] = 1; started++; }
        }
        if (started < count) continue;
        if (holds) {
            printf("open\n");
            fflush(stdout);
            while (read(0, in, sizeof in) > 0) {}
            return 0;
        }
        if (!from) from = nanoseconds() + 1000000000LL;
    }
    printf("%ld %ld %d %d %d %ld\n", all, chunks, percentile(0.5, chunks), percentile(0.99, chunks), percentile(0.999, chunks), longest);
    return 0;
}

int main(int argc, char **argv) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < MOST ? files.rlim_max : MOST;
    setrlimit(RLIMIT_NOFILE, &files);
    if (argc == 4 && !strcmp(argv[1], "source")) return source(atoi(argv[2]), atof(argv[3]));
    if (argc == 6 && !strcmp(argv[1], "watch")) return watch(atoi(argv[2]), atoi(argv[3]), atof(argv[4]), argv[5], 0);
    if (argc == 5 && !strcmp(argv[1], "hold")) return watch(atoi(argv[2]), atoi(argv[3]), 0, argv[4], 1);
    fprintf(stderr, "use: streams source PORT RATE | watch PORT COUNT SECONDS PATH | hold PORT COUNT PATH\n");
    return 2;
}
