//===- WinogradPruning.cpp - How much of a Winograd filter goes -----------===//

#include "WinogradPruning.h"
#include "lambent/Backends/Emit/NodeNames.h"

using namespace lambent;
using namespace lambent::cpu;

static llvm::Expected<double> toShare(double percent) {
  if (percent >= 0 && percent <= 100)
    return percent / 100;
  return llvm::createStringError(
      "expected winograd-zeros to be a percentage, but got %g", percent);
}

llvm::Expected<WinogradPruning>
WinogradPruning::create(double percent, llvm::ArrayRef<std::string> layers) {
  WinogradPruning result;
  llvm::Expected<double> all = toShare(percent);
  if (!all)
    return all.takeError();
  result.all = *all;
  for (llvm::StringRef layer : layers) {
    // Names may hold the sign.
    auto [name, text] = layer.rsplit('=');
    double own;
    if (text.getAsDouble(own))
      return llvm::createStringError(
          "expected winograd-zeros-of to be NAME=PERCENT, but got '" + layer +
          "'");
    llvm::Expected<double> share = toShare(own);
    if (!share)
      return share.takeError();
    result.layers[name] = *share;
  }
  return result;
}

double WinogradPruning::getShare(mlir::Location location) const {
  if (!layers.empty())
    for (llvm::StringRef name : emit::getNodeNames(location))
      if (auto layer = layers.find(name); layer != layers.end())
        return layer->second;
  return all;
}
