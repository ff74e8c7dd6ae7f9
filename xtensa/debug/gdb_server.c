#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xtensa/debug/gdb.h"

enum { SLICE = 1 << 20 /* instructions between polls of the socket */ };

static int listen_on(unsigned port, unsigned *actual, mote_error *error)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s >= 0)
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (s < 0 || bind(s, (const struct sockaddr *)&address, sizeof address) != 0 || listen(s, 1) != 0 ||
        getsockname(s, (struct sockaddr *)&address, &size) != 0) {
        mote_fail(error, MOTE_E_INPUT, "port %u of 127.0.0.1 cannot be listened on: %s; choose another with --gdb=PORT",
                  port, strerror(errno));
        if (s >= 0)
            close(s);
        return -1;
    }
    *actual = ntohs(address.sin_port);
    return s;
}

static bool send_all(int s, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(s, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* Receives bytes and sends the replies. Returns false when the connection has ended or is to be closed. */
static bool receive(mote_xt_gdb *g, int s)
{
    uint8_t bytes[4096];
    ssize_t got = recv(s, bytes, sizeof bytes, 0);
    if (got < 0 && errno == EINTR)
        return true;
    for (ssize_t at = 0; at < got;) {
        at += (ssize_t)mote_xt_gdb_input(g, bytes + at, (size_t)(got - at));
        if (!send_all(s, g->reply, g->reply_size) || g->finished)
            return false;
    }
    return got > 0;
}

static void serve(mote_xt_gdb *g, int s)
{
    for (;;) {
        struct pollfd event = {.fd = s, .events = POLLIN};
        int ready = poll(&event, 1, g->running ? 0 : -1);
        if (ready > 0 && !receive(g, s))
            return;
        if (!g->running)
            continue;
        mote_xt_gdb_advance(g, SLICE);
        if (!send_all(s, g->reply, g->reply_size))
            return;
    }
}

static bool serve_one(mote_xt_gdb *g, mote_xt_program *program, int listener, mote_error *error)
{
    int one = 1, s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (s < 0)
        return mote_fail(error, MOTE_E_INPUT, "gdb could not connect: %s", strerror(errno));
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    mote_xt_gdb_begin(g, program);
    serve(g, s);
    close(s);
    return true;
}

bool mote_xt_gdb_serve(mote_xt_program *program, unsigned port, FILE *log, mote_error *error)
{
    unsigned actual;
    int listener = listen_on(port, &actual, error);
    if (listener < 0)
        return false;
    fprintf(log, "waiting for gdb: target remote :%u\n", actual);
    fflush(log);
    mote_xt_gdb g;
    do {
        if (!serve_one(&g, program, listener, error)) {
            close(listener);
            return false;
        }
        if (g.refused)
            fputs("refused a connection that does not speak gdb's protocol\n", log);
    } while (g.refused);
    close(listener);
    return true;
}
