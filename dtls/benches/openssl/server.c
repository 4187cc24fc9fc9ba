/* What the server's side of OpenSSL's DTLS 1.2 costs, measured as dtls/benches/server measures this crate: both sides in one
 * thread, a few hundred clients at a time, only the server's calls by the clock of the thread's CPU time, the same lines on
 * the output. `cargo xtask bench --only dtls` compiles it where the library's headers are, and runs it.
 *
 * The server listens as an application must that keeps nothing of unverified addresses: DTLSv1_listen on one SSL object,
 * which becomes the connection when a cookie is right. Objects are freed outside of the clock. */

#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 250, FULL = 5000, MUTUAL = 1000, DEVICES = 1000, ROUNDS = 5, SESSIONS = 1000, RECORDS = 60000, SIZE = 100 };

static const unsigned char PSK[] = "0123456789abcdef";
static const char IDENTITY[] = "urn:dev:os:0023C7-000001";

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void must(int holds, const char *what) {
    if (!holds) fail(what);
}

/* --- The clock. --- */

static double spent;
static struct timespec begun;

static void start(void) { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun); }

static void stop(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    spent += (double)(now.tv_sec - begun.tv_sec) + 1e-9 * (double)(now.tv_nsec - begun.tv_nsec);
}

/* --- The heap of the server: every block remembers its size, and whether the server's calls made it. --- */

struct block {
    size_t cost;
    int counts;
    char pad[16 - sizeof(size_t) % 16 - sizeof(int)];
};

static int serving;
static long in_use;

static void *counting_malloc(size_t size, const char *file, int line) {
    (void)file, (void)line;
    struct block *block = malloc(sizeof *block + size);
    if (!block) return NULL;
    block->cost = (size + 8 + 15) / 16 * 16 < 32 ? 32 : (size + 8 + 15) / 16 * 16;
    block->counts = serving;
    if (serving) in_use += (long)block->cost;
    return block + 1;
}

static void counting_free(void *memory, const char *file, int line) {
    (void)file, (void)line;
    if (!memory) return;
    struct block *block = (struct block *)memory - 1;
    if (block->counts) in_use -= (long)block->cost;
    free(block);
}

static void *counting_realloc(void *memory, size_t size, const char *file, int line) {
    if (!memory) return counting_malloc(size, file, line);
    struct block *old = (struct block *)memory - 1;
    void *moved = counting_malloc(size, file, line);
    if (!moved) return NULL;
    memcpy(moved, memory, old->cost < size ? old->cost : size);
    counting_free(memory, file, line);
    return moved;
}

/* --- A BIO that keeps datagrams apart, which one in memory does not. --- */

struct datagram {
    struct datagram *next;
    int length;
    unsigned char bytes[];
};

struct queue {
    struct datagram *first, **end;
};

/* Where a side reads from and writes to. */
struct link {
    struct queue *in, *out;
};

static void push(struct queue *queue, const void *bytes, int length) {
    struct datagram *datagram = malloc(sizeof *datagram + (size_t)length);
    must(datagram != NULL, "no memory");
    datagram->next = NULL;
    datagram->length = length;
    memcpy(datagram->bytes, bytes, (size_t)length);
    if (!queue->first) queue->end = &queue->first;
    *queue->end = datagram;
    queue->end = &datagram->next;
}

static int link_write(BIO *bio, const char *bytes, int length) {
    push(((struct link *)BIO_get_data(bio))->out, bytes, length);
    return length;
}

static int link_read(BIO *bio, char *bytes, int length) {
    struct queue *in = ((struct link *)BIO_get_data(bio))->in;
    BIO_clear_retry_flags(bio);
    struct datagram *datagram = in->first;
    if (!datagram) {
        BIO_set_retry_read(bio);
        return -1;
    }
    in->first = datagram->next;
    if (length > datagram->length) length = datagram->length;
    memcpy(bytes, datagram->bytes, (size_t)length);
    free(datagram);
    return length;
}

static long link_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD: return 28;
    default: return 0;
    }
}

static BIO_METHOD *link_method(void) {
    static BIO_METHOD *method;
    if (!method) {
        method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
        BIO_meth_set_write(method, link_write);
        BIO_meth_set_read(method, link_read);
        BIO_meth_set_ctrl(method, link_ctrl);
    }
    return method;
}

static void attach(SSL *ssl, struct link *link) {
    BIO *bio = BIO_new(link_method());
    BIO_set_data(bio, link);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
    DTLS_set_link_mtu(ssl, 1228);
}

/* --- Both sides' settings. --- */

enum kind { BY_PSK, BY_CERTIFICATE };

static int current; /* The device whose datagram the server handles: its address. */
static unsigned char cookie_secret[32];

static int cookie(SSL *ssl, unsigned char *out, unsigned int *length) {
    (void)ssl;
    unsigned char whole[32];
    if (!HMAC(EVP_sha256(), cookie_secret, sizeof cookie_secret, (unsigned char *)&current, sizeof current, whole, NULL))
        return 0;
    *length = 16;
    memcpy(out, whole, 16);
    return 1;
}

static int cookie_verifies(SSL *ssl, const unsigned char *given, unsigned int length) {
    unsigned char right[16];
    unsigned int right_length;
    return cookie(ssl, right, &right_length) && length == right_length && !CRYPTO_memcmp(given, right, length);
}

static unsigned int psk_of(SSL *ssl, const char *identity, unsigned char *key, unsigned int most) {
    (void)ssl, (void)most;
    if (strcmp(identity, IDENTITY)) return 0;
    memcpy(key, PSK, 16);
    return 16;
}

static unsigned int own_psk(SSL *ssl, const char *hint, char *identity, unsigned int most_identity, unsigned char *key,
                            unsigned int most_key) {
    (void)ssl, (void)hint, (void)most_identity, (void)most_key;
    strcpy(identity, IDENTITY);
    memcpy(key, PSK, 16);
    return 16;
}

static X509 *issue(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key) {
    static long serial;
    X509 *certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer ? issuer : certificate));
    const char *text = issuer ? "CA:FALSE" : "critical,CA:TRUE";
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, text);
    must(extension && X509_add_ext(certificate, extension, -1), "an extension cannot be made");
    X509_EXTENSION_free(extension);
    must(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "a certificate cannot be signed");
    return certificate;
}

static void settings(enum kind kind, int tickets, SSL_CTX **server, SSL_CTX **client) {
    *server = SSL_CTX_new(DTLS_server_method());
    *client = SSL_CTX_new(DTLS_client_method());
    EVP_PKEY *authority_key = NULL;
    X509 *authority = NULL;
    if (kind == BY_CERTIFICATE) {
        authority_key = EVP_EC_gen("P-256");
        authority = issue(authority_key, "authority", NULL, authority_key);
    }
    SSL_CTX *both[] = {*server, *client};
    for (int side = 0; side < 2; side++) {
        SSL_CTX *context = both[side];
        SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
        SSL_CTX_set_read_ahead(context, 1);
        if (!tickets) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        const char *suite = kind == BY_PSK ? "PSK-AES128-CCM8:@SECLEVEL=0" : "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0";
        must(SSL_CTX_set_cipher_list(context, suite), "the suite is not there");
        if (kind == BY_PSK) continue;
        EVP_PKEY *key = EVP_EC_gen("P-256");
        X509 *certificate = issue(key, side ? "device" : "server", authority, authority_key);
        must(SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1, "no key");
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        SSL_CTX_set1_groups_list(context, "P-256");
    }
    SSL_CTX_set_psk_server_callback(*server, kind == BY_PSK ? psk_of : NULL);
    SSL_CTX_set_psk_client_callback(*client, kind == BY_PSK ? own_psk : NULL);
    SSL_CTX_set_session_id_context(*server, (const unsigned char *)"bench", 5);
    SSL_CTX_set_session_cache_mode(*server, tickets ? SSL_SESS_CACHE_OFF : SSL_SESS_CACHE_SERVER);
    SSL_CTX_set_cookie_generate_cb(*server, cookie);
    SSL_CTX_set_cookie_verify_cb(*server, cookie_verifies);
}

/* --- Devices and the server's side of each. --- */

struct device {
    struct queue to_server, to_device;
    struct link server_link, device_link;
    SSL *server, *device;
    int accepted, connected, answered;
};

static SSL_CTX *server_context, *client_context;
static SSL *listener;

static int going_on(SSL *ssl, int result) {
    int error = SSL_get_error(ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* The server's part for one device, by the clock. */
static void serve(struct device *device, int number) {
    char data[2048];
    current = number;
    while (!device->server) {
        if (!device->to_server.first) return;
        if (!listener) listener = SSL_new(server_context);
        attach(listener, &device->server_link);
        BIO_ADDR *address = BIO_ADDR_new();
        int verified = DTLSv1_listen(listener, address);
        BIO_ADDR_free(address);
        must(verified >= 0, "listening failed");
        if (verified) {
            device->server = listener;
            listener = NULL;
        }
    }
    if (!device->accepted) {
        int result = SSL_accept(device->server);
        if (result != 1) {
            must(going_on(device->server, result), "accepting failed");
            return;
        }
        device->accepted = 1;
    }
    int length = SSL_read(device->server, data, sizeof data);
    if (length > 0) must(SSL_write(device->server, data, length) == length, "the server cannot answer");
}

/* The device's part. */
static void hear(struct device *device) {
    char data[2048] = {0};
    if (!device->connected) {
        int result = SSL_connect(device->device);
        if (result != 1) {
            must(going_on(device->device, result), "connecting failed");
            return;
        }
        device->connected = 1;
        must(SSL_write(device->device, data, 64) == 64, "the device cannot send");
    } else if (SSL_read(device->device, data, sizeof data) == 64) {
        device->answered = 1;
    }
}

static void begin(struct device *device, SSL_SESSION *resumed) {
    memset(device, 0, sizeof *device);
    device->server_link = (struct link){&device->to_server, &device->to_device};
    device->device_link = (struct link){&device->to_device, &device->to_server};
    device->device = SSL_new(client_context);
    if (resumed) SSL_set_session(device->device, resumed);
    attach(device->device, &device->device_link);
}

static void end(struct device *device) {
    SSL *both[] = {device->server, device->device};
    for (int side = 0; side < 2; side++) {
        /* A connection that is not shut down takes its session along. */
        SSL_set_shutdown(both[side], SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(both[side]);
    }
}

/* Handshakes of all these devices, side by side, each with the first exchange of data. */
static void connect_all(struct device *devices, int count) {
    for (int turn = 0; turn < 12; turn++) {
        int done = 1;
        for (int i = 0; i < count; i++) {
            hear(&devices[i]);
            done &= devices[i].answered;
        }
        if (done) return;
        serving = 1;
        start();
        for (int i = 0; i < count; i++) serve(&devices[i], i);
        stop();
        serving = 0;
    }
    fail("a handshake does not come to an end");
}

static void print(const char *name, double value, const char *unit) { printf("%s\t%.1f\t%s\n", name, value, unit); }

static void full(const char *name, enum kind kind, int count) {
    static struct device devices[BATCH];
    settings(kind, 1, &server_context, &client_context);
    for (int done = -BATCH; done < count; done += BATCH) {
        if (done == 0) spent = 0;
        for (int i = 0; i < BATCH; i++) begin(&devices[i], NULL);
        connect_all(devices, BATCH);
        for (int i = 0; i < BATCH; i++) end(&devices[i]);
    }
    print(name, count / spent, "handshakes/s");
}

static void resumed(const char *name, int tickets) {
    static struct device devices[BATCH];
    static SSL_SESSION *sessions[DEVICES];
    memset(sessions, 0, sizeof sessions);
    settings(BY_PSK, tickets, &server_context, &client_context);
    /* Once in full, and once to be warm. */
    for (int round = -2; round < ROUNDS; round++) {
        if (round == 0) spent = 0;
        for (int first = 0; first < DEVICES; first += BATCH) {
            for (int i = 0; i < BATCH; i++) begin(&devices[i], sessions[first + i]);
            connect_all(devices, BATCH);
            for (int i = 0; i < BATCH; i++) {
                must(SSL_session_reused(devices[i].server) == (round > -2), "a session was not resumed");
                SSL_SESSION_free(sessions[first + i]);
                sessions[first + i] = SSL_get1_session(devices[i].device);
                end(&devices[i]);
            }
        }
    }
    print(name, DEVICES * ROUNDS / spent, "handshakes/s");
}

static void records(void) {
    static struct device device;
    const int at_once = 500;
    char data[SIZE] = {0}, got[2048];
    double opening = 0, sealing = 0;
    settings(BY_PSK, 1, &server_context, &client_context);
    begin(&device, NULL);
    connect_all(&device, 1);
    for (int done = 0; done < RECORDS; done += at_once) {
        for (int i = 0; i < at_once; i++) must(SSL_write(device.device, data, SIZE) == SIZE, "the device cannot send");
        spent = 0;
        start();
        for (int i = 0; i < at_once; i++) must(SSL_read(device.server, got, sizeof got) == SIZE, "a record is lost");
        stop();
        opening += spent;
        spent = 0;
        start();
        for (int i = 0; i < at_once; i++) must(SSL_write(device.server, data, SIZE) == SIZE, "the server cannot send");
        stop();
        sealing += spent;
        for (int i = 0; i < at_once; i++) must(SSL_read(device.device, got, sizeof got) == SIZE, "a record is lost");
    }
    print("CCM_8 open, one session", opening * 1e9 / RECORDS, "ns");
    print("CCM_8 seal, one session", sealing * 1e9 / RECORDS, "ns");
    print("CCM_8 open and seal, one session", (opening + sealing) * 1e9 / RECORDS, "ns");
}

static void memory(const char *name, enum kind kind) {
    static struct device devices[SESSIONS];
    settings(kind, 1, &server_context, &client_context);
    for (int i = 0; i < SESSIONS; i++) begin(&devices[i], NULL);
    long before = in_use;
    connect_all(devices, SESSIONS);
    print(name, (double)(in_use - before) / SESSIONS, "bytes");
    for (int i = 0; i < SESSIONS; i++) end(&devices[i]);
}

int main(int count, char **arguments) {
    CRYPTO_set_mem_functions(counting_malloc, counting_realloc, counting_free);
    RAND_bytes(cookie_secret, sizeof cookie_secret);
    for (int i = 1; i < count; i++) {
        if (!strcmp(arguments[i], "version")) {
            puts(OpenSSL_version(OPENSSL_VERSION));
        } else if (!strcmp(arguments[i], "handshakes")) {
            full("psk", BY_PSK, FULL);
            resumed("psk resumed by ticket", 1);
            resumed("psk resumed by id", 0);
            full("certificate", BY_CERTIFICATE, MUTUAL);
        } else if (!strcmp(arguments[i], "records")) {
            records();
        } else if (!strcmp(arguments[i], "memory")) {
            memory("psk session, without connection id", BY_PSK);
            memory("certificate session, without connection id", BY_CERTIFICATE);
        } else {
            fprintf(stderr, "%s is not known\n", arguments[i]);
            return 2;
        }
    }
    return 0;
}
