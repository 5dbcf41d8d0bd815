// What a kernel may do to a socket call, and a quiet machine hardly ever does: for LD_PRELOAD.
//
// Between begin_faults() and end_faults() calls of that thread are cut short, interrupted, refused,
// delayed, or told that there is something where there is nothing. A number decides which, so that
// the same seed gives the same faults. A program calls the two functions in its own process; what
// it prepares and looks at before and after has no faults.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHANCE = 4, LONGEST_STORM = 4, DESCRIPTORS = 4096, VECTORS = 1024 };

struct fault {
  const char *name;
  unsigned injected;
};

// Every kind of fault of every call, as end_faults() tells them.
static struct fault cut_send = {"send: a part", 0};
static struct fault cut_sendto = {"sendto: a part", 0};
static struct fault cut_sendmsg = {"sendmsg: a part", 0};
static struct fault cut_sendfile = {"sendfile: a part", 0};
static struct fault cut_recv = {"recv: a part", 0};
static struct fault cut_recvfrom = {"recvfrom: a part", 0};
static struct fault cut_recvmsg = {"recvmsg: a part", 0};
static struct fault fewer_sendmmsg = {"sendmmsg: fewer messages", 0};
static struct fault fewer_recvmmsg = {"recvmmsg: fewer messages", 0};
static struct fault eintr_send = {"send: EINTR", 0};
static struct fault eintr_sendto = {"sendto: EINTR", 0};
static struct fault eintr_sendmsg = {"sendmsg: EINTR", 0};
static struct fault eintr_sendmmsg = {"sendmmsg: EINTR", 0};
static struct fault eintr_sendfile = {"sendfile: EINTR", 0};
static struct fault eintr_recv = {"recv: EINTR", 0};
static struct fault eintr_recvfrom = {"recvfrom: EINTR", 0};
static struct fault eintr_recvmsg = {"recvmsg: EINTR", 0};
static struct fault eintr_recvmmsg = {"recvmmsg: EINTR", 0};
static struct fault eintr_accept = {"accept: EINTR", 0};
static struct fault eintr_connect = {"connect: EINTR, and nothing is under way", 0};
static struct fault background = {"connect: EINTR, and it goes on in the background", 0};
static struct fault eintr_poll = {"poll: EINTR", 0};
static struct fault eintr_epoll = {"epoll_wait: EINTR", 0};
static struct fault aborted = {"accept: ECONNABORTED", 0};
static struct fault too_many = {"accept: EMFILE", 0};
static struct fault protocol = {"accept: EPROTO", 0};
static struct fault nobody = {"accept: EAGAIN", 0};
static struct fault no_buffers = {"a datagram: ENOBUFS", 0};
static struct fault false_poll = {"poll: readable, and nothing is there", 0};
static struct fault false_epoll = {"epoll_wait: ready, and nothing is there", 0};
static struct fault false_loop = {"the event loop: ready, and nothing is there", 0};
static struct fault late = {"a delay", 0};

static struct fault *const faults[] = {
    &cut_send,       &cut_sendto,    &cut_sendmsg,    &cut_sendfile,   &cut_recv,
    &cut_recvfrom,   &cut_recvmsg,   &fewer_sendmmsg, &fewer_recvmmsg, &eintr_send,
    &eintr_sendto,   &eintr_sendmsg, &eintr_sendmmsg, &eintr_sendfile, &eintr_recv,
    &eintr_recvfrom, &eintr_recvmsg, &eintr_recvmmsg, &eintr_accept,   &eintr_connect,
    &background,     &eintr_poll,    &eintr_epoll,    &aborted,        &too_many,
    &protocol,       &nobody,        &no_buffers,     &false_poll,     &false_epoll,
    &false_loop,     &late,
};

static __thread int is_on;
static uint64_t state;
static unsigned storm;

// What epoll(7) was told of each descriptor.
static struct {
  int epfd;
  struct epoll_event event;
} watched[DESCRIPTORS];

void begin_faults(uint32_t seed) {
  state = 0x9e3779b97f4a7c15U * (seed + 1U);
  storm = 0;
  is_on = 1;
}

void end_faults(void) { is_on = 0; }

// The name and the number of each kind since the beginning of the process, a line each.
void tell_faults(char *text, size_t size) {
  size_t used = 0;
  for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
    used += (size_t)snprintf(text + used, size - used, "%s\t%u\n", faults[i]->name,
                             faults[i]->injected);
  }
}

// The C library's own function, which this file's stands before.
#define NEXT(name)                 \
  static __typeof__(&(name)) next; \
  if (next == NULL) next = (__typeof__(&(name)))dlsym(RTLD_NEXT, #name)

// From 1 to `most`. xorshift64*, by Marsaglia and Vigna.
static size_t any(size_t most) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (size_t)((state * 0x2545f4914f6cdd1dU) >> 33) % most + 1;
}

static int strikes(struct fault *fault) {
  if (!is_on || any(CHANCE) != 1) return 0;
  fault->injected++;
  return 1;
}

static int fails(struct fault *fault, int error) {
  if (!strikes(fault)) return 0;
  errno = error;
  return 1;
}

static int ask(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof(value);
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0 ? -1 : value;
}

static int is_stream(int fd) { return ask(fd, SO_TYPE) == SOCK_STREAM; }

static int is_inet(int fd) {
  const int domain = ask(fd, SO_DOMAIN);
  return domain == AF_INET || domain == AF_INET6;
}

static int may_block(int fd, int flags) {
  return (flags & (MSG_DONTWAIT | MSG_OOB)) == 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

// A signal, or several one after the other.
static int is_interrupted(struct fault *fault) {
  if (!is_on) return 0;
  if (storm > 0) {
    storm--;
    fault->injected++;
  } else if (strikes(fault)) {
    storm = (unsigned)any(LONGEST_STORM) - 1;
  } else {
    return 0;
  }
  errno = EINTR;
  return 1;
}

static int ends_early(int fd, int flags, struct fault *fault) {
  if (!is_on) return 0;
  if (strikes(&late)) nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
  return may_block(fd, flags) && is_interrupted(fault);
}

// How many of `size` bytes the call is let have. A datagram goes whole; what is peeked at stays as
// it was; of urgent data another byte would be the urgent one.
static size_t part(int fd, size_t size, int flags, struct fault *fault) {
  if (!is_on || size < 2 || (flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE)) != 0) return size;
  return is_stream(fd) && strikes(fault) ? any(size - 1) : size;
}

static int is_refused(int fd) { return is_on && !is_stream(fd) && fails(&no_buffers, ENOBUFS); }

// A copy of the message with the first part of its buffers. The control messages stay: they go with
// the first byte.
static struct msghdr part_of(int fd, const struct msghdr *message, int flags, struct fault *fault,
                             struct iovec *vectors) {
  struct msghdr copy = *message;
  size_t size = 0;
  if (message->msg_iovlen > VECTORS) return copy;
  for (size_t i = 0; i < message->msg_iovlen; i++) size += message->msg_iov[i].iov_len;
  size_t left = part(fd, size, flags, fault);
  if (left == size) return copy;
  copy.msg_iov = vectors;
  for (copy.msg_iovlen = 0; left > 0; copy.msg_iovlen++) {
    struct iovec *vector = &vectors[copy.msg_iovlen];
    *vector = message->msg_iov[copy.msg_iovlen];
    if (vector->iov_len > left) vector->iov_len = left;
    left -= vector->iov_len;
  }
  return copy;
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
  NEXT(send);
  if (ends_early(fd, flags, &eintr_send) || is_refused(fd)) return -1;
  return next(fd, data, part(fd, size, flags, &cut_send), flags);
}

ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *address,
               socklen_t length) {
  NEXT(sendto);
  if (ends_early(fd, flags, &eintr_sendto) || is_refused(fd)) return -1;
  return next(fd, data, part(fd, size, flags, &cut_sendto), flags, address, length);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  NEXT(sendmsg);
  if (ends_early(fd, flags, &eintr_sendmsg) || is_refused(fd)) return -1;
  struct iovec vectors[VECTORS];
  const struct msghdr copy = part_of(fd, message, flags, &cut_sendmsg, vectors);
  return next(fd, &copy, flags);
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  NEXT(sendmmsg);
  if (ends_early(fd, flags, &eintr_sendmmsg) || is_refused(fd)) return -1;
  const int is_cut = count > 1 && strikes(&fewer_sendmmsg);
  return next(fd, messages, is_cut ? (unsigned)any(count - 1) : count, flags);
}

// Which of the two names is called depends on how the caller was built; off_t is one type on 64
// bits.
ssize_t sendfile(int fd, int file, off_t *offset, size_t count) {
  NEXT(sendfile);
  if (ends_early(fd, 0, &eintr_sendfile)) return -1;
  return next(fd, file, offset, part(fd, count, 0, &cut_sendfile));
}

ssize_t sendfile64(int fd, int file, off64_t *offset, size_t count) {
  return sendfile(fd, file, offset, count);
}

ssize_t recv(int fd, void *data, size_t size, int flags) {
  NEXT(recv);
  if (ends_early(fd, flags, &eintr_recv)) return -1;
  return next(fd, data, part(fd, size, flags, &cut_recv), flags);
}

ssize_t recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *address,
                 socklen_t *length) {
  NEXT(recvfrom);
  if (ends_early(fd, flags, &eintr_recvfrom)) return -1;
  return next(fd, data, part(fd, size, flags, &cut_recvfrom), flags, address, length);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  NEXT(recvmsg);
  if (ends_early(fd, flags, &eintr_recvmsg)) return -1;
  struct iovec vectors[VECTORS];
  struct msghdr copy = part_of(fd, message, flags, &cut_recvmsg, vectors);
  const ssize_t result = next(fd, &copy, flags);
  message->msg_namelen = copy.msg_namelen;
  message->msg_controllen = copy.msg_controllen;
  message->msg_flags = copy.msg_flags;
  return result;
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
             struct timespec *timeout) {
  NEXT(recvmmsg);
  if (ends_early(fd, flags, &eintr_recvmmsg)) return -1;
  const int is_cut = count > 1 && strikes(&fewer_recvmmsg);
  return next(fd, messages, is_cut ? (unsigned)any(count - 1) : count, flags, timeout);
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  NEXT(accept4);
  if (ends_early(fd, 0, &eintr_accept)) return -1;
  if (fails(&aborted, ECONNABORTED) || fails(&too_many, EMFILE) || fails(&protocol, EPROTO)) {
    return -1;
  }
  if (is_on && !may_block(fd, 0) && fails(&nobody, EAGAIN)) return -1;
  return next(fd, address, length, flags);
}

// A TCP connect goes on without who is interrupted; one of a Unix socket has not begun.
int connect(int fd, const struct sockaddr *address, socklen_t length) {
  NEXT(connect);
  if (!is_on || !may_block(fd, 0)) return next(fd, address, length);
  if (!is_inet(fd)) return is_interrupted(&eintr_connect) ? -1 : next(fd, address, length);
  if (!strikes(&background)) return next(fd, address, length);
  const int mode = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, mode | O_NONBLOCK);
  const int result = next(fd, address, length);
  const int error = errno;
  fcntl(fd, F_SETFL, mode);
  errno = error == EINPROGRESS ? EINTR : error;
  return result;
}

// A packet came, and was thrown away when it was looked at, as one with a wrong checksum is.
int poll(struct pollfd *entries, nfds_t count, int timeout) {
  NEXT(poll);
  if (is_interrupted(&eintr_poll)) return -1;
  const int ready = is_on ? next(entries, count, 0) : 0;
  for (nfds_t i = 0; is_on && ready == 0 && i < count; i++) {
    if ((entries[i].events & POLLIN) == 0 || !is_inet(entries[i].fd)) continue;
    if (!strikes(&false_poll)) continue;
    entries[i].revents = POLLIN;
    return 1;
  }
  return ready != 0 ? ready : next(entries, count, timeout);
}

int epoll_ctl(int epfd, int operation, int fd, struct epoll_event *event) {
  NEXT(epoll_ctl);
  const int result = next(epfd, operation, fd, event);
  if (result < 0 || fd >= DESCRIPTORS) return result;
  watched[fd].epfd = operation == EPOLL_CTL_DEL ? -1 : epfd;
  if (operation != EPOLL_CTL_DEL) watched[fd].event = *event;
  return result;
}

int close(int fd) {
  NEXT(close);
  if (fd >= 0 && fd < DESCRIPTORS) watched[fd].epfd = -1;
  return next(fd);
}

static int is_falsely_ready(int epfd, struct epoll_event *event, struct fault *fault) {
  for (int fd = 0; fd < DESCRIPTORS; fd++) {
    const uint32_t asked = watched[fd].event.events & (EPOLLIN | EPOLLOUT);
    if (watched[fd].epfd != epfd || asked == 0 || !is_inet(fd) || !strikes(fault)) continue;
    *event = watched[fd].event;
    event->events = asked;
    return 1;
  }
  return 0;
}

int epoll_wait(int epfd, struct epoll_event *events, int most, int timeout) {
  NEXT(epoll_wait);
  if (timeout != 0 && is_interrupted(&eintr_epoll)) return -1;
  const int ready = is_on ? next(epfd, events, most, 0) : 0;
  if (is_on && ready == 0 && is_falsely_ready(epfd, events, &false_epoll)) return 1;
  return ready != 0 ? ready : next(epfd, events, most, timeout);
}

// libuv's.
int epoll_pwait(int epfd, struct epoll_event *events, int most, int timeout,
                const sigset_t *signals) {
  NEXT(epoll_pwait);
  const int ready = is_on ? next(epfd, events, most, 0, signals) : 0;
  if (is_on && ready == 0 && is_falsely_ready(epfd, events, &false_loop)) return 1;
  return ready != 0 ? ready : next(epfd, events, most, timeout, signals);
}
