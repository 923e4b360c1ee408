/* Loading this library ends the process as native code does that does not fit the machine: by the signal whose
   number is in STAND_IN_SIGNAL, or never where it is 0, by standing still. Each load adds a byte to
   STAND_IN_LOADS. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

__attribute__((constructor)) static void crash(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  int loads = open(getenv("STAND_IN_LOADS"), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (loads >= 0) {
    if (write(loads, ".", 1) != 1) _exit(1);
    close(loads);
  }
  int number = atoi(getenv("STAND_IN_SIGNAL"));
  if (number == SIGABRT) abort();
  if (number == SIGILL) __builtin_trap();
  while (number == 0) pause();
  /* Not handled by anybody, whatever a runtime has set up for its own mistakes. */
  signal(number, SIG_DFL);
  raise(number);
}
