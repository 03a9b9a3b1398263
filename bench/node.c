/*
 * node call SOCKET                     sends the JSON text on standard input, prints the answer
 * node pid SOCKET SERVICE              prints the pid of a Healthy service
 * node launch SUPERVISOR SOCKET N LOG  starts the program and prints its pid and the ms until N services are Healthy
 * node restart SOCKET SERVICE          kills the service with SIGKILL and prints the ms until it is Healthy again
 */
#define _GNU_SOURCE
#include "measure.h"
#include "wire.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

enum { GIVE_UP_MS = 15000, POLL_US = 1000 };

static const char list[] = "{\"v\":1,\"req_id\":\"bench\",\"method\":\"supervisor.svc.list\",\"params\":{}}";

static int count_of(const char *text, const char *word)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++) {
        n++;
    }

    return n;
}

/* The pid of a service while it is Healthy, otherwise 0. Relies on the documented order: name, state, pid. */
static int healthy_pid(const char *services, const char *name)
{
    char wanted[160];
    snprintf(wanted, sizeof wanted, "{\"name\":\"%s\",\"state\":\"Healthy\",\"pid\":", name);
    const char *found = strstr(services, wanted);
    return found == NULL ? 0 : atoi(found + strlen(wanted));
}

/* The service list, over one kept connection; null while nobody answers. The caller frees it. */
static char *services_of(const char *path)
{
    static int fd = -1;
    fd = fd >= 0 ? fd : try_connect(path);
    char *answer = fd < 0 ? NULL : call(fd, list, sizeof list - 1);
    if (answer == NULL && fd >= 0) {
        close(fd);
        fd = -1;
    }

    return answer;
}

static void launch(const char *program, const char *path, int wanted, const char *log)
{
    uint64_t begun = now_ns();
    pid_t child = fork();
    if (child == 0) {
        int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        dup2(out, 1);
        dup2(out, 2);
        execl(program, program, (char *)NULL);
        _exit(127);
    }

    for (;;) {
        char *services = services_of(path);
        int healthy = services == NULL ? 0 : count_of(services, "\"state\":\"Healthy\"");
        free(services);
        uint64_t ms = (now_ns() - begun) / 1000000;
        if (healthy >= wanted) {
            printf("%d\t%.1f\n", child, (double)(now_ns() - begun) / 1e6);
            return;
        }

        if (waitpid(child, NULL, WNOHANG) != 0 || ms > GIVE_UP_MS) {
            kill(child, SIGTERM);
            die("%d of %d services were Healthy after %lu ms; see %s", healthy, wanted, (unsigned long)ms, log);
        }

        usleep(POLL_US);
    }
}

static int pid_of(const char *path, const char *name)
{
    char *services = services_of(path);
    int pid = services == NULL ? 0 : healthy_pid(services, name);
    free(services);
    if (pid == 0) {
        die("%s is not Healthy", name);
    }

    return pid;
}

static void restart(const char *path, const char *name)
{
    int before = pid_of(path, name);
    uint64_t begun = now_ns();
    kill(before, SIGKILL);
    for (;;) {
        char *services = services_of(path);
        int after = services == NULL ? 0 : healthy_pid(services, name);
        free(services);
        if (after != 0 && after != before) {
            printf("%.1f\n", (double)(now_ns() - begun) / 1e6);
            return;
        }

        if (now_ns() - begun > GIVE_UP_MS * 1000000ull) {
            die("%s did not come back within %d ms", name, GIVE_UP_MS);
        }

        usleep(POLL_US);
    }
}

static void print_answer(const char *path)
{
    static char request[MAX_FRAME];
    size_t length = fread(request, 1, sizeof request, stdin);
    int fd = try_connect(path);
    char *answer = fd < 0 ? NULL : call(fd, request, length);
    if (answer == NULL) {
        die("no answer from %s", path);
    }

    puts(answer);
}

int main(int count, char **arguments)
{
    if (count == 3 && strcmp(arguments[1], "call") == 0) {
        print_answer(arguments[2]);
    } else if (count == 6 && strcmp(arguments[1], "launch") == 0) {
        launch(arguments[2], arguments[3], atoi(arguments[4]), arguments[5]);
    } else if (count == 4 && strcmp(arguments[1], "pid") == 0) {
        printf("%d\n", pid_of(arguments[2], arguments[3]));
    } else if (count == 4 && strcmp(arguments[1], "restart") == 0) {
        restart(arguments[2], arguments[3]);
    } else {
        die("usage: node call SOCKET | node pid SOCKET SERVICE | node launch SUPERVISOR SOCKET N LOG | node restart SOCKET SERVICE");
    }

    return 0;
}
