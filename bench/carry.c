/*
 * carry WAY ...: reads a file to its end in one way and prints MB/s and the bytes read.
 *
 * carry native FILE                 open and read, 1 MiB at a time
 * carry pipe FILE                   cat FILE through a pipe
 * carry fd SOCKET TOKEN PATH        fs.open with "fd": the descriptor comes once, then as native
 * carry download SOCKET TOKEN PATH  fs.download as a stream
 * carry read SOCKET TOKEN PATH      fs.open, then fs.read of 512 KiB, one after another
 * carry compare FILE SOCKET TOKEN PATH ROUNDS
 *                                   native and fd in turns, a line a round: MB/s of reading by each, microseconds of opening by each
 *
 * Answers are received whole and their bytes counted by the length of their base64; decoding it is the client's own cost.
 */
#define _GNU_SOURCE
#include "measure.h"
#include "wire.h"

#include <fcntl.h>
#include <sys/wait.h>

enum { PIECE = 1 << 20, READ = 512 * 1024, REQUEST = 16 * 1024 };

static char buffer[PIECE];

static uint64_t drain(int fd)
{
    uint64_t total = 0;
    ssize_t count;
    while ((count = read(fd, buffer, sizeof buffer)) > 0) {
        total += (uint64_t)count;
    }

    if (count < 0) {
        die("reading failed: %s", strerror(errno));
    }

    return total;
}

static uint64_t through_pipe(const char *path)
{
    int ends[2];
    if (pipe(ends) != 0) {
        die("no pipe: %s", strerror(errno));
    }

    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execlp("cat", "cat", path, (char *)NULL);
        _exit(127);
    }

    close(ends[1]);
    uint64_t total = drain(ends[0]);
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        die("cat failed");
    }

    return total;
}

__attribute__((format(printf, 4, 5))) static void ask(int fd, const char *token, const char *method, const char *params, ...)
{
    static char frame[REQUEST];
    char filled[REQUEST / 4];
    va_list arguments;
    va_start(arguments, params);
    vsnprintf(filled, sizeof filled, params, arguments);
    va_end(arguments);
    int size = snprintf(frame + HEADER, sizeof frame - HEADER, "{\"v\":1,\"req_id\":\"1\",\"method\":\"%s\",\"auth\":{\"token\":\"%s\"},\"params\":%s}", method, token, filled);
    put_length(frame, (uint32_t)size);
    if (send(fd, frame, (size_t)size + HEADER, MSG_NOSIGNAL) != size + HEADER) {
        die("the service is gone");
    }
}

/* The next answer, ended by a zero, in memory that the next call uses again. */
static char *answer(int fd)
{
    static char frame[MAX_FRAME + 1];
    char header[HEADER];
    uint32_t size;
    if (receive_exactly(fd, header, HEADER) != 0 || (size = frame_length(header)) > MAX_FRAME || receive_exactly(fd, frame, size) != 0) {
        die("the service is gone");
    }

    frame[size] = 0;
    if (strstr(frame, "\"ok\":true") == NULL) {
        die("the service answered %.300s", frame);
    }

    return frame;
}

/* How many bytes the base64 of an answer stands for. */
static uint64_t bytes_of(const char *frame)
{
    const char *start = strstr(frame, "\"data_b64\":\"");
    if (start == NULL) {
        die("no bytes in %.300s", frame);
    }

    start += strlen("\"data_b64\":\"");
    const char *end = strchr(start, '"');
    uint64_t length = (uint64_t)(end - start);
    return length / 4 * 3 - (length > 0 && end[-1] == '=') - (length > 1 && end[-2] == '=');
}

static int open_by_descriptor(int fd, const char *token, const char *path)
{
    ask(fd, token, "fs.open", "{\"path\":\"%s\",\"fd\":true}", path);
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec vector = { .iov_base = buffer, .iov_len = sizeof buffer };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) <= HEADER) {
        die("the service is gone");
    }

    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) {
        die("no descriptor came: %.300s", buffer + HEADER);
    }

    int file;
    memcpy(&file, CMSG_DATA(header), sizeof file);
    return file;
}

static uint64_t by_download(int fd, const char *token, const char *path)
{
    static const char request[] = "{\"v\":1,\"req_id\":\"1\",\"more\":true,\"method\":\"fs.download\",\"auth\":{\"token\":\"%s\"},\"params\":{\"path\":\"%s\"}}";
    static char frame[REQUEST];
    int size = snprintf(frame + HEADER, sizeof frame - HEADER, request, token, path);
    put_length(frame, (uint32_t)size);
    if (send(fd, frame, (size_t)size + HEADER, MSG_NOSIGNAL) != size + HEADER) {
        die("the service is gone");
    }

    uint64_t total = 0;
    for (;;) {
        char *piece = answer(fd);
        if (strstr(piece, "\"continues\":true") == NULL) {
            return total;
        }

        total += bytes_of(piece);
    }
}

static uint64_t by_reads(int fd, const char *token, const char *path)
{
    ask(fd, token, "fs.open", "{\"path\":\"%s\"}", path);
    char handle[64];
    char *opened = strstr(answer(fd), "\"handle\":\"");
    if (opened == NULL || sscanf(opened, "\"handle\":\"%63[^\"]", handle) != 1) {
        die("no handle came");
    }

    uint64_t total = 0;
    for (;;) {
        ask(fd, token, "fs.read", "{\"handle\":\"%s\",\"offset\":%llu,\"size\":%d}", handle, (unsigned long long)total, READ);
        char *piece = answer(fd);
        total += bytes_of(piece);
        if (strstr(piece, "\"eof\":true") != NULL) {
            return total;
        }
    }
}

static int open_natively(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        die("cannot open %s: %s", path, strerror(errno));
    }

    return fd;
}

static int connected(const char *path)
{
    int fd = try_connect(path);
    if (fd < 0) {
        die("nobody listens at %s", path);
    }

    return fd;
}

/* What opening costs and what reading costs are told apart: the one is a call to fs, the other none. Each goes first in every other round. */
static void compare(const char *file, const char *socket_path, const char *token, const char *path, int rounds)
{
    int fs = connected(socket_path);
    /* The first rounds warm up. */
    for (int round = -2; round < rounds; round++) {
        double speed[2], opening[2];
        for (int turn = 0; turn < 2; turn++) {
            int way = (turn + round) & 1;
            uint64_t begun = now_ns();
            int fd = way == 0 ? open_natively(file) : open_by_descriptor(fs, token, path);
            uint64_t opened = now_ns();
            uint64_t total = drain(fd);
            uint64_t done = now_ns();
            close(fd);
            opening[way] = (double)(opened - begun) / 1000;
            speed[way] = (double)total * 1000 / (double)(done - opened);
        }

        if (round >= 0) {
            printf("%.1f %.1f %.1f %.1f\n", speed[0], speed[1], opening[0], opening[1]);
        }
    }
}

int main(int count, char **arguments)
{
    if (count == 7 && strcmp(arguments[1], "compare") == 0) {
        compare(arguments[2], arguments[3], arguments[4], arguments[5], atoi(arguments[6]));
        return 0;
    }

    if (count != 3 && count != 5) {
        die("usage: carry native|pipe FILE, carry fd|download|read SOCKET TOKEN PATH, or carry compare FILE SOCKET TOKEN PATH ROUNDS");
    }

    const char *way = arguments[1];
    uint64_t begun = now_ns();
    uint64_t total = strcmp(way, "native") == 0 && count == 3 ? drain(open_natively(arguments[2]))
        : strcmp(way, "pipe") == 0 && count == 3              ? through_pipe(arguments[2])
        : strcmp(way, "fd") == 0 && count == 5                ? drain(open_by_descriptor(connected(arguments[2]), arguments[3], arguments[4]))
        : strcmp(way, "download") == 0 && count == 5          ? by_download(connected(arguments[2]), arguments[3], arguments[4])
        : strcmp(way, "read") == 0 && count == 5              ? by_reads(connected(arguments[2]), arguments[3], arguments[4])
                                                              : (die("unknown way %s", way), 0);
    double elapsed = (double)(now_ns() - begun);
    printf("%.1f %llu\n", (double)total * 1000 / elapsed, (unsigned long long)total);
    return 0;
}
