//===- SplitWeights.cpp - Constants as sums of bf16 parts -----------------===//

#include "SplitWeights.h"
#include "lambent/Lowering/Kernels/SplitPacking.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

static constexpr double kLeastGain = 0.1;

/// Products of parts below this power of two lose bits, since the unit takes
/// denormal numbers for zeros.
static constexpr int64_t kLeastScale = -100;

/// How far from 1 weights may be, as a power of two: so much less is the range
/// of a lhs.
static constexpr int64_t kMostScale = 64;

bool cpu::knowsSplitTiles(const TargetInfo &target) {
  return target.tileUnit != TileUnitKind::None;
}

std::string cpu::explainTime(double cycles, double others) {
  if (cycles <= (1 - kLeastGain) * others)
    return "";
  return llvm::formatv(
             "it would take {0:f0} cycles, which does not save {1:f0} "
             "% of {2:f0}",
             cycles, 100 * kLeastGain, others)
      .str();
}

/// The power of two below or at `exponent` that is a multiple of 16, so that
/// kernels don't differ by their weights' last bits.
static int64_t roundDown(int64_t exponent) {
  return llvm::divideFloorSigned(exponent, 16) * 16;
}

std::optional<SplitRange> cpu::boundLhs(lir::WeightOp weight,
                                        const SplitLayout &layout,
                                        int64_t depth, bool strict,
                                        std::string &reason) {
  auto refuse = [&](std::string why) {
    reason = std::move(why);
    return std::nullopt;
  };
  auto type = cast<ShapedType>(weight.getValue().getType());
  auto packing =
      kernels::SplitPacking::create(layout.packing.getMap(), layout.shape,
                                    type.getShape(), layout.packing.getTaps());
  if (!packing)
    return refuse(llvm::toString(packing.takeError()));
  bool splat = isa<SplatElementsAttr>(weight.getValue());
  ArrayRef<char> data = getData(weight);
  if (int64_t(data.size()) !=
      (splat ? 1 : type.getNumElements()) * int64_t(sizeof(float)))
    return refuse("the weights have no data");
  kernels::ColumnScales scales =
      packing->measure(data.data(), splat, /*flushesDenormals=*/!strict);
  if (!scales.isFinite)
    return refuse("the weights have elements that are not finite");
  int64_t least = 0, most = 0;
  if (scales.most) {
    least = std::min<int64_t>(0, roundDown(std::ilogb(scales.least)));
    most = std::max<int64_t>(0, -roundDown(-std::ilogb(scales.most) - 1));
  }
  if (least < -kMostScale || most > kMostScale)
    return refuse(
        llvm::formatv("expected columns of weights whose largest elements are "
                      "from 2^-{0} to 2^{0}, but got {1:e1} to {2:e1}",
                      kMostScale, scales.least, scales.most)
            .str());
  // Sums stay below 2^127, and a lhs below what rounds up to infinity.
  int64_t terms = llvm::Log2_64_Ceil(depth);
  return SplitRange{kLeastScale - least, 126 - most - terms};
}
