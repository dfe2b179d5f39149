//===- ConvVariants.cpp - The ways to compute a convolution ---------------===//

#include "ConvRows.h"
#include "Variants.h"
#include "WeightPacker.h"
#include "WinogradChoice.h"

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
  bool isBound = plan.getNumRows().isNumber() && !plan.hasOpenColumns();
  return {algorithm, "",
          isBound && !depthwise ? estimateDirectCycles(op, selection.target)
                                : plan.estimateCycles(selection.target)};
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

static Proposal proposeWinograd(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  lir::WeightOp filter = getUnpackedWeight(conv.getFilter());
  if (selection.strict)
    return Proposal::reject("it rounds otherwise than strict accuracy allows");
  if (!filter || !selection.packsConstants)
    return Proposal::reject("the filter is not constant");
  std::string reason;
  auto plan = chooseWinograd(conv, filter, selection.target, reason);
  if (!plan)
    return Proposal::reject(reason);
  return {plan->getAlgorithm(op->getContext()), "",
          plan->estimateCycles(selection.target)};
}

ArrayRef<Variant> cpu::getConvVariants() {
  static constexpr Variant variants[] = {
      {"depthwise", proposeDepthwise},
      {"winograd", proposeWinograd},
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

static WinogradPlan getPlan(WinogradAttr algorithm, Operation *op,
                            const TargetInfo &target) {
  return WinogradPlan(cast<lir::ConvOp>(op), algorithm, target);
}

LogicalResult WinogradAttr::emitKernel(Operation *op,
                                       KernelBuilder &builder) const {
  return emitWinogradConv(cast<lir::ConvOp>(op), *this, builder);
}
Size WinogradAttr::getNumChunks(Operation *op, const TargetInfo &target) const {
  return getPlan(*this, op, target).getNumChunks();
}
Size WinogradAttr::getScratchBytes(Operation *op,
                                   const TargetInfo &target) const {
  return getPlan(*this, op, target).getScratchBytes();
}
std::string WinogradAttr::describeKernel(Operation *op,
                                         const TargetInfo &target) const {
  return getPlan(*this, op, target).describe();
}
void WinogradAttr::packConstants(Operation *op, const TargetInfo &target,
                                 WeightPacker &packer) const {
  auto conv = cast<lir::ConvOp>(op);
  WinogradPlan plan = getPlan(*this, op, target);
  packer.pack(conv.getFilterMutable(), getUnpackedWeight(conv.getFilter()),
              plan.getPackedShape(), plan.getPacking(op->getContext()));
}
