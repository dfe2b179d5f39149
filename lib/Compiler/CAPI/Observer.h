//===- Observer.h - Runs a model and shows its tensors ----------*- C++ -*-===//

#ifndef LAMBENT_COMPILER_CAPI_OBSERVER_H
#define LAMBENT_COMPILER_CAPI_OBSERVER_H

#include "Trial.h"
#include "lambent/Compiler/Compiler.h"
#include "lambent/Quantization/TensorView.h"

namespace lambent::capi {

/// Runs a model on inputs of any sizes and hands out its float tensors. It is
/// compiled for the sizes that come; after a few it is compiled for all, where
/// it can be, so that samples of many lengths do not take a compilation each.
class Observer {
public:
  using See =
      llvm::function_ref<LambentStatus *(const quantization::TensorView &)>;

  /// `names` are the tensors to show; a name may be of none. Before it is
  /// compiled for all sizes it is for the first `mostBound` that come.
  Observer(ModelSource source, CompileOptions options,
           std::vector<std::string> names, LambentThreadPool *pool,
           unsigned mostBound = 3);

  /// Inputs are in the order that the model declares them in. What `see`
  /// returns, where it is not null, ends the run.
  LambentStatus *run(llvm::ArrayRef<LambentTensor> inputs, See see);

private:
  /// The types and dims of all inputs.
  using Key = std::vector<int64_t>;
  struct Version {
    Key key; ///< empty: for all
    Compiled compiled;
    const LambentModel &getModel() const {
      return *lambent_module_model(compiled.module.get());
    }
  };

  LambentStatus *readInputNames();
  LambentStatus *findVersion(llvm::ArrayRef<LambentTensor> inputs,
                             std::shared_ptr<Version> &version);
  LambentStatus *compile(const CompileOptions &how,
                         std::shared_ptr<Version> &version);
  LambentStatus *compileFor(llvm::ArrayRef<LambentTensor> inputs,
                            std::shared_ptr<Version> &version,
                            bool &fitsOthers);
  LambentStatus *runVersion(const Version &version,
                            llvm::ArrayRef<LambentTensor> inputs, See see);

  const ModelSource source;
  CompileOptions options;
  const std::vector<std::string> names;
  LambentThreadPool *const pool;
  const unsigned mostBound;
  std::vector<std::string> inputNames;
  bool isRead = false;
  std::vector<std::shared_ptr<Version>> versions; ///< the last used last
  std::shared_ptr<Version> general;
  bool mayBeGeneral = true;
  unsigned numBound = 0;
};

} // namespace lambent::capi

#endif
