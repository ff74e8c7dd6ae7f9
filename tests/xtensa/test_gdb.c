/* Tests of the gdb server: order of the registers, memory, breakpoints, stepping, and invalid packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/xtensa/tiny_program.h"
#include "xtensa/debug/gdb.h"
#include "xtensa/debug/gdb_registers.h"

typedef struct fixture {
    mote_xt_program program;
    mote_xt_gdb gdb;
    char answer[MOTE_XT_GDB_PACKET + 1];
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    mote_error error = {0};
    if (!mote_xt_program_open_bytes(&f->program, tiny_file(tiny_square, TINY_COUNT(tiny_square)), "tiny",
                                    MOTE_XT_ESP32S3, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return -1;
    }
    mote_xt_gdb_begin(&f->gdb, &f->program);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    mote_xt_program_close(&f->program);
    free(f);
    return 0;
}

/* Extracts the content of "+$content#xx" and checks the frame. */
static void unframe(fixture *f)
{
    const char *reply = f->gdb.reply, *end = reply + f->gdb.reply_size;
    unsigned sum = 0;
    size_t size = 0;
    f->answer[0] = '\0';
    if (reply < end && *reply == '+')
        reply++;
    if (reply == end)
        return;
    assert_int_equal(*reply++, '$');
    for (; reply < end && *reply != '#'; reply++) {
        sum += (uint8_t)*reply;
        f->answer[size++] = *reply;
    }
    f->answer[size] = '\0';
    char tail[4];
    snprintf(tail, sizeof tail, "#%02x", sum & 0xff);
    assert_int_equal(end - reply, 3);
    assert_memory_equal(reply, tail, 3);
}

static const char *ask(fixture *f, const char *content)
{
    char packet[MOTE_XT_GDB_PACKET + 8];
    unsigned sum = 0;
    for (const char *c = content; *c; c++)
        sum += (uint8_t)*c;
    int size = snprintf(packet, sizeof packet, "$%s#%02x", content, sum & 0xff);
    assert_int_equal(mote_xt_gdb_input(&f->gdb, (const uint8_t *)packet, (size_t)size), size);
    unframe(f);
    for (int i = 0; f->gdb.running && i < 1000; i++) {
        mote_xt_gdb_advance(&f->gdb, 1000);
        unframe(f);
    }
    assert_false(f->gdb.running);
    return f->answer;
}

/* Compares the table of registers with the reference: number, offset, size and name of each. */
static void register_layout(void **state)
{
    (void)state;
    FILE *reference = fopen(MOTE_SHARED_DIR "/xtensa/gdb_registers.tsv", "r");
    if (!reference) {
        print_message("SKIPPED: xtensa/gdb_registers.tsv not present\n");
        skip();
    }
    char line[256], name[32], own[MOTE_XT_GDB_NAME];
    unsigned number, offset, size, seen = 0;
    while (fgets(line, sizeof line, reference)) {
        if (sscanf(line, "%u %u %u %31s", &number, &offset, &size, name) != 4)
            continue;
        size_t own_offset = 0;
        assert_int_equal(mote_xt_gdb_register(number, &own_offset, own), size);
        assert_int_equal(own_offset, offset);
        assert_string_equal(own, name);
        seen++;
    }
    fclose(reference);
    assert_int_equal(seen, MOTE_XT_GDB_REGISTERS);
    assert_int_equal(mote_xt_gdb_register(MOTE_XT_GDB_REGISTERS, NULL, NULL), 0);
}

static void registers(void **state)
{
    fixture *f = *state;
    const char *g = ask(f, "g");
    assert_int_equal(strlen(g), 2 * MOTE_XT_GDB_BYTES);
    assert_memory_equal(g, "00003b40", 8);            /* pc, little endian */
    assert_string_equal(ask(f, "P3=78563412"), "OK"); /* ar2 */
    assert_int_equal(mote_xt_get(f->program.machine, "a2"), 0x12345678);
    assert_string_equal(ask(f, "p3"), "78563412");
    assert_string_equal(ask(f, "P78=000102030405060708090a0b0c0d0e0f"), "OK"); /* q0 */
    assert_string_equal(ask(f, "p78"), "000102030405060708090a0b0c0d0e0f");
    assert_string_equal(ask(f, "P67=12000000"), "OK"); /* accx_1: bits 32..39 */
    assert_string_equal(ask(f, "P66=efbeadde"), "OK");
    uint64_t accx = 0;
    mote_xt_register_read(f->program.machine, mote_xt_register_find("accx"), &accx);
    assert_true(accx == 0x12deadbeefu);
    char all[2 * MOTE_XT_GDB_BYTES + 2];
    snprintf(all, sizeof all, "G%s", ask(f, "g"));
    memcpy(all + 1 + 2 * 12, "01000000", 8); /* ar2 again, through G */
    assert_string_equal(ask(f, all), "OK");
    assert_int_equal(mote_xt_get(f->program.machine, "a2"), 1);
    assert_string_equal(ask(f, "p78"), "000102030405060708090a0b0c0d0e0f");
    assert_string_equal(ask(f, "p80"), "E01");
    assert_string_equal(ask(f, "P3=12"), "E01");
}

static void memory(void **state)
{
    fixture *f = *state;
    assert_string_equal(ask(f, "m3fc90000,4"), "f8f9fafb");
    assert_string_equal(ask(f, "M3fc90001,2:abcd"), "OK");
    assert_string_equal(ask(f, "m3fc90000,4"), "f8abcdfb");
    assert_string_equal(ask(f, "X3fc90000,3:a}\x03z"), "OK"); /* 0x61, escaped 0x23, 0x7a */
    assert_string_equal(ask(f, "m3fc90000,4"), "61237afb");
    assert_string_equal(ask(f, "m10,4"), "E0e");
    assert_string_equal(ask(f, "m3fc90000,ffffffff"), "E01");
    assert_string_equal(ask(f, "M3fc90000,4:12"), "E01");
}

static void running(void **state)
{
    fixture *f = *state;
    assert_string_equal(ask(f, "?"), "T05");
    assert_string_equal(ask(f, "s"), "T05");
    assert_int_equal(mote_xt_get(f->program.machine, "pc"), TINY_CODE + 3);
    const mote_xt_elf_symbol *square = mote_xt_elf_symbol_find(&f->program.elf, "square");
    char packet[64];
    snprintf(packet, sizeof packet, "Z0,%x,3", square->value);
    assert_string_equal(ask(f, packet), "OK");
    assert_string_equal(ask(f, "vCont;c"), "T05");
    assert_int_equal(mote_xt_get(f->program.machine, "pc"), square->value);
    assert_string_equal(ask(f, "Z2,3fc90010,4"), "OK");
    assert_string_equal(ask(f, "c"), "T05watch:3fc90010;"); /* continues from the breakpoint at the pc */
    assert_string_equal(ask(f, "m3fc90010,4"), "31000000");
    packet[0] = 'z';
    assert_string_equal(ask(f, packet), "OK");
    assert_string_equal(ask(f, "z2,3fc90010,4"), "OK");
    assert_string_equal(ask(f, "vCont;c"), "W31");
    assert_string_equal(ask(f, "D"), "OK");
    assert_true(f->gdb.finished);
}

static void stepping_back(void **state)
{
    fixture *f = *state;
    mote_error error;
    assert_string_equal(ask(f, "bs"), "T05replaylog:begin;");
    assert_true(mote_xt_program_history(&f->program, &error));
    assert_non_null(strstr(ask(f, "qSupported:swbreak+"), "ReverseStep+"));
    assert_string_equal(ask(f, "s"), "T05");
    assert_string_equal(ask(f, "s"), "T05");
    assert_string_equal(ask(f, "p3"), "07000000");
    assert_string_equal(ask(f, "bs"), "T05");
    assert_string_equal(ask(f, "p3"), "00000000");
    assert_int_equal(mote_xt_get(f->program.machine, "pc"), TINY_CODE + 3);
    assert_string_equal(ask(f, "bs"), "T05");
    assert_string_equal(ask(f, "bs"), "T05replaylog:begin;");
    assert_string_equal(ask(f, "c"), "W31");
    assert_string_equal(ask(f, "Z0,403b0028,3"), "OK"); /* square */
    assert_string_equal(ask(f, "bc"), "T05");
    assert_int_equal(mote_xt_get(f->program.machine, "pc"), TINY_CODE + 0x28);
    assert_int_equal(mote_xt_get(f->program.machine, "a2"), 7);
    assert_string_equal(ask(f, "bc"), "T05replaylog:begin;");
}

static void interrupting(void **state)
{
    fixture *f = *state;
    static const uint8_t loop[] = {0x06, 0xff, 0xff}; /* j . */
    assert_true(mote_xt_write(f->program.machine, TINY_CODE, loop, sizeof loop));
    static const uint8_t go[] = "$c#63";
    mote_xt_gdb_input(&f->gdb, go, 5);
    assert_true(f->gdb.running);
    mote_xt_gdb_advance(&f->gdb, 10000);
    assert_true(f->gdb.running);
    mote_xt_gdb_input(&f->gdb, (const uint8_t *)"\x03", 1);
    mote_xt_gdb_advance(&f->gdb, 10000);
    unframe(f);
    assert_string_equal(f->answer, "T02");
}

static void monitor(void **state)
{
    fixture *f = *state;
    assert_non_null(strstr(ask(f, "qRcmd,68656c70"), "6d6f6e69746f72")); /* help: "monitor ..." */
    assert_string_equal(ask(f, "qRcmd,6"), ask(f, "qRcmd,"));
    ask(f, "s");
    ask(f, "qRcmd,7265736574"); /* reset */
    assert_int_equal(mote_xt_get(f->program.machine, "pc"), TINY_CODE);
}

static void damaged_packets(void **state)
{
    fixture *f = *state;
    mote_xt_gdb_input(&f->gdb, (const uint8_t *)"$g#00", 5);
    assert_int_equal(f->gdb.reply_size, 1);
    assert_int_equal(f->gdb.reply[0], '-');
    assert_string_equal(ask(f, "vMustReplyEmpty"), "");
    assert_string_equal(ask(f, "!"), "");
    uint8_t *long_one = malloc(100000);
    memset(long_one, 'm', 100000);
    long_one[0] = '$';
    size_t taken = mote_xt_gdb_input(&f->gdb, long_one, 100000);
    assert_int_equal(taken, 100000);
    mote_xt_gdb_input(&f->gdb, (const uint8_t *)"#00", 3);
    assert_int_equal(f->gdb.reply[0], '-');
    free(long_one);
    assert_string_equal(ask(f, "QStartNoAckMode"), "OK");
    mote_xt_gdb_input(&f->gdb, (const uint8_t *)"$?#00", 5);
    assert_int_equal(f->gdb.reply[0], '$');
}

/* The target description, read in parts, lists every register with its number and size. */
static void target_description(void **state)
{
    fixture *f = *state;
    static char text[32768];
    assert_non_null(strstr(ask(f, "qSupported"), "qXfer:features:read+"));
    for (unsigned piece = 7; piece < 10000; piece = piece * 37 + 1) {
        size_t size = 0;
        const char *answer;
        do {
            char packet[64];
            snprintf(packet, sizeof packet, "qXfer:features:read:target.xml:%zx,%x", size, piece);
            answer = ask(f, packet);
            assert_true(strlen(answer + 1) <= piece);
            assert_true(size + strlen(answer) < sizeof text);
            strcpy(text + size, answer + 1);
            size += strlen(answer + 1);
        } while (*answer == 'm');
        assert_int_equal(*answer, 'l');
        assert_non_null(strstr(text, "<architecture>xtensa</architecture>"));
        assert_string_equal(text + size - strlen("</target>\n"), "</target>\n");
        for (unsigned i = 0; i < MOTE_XT_GDB_REGISTERS; i++) {
            char name[MOTE_XT_GDB_NAME], line[128];
            size_t bytes = mote_xt_gdb_register(i, NULL, name);
            snprintf(line, sizeof line, "<reg name=\"%s\" bitsize=\"%zu\" regnum=\"%u\" ", name, 8 * bytes, i);
            assert_non_null(strstr(text, line));
        }
    }
    assert_string_equal(ask(f, "qXfer:features:read:target.xml:ffffffff,10"), "l");
    assert_string_equal(ask(f, "qXfer:features:read:target.xml:0,0"), "m");
    assert_string_equal(ask(f, "qXfer:features:read:target.xml:0"), "E01");
    assert_string_equal(ask(f, "qXfer:features:read:other.xml:0,10"), "E00");
}

/* Sends a packet and reads the reply up to the end of one packet. */
static void exchange(int s, const char *packet, char *reply, size_t size)
{
    size_t got = 0;
    assert_int_equal(send(s, packet, strlen(packet), 0), strlen(packet));
    do {
        ssize_t n = recv(s, reply + got, size - 1 - got, 0);
        assert_true(n > 0);
        got += (size_t)n;
        reply[got] = '\0';
    } while (!strchr(reply, '#') || strlen(strchr(reply, '#')) < 3);
}

/* A web page can make a browser send any text in the body of a request; the server closes the connection at its first
 * line. */
static void http_is_refused(int s)
{
    char reply[64];
    static const char request[] = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n\r\n"
                                  "$QStartNoAckMode#b0+$P3=78563412#64$M3fc90000,4:01020304#66$c#63";
    assert_int_equal(send(s, request, strlen(request), 0), strlen(request));
    assert_true(recv(s, reply, sizeof reply, 0) <= 0);
    close(s);
}

static int connect_to(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(s, (const struct sockaddr *)&address, sizeof address), 0);
    return s;
}

static void only_gdb_is_heard(void **state)
{
    fixture *f = *state;
    static const char *const requests[] = {"GET / HTTP/1.1\r\n\r\n$P3=78563412#64", " $P3=78563412#64",
                                           "\n$P3=78563412#64"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        mote_xt_gdb_begin(&f->gdb, &f->program);
        size_t size = strlen(requests[i]);
        for (size_t at = 0, step = 1; at < size && step; at += step) {
            step = mote_xt_gdb_input(&f->gdb, (const uint8_t *)requests[i] + at, size - at);
            assert_int_equal(f->gdb.reply_size, 0);
        }
        assert_true(f->gdb.refused && f->gdb.finished);
        assert_int_equal(mote_xt_get(f->program.machine, "a2"), 0);
    }
    mote_xt_gdb_begin(&f->gdb, &f->program);
    mote_xt_gdb_input(&f->gdb, (const uint8_t *)"+-\x03", 3);
    assert_string_equal(ask(f, "P3=78563412"), "OK");
}

static void over_a_socket(void **state)
{
    fixture *f = *state;
    int log[2];
    unsigned port = 0;
    assert_int_equal(pipe(log), 0);
    pid_t child = fork();
    if (child == 0) {
        mote_error error;
        FILE *to = fdopen(log[1], "w");
        _exit(to && mote_xt_gdb_serve(&f->program, 0, to, &error) ? 0 : 1);
    }
    close(log[1]);
    FILE *from = fdopen(log[0], "r");
    assert_int_equal(fscanf(from, "waiting for gdb: target remote :%u", &port), 1);
    http_is_refused(connect_to(port));
    int s = connect_to(port), status = -1;
    char reply[8192];
    exchange(s, "$?#3f", reply, sizeof reply);
    assert_string_equal(reply, "+$T05#b9");
    exchange(s, "+$p3#a3", reply, sizeof reply);
    assert_string_equal(reply, "+$00000000#80");
    exchange(s, "+$m3fc90000,4#c2", reply, sizeof reply);
    assert_string_equal(reply, "+$f8f9fafb#cc");
    exchange(s, "+$c#63", reply, sizeof reply);
    assert_non_null(strstr(reply, "$W31#"));
    close(s);
    fclose(from);
    waitpid(child, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 0);
}

static uint32_t random_state = 1;

static uint32_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

/* Sends packets with valid checksums and random contents from parts of the protocol, and random bytes between them. */
static void fuzz(void **state)
{
    static const char *const pieces[] = {"g",
                                         "G",
                                         "p",
                                         "P",
                                         "m",
                                         "M",
                                         "X",
                                         "Z0",
                                         "z0",
                                         "Z2",
                                         "z4",
                                         "Z3",
                                         "s",
                                         "c",
                                         "C05",
                                         "vCont;",
                                         "vCont?",
                                         "qSupported",
                                         "qRcmd,",
                                         "qXfer:features:read:",
                                         "target.xml:",
                                         "H",
                                         "?",
                                         ",",
                                         ":",
                                         ";",
                                         "=",
                                         "}",
                                         "3fc90000",
                                         "403b0000",
                                         "ffffffff",
                                         "4",
                                         "1000",
                                         "0",
                                         "bs",
                                         "bc",
                                         "7265736574",
                                         "70726f66696c65",
                                         "6379636c6573",
                                         "6261636b7472616365"};
    enum { PIECES = sizeof pieces / sizeof pieces[0], ROUNDS = 4000 };
    fixture *f = *state;
    mote_error error;
    assert_true(mote_xt_program_history(&f->program, &error));
    f->program.semihost.in = f->program.semihost.out = f->program.semihost.err = NULL;
    for (int round = 0; round < ROUNDS; round++) {
        char content[512] = "";
        unsigned sum = 0;
        for (uint32_t n = random_number() % 6; n-- > 0;)
            strcat(content, pieces[random_number() % PIECES]);
        if (random_number() % 4 == 0)
            for (size_t i = strlen(content); i < 40; i++)
                content[i] = (char)(random_number() % 255 + 1);
        for (const char *c = content; *c; c++)
            sum += (uint8_t)*c;
        char packet[600];
        int size = snprintf(packet, sizeof packet, "$%s#%02x", content, sum & 0xff);
        if (f->gdb.finished)
            mote_xt_gdb_begin(&f->gdb, &f->program);
        for (size_t at = 0; at < (size_t)size && !f->gdb.finished;)
            at += mote_xt_gdb_input(&f->gdb, (uint8_t *)packet + at, (size_t)size - at);
        assert_true(f->gdb.reply_size <= sizeof f->gdb.reply);
        for (int i = 0; f->gdb.running && i < 4; i++)
            mote_xt_gdb_advance(&f->gdb, 1000);
        if (f->gdb.running) {
            mote_xt_gdb_input(&f->gdb, (const uint8_t *)"\x03", 1);
            mote_xt_gdb_advance(&f->gdb, 1000);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(register_layout),
        cmocka_unit_test_setup_teardown(registers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(running, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stepping_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(interrupting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(monitor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_packets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(target_description, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_gdb_is_heard, set_up, tear_down),
        cmocka_unit_test_setup_teardown(over_a_socket, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fuzz, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
