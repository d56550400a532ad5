/* Requests over kept-alive connections, in one of two manners. RATE 0: each of C connections sends
   a request, reads its answer and sends the next (how much). RATE N: N requests a second are due at
   even distances whatever the answers do, each on the connection that is free longest; a request
   that finds none free waits, and its time counts from when it was due (how late).
   Build: cc -O2 -o load load.c
   Use: load PORT CONNECTIONS SECONDS RATE BODY < paths; BODY bytes of JSON are POSTed, 0: GET.
   Prints requests, seconds, the 50th, 99th and 99.9th percentile in microseconds, and answers that
   were not 200. */
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

enum { ROOM = 1 << 17, SLOTS = 1 << 21, MOST = 4096 };
struct wire { int fd; size_t have; double due; char in[ROOM]; };

static char **requests;
static size_t *lengths, count, at;
static unsigned late[SLOTS];
static struct wire *idle[MOST];
static size_t idle_first, idle_count;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void ask(struct wire *w, double due) {
    size_t turn = at++ % count;
    w->due = due;
    w->have = 0;
    if (send(w->fd, requests[turn], lengths[turn], MSG_NOSIGNAL) != (ssize_t)lengths[turn]) { perror("send"); exit(1); }
}

static int percentile(double share, long done) {
    long below = 0;
    for (int i = 0; i < SLOTS; i++) if ((below += late[i]) >= done * share) return i;
    return SLOTS;
}

int main(int argc, char **argv) {
    if (argc != 6) { fprintf(stderr, "use: load PORT CONNECTIONS SECONDS RATE BODY < paths\n"); return 2; }
    int port = atoi(argv[1]), connections = atoi(argv[2]), body = atoi(argv[5]);
    double seconds = atof(argv[3]), rate = atof(argv[4]);
    if (connections > MOST) return 2;
    char *line = NULL, *sent = NULL;
    size_t room = 0;
    if (body) {
        /* The model's name comes first, as clients send it. */
        sent = malloc(body + 1);
        int used = snprintf(sent, body + 1, "{\"model\":\"bench\",\"input\":\"");
        memset(sent + used, 'x', body - used - 2);
        strcpy(sent + body - 2, "\"}");
    }
    while (getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        requests = realloc(requests, (count + 1) * sizeof *requests);
        lengths = realloc(lengths, (count + 1) * sizeof *lengths);
        int made = body ? asprintf(&requests[count], "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", line, port, body, sent)
                        : asprintf(&requests[count], "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", line, port);
        if (made < 0) return 1;
        lengths[count++] = made;
    }
    int poll = epoll_create1(0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    double began = now(), end = began + seconds, next = began;
    for (int i = 0; i < connections; i++) {
        struct wire *w = malloc(sizeof *w);
        w->have = 0;
        w->fd = socket(AF_INET, SOCK_STREAM, 0);
        int yes = 1;
        setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (connect(w->fd, (struct sockaddr *)&to, sizeof to)) { perror("connect"); return 1; }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = w};
        epoll_ctl(poll, EPOLL_CTL_ADD, w->fd, &event);
        if (rate) idle[idle_count++] = w;
        else ask(w, now());
    }
    long done = 0, odd = 0;
    struct epoll_event events[256];
    for (;;) {
        double moment = now();
        if (moment >= end) break;
        for (; rate && idle_count && next <= moment; next += 1 / rate) {
            struct wire *w = idle[idle_first];
            idle_first = (idle_first + 1) % MOST;
            idle_count--;
            ask(w, next);
        }
        /* Below a millisecond epoll_wait cannot wait; looking again and again would take the processor from the servers. */
        int wait = 100;
        if (rate && idle_count) {
            double left = next - now();
            struct timespec pause = {.tv_nsec = left > 0 ? (left < 0.001 ? left * 1e9 : 1e6) : 0};
            int ready = epoll_pwait2(poll, events, 256, &pause, NULL);
            wait = ready;
        } else wait = epoll_wait(poll, events, 256, wait);
        for (int i = 0; i < wait; i++) {
            struct wire *w = events[i].data.ptr;
            ssize_t got = recv(w->fd, w->in + w->have, ROOM - 1 - w->have, 0);
            if (got <= 0) { fprintf(stderr, "a connection ended: %s\n", got ? strerror(errno) : "closed"); return 1; }
            w->have += got;
            w->in[w->have] = 0;
            char *head_end = strstr(w->in, "\r\n\r\n");
            if (!head_end) continue;
            char *length = strcasestr(w->in, "\r\ncontent-length:");
            if (!length || length > head_end) { fprintf(stderr, "an answer without a length: %.200s\n", w->in); return 1; }
            size_t whole = head_end + 4 - w->in + atol(length + 17);
            if (w->have < whole) continue;
            if (w->have > whole) { fprintf(stderr, "more was answered than asked\n"); return 1; }
            odd += strncmp(w->in + 9, "200", 3) != 0;
            done++;
            double ended = now();
            unsigned long micro = (ended - w->due) * 1e6;
            late[micro < SLOTS ? micro : SLOTS - 1]++;
            if (!rate) ask(w, ended);
            else { idle[(idle_first + idle_count) % MOST] = w; idle_count++; }
        }
    }
    printf("%ld %.6f %d %d %d %ld\n", done, now() - began, percentile(0.5, done), percentile(0.99, done), percentile(0.999, done), odd);
    return 0;
}
