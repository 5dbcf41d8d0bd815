// The client that the others are held against: `c ROW PORT SIZE`. A line "COUNT SERIAL" in, a line
// "NANOSECONDS CPU-NANOSECONDS" out.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>

#include "../common.h"

enum { RECEIVED = 65536, HEADER = 64, BATCH = 64, DATAGRAM = 512, MOST = 10000 };

static uint8_t buffer[LARGEST];
static long count, serial;
static double wall, cpu, wall_started, cpu_started;

static double cpu_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void start_clock(void) {
  cpu_started = cpu_now();
  wall_started = now();
}

static void stop_clock(void) {
  wall += now() - wall_started;
  cpu += cpu_now() - cpu_started;
}

static int next_command(void) {
  wall = cpu = 0;
  memset(buffer, 0, sizeof buffer);
  return scanf("%ld %ld", &count, &serial) == 2;
}

static void answer(void) {
  printf("%.0f %.0f\n", wall, cpu);
  fflush(stdout);
}

static void pingpong(int port, int size) {
  int fd = dial(port);
  while (next_command()) {
    start_clock();
    for (long i = 0; i < count; i++) {
      send_all(fd, pattern, size);
      check(recv(fd, buffer, size, MSG_WAITALL) == size, "recv");
    }
    stop_clock();
    check_contents(buffer, size, 0);
    answer();
  }
}

static void receive(int port, int size) {
  int fd = dial(port);
  size_t at = 0;
  while (next_command()) {
    ssize_t n = 0;
    start_clock();
    for (ssize_t left = count * RECEIVED; left > 0; left -= n) {
      n = recv(fd, buffer, size, 0);
      check(n > 0, "recv");
      at += n;
    }
    stop_clock();
    check_contents(buffer, n, at - n);
    answer();
  }
}

static void records(int port, int size) {
  int fd = dial(port);
  size_t at = 0;
  while (next_command()) {
    start_clock();
    for (long i = 0; i < count; i++, at += size) {
      check(recv(fd, buffer, size, MSG_WAITALL) == size, "recv");
    }
    stop_clock();
    check_contents(buffer, size, at - size);
    answer();
  }
}

static void send_records(int port, int size) {
  int fd = dial(port);
  char last;
  while (next_command()) {
    start_clock();
    for (long i = 0; i < count; i++) {
      send_all(fd, pattern, size);
      check(recv(fd, &last, 1, 0) == 1, "recv");
    }
    stop_clock();
    answer();
  }
}

static void loop(int port, int size) {
  int fd = dial(port);
  int set = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  fcntl(fd, F_SETFL, O_NONBLOCK);
  epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
  while (next_command()) {
    start_clock();
    for (long i = 0; i < count; i++) {
      check(send(fd, pattern, size, MSG_NOSIGNAL) == size, "send");
      check(epoll_wait(set, &event, 1, -1) == 1, "epoll_wait");
      check(recv(fd, buffer, size, 0) == size, "recv");
    }
    stop_clock();
    check_contents(buffer, size, 0);
    answer();
  }
}

// Connects to the load's own port `connections` times.
static void connect_all(int control, int *fds, int connections) {
  uint16_t port;
  char ready;
  check(recv(control, &port, sizeof port, MSG_WAITALL) == sizeof port, "recv");
  for (int i = 0; i < connections; i++) fds[i] = dial(port);
  check(recv(control, &ready, 1, 0) == 1, "recv");
}

static void load(int port, int connections) {
  static int fds[MOST];
  static struct epoll_event events[256];
  int control = dial(port);
  int set = epoll_create1(EPOLL_CLOEXEC);
  connect_all(control, fds, connections);
  for (int i = -1; i < connections; i++) {
    int fd = i < 0 ? control : fds[i];
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
  }
  while (next_command()) {
    uint32_t rounds = count;
    int done = 0;
    start_clock();
    send_all(control, &rounds, sizeof rounds);
    while (!done) {
      int ready = epoll_wait(set, events, 256, -1);
      for (int i = 0; i < ready; i++) {
        int fd = events[i].data.fd;
        done |= fd == control;
        if (fd == control) continue;
        ssize_t n = recv(fd, buffer, RECEIVED, 0);
        check(n > 0 && send(fd, buffer, n, MSG_NOSIGNAL) == n, "echo");
      }
    }
    stop_clock();
    double times[2];
    check(recv(control, times, sizeof times, MSG_WAITALL) == sizeof times, "recv");
    printf("%.0f %.0f %.0f %.0f\n", wall, cpu, times[0], times[1]);
    fflush(stdout);
  }
}

// Each command has an address of its own on the loopback: no port waits for TIME_WAIT to pass.
static void connect_send_close(int port, int size) {
  while (next_command()) {
    struct sockaddr_in address = loopback(port, 1 + serial);
    start_clock();
    for (long i = 0; i < count; i++) {
      int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      check(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
      check(send(fd, pattern, size, MSG_NOSIGNAL) == size, "send");
      close(fd);
    }
    stop_clock();
    answer();
  }
}

static void accept_many(int port, int size) {
  int listener = listen_anywhere();
  int control = dial(port);
  uint16_t own = port_of(listener);
  int fds[CALLERS];
  char ready;
  send_all(control, &own, sizeof own);
  while (next_command()) {
    for (long i = 0; i < count; i += CALLERS) {
      send_all(control, "g", size);
      check(recv(control, &ready, 1, 0) == 1, "recv");
      start_clock();
      for (int j = 0; j < CALLERS; j++) {
        fds[j] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        check(fds[j] >= 0, "accept");
      }
      stop_clock();
      send_all(control, "g", size);
      check(recv(control, &ready, 1, 0) == 1, "recv");
      for (int j = 0; j < CALLERS; j++) close(fds[j]);
    }
    answer();
  }
}

// A header and a body: one sendmsg, or two sends.
static void header_and_body(int port, int size, int is_one_call) {
  int fd = dial(port);
  char last;
  struct iovec parts[2] = {{pattern, HEADER}, {pattern + HEADER, size - HEADER}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  while (next_command()) {
    start_clock();
    for (long i = 0; i < count; i++) {
      if (is_one_call) {
        check(sendmsg(fd, &message, MSG_NOSIGNAL) == size, "sendmsg");
      } else {
        send_all(fd, pattern, HEADER);
        send_all(fd, pattern + HEADER, size - HEADER);
      }
      check(recv(fd, &last, 1, 0) == 1, "recv");
    }
    stop_clock();
    answer();
  }
}

static void gather(int port, int size) { header_and_body(port, size, 1); }
static void two_sends(int port, int size) { header_and_body(port, size, 0); }

// 64 datagrams over UDP by one sendmmsg, and by one recvmmsg.
static void datagrams(int port, int size) {
  static struct mmsghdr out[BATCH], in[BATCH];
  static struct iovec from[BATCH], to[BATCH];
  int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = loopback(port, 1);
  bind(receiver, (struct sockaddr *)&address, sizeof address);
  address = loopback(port_of(receiver), 1);
  check(connect(sender, (struct sockaddr *)&address, sizeof address) == 0, "connect");
  for (int i = 0; i < BATCH; i++) {
    from[i] = (struct iovec){pattern + i * size, size};
    to[i] = (struct iovec){buffer + i * size, size};
    out[i].msg_hdr = (struct msghdr){.msg_iov = &from[i], .msg_iovlen = 1};
    in[i].msg_hdr = (struct msghdr){.msg_iov = &to[i], .msg_iovlen = 1};
  }
  while (next_command()) {
    start_clock();
    for (long i = 0; i < count; i += BATCH) {
      check(sendmmsg(sender, out, BATCH, MSG_NOSIGNAL) == BATCH, "sendmmsg");
      check(recvmmsg(receiver, in, BATCH, MSG_DONTWAIT, NULL) == BATCH, "recvmmsg");
    }
    stop_clock();
    check_contents(buffer, BATCH * size, 0);
    answer();
  }
}

// A worker: accepts, sends the byte back that comes, closes.
static void *worker(void *listener) {
  char byte;
  for (;;) {
    int fd = accept4((int)(intptr_t)listener, NULL, NULL, SOCK_CLOEXEC);
    check(fd >= 0 && recv(fd, &byte, 1, 0) == 1, "recv");
    send_all(fd, &byte, 1);
    close(fd);
  }
  return NULL;
}

static void workers(int port, int size) {
  int control = dial(port);
  uint16_t own = 0;
  char done;
  for (int i = 0; i < size; i++) {
    pthread_t thread;
    int one = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(own, 1);
    setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    check(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    check(listen(listener, 64) == 0, "listen");
    own = port_of(listener);
    pthread_create(&thread, NULL, worker, (void *)(intptr_t)listener);
  }
  send_all(control, &own, sizeof own);
  while (next_command()) {
    uint32_t each = count / 8;
    start_clock();
    send_all(control, &each, sizeof each);
    check(recv(control, &done, 1, 0) == 1, "recv");
    stop_clock();
    answer();
  }
}

static const struct {
  const char *name;
  void (*run)(int port, int size);
} rows[] = {
    {"pingpong", pingpong},
    {"receive", receive},
    {"records", records},
    {"send", send_records},
    {"loop", loop},
    {"load", load},
    {"connect", connect_send_close},
    {"accept", accept_many},
    {"gather", gather},
    {"two-sends", two_sends},
    {"datagrams", datagrams},
    {"workers", workers},
};

int main(int argc, char **argv) {
  fill_pattern();
  for (size_t i = 0; argc == 4 && i < sizeof rows / sizeof *rows; i++) {
    if (strcmp(rows[i].name, argv[1]) == 0) rows[i].run(atoi(argv[2]), atoi(argv[3]));
  }
  return 0;
}
