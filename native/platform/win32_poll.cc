// poll(2) by WSAPoll, which differs: it refuses POLLPRI and the events that are only told, it wants
// at least one socket, and before Windows 10, version 2004, it never tells that a connect failed.
#include <memory>
#include <new>

#include "win32.h"

namespace os {

namespace {

SHORT Asked(SHORT events) {
  const int urgent = (events & POLLPRI) != 0 ? POLLRDBAND : 0;
  return static_cast<SHORT>((events & (POLLRDNORM | POLLRDBAND | POLLWRNORM)) | urgent);
}

SHORT Told(SHORT revents, SHORT events) {
  const bool is_urgent = (revents & POLLRDBAND) != 0 && (events & POLLPRI) != 0;
  const int unasked = ~(events & POLLRDBAND) & POLLRDBAND;
  return static_cast<SHORT>((revents & ~unasked) | (is_urgent ? POLLPRI : 0));
}

bool TellsFailedConnects() {
  static const bool answer = [] {
    constexpr DWORD kVersion2004 = 19041;
    using GetVersion = LONG(WINAPI*)(OSVERSIONINFOW*);
    OSVERSIONINFOW version = {};
    version.dwOSVersionInfoSize = sizeof(version);
    // GetVersionEx tells what the program's manifest was written for.
    const auto get_version = reinterpret_cast<GetVersion>(reinterpret_cast<void*>(
        ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion")));
    return get_version != nullptr && get_version(&version) == 0 &&
           (version.dwMajorVersion > 10 ||
            (version.dwMajorVersion == 10 && version.dwBuildNumber >= kVersion2004));
  }();
  return answer;
}

// An fd_set with room for any number of sockets.
class SocketSet {
 public:
  explicit SocketSet(size_t room) : memory_(new (std::nothrow) SOCKET[room + 1]) {}

  [[nodiscard]] bool is_valid() const { return memory_ != nullptr; }
  fd_set* get() { return reinterpret_cast<fd_set*>(memory_.get()); }
  void Clear() { get()->fd_count = 0; }
  void Add(SOCKET fd) { memory_[1 + get()->fd_count++] = fd; }
  bool Has(SOCKET fd) { return ::__WSAFDIsSet(fd, get()) != 0; }

 private:
  static_assert(offsetof(fd_set, fd_array) == sizeof(SOCKET), "the count has a SOCKET's room");
  std::unique_ptr<SOCKET[]> memory_;
};

// select tells of failed connects, as exceptions, and WSAPoll of the rest: the former waits, and
// the latter says what for.
class SelectingPoll {
 public:
  SelectingPoll(WSAPOLLFD* entries, size_t count)
      : entries_(entries), count_(count), read_(count), write_(count), except_(count) {}

  int64_t Wait(int timeout) {
    if (!read_.is_valid() || !write_.is_valid() || !except_.is_valid()) return -ENOMEM;
    const ULONGLONG started = ::GetTickCount64();
    for (;;) {
      const int64_t ready = Result(::WSAPoll(entries_, static_cast<ULONG>(count_), 0));
      if (ready != 0) return ready;
      const ULONGLONG passed = ::GetTickCount64() - started;
      const auto limit = static_cast<ULONGLONG>(timeout);
      const ULONGLONG left = timeout < 0 || passed >= limit ? 0 : limit - passed;
      Fill();
      timeval time = {static_cast<long>(left / 1000), static_cast<long>(left % 1000 * 1000)};
      const int64_t selected = Result(
          ::select(0, read_.get(), write_.get(), except_.get(), timeout < 0 ? nullptr : &time));
      if (selected < 0) return selected;
      if (selected == 0 && left == 0) return 0;
      const int64_t told = Tell();
      if (told > 0) return told;
    }
  }

 private:
  void Fill() {
    read_.Clear();
    write_.Clear();
    except_.Clear();
    for (size_t i = 0; i < count_; i++) {
      const WSAPOLLFD& entry = entries_[i];
      const bool is_asked_urgent = (entry.events & POLLRDBAND) != 0;
      if ((entry.events & POLLRDNORM) != 0) read_.Add(entry.fd);
      if ((entry.events & POLLWRNORM) != 0) write_.Add(entry.fd);
      // Urgent data that nobody asks for would end the wait each time; who has it is connected.
      const bool is_connecting = (entry.events & POLLWRNORM) != 0 && !HasUrgentByte(entry.fd);
      if (is_asked_urgent || is_connecting) except_.Add(entry.fd);
    }
  }

  // How many entries have something to tell.
  int64_t Tell() {
    int64_t ready = 0;
    ::WSAPoll(entries_, static_cast<ULONG>(count_), 0);
    for (size_t i = 0; i < count_; i++) {
      WSAPOLLFD& entry = entries_[i];
      int told = 0;
      if (read_.Has(entry.fd)) told |= entry.events & POLLRDNORM;
      if (write_.Has(entry.fd)) told |= entry.events & POLLWRNORM;
      if (except_.Has(entry.fd) && entry.revents == 0 && !HasUrgentByte(entry.fd)) {
        told |= POLLERR | POLLHUP | (entry.events & POLLWRNORM);
      }
      entry.revents = static_cast<SHORT>(entry.revents | told);
      if (entry.revents != 0) ready++;
    }
    return ready;
  }

  WSAPOLLFD* entries_;
  size_t count_;
  SocketSet read_;
  SocketSet write_;
  SocketSet except_;
};

}  // namespace

bool HasUrgentByte(Descriptor fd) {
  WSAPOLLFD entry = {fd, POLLRDBAND, 0};
  return ::WSAPoll(&entry, 1, 0) > 0 && (entry.revents & POLLRDBAND) != 0;
}

int64_t Poll(PollEntry* entries, size_t count, int timeout) {
  const std::unique_ptr<WSAPOLLFD[]> asked(new (std::nothrow) WSAPOLLFD[count + 1]);
  if (asked == nullptr) return -ENOMEM;
  size_t size = 0;
  bool may_connect = false;
  for (size_t i = 0; i < count; i++) {
    if (static_cast<intptr_t>(entries[i].fd) < 0) continue;
    asked[size++] = {entries[i].fd, Asked(entries[i].events), 0};
    may_connect = may_connect || (entries[i].events & POLLWRNORM) != 0;
  }
  if (size == 0) {
    ::Sleep(timeout < 0 ? INFINITE : static_cast<DWORD>(timeout));
    return 0;
  }
  const int64_t result = may_connect && !TellsFailedConnects()
                             ? SelectingPoll(asked.get(), size).Wait(timeout)
                             : Result(::WSAPoll(asked.get(), static_cast<ULONG>(size), timeout));
  if (result <= 0) return result;
  size_t next = 0;
  for (size_t i = 0; i < count; i++) {
    if (static_cast<intptr_t>(entries[i].fd) < 0) continue;
    entries[i].revents = Told(asked[next++].revents, entries[i].events);
  }
  return result;
}

}  // namespace os
