//===- SampleInputs.h - The inputs of one sample after another --*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SAMPLEINPUTS_H
#define LAMBENT_TOOLS_SAMPLEINPUTS_H

#include "CompileRequest.h"
#include "Handles.h"
#include "ReadFiles.h"

namespace lambent::driver {

/// The options of a model that is looked at as it is, and then `more`: no
/// output takes an input's memory, and nothing is quantized.
std::vector<Option> withSampleOptions(std::vector<Option> more);

/// The samples of a folder for a model, read when they are asked for.
class SampleInputs {
public:
  /// Summarizes the model and finds the samples. Prints what is wrong; returns
  /// an exit status, as all do.
  int open(const std::string &model, const std::string &folder,
           const ModelOptions &options);
  size_t size() const { return folders.size(); }
  const std::string &getName(size_t index) const { return folders[index]; }
  /// The inputs as the model declares them, which their shapes fit.
  int read(size_t index, TensorSet &inputs) const;
  /// Shows on a terminal which sample is next; nothing at the end.
  void showProgress(size_t index) const;
  /// Adds the files of the model and of all samples.
  void addFiles(ReadFiles &files) const;

private:
  std::string model;
  ModelOptions options;
  ModelSummary summary;
  std::vector<std::string> folders;
};

} // namespace lambent::driver

#endif
