//===- DeclaredInputs.h - Inputs as an ONNX file declares them --*- C++ -*-===//

#ifndef LAMBENT_TOOLS_DECLAREDINPUTS_H
#define LAMBENT_TOOLS_DECLAREDINPUTS_H

#include "CompileRequest.h"
#include "InputFolder.h"

namespace lambent::driver {

template <typename Value> Names getNames(const Value *values, uint64_t count) {
  Names names;
  for (uint64_t i = 0; i < count; ++i)
    names.push_back(values[i].name);
  return names;
}

int reportMissingFolder();

/// Reads what the model at `path` declares from a folder, in its order.
/// `declared` asks for nothing but the model. Prints what is wrong; returns an
/// exit status.
int readDeclaredInputs(const std::string &path, const std::string &folder,
                       const CompileRequest &declared,
                       const LambentModelSummary &summary,
                       const std::vector<std::string> &moreOutputs,
                       TensorSet &inputs);

/// Binds the shapes of the inputs at hand where the caller did not state one,
/// and offers their values: the model is compiled for these inputs. An input
/// that contradicts its declaration is an error: a wrong declaration is
/// overridden by --shape only. Prints what is wrong, and in which file of
/// `folder`; returns an exit status.
int bindShapes(const LambentModelSummary &declared, const std::string &folder,
               LambentTensorSet *inputs, ModelOptions &options);

} // namespace lambent::driver

#endif
