/*
 * What Debian's libstdc++ and libgcc_s, made for glibc, want beyond musl: enough for a program
 * without C++ exceptions, such as Bun.
 */
#include <locale.h>
#include <stddef.h>
#include <time.h>

unsigned long getauxval(unsigned long);
long getrandom(void *, size_t, unsigned);
size_t strftime_l(char *, size_t, const char *, const struct tm *, locale_t);

char __libc_single_threaded = 0;
int __cpu_model[4];

int __cpu_indicator_init(void) { return 0; }

/* A thread's objects stay. */
int __cxa_thread_atexit_impl(void (*destroy)(void *), void *object, void *handle) { return 0; }

/* No frame is found: a throw ends the program. */
int _dl_find_object(void *address, void *result) { return -1; }

unsigned long __getauxval(unsigned long type) { return getauxval(type); }

unsigned arc4random(void) {
  unsigned number = 0;
  getrandom(&number, sizeof(number), 0);
  return number;
}

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time,
                    locale_t locale) {
  return strftime_l(text, size, format, time, locale);
}
