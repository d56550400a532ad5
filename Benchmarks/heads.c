/* Requests per second for answers that are heads, which wrk cannot count: it waits for the body
   that the answer to a HEAD announces and does not have. Each of C connections sends a request,
   reads its answer and sends the next, for S seconds. Build: cc -O2 -o heads heads.c
   Use: heads PORT C S METHOD < paths. Prints requests, seconds, the 99th percentile in
   microseconds, and answers that were not 200. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 16384, SLOTS = 1 << 20 };
struct wire { int fd; size_t have; long body; double sent; char in[ROOM]; };

static char **requests;
static size_t count, at;
static unsigned late[SLOTS]; /* answers that took so many microseconds */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void ask(struct wire *w) {
    const char *text = requests[at++ % count];
    size_t length = strlen(text);
    w->sent = now();
    if (send(w->fd, text, length, MSG_NOSIGNAL) != (ssize_t)length) { perror("send"); exit(1); }
}

int main(int argc, char **argv) {
    if (argc != 5) { fprintf(stderr, "use: heads PORT CONNECTIONS SECONDS METHOD < paths\n"); return 2; }
    int port = atoi(argv[1]), connections = atoi(argv[2]), is_head = !strcmp(argv[4], "HEAD");
    double seconds = atof(argv[3]);
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        requests = realloc(requests, (count + 1) * sizeof *requests);
        if (asprintf(&requests[count++], "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", argv[4], line, port) < 0) return 1;
    }
    int poll = epoll_create1(0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < connections; i++) {
        struct wire *w = calloc(1, sizeof *w);
        w->fd = socket(AF_INET, SOCK_STREAM, 0);
        int yes = 1;
        setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (connect(w->fd, (struct sockaddr *)&to, sizeof to)) { perror("connect"); return 1; }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = w};
        epoll_ctl(poll, EPOLL_CTL_ADD, w->fd, &event);
        ask(w);
    }
    long done = 0, odd = 0;
    double began = now(), end = began + seconds;
    struct epoll_event events[64];
    while (now() < end) {
        int ready = epoll_wait(poll, events, 64, 100);
        for (int i = 0; i < ready; i++) {
            struct wire *w = events[i].data.ptr;
            ssize_t got = recv(w->fd, w->in + w->have, ROOM - 1 - w->have, 0);
            if (got <= 0) { fprintf(stderr, "a connection ended: %s\n", got ? strerror(errno) : "closed"); return 1; }
            w->have += got;
            w->in[w->have] = 0;
            char *head_end = strstr(w->in, "\r\n\r\n");
            if (!head_end) continue;
            size_t whole = head_end + 4 - w->in;
            if (!is_head) {
                char *length = strcasestr(w->in, "\r\ncontent-length:");
                whole += length && length < head_end ? atol(length + 17) : 0;
            }
            if (w->have < whole) continue;
            if (w->have > whole) { fprintf(stderr, "more was answered than asked\n"); return 1; }
            odd += strncmp(w->in + 9, "200", 3) != 0;
            done++;
            unsigned long micro = (now() - w->sent) * 1e6;
            late[micro < SLOTS ? micro : SLOTS - 1]++;
            w->have = 0;
            ask(w);
        }
    }
    double took = now() - began;
    long below = 0;
    int p99 = 0;
    while (p99 < SLOTS - 1 && (below += late[p99]) < done * 0.99) p99++;
    printf("%ld %.6f %d %ld\n", done, took, p99, odd);
    return 0;
}
