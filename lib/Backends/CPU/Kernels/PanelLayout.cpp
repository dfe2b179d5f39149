//===- PanelLayout.cpp - How constants are cut into panels ----------------===//

#include "PanelLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

int64_t PanelLayout::countPanels() const {
  int64_t panels = 1;
  for (int64_t size : outer)
    panels *= size;
  return panels;
}

SmallVector<int64_t> PanelLayout::getShape() const {
  SmallVector<int64_t> shape(outer);
  llvm::append_range(shape, inner);
  return shape;
}

PanelLayout cpu::getPanelLayout(lir::MatmulOp op, const MatmulPlan &plan) {
  MLIRContext *context = op.getContext();
  ArrayRef<Size> domain = op.getDomain();
  unsigned rank = domain.size(), batch = rank - 3;
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[1]).getValue();
  PanelLayout layout;
  SmallVector<AffineExpr> dims(rank, getAffineConstantExpr(0, context));
  for (unsigned i = 0; i < batch; ++i) {
    dims[i] = getAffineDimExpr(i, context);
    layout.outer.push_back(map.isFunctionOfDim(i) ? domain[i].getNumber() : 1);
  }
  layout.outer.push_back(plan.panels.getNumber());
  layout.inner = {plan.steps.getNumber(), plan.tile.columns};
  auto dim = [&](unsigned behindBatch) {
    return getAffineDimExpr(batch + behindBatch, context);
  };
  dims[rank - 2] = dim(0) * plan.tile.columns + dim(2);
  dims[rank - 1] = dim(1);
  if (plan.group > 1) {
    dims[rank - 1] = dim(1) * plan.group + dim(3);
    layout.inner.push_back(plan.group);
  }
  layout.map = map.replaceDimsAndSymbols(
      dims, {}, layout.outer.size() + layout.inner.size(), 0);
  return layout;
}

PanelLayout cpu::getPanelLayout(lir::ConvOp op, const ConvPlan &plan) {
  SmallVector<int64_t> shape = plan.getPackedShape();
  ArrayRef<int64_t> sizes(shape);
  PanelLayout layout;
  layout.map = plan.getPackingMap(op.getContext());
  llvm::append_range(layout.outer, sizes.take_front(2));
  llvm::append_range(layout.inner, sizes.drop_front(2));
  return layout;
}
