//===- SelectAlgorithms.cpp - Chooses tiles and packs constants -----------===//
//
// An op whose right-hand side or filter is constant gets the tile that its
// plan chooses, and the constant is laid out as panels of that tile. What is
// not constant is packed by the kernel as it runs.
//
//===----------------------------------------------------------------------===//

#include "Kernels/ConvPlan.h"
#include "Kernels/MatmulPlan.h"
#include "Kernels/RecurrentPlan.h"
#include "PointwiseConv.h"
#include "SelectWinograd.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace lambent::cpu {
#define GEN_PASS_DEF_SELECTALGORITHMS
#include "lambent/Backends/CPU/Passes.h.inc"
} // namespace lambent::cpu

namespace {

/// Makes packed versions of weights, each distinct one once.
class WeightPacker {
public:
  /// Points `operand` at `weight` packed by `map` to `shape`.
  void pack(OpOperand &operand, lir::WeightOp weight, ArrayRef<int64_t> shape,
            AffineMap map) {
    Builder builder(weight.getContext());
    auto entry = builder.getNamedAttr("map", AffineMapAttr::get(map));
    pack(operand, weight, shape, builder.getDictionaryAttr(entry));
  }
  void pack(OpOperand &operand, lir::WeightOp weight, ArrayRef<int64_t> shape,
            DictionaryAttr packing) {
    Operation *view = operand.get().getDefiningOp<lir::ViewOp>();
    OpBuilder builder(weight);
    builder.setInsertionPointAfter(weight);
    auto type = MemRefType::get(shape, weight.getType().getElementType());
    lir::WeightOp &packed = made[{weight, type, packing}];
    if (!packed) {
      packed = lir::WeightOp::create(builder, weight.getLoc(), type,
                                     weight.getValue(), packing, IntegerAttr());
      for (NamedAttribute attr : weight->getDiscardableAttrs())
        packed->setDiscardableAttr(attr.getName(), attr.getValue());
    }
    operand.set(packed);
    if (view && view->use_empty())
      view->erase();
    used.insert(weight);
  }

  /// Drops weights that only packed versions are read of.
  void eraseUnused() {
    for (lir::WeightOp weight : used)
      if (weight->use_empty())
        weight->erase();
  }

private:
  using Key = std::tuple<Operation *, Type, Attribute>;
  llvm::DenseMap<Key, lir::WeightOp> made;
  llvm::SetVector<lir::WeightOp> used;
};

/// The weight that `value` is, as the model has it.
lir::WeightOp getUnpackedWeight(Value value) {
  auto weight = value.getDefiningOp<lir::WeightOp>();
  return weight && !weight.getPacking() ? weight : nullptr;
}

DictionaryAttr getAlgorithm(Builder builder, StringRef kind, TileShape tile) {
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("kind", builder.getStringAttr(kind)),
       builder.getNamedAttr("rows", builder.getI64IntegerAttr(tile.rows)),
       builder.getNamedAttr("columns",
                            builder.getI64IntegerAttr(tile.columns))});
}

/// The weight whose view `value` is and that is to be permuted when it is
/// packed: its packing is a map that gives its elements another order.
lir::WeightOp getPermutedWeight(Value value) {
  auto view = value.getDefiningOp<lir::ViewOp>();
  auto weight =
      view ? view.getSource().getDefiningOp<lir::WeightOp>() : lir::WeightOp();
  return weight && weight.getPacking() ? weight : nullptr;
}

/// Packs a permuted rhs, whose k is several dims, as [panels, k..., columns].
void packPermuted(lir::MatmulOp op, lir::WeightOp weight,
                  const MatmulPlan &plan, WeightPacker &packer) {
  MLIRContext *context = op.getContext();
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[1]).getValue();
  auto permutation = weight.getPackingAttr().getAs<AffineMapAttr>("map");
  bool depthFirst =
      map.getResult(0) == getAffineDimExpr(map.getNumDims() - 1, context);
  ArrayRef<int64_t> sizes = weight.getType().getShape();
  ArrayRef<int64_t> depths =
      depthFirst ? sizes.drop_back() : sizes.drop_front();
  SmallVector<int64_t> shape{plan.panels.getNumber()};
  shape.append(depths.begin(), depths.end());
  shape.push_back(plan.tile.columns);
  SmallVector<AffineExpr> index;
  for (size_t dim = 0; dim < depths.size(); ++dim)
    index.push_back(getAffineDimExpr(dim + 1, context));
  index.insert(depthFirst ? index.end() : index.begin(),
               getAffineDimExpr(0, context) * plan.tile.columns +
                   getAffineDimExpr(shape.size() - 1, context));
  packer.pack(
      op.getRhsMutable(), weight, shape,
      permutation.getValue().replaceDimsAndSymbols(index, {}, shape.size(), 0));
}

/// Packs a constant rhs as [batch or 1 ..., panels, K, columns].
void selectMatmul(lir::MatmulOp op, const TargetInfo &target,
                  WeightPacker &packer) {
  lir::WeightOp weight = getUnpackedWeight(op.getRhs()),
                permuted = getPermutedWeight(op.getRhs());
  if ((!weight && !permuted) || op.getAlgorithm())
    return;
  MatmulPlan plan(op, target);
  if (!plan.vectorized || plan.swapped)
    return;
  TileShape tile = plan.tile;
  MLIRContext *context = op.getContext();
  ArrayRef<Size> domain = op.getDomain();
  unsigned rank = domain.size();
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[1]).getValue();

  SmallVector<int64_t> shape;
  SmallVector<AffineExpr> dims(rank, getAffineConstantExpr(0, context));
  for (unsigned i = 0; i < rank - 3; ++i) {
    dims[i] = getAffineDimExpr(i, context);
    shape.push_back(map.isFunctionOfDim(i) ? domain[i].getNumber() : 1);
  }
  auto panel = getAffineDimExpr(rank - 3, context);
  auto k = getAffineDimExpr(rank - 2, context);
  auto column = getAffineDimExpr(rank - 1, context);
  dims[rank - 2] = panel * tile.columns + column;
  dims[rank - 1] = k;
  shape.append({plan.panels.getNumber(), plan.depth.getNumber(), tile.columns});
  if (permuted)
    packPermuted(op, permuted, plan, packer);
  else
    packer.pack(op.getRhsMutable(), weight, shape,
                map.replaceDimsAndSymbols(dims, {}, rank, 0));

  SmallVector<Attribute> maps(op.getMaps().getValue());
  maps[1] = AffineMapAttr::get(AffineMap::get(rank, 0, context));
  op.setMapsAttr(ArrayAttr::get(context, maps));
  op.setAlgorithmAttr(getAlgorithm(Builder(context), "panels", tile));
}

void selectConv(lir::ConvOp op, const TargetInfo &target, bool strict,
                WeightPacker &packer) {
  lir::WeightOp weight = getUnpackedWeight(op.getFilter());
  if (!weight || op.getAlgorithm())
    return;
  MLIRContext *context = op.getContext();
  std::string reason;
  if (!strict)
    if (auto plan = chooseWinograd(op, weight, target, reason)) {
      packer.pack(op.getFilterMutable(), weight, plan->getPackedShape(),
                  plan->getPacking(context));
      op.setAlgorithmAttr(plan->getAlgorithm(context));
      return;
    }
  ConvPlan plan(op, target);
  packer.pack(op.getFilterMutable(), weight, plan.getPackedShape(),
              plan.getPackingMap(context));
  op.setAlgorithmAttr(plan.getAlgorithm(context));
}

/// Lays recurrent weights out as panels, when compiling or, where they are not
/// constant, in front of the layer.
void selectRecurrent(lir::RecurrentOp op, const TargetInfo &target,
                     WeightPacker &packer) {
  if (op.getAlgorithm())
    return;
  RecurrentPlan plan(op, target);
  MLIRContext *context = op.getContext();
  if (lir::WeightOp weight = getUnpackedWeight(op.getWeights()))
    packer.pack(op.getWeightsMutable(), weight, plan.getPackedShape(),
                plan.getPackingMap(context));
  else
    plan.packAtRunTime(op);
  op.setAlgorithmAttr(plan.getAlgorithm(context));
}

struct SelectAlgorithms : cpu::impl::SelectAlgorithmsBase<SelectAlgorithms> {
  using SelectAlgorithmsBase::SelectAlgorithmsBase;

  void runOnOperation() override {
    llvm::Expected<TargetInfo> target = TargetInfo::create(cpu);
    if (!target) {
      getOperation().emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    getOperation().walk([](lir::ConvOp op) { convertPointwiseConv(op); });
    WeightPacker packer;
    getOperation().walk(
        [&](lir::ConvOp op) { selectConv(op, *target, strict, packer); });
    getOperation().walk(
        [&](lir::MatmulOp op) { selectMatmul(op, *target, packer); });
    getOperation().walk(
        [&](lir::RecurrentOp op) { selectRecurrent(op, *target, packer); });
    packer.eraseUnused();
  }
};

} // namespace
