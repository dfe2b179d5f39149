//===- TensorFiles.h - Folders of tensors
//----------------------------------===//
//
// A folder holds one NAME.npy per tensor, or input_0.pb, input_1.pb ... as in
// the ONNX suite.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_TENSORFILES_H
#define LAMBENT_TOOLS_TENSORFILES_H

#include "Tensor.h"
#include <string>
#include <vector>

namespace lambent::driver {

enum class TensorFormat { Npy, Proto };

/// The file names of tensors without their extension: every character but
/// letters, digits and `. _ -` turns into `_`, and a name that another tensor
/// already has gets its number behind it.
std::vector<std::string> fileStems(const std::vector<std::string> &names);

/// The inputs of a model, by name and in the model's order, from a folder.
/// Prints what is wrong and returns nothing on failure. `format` says which
/// kind of files the folder held.
std::optional<std::vector<Tensor>>
readInputs(const std::string &folder, const std::vector<std::string> &names,
           TensorFormat &format);

/// Writes NAME.npy or output_N.pb files, making the folder where it is
/// missing. Returns an exit status.
int writeOutputs(const std::string &folder,
                 const std::vector<std::string> &names,
                 const std::vector<Tensor> &tensors, TensorFormat format);

} // namespace lambent::driver

#endif
