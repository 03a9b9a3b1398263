/* Unix sockets and frames: 4-byte big-endian length, then the payload. */
#ifndef STRATA_BENCH_WIRE_H
#define STRATA_BENCH_WIRE_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEADER = 4, MAX_FRAME = 1 << 20 };

__attribute__((noreturn, format(printf, 1, 2))) static inline void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("error: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static inline struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) {
        die("the path %s does not fit a socket address", path);
    }

    strcpy(address.sun_path, path);
    return address;
}

/* A connected blocking socket, or -1. */
static inline int try_connect(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }

    return fd;
}

static inline uint32_t frame_length(const char *header)
{
    uint32_t length;
    memcpy(&length, header, HEADER);
    return ntohl(length);
}

static inline void put_length(char *header, uint32_t length)
{
    length = htonl(length);
    memcpy(header, &length, HEADER);
}

static inline int receive_exactly(int fd, char *into, size_t length)
{
    while (length > 0) {
        ssize_t count = recv(fd, into, length, 0);
        if (count <= 0) {
            return -1;
        }

        into += count;
        length -= (size_t)count;
    }

    return 0;
}

/* One request, one answer on a blocking socket. The answer is allocated and ends in a zero; null when the peer is gone. */
static inline char *call(int fd, const char *request, size_t length)
{
    char header[HEADER];
    put_length(header, (uint32_t)length);
    if (send(fd, header, HEADER, MSG_NOSIGNAL) != HEADER || send(fd, request, length, MSG_NOSIGNAL) != (ssize_t)length
        || receive_exactly(fd, header, HEADER) != 0) {
        return NULL;
    }

    uint32_t size = frame_length(header);
    char *answer = malloc(size + 1);
    if (size > MAX_FRAME || answer == NULL || receive_exactly(fd, answer, size) != 0) {
        free(answer);
        return NULL;
    }

    answer[size] = 0;
    return answer;
}

#endif
