// What the C programs of the bench share: the pattern that every message has, and small wrappers
// that end the program when a call fails.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// Byte p of a stream or message is p % PERIOD; a source sends whole periods.
enum { PERIOD = 251, SOURCE = PERIOD * 4096, LARGEST = 1 << 20 };

// How many connect at a time, for accept.
enum { CALLERS = 64 };

static uint8_t pattern[LARGEST + PERIOD];

static void fill_pattern(void) {
  for (size_t i = 0; i < sizeof pattern; i++) pattern[i] = i % PERIOD;
}

static inline void check(int holds, const char *what) {
  if (holds) return;
  perror(what);
  exit(1);
}

// Whether `size` bytes are those of the stream from position `at`.
static inline void check_contents(const uint8_t *bytes, size_t size, size_t at) {
  errno = EBADMSG;
  check(memcmp(bytes, pattern + at % PERIOD, size) == 0, "contents");
}

static inline double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static inline void send_all(int fd, const void *data, size_t size) {
  for (size_t sent = 0; sent < size;) {
    ssize_t n = send(fd, (const uint8_t *)data + sent, size - sent, MSG_NOSIGNAL);
    check(n > 0, "send");
    sent += n;
  }
}

static inline struct sockaddr_in loopback(int port, unsigned host) {
  return (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host)};
}

// A connection to 127.0.0.1, without Nagle's delay.
static inline int dial(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int one = 1;
  struct sockaddr_in address = loopback(port, 1);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  check(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
  return fd;
}

static inline int port_of(int fd) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  getsockname(fd, (struct sockaddr *)&address, &length);
  return ntohs(address.sin_port);
}

// A listener on every address, on a port of the kernel's choice.
static inline int listen_anywhere(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(listen(fd, 4096) == 0, "listen");
  return fd;
}
