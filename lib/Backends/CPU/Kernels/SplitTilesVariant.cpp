//===- SplitTilesVariant.cpp - When a product runs on bf16 tiles ----------===//

#include "SplitTilesVariant.h"
#include "SplitTilesPlan.h"
#include "WeightPacker.h"
#include "lambent/Lowering/Kernels/SplitPacking.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// Estimates are rough: what is gained must be more than this part.
static constexpr double kLeastGain = 0.1;

/// Products of parts below this power of two lose bits, since the unit takes
/// denormal numbers for zeros.
static constexpr int64_t kLeastScale = -100;

/// How far from 1 weights may be, as a power of two: so much less is the range
/// of a lhs.
static constexpr int64_t kMostScale = 64;

namespace {
/// How a rhs is packed.
struct SplitLayout {
  SmallVector<int64_t> shape;
  AffineMap map; ///< of the f32 panels
};
} // namespace

/// [batch or 1 ..., part, panel, K / 2, column, 2].
static SplitLayout getLayout(lir::MatmulOp op, const SplitTilesPlan &plan) {
  MLIRContext *context = op.getContext();
  ArrayRef<Size> domain = op.getDomain();
  unsigned rank = domain.size();
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[1]).getValue();
  SplitLayout layout;
  SmallVector<AffineExpr> dims(rank, getAffineConstantExpr(0, context));
  for (unsigned i = 0; i < rank - 3; ++i) {
    dims[i] = getAffineDimExpr(i, context);
    layout.shape.push_back(map.isFunctionOfDim(i) ? domain[i].getNumber() : 1);
  }
  auto panel = getAffineDimExpr(rank - 3, context);
  auto column = getAffineDimExpr(rank - 1, context);
  dims[rank - 2] = panel * SplitTilesPlan::kPanelColumns + column;
  dims[rank - 1] = getAffineDimExpr(rank - 2, context);
  int64_t group = plan.step.group;
  layout.shape.append({plan.parts, plan.panels,
                       plan.steps * plan.step.getDepth() / group,
                       SplitTilesPlan::kPanelColumns, group});
  layout.map = map.replaceDimsAndSymbols(dims, {}, rank, 0);
  return layout;
}

/// The data of a constant; empty where it has none.
static ArrayRef<char> getData(lir::WeightOp weight) {
  if (auto dense = dyn_cast<DenseElementsAttr>(weight.getValue()))
    return dense.getRawData();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(weight.getValue()))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return {};
}

/// The power of two below or at `exponent` that is a multiple of 16, so that
/// kernels don't differ by their weights' last bits.
static int64_t roundDown(int64_t exponent) {
  return llvm::divideFloorSigned(exponent, 16) * 16;
}

/// The algorithm for a lhs that products with these weights are right for.
static SplitTilesAttr bound(MLIRContext *context, const SplitTilesPlan &plan,
                            const kernels::ColumnScales &scales,
                            std::string &reason) {
  if (!scales.isFinite) {
    reason = "the rhs has elements that are not finite";
    return nullptr;
  }
  int64_t least = 0, most = 0;
  if (scales.most) {
    least = std::min<int64_t>(0, roundDown(std::ilogb(scales.least)));
    most = std::max<int64_t>(0, -roundDown(-std::ilogb(scales.most) - 1));
  }
  if (least < -kMostScale || most > kMostScale) {
    reason = llvm::formatv("expected columns of the rhs whose largest elements "
                           "are from 2^-{0} to 2^{0}, but got {1:e1} to {2:e1}",
                           kMostScale, scales.least, scales.most)
                 .str();
    return nullptr;
  }
  // Sums stay below 2^127, and a lhs below what rounds up to infinity.
  int64_t terms = llvm::Log2_64_Ceil(plan.product.depth.getNumber());
  return SplitTilesAttr::get(context, plan.parts, kLeastScale - least,
                             126 - most - terms);
}

bool cpu::knowsSplitTiles(const TargetInfo &target) {
  return target.tileUnit != TileUnitKind::None;
}

Proposal cpu::proposeSplitTiles(Operation *op, const Selection &selection) {
  auto matmul = cast<lir::MatmulOp>(op);
  lir::WeightOp weight = getUnpackedWeight(matmul.getRhs());
  if (!selection.packsConstants || !weight)
    return Proposal::reject("the rhs is not constant");
  std::string reason = SplitTilesPlan::explainRefusal(matmul, selection.target);
  if (!reason.empty())
    return Proposal::reject(reason);
  SplitTilesPlan plan(matmul, selection.target, selection.strict ? 3 : 2);
  MatmulPlan vectors(matmul, selection.target, std::nullopt);
  double others = vectors.estimateCycles(selection.target);
  if (plan.cycles > (1 - kLeastGain) * others)
    return Proposal::reject(
        llvm::formatv("it would take {0:f0} cycles, which does not save {1:f0} "
                      "% of {2:f0}",
                      plan.cycles, 100 * kLeastGain, others)
            .str());
  auto type = cast<ShapedType>(weight.getValue().getType());
  SplitLayout layout = getLayout(matmul, plan);
  auto packing =
      kernels::SplitPacking::create(layout.map, layout.shape, type.getShape());
  if (!packing)
    return Proposal::reject(llvm::toString(packing.takeError()));
  bool splat = isa<SplatElementsAttr>(weight.getValue());
  ArrayRef<char> data = getData(weight);
  if (int64_t(data.size()) !=
      (splat ? 1 : type.getNumElements()) * int64_t(sizeof(float)))
    return Proposal::reject("the rhs has no data");
  kernels::ColumnScales scales = packing->measure(
      data.data(), splat, /*flushesDenormals=*/!selection.strict);
  SplitTilesAttr algorithm = bound(op->getContext(), plan, scales, reason);
  if (!algorithm)
    return Proposal::reject(reason);
  return {algorithm, "", plan.cycles};
}

void SplitTilesAttr::packConstants(Operation *op, const TargetInfo &target,
                                   WeightPacker &packer) const {
  auto matmul = cast<lir::MatmulOp>(op);
  MLIRContext *context = op->getContext();
  SplitTilesPlan plan(matmul, target, getParts());
  SplitLayout layout = getLayout(matmul, plan);
  packer.pack(matmul.getRhsMutable(), getUnpackedWeight(matmul.getRhs()),
              layout.shape, lir::SplitPackingAttr::get(layout.map),
              plan.step.rhs);
  SmallVector<Attribute> maps(matmul.getMaps().getValue());
  maps[1] =
      AffineMapAttr::get(AffineMap::get(matmul.getDomain().size(), 0, context));
  matmul.setMapsAttr(ArrayAttr::get(context, maps));
}
