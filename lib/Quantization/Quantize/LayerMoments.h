//===- LayerMoments.h - How what each product reads varies ------*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_LAYERMOMENTS_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_LAYERMOMENTS_H

#include "Quantization.h"
#include "lambent/Quantization/PatchMoments.h"

namespace lambent::quantization {

/// Why samples do not say how a product's weight changes best; "": they do.
std::string explainNoMoments(const Product &product);

/// In how many parts channels are convolved by themselves; 1 of other products.
int64_t countGroups(const Product &product);

/// How the filters of a Conv move.
FilterWindow getWindow(const Product &product);

/// The moments of what products multiply their weights with, on the samples of
/// the float model. They are gathered for as many products as fit into memory,
/// in the order in which they are asked for.
class LayerMoments {
public:
  LayerMoments(Quantization &state, llvm::ArrayRef<Product> products)
      : state(state), products(products) {}

  /// The moments for each group of the channels of product `index`, whose
  /// reason is ""; none where samples hold nothing that it reads. Fails where
  /// samples cannot be read.
  llvm::Expected<std::vector<MomentMatrix>> take(size_t index);

  /// The sum of these over all products that read the weight of `index` alike,
  /// or why there are none.
  llvm::Expected<std::vector<MomentMatrix>> takeAll(size_t index,
                                                    std::string &whyNone);

private:
  struct Layer {
    std::string tensor; ///< of the float model
    std::optional<PatchMoments> patches;
  };
  bool isWanted(const Product &product) const;
  bool readAlike(const Product &first, const Product &second) const;
  llvm::Error gather(size_t first);

  Quantization &state;
  llvm::ArrayRef<Product> products;
  std::map<size_t, Layer> layers;
  SecondMoments rows; ///< of matrix products' inputs
};

} // namespace lambent::quantization

#endif
