//===- Trial.h - Whether another version gives the same bits ----*- C++ -*-===//

#ifndef LAMBENT_COMPILER_CAPI_TRIAL_H
#define LAMBENT_COMPILER_CAPI_TRIAL_H

#include "lambent-c/compiler.h"
#include <memory>
#include <vector>

namespace lambent::capi {

template <auto destroy> struct Destroy {
  template <typename T> void operator()(T *handle) const { destroy(handle); }
};
using ModuleHandle =
    std::unique_ptr<LambentModule, Destroy<lambent_module_destroy>>;
using SessionHandle =
    std::unique_ptr<LambentSession, Destroy<lambent_session_destroy>>;
using PoolHandle =
    std::unique_ptr<LambentThreadPool, Destroy<lambent_thread_pool_destroy>>;
using CancellationHandle =
    std::unique_ptr<LambentCancellation, Destroy<lambent_cancellation_destroy>>;

/// A compiled model, ready to run.
struct Compiled {
  ModuleHandle module;
  SessionHandle session;
};

/// What a run was given and gave, copied.
class Trial {
public:
  /// Inputs without data are not copied: `isWhole` is false then.
  Trial(const LambentModel &model, const LambentTensor *inputs,
        const LambentTensor *outputs);
  bool isWhole() const { return whole; }
  /// Whether `version` gives the same outputs, bit for bit.
  bool passes(const Compiled &version);

private:
  struct Copy {
    std::vector<int64_t> dims;
    std::vector<char> bytes;
    LambentTensor tensor; ///< without data and shape
  };
  bool copy(const LambentTensor *tensors, uint32_t count,
            std::vector<Copy> &copies);

  std::vector<Copy> inputs, outputs;
  bool whole = true;
};

} // namespace lambent::capi

#endif
