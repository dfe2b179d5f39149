//===- Npy.h - numpy's file format for one array
//---------------------------===//

#ifndef LAMBENT_TOOLS_NPY_H
#define LAMBENT_TOOLS_NPY_H

#include "Tensor.h"
#include <string>
#include <string_view>

namespace lambent::driver {

/// Reads the bytes of a .npy file, in C or Fortran order. On failure `error`
/// says why.
std::optional<Tensor> parseNpy(std::string_view bytes, std::string &error);

/// The bytes before the array's own in a .npy file.
std::string npyHeader(const Tensor &tensor);

} // namespace lambent::driver

#endif
