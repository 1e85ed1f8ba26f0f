/* SPDX-License-Identifier: MIT */
/* A server's end whose client writes into page, socket and bell whatever the input says, between
 * the server's calls.  These return, within what they were asked for; and the next client gets in.
 */
#include "fuzz.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libcomm/pipes.h>

#include "libcomm/plat/sys.h"
#include "pipes/link.h"
#include "pipes/pipe.h"

enum { QUOTA = 256, ROOM = 1024 };

/* One pipe of bytes and one of messages, for the whole run. */
static struct served {
    HANDLE server;
    struct pi_name name;
    OVERLAPPED connect;
} served[2];

struct fuzz {
    struct fuzz_input in;
    struct served *at;
    struct pi_opened client;
};

static char directory[] = "/tmp/libcomm-fuzz.XXXXXX";

static void directory_remove(void)
{
    for (int i = 0; i < 2; i++)
        CloseHandle(served[i].server);
    (void)rmdir(directory);
}

static void serve(struct served *s, const char *path, DWORD mode)
{
    s->server = CreateNamedPipeA(path, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, 1, QUOTA,
                                 QUOTA, 0, NULL);
    FUZZ_MUST(s->server != INVALID_HANDLE_VALUE);
    FUZZ_MUST(pi_name_parse(path, &s->name) == PI_NAME_GOOD);
}

static void begin(void)
{
    if (served[0].server != NULL)
        return;
    FUZZ_MUST(mkdtemp(directory) != NULL);
    setenv("LIBCOMM_PIPE_DIR", directory, 1);
    setenv("TMPDIR", directory, 1);
    serve(&served[0], "\\\\.\\pipe\\bytes", PIPE_TYPE_BYTE);
    serve(&served[1], "\\\\.\\pipe\\messages", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    atexit(directory_remove);
}

/* ---- what the client does ---- */

static void do_word(struct fuzz *f)
{
    static const uint64_t likely[] = {0, 1, QUOTA, UINT32_MAX, INT64_MAX, UINT64_MAX};
    _Atomic uint64_t *words = (_Atomic uint64_t *)(void *)f->client.link->page;
    _Atomic uint64_t *word = &words[fuzz_number(&f->in, 2) % (sizeof(struct pi_page) / 8)];
    uint8_t how = fuzz_byte(&f->in);

    if (how < 0x60)
        atomic_store(word, likely[how % (sizeof likely / sizeof likely[0])]);
    else if (how < 0xC0)
        atomic_fetch_add(word, (uint64_t)(how % 8) - 3);
    else
        atomic_store(word, fuzz_number(&f->in, 8));
}

static void do_send(struct fuzz *f)
{
    char bytes[ROOM];
    size_t len = fuzz_byte(&f->in) * 2u;

    memset(bytes, fuzz_byte(&f->in), sizeof bytes);
    (void)send(f->client.fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (f->client.message)
        atomic_fetch_add(&f->client.link->page->flow[0].records_sent, 1);
    atomic_fetch_add(&f->client.link->page->flow[0].bytes_sent, len);
}

static void do_receive(struct fuzz *f)
{
    char bytes[ROOM];
    ssize_t n = recv(f->client.fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n > 0)
        atomic_fetch_add(&f->client.link->page->flow[1].bytes_consumed, (uint64_t)n);
}

static void do_ring(struct fuzz *f)
{
    (void)send(f->client.link->bell[PI_CLIENT], "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void do_shut(struct fuzz *f)
{
    uint8_t how = fuzz_byte(&f->in);

    if (how < 0x40)
        (void)shutdown(f->client.fd, how % 3 == 0 ? SHUT_RD : how % 3 == 1 ? SHUT_WR : SHUT_RDWR);
}

/* ---- what the server does ---- */

static void do_peek(struct fuzz *f)
{
    char bytes[ROOM];
    DWORD len = fuzz_byte(&f->in) * 4u, got = 0;

    if (PeekNamedPipe(f->at->server, bytes, len, &got, NULL, NULL))
        FUZZ_MUST(got <= len);
}

/* What pends is taken back at once. */
static void ended(struct fuzz *f, OVERLAPPED *ov, BOOL done, DWORD len)
{
    DWORD n = 0;

    if (!done && GetLastError() == ERROR_IO_PENDING) {
        (void)CancelIoEx(f->at->server, ov);
        done = GetOverlappedResult(f->at->server, ov, &n, TRUE);
    }
    FUZZ_MUST(n <= len && ov->InternalHigh <= len);
}

static void do_read(struct fuzz *f)
{
    char bytes[ROOM];
    DWORD len = fuzz_byte(&f->in) * 4u;
    OVERLAPPED ov = {0};

    ended(f, &ov, ReadFile(f->at->server, bytes, len, NULL, &ov), len);
}

static void do_write(struct fuzz *f)
{
    char bytes[ROOM] = "";
    DWORD len = fuzz_byte(&f->in) * 4u;
    OVERLAPPED ov = {0};

    ended(f, &ov, WriteFile(f->at->server, bytes, len, NULL, &ov), len);
}

static void do_mode(struct fuzz *f)
{
    DWORD mode = fuzz_byte(&f->in) % 4;

    (void)SetNamedPipeHandleState(f->at->server, &mode, NULL, NULL);
}

static void do_transact(struct fuzz *f)
{
    char bytes[ROOM] = "";
    DWORD len = fuzz_byte(&f->in);
    OVERLAPPED ov = {0};

    ended(f, &ov, TransactNamedPipe(f->at->server, bytes, len, bytes, len, NULL, &ov), len);
}

static void (*const calls[])(struct fuzz *) = {
    do_word, do_read, do_word,    do_write, do_send, do_peek, do_word,     do_receive,
    do_ring, do_mode, do_receive, do_shut,  do_send, do_read, do_transact, do_word,
};

/* ---- a connection ---- */

static void come_in(struct fuzz *f)
{
    struct pi_caller caller = {
        .access = FILE_READ_DATA | FILE_WRITE_DATA,
        .who = {ci_sys_pid(), ci_sys_uid(), ci_sys_gid()},
        .outward = true
    };

    FUZZ_MUST(pi_pipe_open(&f->at->name, &caller, &f->client) == 0);
    FUZZ_MUST(f->client.link->bell[PI_CLIENT] >= 0);
}

static void leave(struct fuzz *f)
{
    DWORD mode = PIPE_WAIT;

    close(f->client.fd);
    pi_link_bell_sent(f->client.link, PI_CLIENT); /* let go of */
    do_read(f);
    do_write(f);
    pi_link_put(f->client.link);
    FUZZ_MUST(DisconnectNamedPipe(f->at->server));
    FUZZ_MUST(SetNamedPipeHandleState(f->at->server, &mode, NULL, NULL));
    FUZZ_MUST(!ConnectNamedPipe(f->at->server, &f->at->connect) &&
              GetLastError() == ERROR_IO_PENDING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = {
        .in = {data, data + size}
    };

    begin();
    f.at = &served[fuzz_byte(&f.in) % 2];
    come_in(&f);
    for (int i = 0; i < 200 && f.in.at < f.in.end; i++)
        calls[fuzz_byte(&f.in) % (sizeof calls / sizeof calls[0])](&f);
    leave(&f);
    return 0;
}
