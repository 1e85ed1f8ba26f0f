/* SPDX-License-Identifier: MIT */
/* Named pipes between two processes: a message there and back, a transaction, a whole call with its
 * open and close, and a stream of large writes; each beside bare sockets that do the same work. */
#include <libcomm/pipes.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ours.h"

#define TRIPS 3000
#define CALLS 600
#define WARM_UP 100
#define BLOCK (1u << 20)
#define BLOCKS 200
#define QUOTA 65536u

/* ---- raw records ---- */

static void raw_echo(int fd)
{
    char message[BENCH_BYTES];

    while (read(fd, message, sizeof message) == BENCH_BYTES)
        bench_send(fd);
}

static struct bench_sample part_raw(unsigned count)
{
    struct bench_laps laps;
    int fd[2];
    pid_t peer;

    bench_need(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) == 0, "socketpair");
    peer = bench_peer_start(raw_echo, fd[1]);
    close(fd[1]);
    laps = bench_laps_new(count);
    for (unsigned i = 0; i < count + WARM_UP; i++) {
        bench_lap_begin(&laps);
        bench_send(fd[0]);
        bench_need(bench_receive(fd[0]), "read");
        if (i >= WARM_UP)
            bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    return bench_laps_done(&laps, 1);
}

/* ---- our server ---- */

static void name_of(char name[64], pid_t owner)
{
    snprintf(name, 64, "\\\\.\\pipe\\bench%d", (int)owner);
}

static HANDLE server_make(DWORD mode, pid_t owner)
{
    char name[64];
    HANDLE pipe;

    name_of(name, owner);
    pipe = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode,
                           PIPE_UNLIMITED_INSTANCES, QUOTA, QUOTA, 0, NULL);
    bench_check(pipe != INVALID_HANDLE_VALUE, "CreateNamedPipe");
    return pipe;
}

static void echo_client(HANDLE pipe, OVERLAPPED *ov)
{
    char message[BENCH_BYTES];
    DWORD count;

    while (bench_finish(pipe, ov, ReadFile(pipe, message, BENCH_BYTES, NULL, ov), &count))
        if (!bench_finish(pipe, ov, WriteFile(pipe, message, count, NULL, ov), &count))
            return;
}

/* Serves clients one after the other. */
static void *instance_serve(void *pipe)
{
    OVERLAPPED ov = {.hEvent = bench_event(TRUE)};
    DWORD count;

    for (;;) {
        if (!ConnectNamedPipe(pipe, &ov) && GetLastError() == ERROR_IO_PENDING)
            GetOverlappedResult(pipe, &ov, &count, TRUE);
        echo_client(pipe, &ov);
        DisconnectNamedPipe(pipe);
    }
    return NULL;
}

/* Two instances, so that one listens while the other lets go of its client.  A byte through fd says
 * that the pipe is there. */
static void echo_serve(int fd)
{
    HANDLE first = server_make(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, getppid());
    HANDLE second = server_make(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, getppid());
    pthread_t thread;

    bench_need(pthread_create(&thread, NULL, instance_serve, second) == 0, "pthread_create");
    bench_need(write(fd, "!", 1) == 1, "write");
    instance_serve(first);
}

static HANDLE client_open(DWORD flags)
{
    DWORD mode = PIPE_READMODE_MESSAGE;
    char name[64];
    HANDLE pipe;

    name_of(name, getpid());
    pipe = CreateFile(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, flags, NULL);
    bench_check(pipe != INVALID_HANDLE_VALUE, "CreateFile");
    SetNamedPipeHandleState(pipe, &mode, NULL, NULL);
    return pipe;
}

/* ---- a message there and back ---- */

static struct bench_sample part_message(unsigned count)
{
    char message[BENCH_BYTES] = "request", answer[BENCH_BYTES];
    pid_t peer = bench_server_start(echo_serve);
    HANDLE pipe = client_open(FILE_FLAG_OVERLAPPED);
    OVERLAPPED out = {.hEvent = bench_event(TRUE)}, in = {.hEvent = bench_event(TRUE)};
    struct bench_laps laps = bench_laps_new(count);
    DWORD n;

    for (unsigned i = 0; i < count + WARM_UP; i++) {
        bench_lap_begin(&laps);
        bench_check(bench_finish(pipe, &out, WriteFile(pipe, message, BENCH_BYTES, NULL, &out), &n),
                    "WriteFile");
        bench_check(bench_finish(pipe, &in, ReadFile(pipe, answer, BENCH_BYTES, NULL, &in), &n) &&
                        n == BENCH_BYTES,
                    "ReadFile");
        if (i >= WARM_UP)
            bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    return bench_laps_done(&laps, 1);
}

static struct bench_sample part_transact(unsigned count)
{
    char message[BENCH_BYTES] = "request", answer[BENCH_BYTES];
    pid_t peer = bench_server_start(echo_serve);
    HANDLE pipe = client_open(0);
    struct bench_laps laps = bench_laps_new(count);
    DWORD n;

    for (unsigned i = 0; i < count + WARM_UP; i++) {
        bench_lap_begin(&laps);
        bench_check(TransactNamedPipe(pipe, message, BENCH_BYTES, answer, BENCH_BYTES, &n, NULL) &&
                        n == BENCH_BYTES,
                    "TransactNamedPipe");
        if (i >= WARM_UP)
            bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    return bench_laps_done(&laps, 1);
}

/* ---- a whole call ---- */

static struct bench_sample part_call(unsigned count)
{
    char message[BENCH_BYTES] = "request", answer[BENCH_BYTES], name[64];
    pid_t peer = bench_server_start(echo_serve);
    struct bench_laps laps = bench_laps_new(count);
    DWORD n;

    name_of(name, getpid());
    for (unsigned i = 0; i < count; i++) {
        bench_lap_begin(&laps);
        bench_check(CallNamedPipe(name, message, BENCH_BYTES, answer, BENCH_BYTES, &n,
                                  NMPWAIT_WAIT_FOREVER),
                    "CallNamedPipe");
        bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    return bench_laps_done(&laps, 1);
}

#define PASSED 4 /* data, page and two bells */

static struct sockaddr_un door_of(pid_t owner)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof address.sun_path, "%s/door%d", bench_directory(), (int)owner);
    return address;
}

static void pass(int to, const int fd[PASSED])
{
    char reply[96] = "";
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(PASSED * sizeof(int))] = "";
    struct iovec iov = {reply, sizeof reply};
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&m);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(PASSED * sizeof(int));
    memcpy(CMSG_DATA(head), fd, PASSED * sizeof(int));
    bench_need(sendmsg(to, &m, 0) == sizeof reply, "sendmsg");
}

static void take(int from, int fd[PASSED])
{
    char reply[96];
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(PASSED * sizeof(int))];
    struct iovec iov = {reply, sizeof reply};
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};

    bench_need(recvmsg(from, &m, 0) == sizeof reply, "recvmsg");
    memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), PASSED * sizeof(int));
}

/* What opening takes between two processes, with nothing around it. */
static void bare_serve(int ready)
{
    struct sockaddr_un address = door_of(getppid());
    int door = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    char request[96], message[BENCH_BYTES];

    bench_need(bind(door, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    bench_need(listen(door, 16) == 0 && write(ready, "!", 1) == 1, "listen");
    for (;;) {
        int caller = accept(door, NULL, NULL), pair[2], fd[PASSED];

        bench_need(caller >= 0 && read(caller, request, sizeof request) == sizeof request, "read");
        bench_need(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0, "socketpair");
        fd[0] = pair[1];
        fd[1] = memfd_create("bench", MFD_CLOEXEC);
        bench_need(ftruncate(fd[1], 4096) == 0, "ftruncate");
        fd[2] = eventfd(0, EFD_CLOEXEC);
        fd[3] = eventfd(0, EFD_CLOEXEC);
        pass(caller, fd);
        for (int i = 0; i < PASSED; i++)
            close(fd[i]);
        close(caller);
        bench_need(read(pair[0], message, sizeof message) == BENCH_BYTES, "read");
        bench_send(pair[0]);
        bench_need(read(pair[0], message, sizeof message) == 0, "read");
        close(pair[0]);
    }
}

static void bare_call(void)
{
    struct sockaddr_un address = door_of(getpid());
    int door = socket(AF_UNIX, SOCK_SEQPACKET, 0), fd[PASSED];
    char request[96] = "";
    void *page;

    bench_need(connect(door, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    bench_need(write(door, request, sizeof request) == sizeof request, "write");
    take(door, fd);
    close(door);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd[1], 0);
    bench_need(page != MAP_FAILED, "mmap");
    bench_send(fd[0]);
    bench_need(bench_receive(fd[0]), "read");
    munmap(page, 4096);
    for (int i = 0; i < PASSED; i++)
        close(fd[i]);
}

static struct bench_sample part_bare_call(unsigned count)
{
    pid_t peer = bench_server_start(bare_serve);
    struct bench_laps laps = bench_laps_new(count);

    for (unsigned i = 0; i < count; i++) {
        bench_lap_begin(&laps);
        bare_call();
        bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    unlink(door_of(getpid()).sun_path);
    return bench_laps_done(&laps, 1);
}

/* ---- large writes ---- */

static char block[BLOCK];

static void raw_sink(int fd)
{
    while (read(fd, block, BLOCK) > 0)
        ;
}

static struct bench_sample part_raw_stream(unsigned count)
{
    struct bench_laps laps;
    int fd[2];
    pid_t peer;

    bench_stream_pair(fd);
    peer = bench_peer_start(raw_sink, fd[1]);
    close(fd[1]);
    laps = bench_laps_new(count);
    for (unsigned i = 0; i < count; i++) {
        size_t done = 0;

        bench_lap_begin(&laps);
        while (done < BLOCK) {
            ssize_t n = write(fd[0], block + done, BLOCK - done);

            bench_need(n > 0, "write");
            done += (size_t)n;
        }
        bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    return bench_laps_done(&laps, 1);
}

static void our_sink(int fd)
{
    HANDLE pipe = server_make(PIPE_TYPE_BYTE, getppid());
    OVERLAPPED ov = {.hEvent = bench_event(TRUE)};
    DWORD n;

    bench_need(write(fd, "!", 1) == 1, "write");
    if (!ConnectNamedPipe(pipe, &ov) && GetLastError() == ERROR_IO_PENDING)
        GetOverlappedResult(pipe, &ov, &n, TRUE);
    while (bench_finish(pipe, &ov, ReadFile(pipe, block, BLOCK, NULL, &ov), &n))
        ;
}

static struct bench_sample part_stream(unsigned count)
{
    pid_t peer = bench_server_start(our_sink);
    char name[64];
    OVERLAPPED ov = {.hEvent = bench_event(TRUE)};
    struct bench_laps laps = bench_laps_new(count);
    HANDLE pipe;
    DWORD n;

    name_of(name, getpid());
    pipe = CreateFile(name, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    bench_check(pipe != INVALID_HANDLE_VALUE, "CreateFile");
    for (unsigned i = 0; i < count; i++) {
        bench_lap_begin(&laps);
        bench_check(bench_finish(pipe, &ov, WriteFile(pipe, block, BLOCK, NULL, &ov), &n) &&
                        n == BLOCK,
                    "WriteFile");
        bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    return bench_laps_done(&laps, 1);
}

/* ---- figures ---- */

static void show(const struct bench_table *t, const char *name, unsigned part, unsigned floor,
                 enum bench_field field)
{
    bench_figure(name, bench_ratio(t, part, floor, field), "%.2f us; bare %.2f us",
                 bench_median(t, part, field) / 1e3, bench_median(t, floor, field) / 1e3);
}

static void figures_of_messages(void)
{
    static bench_part *const part[] = {part_raw, part_message, part_transact};
    struct bench_table pinned = bench_rounds(part, 3, TRIPS, BENCH_PINNED);
    struct bench_table anywhere = bench_rounds(part, 3, TRIPS, BENCH_ANYWHERE);

    show(&pinned, "pipe.message", 1, 0, BENCH_NS);
    show(&pinned, "pipe.transact", 2, 0, BENCH_NS);
    show(&anywhere, "pipe.message.unpinned", 1, 0, BENCH_NS);
}

static void figures_of_calls(void)
{
    static bench_part *const part[] = {part_bare_call, part_call};
    struct bench_table t = bench_rounds(part, 2, CALLS, BENCH_PINNED);

    show(&t, "pipe.call", 1, 0, BENCH_NS);
}

static void figures_of_streams(void)
{
    static bench_part *const part[] = {part_raw_stream, part_stream};
    struct bench_table t = bench_rounds(part, 2, BLOCKS, BENCH_ANYWHERE);

    show(&t, "pipe.stream", 1, 0, BENCH_NS);
    show(&t, "pipe.stream.cpu", 1, 0, BENCH_CPU);
}

int main(int argc, char **argv)
{
    bench_begin(argc, argv);
    setenv("LIBCOMM_PIPE_DIR", bench_directory(), 1);
    figures_of_messages();
    figures_of_calls();
    figures_of_streams();
    return bench_end();
}
