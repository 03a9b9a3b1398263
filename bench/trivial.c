/* A service that does nothing: says READY=1, shows life when it must, ends on SIGTERM. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void tell(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    if (path == NULL || strlen(path) >= sizeof to.sun_path) {
        return;
    }

    strcpy(to.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sendto(fd, state, strlen(state), 0, (struct sockaddr *)&to, sizeof to);
    close(fd);
}

int main(void)
{
    const char *interval = getenv("WATCHDOG_USEC");
    tell("READY=1");
    for (;;) {
        if (interval == NULL) {
            pause();
        } else {
            usleep((useconds_t)(atol(interval) / 3));
            tell("WATCHDOG=1");
        }
    }
}
