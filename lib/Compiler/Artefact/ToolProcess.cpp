//===- ToolProcess.cpp - Run a tool of the machine ------------------------===//

#include "ToolProcess.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/MemoryBuffer.h"
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lambent;
using llvm::StringRef;

/// Starts `words` with its output going to a file. Returns an errno.
static int start(std::vector<std::string> words, const std::string &logPath,
                 SignalWatch &watch, pid_t &process) {
  std::vector<char *> arguments;
  for (std::string &word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, logPath.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0666);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  if (watch.isOn()) {
    // A group of its own, so that a signal can end all of it.
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &watch.getFormerMask());
  }
  SignalWatch::Pause pause(watch);
  int error = posix_spawn(&process, arguments[0], &actions, &attributes,
                          arguments.data(), environ);
  if (!error && watch.isOn())
    watch.endOnSignal(process);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// Waits for a process and returns its status as of wait, or -1.
static int finish(pid_t process, SignalWatch &watch) {
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOWAIT) !=
             0 &&
         errno == EINTR) {
  }
  // Its number is free for other processes as soon as it is waited for.
  SignalWatch::Pause pause(watch);
  watch.endOnSignal(0);
  int status = -1;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

llvm::Error lambent::runTool(StringRef program,
                             llvm::ArrayRef<std::string> arguments,
                             StringRef logPath, SignalWatch &watch) {
  std::vector<std::string> words = {program.str()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  pid_t process = 0;
  if (int error = start(std::move(words), logPath.str(), watch, process))
    return llvm::createStringError("cannot start '" + program +
                                   "': " + llvm::sys::StrError(error));
  int status = finish(process, watch);
  if (status == 0)
    return llvm::Error::success();
  std::string message;
  if (auto log = llvm::MemoryBuffer::getFile(logPath))
    message = (*log)->getBuffer().trim().str();
  if (message.empty())
    message = WIFSIGNALED(status)
                  ? "signal " + std::to_string(WTERMSIG(status)) + " ended it"
                  : "exit status " + std::to_string(WEXITSTATUS(status));
  return llvm::createStringError("'" + program +
                                 "' failed to link: " + message);
}
