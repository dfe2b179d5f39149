//===- Division.h - Divide the channels of a tensor where it is made ------===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_DIVISION_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_DIVISION_H

#include "Quantization.h"

namespace lambent::quantization {

/// The constants by which the channels of a tensor, its last axis, can be
/// divided before it: the factors of a normalization, the columns of a matrix,
/// or a Mul's operand.
class Division {
public:
  /// Nothing where there are none for `channels` of these, or where something
  /// else needs what comes of them as it is.
  static std::optional<Division> find(const Network &network,
                                      llvm::ArrayRef<Product> products,
                                      llvm::StringRef tensor, int64_t channels);

  /// Divides, and gives the tensor, and those on the way to it, other names.
  /// Returns the tensor's; who read it still reads the old name.
  llvm::Expected<std::string> apply(Quantization &state, Network &network,
                                    llvm::ArrayRef<double> factors) const;

private:
  friend class DivisionFinder;
  /// A constant operand that is divided, or multiplied.
  struct Site {
    Network::Use use;
    onnx::TensorProto *tensor;
    /// The axis that channels lie along, or -1: what is broadcast to them.
    int64_t axis;
    bool isDivisor;
  };
  llvm::Error apply(Quantization &state, Network &network, const Site &site,
                    llvm::ArrayRef<double> factors) const;

  std::vector<Site> sites;
  std::vector<std::string> tensors; ///< that change, the last one first
};

/// Notes that the tensor `to` holds what `from` did, its channels divided: in
/// the profile, and for who looks at samples of the float model.
void noteDivision(Quantization &state, llvm::StringRef from,
                  const std::string &to, llvm::ArrayRef<double> factors);

} // namespace lambent::quantization

#endif
