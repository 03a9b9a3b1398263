/*
 * raw-echo SOCKET REQUEST:RESPONSE...
 *
 * The limit to compare with: answers a frame of REQUEST payload bytes with one of RESPONSE payload bytes and looks at
 * nothing but the length. One thread, one epoll instance, one send for all the frames of one receive.
 */
#define _GNU_SOURCE
#include "wire.h"

#include <sys/epoll.h>

enum { MAX_PAIRS = 16, MAX_EVENTS = 256, BATCH = 256 * 1024, INPUT = 64 * 1024 };

struct pair {
    uint32_t request;
    uint32_t response;
};

struct connection {
    int fd;
    size_t held;
    size_t unsent;
    size_t unsent_at;
    char *pending;
    char input[INPUT];
};

static struct pair pairs[MAX_PAIRS];
static int pair_count;
static char *batch;
static size_t batch_size = BATCH;
static int poller;

static void finish(struct connection *c)
{
    close(c->fd);
    free(c->pending);
    free(c);
}

static void watch(struct connection *c, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = c };
    epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
}

/* Sends a batch; what the socket does not take is kept. 0 when all went, 1 when some waits, -1 when the peer is gone. */
static int send_batch(struct connection *c, size_t length)
{
    ssize_t sent = send(c->fd, batch, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        return -1;
    }

    sent = sent < 0 ? 0 : sent;
    if ((size_t)sent == length) {
        return 0;
    }

    c->unsent = length - (size_t)sent;
    c->unsent_at = 0;
    c->pending = malloc(c->unsent);
    memcpy(c->pending, batch + sent, c->unsent);
    watch(c, EPOLLOUT);
    return 1;
}

static size_t response_to(uint32_t request)
{
    for (int i = 0; i < pair_count; i++) {
        if (pairs[i].request == request) {
            return pairs[i].response;
        }
    }

    die("raw-echo was not told how to answer %u bytes", request);
}

/* Answers every whole frame that is held, a batch at a time. */
static int answer_held(struct connection *c)
{
    size_t at = 0, length = 0;
    int result = 0;
    while (c->held - at >= HEADER && result == 0) {
        uint32_t request = frame_length(c->input + at);
        if (c->held - at - HEADER < request) {
            break;
        }

        size_t response = response_to(request);
        if (length + HEADER + response > batch_size) {
            result = send_batch(c, length);
            length = 0;
            if (result != 0) {
                break;
            }
        }

        put_length(batch + length, (uint32_t)response);
        length += HEADER + response;
        at += HEADER + request;
    }

    if (length > 0 && result == 0) {
        result = send_batch(c, length);
    }

    memmove(c->input, c->input + at, c->held - at);
    c->held -= at;
    return result;
}

static int handle(struct connection *c, uint32_t events)
{
    if (c->pending != NULL) {
        ssize_t sent = send(c->fd, c->pending + c->unsent_at, c->unsent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) {
            return errno == EAGAIN ? 0 : -1;
        }

        c->unsent -= (size_t)sent;
        c->unsent_at += (size_t)sent;
        if (c->unsent > 0) {
            return 0;
        }

        free(c->pending);
        c->pending = NULL;
        watch(c, EPOLLIN);
        return answer_held(c);
    }

    ssize_t count = (events & EPOLLIN) != 0 ? recv(c->fd, c->input + c->held, INPUT - c->held, MSG_DONTWAIT) : 0;
    if (count <= 0) {
        return count < 0 && errno == EAGAIN ? 0 : -1;
    }

    c->held += (size_t)count;
    return answer_held(c);
}

static void accept_all(int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *c = malloc(sizeof *c);
        c->fd = fd;
        c->held = c->unsent = c->unsent_at = 0;
        c->pending = NULL;
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int count, char **arguments)
{
    if (count < 3 || count > 2 + MAX_PAIRS) {
        die("usage: raw-echo SOCKET REQUEST:RESPONSE...");
    }

    for (int i = 2; i < count; i++) {
        struct pair *p = &pairs[pair_count++];
        if (sscanf(arguments[i], "%u:%u", &p->request, &p->response) != 2 || p->request > INPUT - HEADER) {
            die("%s is not REQUEST:RESPONSE", arguments[i]);
        }

        batch_size = p->response + HEADER > batch_size ? p->response + HEADER : batch_size;
    }

    batch = malloc(batch_size);
    memset(batch, 'x', batch_size);
    struct sockaddr_un address = address_of(arguments[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0) {
        die("cannot listen on %s: %s", arguments[1], strerror(errno));
    }

    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    struct epoll_event ready[MAX_EVENTS];
    for (;;) {
        int n = epoll_wait(poller, ready, MAX_EVENTS, -1);
        for (int i = 0; i < n; i++) {
            struct connection *c = ready[i].data.ptr;
            if (c == NULL) {
                accept_all(listener);
            } else if (handle(c, ready[i].events) < 0) {
                finish(c);
            }
        }
    }
}
