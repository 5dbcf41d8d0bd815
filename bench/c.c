// The C side of the bench: the servers of every row, and the client that the others are held against.
//   c        a server, which prints its port
//   c PORT   a client
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 20];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e9 +
         (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3;
}

static void all(int fd, size_t size) {
  for (size_t sent = 0; sent < size;) {
    ssize_t n = send(fd, buffer + sent, size - sent, MSG_NOSIGNAL);
    if (n <= 0) exit(1);
    sent += n;
  }
}

// A server, a process for each connection; the client's first byte says what it wants.
static int serve(void) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  bind(listener, (struct sockaddr *)&address, length);
  signal(SIGCHLD, SIG_IGN);
  listen(listener, 64);
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    char what;
    if (fd >= 0 && fork() != 0) {
      close(fd);
      continue;
    }
    if (fd < 0 || recv(fd, &what, 1, 0) != 1) exit(0);
    if (what == 'e') {
      for (ssize_t n; (n = recv(fd, buffer, 65536, 0)) > 0;) all(fd, n);
    } else if (what == 's') {
      while (send(fd, buffer, sizeof buffer, MSG_NOSIGNAL) > 0) continue;
    }
    exit(0);
  }
}

static int dial(int port, char what) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) exit(1);
  if (what) send(fd, &what, 1, 0);
  return fd;
}

// A client: a line "row count" in, a line "nanoseconds cpu-nanoseconds" out.
static int ask(int port) {
  int echo = dial(port, 'e');
  char row[32];
  long count;
  while (scanf("%31s %ld", row, &count) == 2) {
    int source = strcmp(row, "receive") == 0 ? dial(port, 's') : -1;
    double start = now(), start_cpu = cpu();
    if (strcmp(row, "pingpong") == 0) {
      for (long i = 0; i < count; i++) {
        send(echo, buffer, 64, MSG_NOSIGNAL);
        if (recv(echo, buffer, 65536, 0) != 64) return 1;
      }
    } else if (strcmp(row, "receive") == 0) {
      for (long got = 0; got < count;) got += recv(source, buffer, 65536, 0);
    } else if (strcmp(row, "would-block") == 0) {
      for (long i = 0; i < count; i++) {
        if (recv(echo, buffer, 64, MSG_DONTWAIT) != -1) return 1;
      }
    }
    printf("%.0f %.0f\n", now() - start, cpu() - start_cpu);
    fflush(stdout);
    if (source >= 0) close(source);
  }
  return 0;
}

int main(int argc, char **argv) { return argc > 1 ? ask(atoi(argv[1])) : serve(); }
