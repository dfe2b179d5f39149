//===- NpyHeader.h - The header of an .npy file -----------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_NPYHEADER_H
#define LAMBENT_RUNTIME_NPYHEADER_H

#include "OwnedTensor.h"

namespace lambent::runtime {

struct NpyHeader {
  LambentDataType type = {};
  bool fortranOrder = false;
  uint32_t rank = 0;
  int64_t dims[OwnedTensor::maxRank];

  /// Parses the dictionary {'descr': '<f4', 'fortran_order': False, 'shape':
  /// (2, 3), }, a string that ends in 0.
  LambentStatus *parse(const char *text, const char *path);
};

} // namespace lambent::runtime

#endif
