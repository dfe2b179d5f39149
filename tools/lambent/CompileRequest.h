//===- CompileRequest.h - What the driver asks the compiler for -----------===//

#ifndef LAMBENT_TOOLS_COMPILEREQUEST_H
#define LAMBENT_TOOLS_COMPILEREQUEST_H

#include "Options.h"
#include "lambent-c/compiler.h"
#include "lambent-c/prune.h"
#include <string>
#include <vector>

namespace lambent::driver {

/// A model file and options in the C API's structures, with progress shown
/// where standard error is a terminal. Must outlive the call it is for.
class CompileRequest {
public:
  CompileRequest(const std::string &path, const ModelOptions &options);
  CompileRequest(const CompileRequest &) = delete;
  ~CompileRequest();

  const LambentModelSource *source() const { return &theSource; }
  const LambentCompileOptions *options() const { return &theOptions; }

private:
  static void showProgress(void *user, const char *phase, uint32_t done,
                           uint32_t total);

  std::string path;
  ModelOptions wanted;
  std::vector<LambentDimBinding> dims;
  std::vector<LambentDimRange> ranges;
  std::vector<LambentDonation> donations;
  std::vector<LambentShapeBinding> shapes;
  std::vector<LambentConstantBinding> constants;
  std::vector<LambentLayerZeros> winogradLayers;
  std::vector<const char *> extraOutputs;
  LambentModelSource theSource = {};
  LambentCompileOptions theOptions = {};
  bool shown = false;
};

} // namespace lambent::driver

#endif
