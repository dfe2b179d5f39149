//===- Supervision.cpp - Limits that hold whatever happens ----------------===//
//
// The process that was started waits for one that works, hands signals on to it
// and, when time is up, ends it: asks first, which lets it remove what it was
// writing, and then by force.
//
//===----------------------------------------------------------------------===//

#include "Supervision.h"
#include "Report.h"
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lambent::driver {

namespace {

using Clock = std::chrono::steady_clock;

/// After the limit, for the work to end by itself; and, once asked, to clean
/// up.
constexpr std::chrono::milliseconds patience(500);

class Supervisor {
public:
  Supervisor(const Limits &limits, bool isPatient, pid_t child,
             const sigset_t &signals)
      : limits(limits), isPatient(isPatient), child(child), signals(signals) {}
  /// Waits for the child's end.
  void wait();
  /// What the child's end means for the exit status; prints what was wrong.
  int getExitStatus(const sigset_t &formerMask) const;
  bool wasKilled() const { return WIFSIGNALED(status); }

private:
  void takeSignal(int signal);

  const Limits &limits;
  bool isPatient; ///< the child is to end by itself first
  pid_t child;
  sigset_t signals;
  int status = 0;
  bool hasEnded = false, timedOut = false;
  int handedOn = 0; ///< the last signal that was meant for us
};

} // namespace

void Supervisor::takeSignal(int signal) {
  if (signal != SIGCHLD) {
    handedOn = signal;
    kill(child, signal);
  }
  pid_t ended;
  while ((ended = waitpid(child, &status, WNOHANG)) < 0 && errno == EINTR) {
  }
  hasEnded = ended != 0;
}

void Supervisor::wait() {
  auto end =
      Clock::now() +
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
          limits.seconds > 0 ? limits.seconds : 1e6)) +
      (isPatient ? patience : std::chrono::milliseconds(0));
  int next = SIGTERM;
  while (!hasEnded) {
    auto left = std::max(Clock::duration(0), end - Clock::now());
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timespec timeout = {seconds.count(),
                        std::chrono::nanoseconds(left - seconds).count()};
    int signal = sigtimedwait(&signals, nullptr, &timeout);
    if (signal > 0) {
      takeSignal(signal);
    } else if (errno == EAGAIN && limits.seconds > 0) {
      timedOut = true;
      kill(child, next);
      next = SIGKILL;
      end = Clock::now() + patience;
    }
  }
}

/// Ends this process as the signal would have, so that whoever waits for it
/// learns why.
static void raiseAgain(int signal, const sigset_t &formerMask) {
  std::signal(signal, SIG_DFL);
  rlimit none = {0, 0}; // the child has left its core
  setrlimit(RLIMIT_CORE, &none);
  sigprocmask(SIG_SETMASK, &formerMask, nullptr);
  raise(signal);
}

int Supervisor::getExitStatus(const sigset_t &formerMask) const {
  if (WIFEXITED(status))
    return WEXITSTATUS(status);
  if (timedOut)
    return reportError(timeIsUp);
  int signal = WTERMSIG(status);
  if (signal != handedOn && limits.memory)
    return reportError("it needs more memory than --max-memory gives (ended by "
                       "signal " +
                       std::to_string(signal) + ", " + strsignal(signal) + ")");
  raiseAgain(signal, formerMask);
  return Error;
}

/// Removes what a process was writing when it ended.
static void removeTemporaryFolders(const std::string &output, pid_t process) {
  std::error_code ignored;
  auto real = std::filesystem::weakly_canonical(output, ignored);
  std::string prefix = ".lambent-" + std::to_string(process) + "-";
  std::vector<std::filesystem::path> found;
  for (std::filesystem::directory_iterator entry(real.parent_path(), ignored),
       end;
       !ignored && entry != end; entry.increment(ignored))
    if (entry->path().filename().string().rfind(prefix, 0) == 0)
      found.push_back(entry->path());
  for (const std::filesystem::path &folder : found)
    std::filesystem::remove_all(folder, ignored);
}

static int work(const Limits &limits, const sigset_t &formerMask,
                const std::function<int()> &body) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigprocmask(SIG_SETMASK, &formerMask, nullptr);
  if (limits.memory) {
    rlimit most;
    getrlimit(RLIMIT_DATA, &most);
    most.rlim_cur = std::min<rlim_t>(most.rlim_max, limits.memory);
    setrlimit(RLIMIT_DATA, &most);
    rlimit noCore = {0, 0};
    setrlimit(RLIMIT_CORE, &noCore);
    // Where an exception must not pass, who waits says what was missing.
    std::set_terminate([] { std::abort(); });
  }
  return body();
}

int supervise(const Limits &limits, const SupervisedWork &supervised,
              const std::function<int()> &body) {
  if (!limits.isAny() && supervised.temporary.empty())
    return body();
  sigset_t signals, formerMask;
  sigemptyset(&signals);
  for (int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP})
    sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, &formerMask);
  std::signal(SIGCHLD, SIG_DFL); // else an end would go by unseen
  pid_t child = fork();
  if (child < 0)
    return reportError(std::string("cannot start a process to work in: ") +
                       std::strerror(errno));
  if (child == 0)
    return work(limits, formerMask, body);
  Supervisor supervisor(limits, supervised.watchesClock, child, signals);
  supervisor.wait();
  if (supervisor.wasKilled()) {
    removeTemporaryFolders(supervised.output, child);
    for (const std::string &path : supervised.temporary)
      unlink(path.c_str());
  }
  return supervisor.getExitStatus(formerMask);
}

} // namespace lambent::driver
