/*
 * load [options] SOCKET PLAN
 *
 * One operation is the plan's requests in order, one JSON text a line, on one connection. In each request a run of 16
 * letters I is replaced by a fresh req_id, and a run of at least 8 letters H by the "handle" of the operation's last
 * answer that had one. One thread drives all connections; --depth operations are in progress on each.
 * Every answer is checked: its req_id, "ok":true, and the size given by --expect.
 */
#define _GNU_SOURCE
#include "measure.h"
#include "wire.h"

#include <fcntl.h>
#include <getopt.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum { MAX_STEPS = 8, MAX_CONNECTIONS = 1024, MAX_DEPTH = 64, ID = 16, MAX_HANDLE = 256, MAX_EVENTS = 256, STALL_MS = 5000 };

struct step {
    char *frame; /* with its length in front */
    size_t size;
    size_t id_at;
    size_t handle_at; /* 0: none */
    uint32_t expect;  /* 0: any */
};

struct operation {
    uint64_t begun;
    uint32_t serial;
    int step;
    char handle[MAX_HANDLE];
};

struct connection {
    int fd;
    int number;
    char *input;
    size_t held;
    size_t capacity;
    int oldest; /* the operation an answer without ids belongs to */
    struct operation operations[MAX_DEPTH];
};

static struct step steps[MAX_STEPS];
static int step_count;
static size_t handle_bytes;
static int connections = 1, depth = 1, pid;
static int raw, reconnect, probe, stopping, in_progress;
static double seconds = 1, warmup = 0.3;
static const char *socket_path;
static struct sockaddr_un address;
static struct connection *all;
static struct histogram latencies;
static uint64_t done;
static int poller;

static size_t run_of(const char *text, char letter, size_t least, size_t *at)
{
    for (size_t i = 0; text[i] != 0; i++) {
        size_t n = 0;
        while (text[i + n] == letter) {
            n++;
        }

        if (n >= least) {
            *at = i;
            return n;
        }

        i += n > 0 ? n - 1 : 0;
    }

    return 0;
}

static void read_plan(const char *path, const char *expect)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    if (file == NULL) {
        die("cannot read %s: %s", path, strerror(errno));
    }

    while ((length = getline(&line, &capacity, file)) > 1) {
        if (step_count == MAX_STEPS) {
            die("a plan has at most %d requests", MAX_STEPS);
        }

        struct step *s = &steps[step_count++];
        line[length -= line[length - 1] == '\n'] = 0;
        size_t at;
        if (run_of(line, 'I', ID, &at) != ID) {
            die("each request of a plan has a req_id of %d letters I", ID);
        }

        s->id_at = HEADER + at;
        size_t handle = run_of(line, 'H', 8, &at);
        if (handle >= MAX_HANDLE) {
            die("a handle has at most %d bytes", MAX_HANDLE - 1);
        }

        s->handle_at = handle > 0 ? HEADER + at : 0;
        handle_bytes = handle > 0 ? handle : handle_bytes;
        s->size = HEADER + (size_t)length;
        s->frame = malloc(s->size);
        put_length(s->frame, (uint32_t)length);
        memcpy(s->frame + HEADER, line, (size_t)length);
        s->expect = expect != NULL ? (uint32_t)strtoul(expect, (char **)&expect, 10) : 0;
        expect += expect != NULL && *expect == ',';
    }

    free(line);
    fclose(file);
    if (step_count == 0) {
        die("%s holds no request", path);
    }
}

static void send_step(struct connection *c, int number)
{
    struct operation *o = &c->operations[number];
    struct step *s = &steps[o->step];
    char id[ID + 1];
    snprintf(id, sizeof id, "%04x%04x%08x", (unsigned)c->number, (unsigned)number, ++o->serial);
    memcpy(s->frame + s->id_at, id, ID);
    if (s->handle_at > 0 && !raw) {
        memcpy(s->frame + s->handle_at, o->handle, handle_bytes);
    }

    if (o->step == 0) {
        in_progress++;
        o->begun = reconnect ? o->begun : now_ns();
    }

    if (send(c->fd, s->frame, s->size, MSG_NOSIGNAL) != (ssize_t)s->size) {
        die("a request could not be sent whole (%s); lower --depth", strerror(errno));
    }
}

static void open_connection(struct connection *c)
{
    uint64_t begun = now_ns();
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        die("cannot connect to %s: %s", socket_path, strerror(errno));
    }

    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
    epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
    c->held = 0;
    c->oldest = 0;
    for (int i = 0; i < depth; i++) {
        c->operations[i].step = 0;
        c->operations[i].begun = begun;
        send_step(c, i);
    }
}

/* Finds which operation an answer belongs to, and that it is the one waited for. */
static int match(struct connection *c, const char *answer, uint32_t size)
{
    static const char before[] = "\"req_id\":\"", ok[] = "\"ok\":true";
    size_t shown = size < 512 ? size : 512;
    const char *id = memmem(answer, shown, before, sizeof before - 1);
    unsigned connection, number, serial;
    if (memmem(answer, shown, ok, sizeof ok - 1) == NULL) {
        die("not ok: %.*s", (int)shown, answer);
    }

    if (id == NULL || sscanf(id + sizeof before - 1, "%4x%4x%8x\"", &connection, &number, &serial) != 3
        || connection != (unsigned)c->number || number >= (unsigned)depth || serial != c->operations[number].serial) {
        die("an answer to nothing that was asked: %.*s", (int)shown, answer);
    }

    return (int)number;
}

static void capture_handle(struct operation *o, const char *answer, uint32_t size)
{
    static const char key[] = "\"handle\":\"";
    const char *found = memmem(answer, size < 512 ? size : 512, key, sizeof key - 1);
    if (found == NULL) {
        return;
    }

    if (found[sizeof key - 1 + handle_bytes] != '"') {
        die("a handle does not have the %zu bytes of the plan: %.*s", handle_bytes, (int)size, answer);
    }

    memcpy(o->handle, found + sizeof key - 1, handle_bytes);
}

/* Takes one answer; false when the connection was replaced. */
static int take(struct connection *c, const char *answer, uint32_t size)
{
    int number = raw ? c->oldest : match(c, answer, size);
    struct operation *o = &c->operations[number];
    uint32_t expect = steps[o->step].expect;
    if (expect != 0 && size != expect) {
        die("step %d was answered with %u bytes, not %u: %.*s", o->step + 1, size, expect, (int)(size < 512 ? size : 512), answer);
    }

    if (probe) {
        printf("%zu:%u\n", steps[o->step].size - HEADER, size);
    }

    if (handle_bytes > 0 && !raw) {
        capture_handle(o, answer, size);
    }

    c->oldest = (c->oldest + 1) % depth;
    if (++o->step == step_count) {
        histogram_add(&latencies, now_ns() - o->begun);
        done++;
        in_progress--;
        o->step = 0;
        if (stopping) {
            return 1;
        }

        if (reconnect) {
            close(c->fd);
            open_connection(c);
            return 0;
        }
    }

    send_step(c, number);
    return 1;
}

static void receive(struct connection *c)
{
    if (c->capacity - c->held < 4096) {
        c->capacity = c->capacity == 0 ? 64 * 1024 : c->capacity * 2;
        c->input = realloc(c->input, c->capacity);
    }

    ssize_t count = recv(c->fd, c->input + c->held, c->capacity - c->held, 0);
    if (count <= 0) {
        if (count < 0 && errno == EAGAIN) {
            return;
        }

        die("the server closed a connection (%s)", count < 0 ? strerror(errno) : "end of stream");
    }

    c->held += (size_t)count;
    size_t at = 0;
    while (c->held - at >= HEADER) {
        uint32_t size = frame_length(c->input + at);
        if (size == 0 || size > MAX_FRAME) {
            die("an answer announces %u bytes", size);
        }

        if (c->held - at - HEADER < size) {
            break;
        }

        if (!take(c, c->input + at + HEADER, size)) {
            return;
        }

        at += HEADER + size;
    }

    memmove(c->input, c->input + at, c->held - at);
    c->held -= at;
}

static void drive_until(uint64_t end)
{
    struct epoll_event ready[MAX_EVENTS];
    while (in_progress > 0 && now_ns() < end) {
        int n = epoll_wait(poller, ready, MAX_EVENTS, STALL_MS);
        if (n == 0) {
            die("no answer within %d ms", STALL_MS);
        }

        for (int i = 0; i < n; i++) {
            receive(ready[i].data.ptr);
        }
    }
}

static void parse(int count, char **arguments)
{
    static const struct option options[] = {
        { "connections", required_argument, NULL, 'c' }, { "depth", required_argument, NULL, 'd' }, { "seconds", required_argument, NULL, 's' },
        { "warmup", required_argument, NULL, 'w' }, { "pid", required_argument, NULL, 'p' }, { "expect", required_argument, NULL, 'e' },
        { "raw", no_argument, &raw, 1 }, { "reconnect", no_argument, &reconnect, 1 }, { "probe", no_argument, &probe, 1 }, { NULL, 0, NULL, 0 },
    };
    const char *expect = NULL;
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        switch (option) {
        case 'c': connections = atoi(optarg); break;
        case 'd': depth = atoi(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'w': warmup = atof(optarg); break;
        case 'p': pid = atoi(optarg); break;
        case 'e': expect = optarg; break;
        case 0: break;
        default: exit(2);
        }
    }

    if (count - optind != 2 || connections < 1 || connections > MAX_CONNECTIONS || depth < 1 || depth > MAX_DEPTH) {
        die("usage: load [--connections 1..%d] [--depth 1..%d] [--seconds S] [--warmup S] [--pid SERVER] [--expect BYTES,...] "
            "[--reconnect] [--raw] [--probe] SOCKET PLAN", MAX_CONNECTIONS, MAX_DEPTH);
    }

    if (depth > 1 && (reconnect || (raw && step_count > 1))) {
        die("--depth goes with neither --reconnect nor a plan of several requests against --raw");
    }

    socket_path = arguments[optind];
    address = address_of(socket_path);
    read_plan(arguments[optind + 1], expect);
}

int main(int count, char **arguments)
{
    parse(count, arguments);
    stopping = probe;
    poller = epoll_create1(EPOLL_CLOEXEC);
    all = calloc((size_t)connections, sizeof *all);
    for (int i = 0; i < connections; i++) {
        all[i].number = i;
        open_connection(&all[i]);
    }

    drive_until(probe ? UINT64_MAX : now_ns() + (uint64_t)(warmup * 1e9));
    if (probe) {
        return 0;
    }

    memset(&latencies, 0, sizeof latencies);
    done = 0;
    double cpu = pid > 0 ? process_cpu_us(pid) : 0, own = process_cpu_us(getpid());
    uint64_t begun = now_ns();
    drive_until(begun + (uint64_t)(seconds * 1e9));
    double elapsed = (double)(now_ns() - begun) / 1e9;
    cpu = pid > 0 ? process_cpu_us(pid) - cpu : 0;
    own = process_cpu_us(getpid()) - own;
    long pss = pid > 0 ? process_pss_kib(pid) : 0;
    if (done == 0 || cpu < 0 || pss < 0) {
        die(done == 0 ? "no operation ended within the interval; measure longer" : "the server has died");
    }

    uint64_t counted = done;
    double p50 = histogram_at(&latencies, 0.5) / 1e3, p99 = histogram_at(&latencies, 0.99) / 1e3;
    stopping = 1; /* what is begun is ended, so that nothing stays open at the server */
    drive_until(UINT64_MAX);
    /* op/s, p50 us, p99 us, server CPU us/op, generator CPU us/op, server PSS KiB */
    printf("%.1f\t%.1f\t%.1f\t%.2f\t%.2f\t%ld\n", (double)counted / elapsed, p50, p99, cpu / (double)counted,
        own / (double)counted, pss);
    return 0;
}
