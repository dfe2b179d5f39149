//===- AdaptiveSession.h - Compiles for sizes that come often ---*- C++ -*-===//
//
// One version of the model has open dims and runs whatever comes. Sizes that
// come often get a version with bound dims: a thread compiles it, and tries it
// on inputs of real runs. It takes over after it gave the same bits on some of
// them. The order in which a kernel sums up follows from its op and target
// alone, but what is folded or fused around it may follow from sizes; the trials
// see what does.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_COMPILER_CAPI_ADAPTIVESESSION_H
#define LAMBENT_COMPILER_CAPI_ADAPTIVESESSION_H

#include "Trial.h"
#include "lambent-c/adaptive.h"
#include "lambent/Compiler/Compiler.h"
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace lambent::capi {

class AdaptiveSession {
public:
  AdaptiveSession(const LambentModelSource &source, CompileOptions options,
                  const LambentAdaptiveOptions &adaptive);
  /// Ends what is being compiled.
  ~AdaptiveSession();
  AdaptiveSession(const AdaptiveSession &) = delete;

  /// Compiles the version of open dims and starts the thread.
  LambentStatus *start();
  const LambentModel &getModel() const {
    return *lambent_module_model(general.module.get());
  }
  LambentStatus *run(const LambentTensor *inputs, uint32_t numInputs,
                     LambentTensor *outputs, uint32_t numOutputs,
                     const LambentRunOptions *options);
  void wait();
  uint32_t countVersions() const;

private:
  /// The dims of all inputs, one after the other.
  using Key = std::vector<int64_t>;
  enum class State { Counted, Compiling, OnTrial, InUse, Refused };
  struct Version {
    State state = State::Counted;
    uint32_t runs = 0;   ///< so far; of a version on trial, those it has passed
    bool isBusy = false; ///< a trial is under way
    uint64_t lastUse = 0;
    std::shared_ptr<Compiled> compiled;
  };
  struct Task {
    Key key;
    std::unique_ptr<Trial> trial; ///< null: compile
  };
  /// What a run has to do besides running.
  struct Plan {
    Key key;
    std::shared_ptr<Compiled> version; ///< to run, null: the general one
    bool isTrial = false;
  };

  bool mayAdapt() const;
  /// Whether all tensors have the model's ranks; what has not is an error that
  /// the general version reports.
  bool readKey(const LambentTensor *inputs, uint32_t numInputs, Key &key) const;
  Plan plan(Key key);
  void finishTrial(const Plan &plan, const LambentStatus *status,
                   const LambentTensor *inputs, const LambentTensor *outputs);
  void makeRoom();
  void work();
  std::shared_ptr<Compiled> compileFor(const Key &key);
  void compile(const Key &key);
  void judge(const Key &key, Trial &trial);

  const std::string path;
  LambentModelSource source; ///< its path is `path`
  CompileOptions options;
  LambentAdaptiveOptions adaptive;
  PoolHandle ownPool;
  CancellationHandle stop;
  Compiled general;

  mutable std::mutex mutex;
  std::condition_variable hasWork, isIdle;
  std::map<Key, Version> versions;
  std::deque<Task> tasks;
  uint64_t clock = 0;
  bool isWorking = false, isStopping = false;
  std::thread worker;
};

} // namespace lambent::capi

#endif
