//===- Module.h - Compiled code with its weights, checked -------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_MODULE_H
#define LAMBENT_RUNTIME_MODULE_H

#include "Mapping.h"
#include <atomic>

namespace lambent::runtime {

/// Immutable but for its count of users.
class Module {
public:
  /// What keeps the code alive: called once, when the last user has gone.
  using Release = void (*)(void *owner);

  /// Checks the model and its weights. On success the module owns `file` and
  /// `owner`; on failure `owner` stays the caller's.
  static LambentStatus *create(const LambentModel &model, const char *origin,
                               const void *weights, uint64_t weightBytes,
                               const LambentLoadOptions &options, Mapping file,
                               void *owner, Release releaseOwner,
                               Module **module);

  void retain() { users.fetch_add(1, std::memory_order_relaxed); }
  void release();

  const LambentModel &getModel() const { return *model; }
  const void *getWeights() const { return weights; }

private:
  Module() = default;
  ~Module() = default;

  std::atomic<uint64_t> users{1};
  const LambentModel *model = nullptr;
  const void *weights = nullptr;
  Mapping file; ///< the weights, when they come from a file
  void *owner = nullptr;
  Release releaseOwner = nullptr;
};

inline Module *unwrap(LambentModule *module) {
  return reinterpret_cast<Module *>(module);
}
inline LambentModule *wrap(Module *module) {
  return reinterpret_cast<LambentModule *>(module);
}

} // namespace lambent::runtime

#endif
