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
#include <sys/epoll.h>
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

// 64 datagrams of 512 bytes by one sendmmsg, and by one recvmmsg.
enum { BATCH = 64, DATAGRAM = 512 };

static void datagrams(long count) {
  static struct mmsghdr out[BATCH], in[BATCH];
  static struct iovec from[BATCH], to[BATCH];
  int pair[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  int size = 1 << 20;
  setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  for (int i = 0; i < BATCH; i++) {
    from[i] = (struct iovec){buffer + i * DATAGRAM, DATAGRAM};
    to[i] = (struct iovec){buffer + (BATCH + i) * DATAGRAM, DATAGRAM};
    out[i].msg_hdr = (struct msghdr){.msg_iov = &from[i], .msg_iovlen = 1};
    in[i].msg_hdr = (struct msghdr){.msg_iov = &to[i], .msg_iovlen = 1};
  }
  for (long i = 0; i < count; i++) {
    int sent = sendmmsg(pair[0], out, BATCH, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (recvmmsg(pair[1], in, BATCH, MSG_DONTWAIT, NULL) != sent || sent <= 0) exit(1);
  }
  close(pair[0]);
  close(pair[1]);
}

static void tcp_pair(int listener, int pair[2]) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  int one = 1;
  getsockname(listener, (struct sockaddr *)&address, &length);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  pair[0] = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(pair[0], (struct sockaddr *)&address, length) != 0) exit(1);
  pair[1] = accept(listener, NULL, NULL);
}

// A poll set of `sockets` TCP connections: in each round ten have 64 bytes, which are received.
static void pollset(int sockets, long count) {
  enum { ACTIVE = 10 };
  static int pairs[10000][2];
  static struct epoll_event events[256];
  int set = epoll_create1(0);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  listen(listener, 64);
  for (int i = 0; i < sockets; i++) {
    tcp_pair(listener, pairs[i]);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = pairs[i][1]};
    epoll_ctl(set, EPOLL_CTL_ADD, pairs[i][1], &event);
  }
  for (long i = 0; i < count; i++) {
    for (int j = 0; j < ACTIVE; j++) send(pairs[(i * 7 + j) % sockets][0], buffer, 64, 0);
    for (int got = 0; got < 64 * ACTIVE;) {
      int ready = epoll_wait(set, events, 256, -1);
      for (int j = 0; j < ready; j++) got += recv(events[j].data.fd, buffer, 64, 0);
    }
  }
  for (int i = 0; i < sockets; i++) {
    close(pairs[i][0]);
    close(pairs[i][1]);
  }
  close(set);
  close(listener);
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
    if (strcmp(row, "sendmsg") == 0 || strcmp(row, "two-sends") == 0) {
      struct iovec parts[2] = {{buffer, 64}, {buffer + 64, 1024}};
      struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
      for (long i = 0; i < count; i++) {
        if (sendmsg(echo, &message, MSG_NOSIGNAL) != 1088) return 1;
        if (recv(echo, buffer, 1088, MSG_WAITALL) != 1088) return 1;
      }
    }
    if (strcmp(row, "datagrams") == 0) datagrams(count);
    if (strncmp(row, "pollset-", 8) == 0) pollset(atoi(row + 8), count);
    printf("%.0f %.0f\n", now() - start, cpu() - start_cpu);
    fflush(stdout);
    if (source >= 0) close(source);
  }
  return 0;
}

int main(int argc, char **argv) { return argc > 1 ? ask(atoi(argv[1])) : serve(); }
