//===- QuantizedNames.h - What others read of a tensor ----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_COMPARISON_QUANTIZEDNAMES_H
#define LAMBENT_TOOLS_COMPARISON_QUANTIZEDNAMES_H

#include "lambent-c/profile.h"
#include <map>
#include <set>
#include <string>
#include <vector>

namespace lambent::driver {

/// In a quantized model what a node computes may be cut off by the
/// QuantizeLinear behind it, which does what a Relu did: what counts of such a
/// tensor is what a DequantizeLinear makes of it.
class QuantizedNames {
public:
  /// Reads the nodes of a model.
  LambentStatus *read(const LambentModelSource *source);
  /// The tensor that stands for the one of that name: another one where all
  /// that read it quantize it.
  const std::string &resolve(const std::string &name) const;

private:
  struct Reader {
    std::string op, output;
  };
  std::map<std::string, std::vector<Reader>> readers; ///< of first operands
  std::set<std::string> readElsewhere;
};

} // namespace lambent::driver

#endif
