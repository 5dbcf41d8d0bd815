// The other end of every row: `peer WHAT [SIZE [BATCH]]` prints its port. A process for each
// connection, but for "short".
//   echo SIZE     sends records of SIZE bytes back
//   source        sends for ever
//   sink SIZE     answers each record of SIZE bytes with its last byte
//   short         accepts, receives a byte, closes
//   callers       is told a port; for each byte it connects 64 times, answers, and hangs up
//   load N BATCH  has N connections, and sends messages on BATCH of them at a time
//   crowd N       the same connections in N processes: each connects, exchanges a byte, closes
#define _GNU_SOURCE
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "../common.h"

enum { MESSAGE = 64, MOST = 10000 };

static uint8_t buffer[LARGEST];

// All of a record; 0 when the client is gone.
static int receive_record(int fd, size_t size) {
  ssize_t n = recv(fd, buffer, size, MSG_WAITALL);
  if (n <= 0) return 0;
  check((size_t)n == size, "recv");
  return 1;
}

static void echo(int fd, size_t size) {
  while (receive_record(fd, size)) send_all(fd, buffer, size);
}

static void source(int fd) {
  while (send(fd, pattern, SOURCE, MSG_NOSIGNAL) == SOURCE) continue;
}

static void sink(int fd, size_t size) {
  while (receive_record(fd, size)) {
    check_contents(buffer, size, 0);
    send_all(fd, buffer + size - 1, 1);
  }
}

static void callers(int fd) {
  uint16_t port;
  char go;
  int calls[CALLERS];
  check(recv(fd, &port, sizeof port, MSG_WAITALL) == sizeof port, "recv");
  while (recv(fd, &go, 1, 0) == 1) {
    for (int i = 0; i < CALLERS; i++) calls[i] = dial(port);
    send_all(fd, "r", 1);
    if (recv(fd, &go, 1, 0) != 1) return;
    for (int i = 0; i < CALLERS; i++) {
      // Closed by a reset: no port stays in TIME_WAIT.
      struct linger abort = {.l_onoff = 1, .l_linger = 0};
      setsockopt(calls[i], SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
      close(calls[i]);
    }
    send_all(fd, "r", 1);
  }
}

// Tells the port of a listener of its own and accepts `count` connections; then each command is a
// number of rounds. In each, `batch` connections get a message and answer it; the answer to a
// command is the mean time from the first send to the first answer and to the last.
static void load(int control, int count, int batch) {
  static int fds[MOST];
  static uint32_t serials[MOST];
  static struct epoll_event events[256];
  int listener = listen_anywhere();
  uint16_t port = port_of(listener);
  int set = epoll_create1(EPOLL_CLOEXEC);
  send_all(control, &port, sizeof port);
  for (int i = 0; i < count; i++) {
    int one = 1;
    fds[i] = accept(listener, NULL, NULL);
    check(fds[i] >= 0, "accept");
    setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(set, EPOLL_CTL_ADD, fds[i], &event);
  }
  send_all(control, "r", 1);
  uint8_t message[MESSAGE], answer[MESSAGE];
  memcpy(message, pattern, MESSAGE);
  uint32_t serial = 0;
  for (uint32_t rounds; recv(control, &rounds, sizeof rounds, MSG_WAITALL) == sizeof rounds;) {
    double times[2] = {0, 0};
    for (uint32_t i = 0; i < rounds; i++) {
      double started = now(), first = 0;
      for (int j = 0; j < batch; j++) {
        int at = (i * 7 + j * (count / batch)) % count;
        memcpy(message, &serial, sizeof serial);
        serials[at] = serial++;
        send_all(fds[at], message, MESSAGE);
      }
      for (int got = 0; got < batch;) {
        int ready = epoll_wait(set, events, 256, -1);
        if (got == 0) first = now();
        for (int j = 0; j < ready; j++, got++) {
          int at = events[j].data.u32;
          check(recv(fds[at], answer, MESSAGE, MSG_WAITALL) == MESSAGE, "recv");
          check(memcmp(answer, &serials[at], sizeof serial) == 0, "the answer's serial");
          check_contents(answer + sizeof serial, MESSAGE - sizeof serial, sizeof serial);
        }
      }
      times[0] += (first - started) / rounds;
      times[1] += (now() - started) / rounds;
    }
    send_all(control, times, sizeof times);
  }
}

// One caller: for each command, so many connections to the port that it was told.
static void call(int commands, int port) {
  for (uint32_t count; read(commands, &count, sizeof count) == sizeof count;) {
    for (uint32_t i = 0; i < count; i++) {
      char byte = (char)i, answer;
      int fd = dial(port);
      send_all(fd, &byte, 1);
      check(recv(fd, &answer, 1, 0) == 1 && answer == byte, "the answer");
      check(recv(fd, &answer, 1, 0) == 0, "the end");
      close(fd);
    }
    check(write(commands, "r", 1) == 1, "write");
  }
  exit(0);
}

static void crowd(int control, int count) {
  uint16_t port;
  int commands[MOST];
  check(recv(control, &port, sizeof port, MSG_WAITALL) == sizeof port, "recv");
  for (int i = 0; i < count; i++) {
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
    if (fork() == 0) {
      close(pair[0]);
      for (int j = 0; j < i; j++) close(commands[j]);
      close(control);
      call(pair[1], port);
    }
    close(pair[1]);
    commands[i] = pair[0];
  }
  for (uint32_t each; recv(control, &each, sizeof each, MSG_WAITALL) == sizeof each;) {
    char done;
    for (int i = 0; i < count; i++) send_all(commands[i], &each, sizeof each);
    for (int i = 0; i < count; i++) check(read(commands[i], &done, 1) == 1, "a caller");
    send_all(control, "r", 1);
  }
}

static void serve(int fd, const char *what, int size, int batch) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (strcmp(what, "echo") == 0) echo(fd, size);
  if (strcmp(what, "source") == 0) source(fd);
  if (strcmp(what, "sink") == 0) sink(fd, size);
  if (strcmp(what, "callers") == 0) callers(fd);
  if (strcmp(what, "load") == 0) load(fd, size, batch);
  if (strcmp(what, "crowd") == 0) crowd(fd, size);
}

int main(int argc, char **argv) {
  const char *what = argv[1];
  int size = argc > 2 ? atoi(argv[2]) : 0;
  int batch = argc > 3 ? atoi(argv[3]) : 0;
  int listener = listen_anywhere();
  fill_pattern();
  signal(SIGCHLD, SIG_IGN);
  printf("%d\n", port_of(listener));
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    check(fd >= 0, "accept");
    if (strcmp(what, "short") == 0) {
      char byte;
      check(recv(fd, &byte, 1, 0) == 1, "recv");
    } else if (fork() == 0) {
      close(listener);
      serve(fd, what, size, batch);
      exit(0);
    }
    close(fd);
  }
}
