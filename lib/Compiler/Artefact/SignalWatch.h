//===- SignalWatch.h - What a signal must not leave behind ------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_SIGNALWATCH_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_SIGNALWATCH_H

#include <csignal>
#include <mutex>
#include <pthread.h>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lambent {

/// While it lives, a thread waits for SIGINT, SIGTERM and SIGHUP, removes
/// folders and ends a child process, and lets the signal do what it would have
/// done. No handler is installed: the signals are blocked in the thread that
/// makes the watch and in those that it starts afterwards, so it is of use in
/// programs that have no other threads. Signals that are ignored or handled
/// already are left alone.
class SignalWatch {
public:
  /// Does nothing unless `isWanted`.
  explicit SignalWatch(bool isWanted);
  SignalWatch(const SignalWatch &) = delete;
  ~SignalWatch();

  bool isOn() const { return isWatching; }
  /// The signals that were blocked before.
  const sigset_t &getFormerMask() const { return formerMask; }

  /// Signals wait while it lives.
  class Pause {
  public:
    explicit Pause(SignalWatch &watch) : lock(watch.mutex) {}

  private:
    std::lock_guard<std::mutex> lock;
  };
  // To be called within a Pause.
  void removeOnSignal(std::string folder) { folders.push_back(folder); }
  void forgetFolder(const std::string &folder);
  /// The leader of a process group, or 0.
  void endOnSignal(pid_t group) { child = group; }

private:
  static void *wait(void *watch);
  void cleanUp();

  bool isWatching = false;
  sigset_t watched, formerMask;
  int signals = -1, stop = -1; ///< descriptors
  pthread_t thread;
  std::mutex mutex;
  std::vector<std::string> folders;
  pid_t child = 0;
};

} // namespace lambent

#endif
