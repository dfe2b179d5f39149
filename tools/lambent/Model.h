//===- Model.h - A model that is ready to run -------------------*- C++ -*-===//
//
// From an artefact, or compiled in process from an ONNX file whose open dims
// the inputs at hand bind.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_MODEL_H
#define LAMBENT_TOOLS_MODEL_H

#include "Handles.h"
#include "Options.h"
#include "ReadFiles.h"
#include <string>
#include <vector>

namespace lambent::driver {

/// A model with the inputs to run it on.
struct PreparedModel {
  Module module;
  TensorSet inputs;
  ReadFiles files; ///< that hold the model; `inputs` knows its own
  std::shared_ptr<LambentCancellation> cancellation; ///< of its runs
  double loadMs = 0;                                 ///< loading the artefact
  double compileMs = 0; ///< compiling the ONNX file

  const LambentModel &description() const {
    return *lambent_module_model(module.get());
  }
};

/// Loads or compiles the model at `path`, and reads its inputs from
/// `inputFolder` or, where that is empty and `mayMakeInputs` is set, makes
/// seeded ones. Prints what is wrong; returns an exit status.
int prepareModel(const std::string &path, const std::string &inputFolder,
                 bool mayMakeInputs, const ModelOptions &options,
                 PreparedModel &prepared);

} // namespace lambent::driver

#endif
