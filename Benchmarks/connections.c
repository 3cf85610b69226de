// Many connections that each have one request under way: the latency of an answer while others are busy.
//
//     connections HOST PORT TOPIC PARTITIONS [option value]...
//
//     --mode produce|fetch   what a request does: produce one batch (acks=all), or fetch from the start of a partition
//     --connections 200      connections, spread over the partitions
//     --seconds 5            time that is measured, after --warm seconds (1)
//     --rate 0               requests a second, all connections together; 0 sends the next one at once (a closed loop)
//     --bytes 150            bytes of a record's value
//     --records 1            records of a batch
//     --keys no|yes          whether each record of a connection's batch has a key of its own, for compacted topics
//     --fetch-bytes 16384    bytes that a fetch asks for
//
// Prints one line of JSON: requests, requests a second, and latencies in milliseconds. With a rate, a request's latency counts
// from when it was due, not from when its connection was free for it; so a server that stands still is not measured less
// often. One thread is enough: it does two system calls a request.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 10000,
    EVENTS_MAX = 1024,
    // Latencies are counted in steps of 10 microseconds, up to 10 seconds.
    STEP_NANOSECONDS = 10000,
    STEPS = 1000000,
    // What is kept of an answer: its length, and the fields up to the first partition's error code.
    HEAD_BYTES = 512,
};

struct connection {
    int socket;
    char *request;
    size_t request_bytes;
    size_t sent;            // Bytes of the request under way.
    size_t received;        // Bytes of its answer.
    int64_t due;            // When the request under way was due; 0 where there is none.
    int64_t asked, owed;    // With a rate: requests that were sent, and that were due so far.
    unsigned char head[HEAD_BYTES];
};

static const char *mode = "produce";
static int has_keys, connection_count = 200, value_bytes = 150, record_count = 1, fetch_bytes = 16384, partition_count;
static double seconds = 5, warm_seconds = 1, rate = 0;
static const char *topic;
static struct connection *connections;
static int epoll;
static uint32_t steps[STEPS];
static int64_t worst, measured, measure_from, measure_to, began;

static void fail(const char *what) {
    fprintf(stderr, "connections: %s: %s\n", what, errno ? strerror(errno) : "not as expected");
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// MARK: Requests

struct writer { char *bytes; size_t count; };

static void put(struct writer *to, const void *bytes, size_t count) {
    memcpy(to->bytes + to->count, bytes, count);
    to->count += count;
}
static void put8(struct writer *to, int8_t value) { put(to, &value, 1); }
static void put16(struct writer *to, int16_t value) { value = (int16_t)htobe16((uint16_t)value); put(to, &value, 2); }
static void put32(struct writer *to, int32_t value) { value = (int32_t)htobe32((uint32_t)value); put(to, &value, 4); }
static void put64(struct writer *to, int64_t value) { value = (int64_t)htobe64((uint64_t)value); put(to, &value, 8); }
static void put_text(struct writer *to, const char *text) {
    put16(to, (int16_t)strlen(text));
    put(to, text, strlen(text));
}
static void put_varint(struct writer *to, int32_t value) {
    uint32_t rest = ((uint32_t)value << 1) ^ (uint32_t)(value >> 31);
    for (; rest > 127; rest >>= 7) put8(to, (int8_t)(rest | 128));
    put8(to, (int8_t)rest);
}

static uint32_t crc32c(const char *bytes, size_t count) {
    uint32_t crc = ~0u;
    for (size_t i = 0; i < count; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0x82F63B78 & -(crc & 1));
    }
    return ~crc;
}

static size_t varint_bytes(int32_t value) {
    char bytes[5];
    struct writer to = {bytes, 0};
    put_varint(&to, value);
    return to.count;
}

// A batch in format 2; base offset, length, leader epoch and CRC come before what the CRC covers.
static void put_batch(struct writer *to, int connection) {
    size_t start = to->count, covered = start + 21;
    int64_t created = (int64_t)time(NULL) * 1000;
    put64(to, 0); put32(to, 0); put32(to, -1); put8(to, 2); put32(to, 0);
    put16(to, 0); put32(to, record_count - 1); put64(to, created); put64(to, created);
    put64(to, -1); put16(to, -1); put32(to, -1); put32(to, record_count);
    for (int i = 0; i < record_count; i++) {
        char key[32];
        int key_bytes = has_keys ? snprintf(key, sizeof key, "key-%d-%d", connection, i) : -1;
        size_t bytes = 2 + varint_bytes(i) + varint_bytes(key_bytes) + (size_t)(has_keys ? key_bytes : 0)
            + varint_bytes(value_bytes) + (size_t)value_bytes + 1;
        put_varint(to, (int32_t)bytes);
        put8(to, 0); put_varint(to, 0); put_varint(to, i);
        put_varint(to, key_bytes);
        if (has_keys) put(to, key, (size_t)key_bytes);
        put_varint(to, value_bytes);
        for (int j = 0; j < value_bytes; j++) put8(to, (int8_t)('a' + (i * 7 + j * 31) % 26));
        put_varint(to, 0);
    }
    struct writer length = {to->bytes + start + 8, 0}, checksum = {to->bytes + start + 17, 0};
    put32(&length, (int32_t)(to->count - start - 12));
    put32(&checksum, (int32_t)crc32c(to->bytes + covered, to->count - covered));
}

static int is_fetch(void) { return strcmp(mode, "fetch") == 0; }

static void make_request(int number) {
    struct connection *connection = &connections[number];
    int partition = number % partition_count;
    struct writer to = {malloc((size_t)(value_bytes + 64) * (size_t)record_count + 1024), 0};
    if (to.bytes == NULL) fail("memory");
    put32(&to, 0);
    put16(&to, is_fetch() ? 1 : 0); put16(&to, is_fetch() ? 11 : 7); put32(&to, partition); put_text(&to, "connections");
    if (is_fetch()) {
        put32(&to, -1); put32(&to, 500); put32(&to, 1); put32(&to, fetch_bytes); put8(&to, 0);
        put32(&to, 0); put32(&to, -1);  // No fetch session.
        put32(&to, 1); put_text(&to, topic); put32(&to, 1);
        put32(&to, partition); put32(&to, -1); put64(&to, 0); put64(&to, -1); put32(&to, fetch_bytes);
        put32(&to, 0); put_text(&to, "");
    } else {
        put16(&to, -1); put16(&to, -1); put32(&to, 30000);
        put32(&to, 1); put_text(&to, topic); put32(&to, 1); put32(&to, partition);
        size_t place = to.count;
        put32(&to, 0);
        put_batch(&to, number);
        struct writer length = {to.bytes + place, 0};
        put32(&length, (int32_t)(to.count - place - 4));
    }
    struct writer length = {to.bytes, 0};
    put32(&length, (int32_t)(to.count - 4));
    connection->request = to.bytes;
    connection->request_bytes = to.count;
}

// MARK: Connections

static struct addrinfo *resolve(const char *host, const char *port) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, port, &hints, &found) != 0) fail("address");
    return found;
}

static void watch(struct connection *connection, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(epoll, operation, connection->socket, &event) != 0) fail("epoll");
}

static void open_connection(int number, const struct addrinfo *address) {
    struct connection *connection = &connections[number];
    int yes = 1;
    connection->socket = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->socket < 0 || connect(connection->socket, address->ai_addr, address->ai_addrlen) != 0) fail("connect");
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    make_request(number);
    watch(connection, EPOLLIN, EPOLL_CTL_ADD);
}

// Sends what is left of the request; the rest when the socket takes it.
static void send_on(struct connection *connection) {
    int was_partial = connection->sent > 0;
    ssize_t count = send(connection->socket, connection->request + connection->sent,
                         connection->request_bytes - connection->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) fail("send");
    if (count > 0) connection->sent += (size_t)count;
    int is_partial = connection->sent < connection->request_bytes;
    if (is_partial != was_partial) watch(connection, is_partial ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
}

static void ask(struct connection *connection, int64_t due) {
    connection->due = due;
    connection->sent = connection->received = 0;
    connection->asked++;
    send_on(connection);
}

static int64_t due_time(int64_t turn, int64_t index) {
    return began + (int64_t)((double)(turn * connection_count + index) * 1e9 / rate);
}

static void check(const struct connection *connection) {
    size_t place = 4 + 4 + (is_fetch() ? 4 + 2 + 4 : 0) + 4 + 2 + strlen(topic) + 4 + 4;
    int16_t error;
    memcpy(&error, connection->head + place, sizeof error);
    if (error == 0) return;
    fprintf(stderr, "connections: the server answers with error %d\n", (int16_t)be16toh((uint16_t)error));
    exit(1);
}

static void answered(struct connection *connection, int64_t at) {
    check(connection);
    if (at >= measure_from && at < measure_to) {
        int64_t latency = at - connection->due, step = latency / STEP_NANOSECONDS;
        steps[step < STEPS ? step : STEPS - 1]++;
        if (latency > worst) worst = latency;
        measured++;
    }
    connection->due = 0;
    if (rate == 0) {
        ask(connection, now());
    } else if (connection->asked < connection->owed) {
        ask(connection, due_time(connection->asked, connection - connections));
    }
}

static void receive(struct connection *connection) {
    static unsigned char bytes[1 << 18];
    uint32_t length = UINT32_MAX;
    ssize_t count = recv(connection->socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) fail("the server closed a connection");
    size_t kept = connection->received < HEAD_BYTES ? HEAD_BYTES - connection->received : 0;
    if (kept > (size_t)count) kept = (size_t)count;
    memcpy(connection->head + connection->received, bytes, kept);
    connection->received += (size_t)count;
    if (connection->received < 4) return;
    memcpy(&length, connection->head, 4);
    if (connection->received == be32toh(length) + 4u) answered(connection, now());
}

// MARK: The run

// Asks what is due by now; returns the nanoseconds until the next request is.
static int64_t ask_due(void) {
    static int64_t turn, index;
    while (1) {
        int64_t time = due_time(turn, index), left = time - now();
        if (left > 0) return left;
        struct connection *connection = &connections[index];
        connection->owed++;
        if (connection->due == 0) ask(connection, time);
        if (++index == connection_count) { index = 0; turn++; }
    }
}

static double percentile(double part) {
    int64_t rank = (int64_t)((double)measured * part), seen = 0;
    for (int64_t step = 0; step < STEPS; step++) {
        seen += steps[step];
        if (seen > rank) return (double)(step + 1) * STEP_NANOSECONDS / 1e6;
    }
    return (double)worst / 1e6;
}

static void read_options(int count, char **values) {
    if (count < 5 || count % 2 == 0) {
        fprintf(stderr, "usage: connections HOST PORT TOPIC PARTITIONS [--mode produce|fetch] [--connections N] "
                        "[--seconds S] [--warm S] [--rate R] [--bytes B] [--records N] [--keys no|yes] "
                        "[--fetch-bytes B]\n");
        exit(64);
    }
    topic = values[3];
    partition_count = atoi(values[4]);
    for (int i = 5; i < count; i += 2) {
        const char *name = values[i], *value = values[i + 1];
        if (strcmp(name, "--mode") == 0) mode = value;
        else if (strcmp(name, "--connections") == 0) connection_count = atoi(value);
        else if (strcmp(name, "--seconds") == 0) seconds = atof(value);
        else if (strcmp(name, "--warm") == 0) warm_seconds = atof(value);
        else if (strcmp(name, "--rate") == 0) rate = atof(value);
        else if (strcmp(name, "--bytes") == 0) value_bytes = atoi(value);
        else if (strcmp(name, "--records") == 0) record_count = atoi(value);
        else if (strcmp(name, "--keys") == 0) has_keys = strcmp(value, "yes") == 0;
        else if (strcmp(name, "--fetch-bytes") == 0) fetch_bytes = atoi(value);
        else { fprintf(stderr, "connections: there is no option %s\n", name); exit(64); }
    }
    if (partition_count < 1 || connection_count < 1 || connection_count > CONNECTIONS_MAX || strlen(topic) > 249) {
        fprintf(stderr, "connections: 1 to %d connections, at least one partition, a topic's name\n", CONNECTIONS_MAX);
        exit(64);
    }
}

int main(int count, char **values) {
    read_options(count, values);
    struct addrinfo *address = resolve(values[1], values[2]);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    connections = calloc((size_t)connection_count, sizeof *connections);
    if (epoll < 0 || connections == NULL) fail("start");
    for (int i = 0; i < connection_count; i++) open_connection(i, address);
    began = now();
    measure_from = began + (int64_t)(warm_seconds * 1e9);
    measure_to = measure_from + (int64_t)(seconds * 1e9);
    if (rate == 0) for (int i = 0; i < connection_count; i++) ask(&connections[i], now());
    struct epoll_event events[EVENTS_MAX];
    for (int64_t time = began; time < measure_to; time = now()) {
        int64_t wait = rate > 0 ? ask_due() : 100000000;
        struct timespec timeout = {wait / 1000000000, wait % 1000000000};
        int ready = epoll_pwait2(epoll, events, EVENTS_MAX, &timeout, NULL);
        if (ready < 0 && errno != EINTR) fail("epoll");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) send_on(connection);
            if (events[i].events & ~(uint32_t)EPOLLOUT) receive(connection);
        }
    }
    // What still waits counts as well: a server that stands still at the end is not overlooked.
    for (int i = 0; i < connection_count; i++) {
        if (connections[i].due > 0 && measure_to - connections[i].due > worst) worst = measure_to - connections[i].due;
    }
    printf("{\"requests\": %lld, \"requestsPerSecond\": %.0f, \"p50\": %.2f, \"p99\": %.2f, \"p999\": %.2f, \"worst\": %.2f}\n",
           (long long)measured, (double)measured / seconds, percentile(0.5), percentile(0.99), percentile(0.999), (double)worst / 1e6);
    return 0;
}
