//===- ConvVariants.cpp - The ways to compute a convolution ---------------===//

#include "ConvRows.h"
#include "Variants.h"
#include "WeightPacker.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

//===-- Proposals ---------------------------------------------------------===//

template <typename AlgorithmT>
static Proposal propose(lir::ConvOp op, const Selection &selection,
                        bool depthwise) {
  bool packed = selection.packsConstants && getUnpackedWeight(op.getFilter());
  ConvPlan plan(op, selection.target, {depthwise, packed, std::nullopt});
  auto algorithm = AlgorithmT::get(op.getContext(), plan.tile.rows,
                                   plan.tile.columns, packed);
  return {algorithm, "", plan.estimateCycles(selection.target)};
}

static bool isDepthwise(lir::ConvOp op) {
  ArrayRef<int64_t> filter = op.getFilterShape();
  int64_t group = op.getGroup();
  return group > 1 && filter[1] == 1 && filter[0] == group;
}

static Proposal proposeDepthwise(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  if (!isDepthwise(conv))
    return Proposal::reject("channels are not each by themselves");
  return propose<DepthwiseAttr>(conv, selection, /*depthwise=*/true);
}

static Proposal proposeDirect(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  if (isDepthwise(conv))
    return Proposal::reject("a panel would hold one output channel only");
  return propose<ImplicitGemmAttr>(conv, selection, /*depthwise=*/false);
}

ArrayRef<Variant> cpu::getConvVariants() {
  static constexpr Variant variants[] = {
      {"depthwise", proposeDepthwise},
      {"implicit-gemm", proposeDirect},
  };
  return variants;
}

//===-- Algorithms --------------------------------------------------------===//

static ConvPlan::Form getForm(DepthwiseAttr algorithm) {
  return {true, algorithm.getPacked(),
          TileShape{algorithm.getRows(), algorithm.getColumns()}};
}

static ConvPlan::Form getForm(ImplicitGemmAttr algorithm) {
  return {false, algorithm.getPacked(),
          TileShape{algorithm.getRows(), algorithm.getColumns()}};
}

template <typename AlgorithmT>
static ConvPlan getPlan(AlgorithmT algorithm, Operation *op,
                        const TargetInfo &target) {
  return ConvPlan(cast<lir::ConvOp>(op), target, getForm(algorithm));
}

static void packFilter(Operation *op, const ConvPlan &plan,
                       WeightPacker &packer) {
  auto conv = cast<lir::ConvOp>(op);
  if (plan.packed)
    packer.pack(conv.getFilterMutable(), getUnpackedWeight(conv.getFilter()),
                plan.getPackedShape(),
                lir::PackingAttr::get(plan.getPackingMap(op->getContext())));
}

LogicalResult DepthwiseAttr::emitKernel(Operation *op,
                                        KernelBuilder &builder) const {
  return emitDepthwiseConv(cast<lir::ConvOp>(op), builder, getForm(*this));
}
Size DepthwiseAttr::getNumChunks(Operation *op,
                                 const TargetInfo &target) const {
  return getPlan(*this, op, target).getNumChunks();
}
Size DepthwiseAttr::getScratchBytes(Operation *op,
                                    const TargetInfo &target) const {
  return getPlan(*this, op, target).getScratchBytes();
}
std::string DepthwiseAttr::describeKernel(Operation *op,
                                          const TargetInfo &target) const {
  return getPlan(*this, op, target).describe();
}
void DepthwiseAttr::packConstants(Operation *op, const TargetInfo &target,
                                  WeightPacker &packer) const {
  packFilter(op, getPlan(*this, op, target), packer);
}

LogicalResult ImplicitGemmAttr::emitKernel(Operation *op,
                                           KernelBuilder &builder) const {
  return emitDirectConv(cast<lir::ConvOp>(op), builder, getForm(*this));
}
Size ImplicitGemmAttr::getNumChunks(Operation *op,
                                    const TargetInfo &target) const {
  return getPlan(*this, op, target).getNumChunks();
}
Size ImplicitGemmAttr::getScratchBytes(Operation *op,
                                       const TargetInfo &target) const {
  return getPlan(*this, op, target).getScratchBytes();
}
std::string ImplicitGemmAttr::describeKernel(Operation *op,
                                             const TargetInfo &target) const {
  return getPlan(*this, op, target).describe();
}
void ImplicitGemmAttr::packConstants(Operation *op, const TargetInfo &target,
                                     WeightPacker &packer) const {
  packFilter(op, getPlan(*this, op, target), packer);
}
