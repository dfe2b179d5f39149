//===- SignalWatch.cpp - What a signal must not leave behind ---------------===//

#include "SignalWatch.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lambent;

SignalWatch::SignalWatch(bool isWanted) {
  sigemptyset(&watched);
  bool isAny = false;
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action;
    if (sigaction(signal, nullptr, &action) != 0 ||
        action.sa_handler != SIG_DFL)
      continue;
    sigaddset(&watched, signal);
    isAny = true;
  }
  if (!isWanted || !isAny)
    return;
  signals = signalfd(-1, &watched, SFD_CLOEXEC);
  stop = eventfd(0, EFD_CLOEXEC);
  if (signals < 0 || stop < 0 ||
      pthread_sigmask(SIG_BLOCK, &watched, &formerMask) != 0)
    return;
  isWatching = pthread_create(&thread, nullptr, wait, this) == 0;
  if (!isWatching)
    pthread_sigmask(SIG_SETMASK, &formerMask, nullptr);
}

SignalWatch::~SignalWatch() {
  if (isWatching) {
    eventfd_write(stop, 1);
    pthread_join(thread, nullptr);
    pthread_sigmask(SIG_SETMASK, &formerMask, nullptr);
  }
  for (int descriptor : {signals, stop})
    if (descriptor >= 0)
      close(descriptor);
}

void SignalWatch::forgetFolder(const std::string &folder) {
  llvm::erase(folders, folder);
}

/// Asks the child and those that it started to end, which lets them remove
/// their own temporary files, and ends them where they do not.
static void endGroup(pid_t group) {
  constexpr int patience = 100; // of 10 ms
  kill(-group, SIGTERM);
  for (int i = 0; i < patience; ++i) {
    while (waitpid(-group, nullptr, WNOHANG) > 0) {
    }
    if (kill(-group, 0) != 0)
      return;
    usleep(10000);
  }
  kill(-group, SIGKILL);
}

/// Again where the thread that compiles has made another file meanwhile: once
/// the folder is gone, it can make none.
static void removeFolder(const std::string &folder) {
  constexpr int patience = 1000; // ms
  for (int i = 0; i < patience && llvm::sys::fs::exists(folder); ++i) {
    if (i > 0)
      usleep(1000);
    llvm::sys::fs::remove_directories(folder);
  }
}

void SignalWatch::cleanUp() {
  if (child > 0)
    endGroup(child);
  for (const std::string &folder : folders)
    removeFolder(folder);
}

void *SignalWatch::wait(void *object) {
  SignalWatch &watch = *static_cast<SignalWatch *>(object);
  pollfd descriptors[] = {{watch.signals, POLLIN, 0}, {watch.stop, POLLIN, 0}};
  while (poll(descriptors, 2, -1) < 0 && errno == EINTR) {
  }
  signalfd_siginfo info;
  if (!(descriptors[0].revents & POLLIN) ||
      read(watch.signals, &info, sizeof(info)) != sizeof(info))
    return nullptr;
  // Never unlocked: the thread that compiles gets no further.
  watch.mutex.lock();
  watch.cleanUp();
  sigset_t signal;
  sigemptyset(&signal);
  sigaddset(&signal, static_cast<int>(info.ssi_signo));
  pthread_sigmask(SIG_UNBLOCK, &signal, nullptr);
  raise(static_cast<int>(info.ssi_signo));
  return nullptr;
}
