//===- ConvVariants.cpp - The ways to compute a convolution ---------------===//

#include "AlgorithmPlans.h"
#include "ConvRows.h"
#include "ShortVariants.h"
#include "SparseRowsVariant.h"
#include "SparseVariants.h"
#include "SplitTilesVariant.h"
#include "SplitWeights.h"
#include "Variants.h"
#include "WeightPacker.h"
#include "WinogradChoice.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

//===-- Proposals ---------------------------------------------------------===//

static bool isDepthwise(lir::ConvOp op) {
  ArrayRef<int64_t> filter = op.getFilterShape();
  int64_t group = op.getGroup();
  return group > 1 && filter[1] == 1 && filter[0] == group;
}

template <typename AlgorithmT>
static Proposal propose(lir::ConvOp op, const Selection &selection,
                        bool depthwise) {
  bool packed = selection.packsConstants && getUnpackedWeight(op.getFilter());
  ConvPlan plan(op, selection.target, {depthwise, packed, std::nullopt});
  auto algorithm = AlgorithmT::get(op.getContext(), plan.tile.rows,
                                   plan.tile.columns, packed);
  return {algorithm, "",
          depthwise ? plan.estimateCycles(selection.target)
                    : estimateDirectCycles(op, selection.target)};
}

/// The same with other tiles.
template <typename AlgorithmT, bool depthwise>
static SmallVector<Proposal> listTiles(Operation *op,
                                       const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  SmallVector<Proposal> others;
  if (isDepthwise(conv) != depthwise)
    return others;
  bool packed = selection.packsConstants && getUnpackedWeight(conv.getFilter());
  const TargetInfo &target = selection.target;
  ConvPlan best(conv, target, {depthwise, packed, std::nullopt});
  for (TileShape tile : best.listOtherTiles(target)) {
    ConvPlan plan(conv, target, {depthwise, packed, tile});
    others.push_back(
        {AlgorithmT::get(op->getContext(), tile.rows, tile.columns, packed), "",
         plan.estimateCycles(target)});
  }
  return others;
}

static Proposal proposeDepthwise(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  if (!isDepthwise(conv))
    return Proposal::reject("channels are not each by themselves");
  if (isOfBytes(conv)) {
    if (!selection.packsConstants || !getUnpackedWeight(conv.getFilter()))
      return Proposal::reject("the filter is not constant");
    std::string reason = explainDepthwiseBytes(conv);
    if (!reason.empty())
      return Proposal::reject(reason);
  }
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
  auto choice = chooseWinograd(conv, filter, selection.target, reason);
  if (!choice)
    return Proposal::reject(reason);
  return {choice->plan.getAlgorithm(op->getContext()), "", choice->cycles};
}

/// Both forms, whatever they should take.
static SmallVector<Proposal> listWinograd(Operation *op,
                                          const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  lir::WeightOp filter = getUnpackedWeight(conv.getFilter());
  SmallVector<Proposal> others;
  if (selection.strict || !filter || !selection.packsConstants)
    return others;
  for (const WinogradChoice &choice :
       listAccurateWinograd(conv, filter, selection.target))
    others.push_back(
        {choice.plan.getAlgorithm(op->getContext()), "", choice.cycles});
  return others;
}

ArrayRef<Variant> cpu::getConvVariants() {
  static constexpr Variant variants[] = {
      {"depthwise", proposeDepthwise, listTiles<DepthwiseAttr, true>},
      {"split-tiles", proposeSplitConv, nullptr, knowsSplitTiles},
      {"narrow-tiles", proposeNarrowConv, nullptr, knowsSplitTiles},
      {"sparse-winograd", proposeSparseWinograd},
      {"sparse-rows", proposeSparseConv},
      {"winograd", proposeWinograd, listWinograd},
      {"short-sums", proposeShortConv, nullptr, knowsShortSums},
      {"sparse-gemm", proposeSparseGemm},
      {"implicit-gemm", proposeDirect, listTiles<ImplicitGemmAttr, false>},
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

ConvPlan cpu::planKernel(DepthwiseAttr algorithm, Operation *op,
                         const TargetInfo &target) {
  return ConvPlan(cast<lir::ConvOp>(op), target, getForm(algorithm));
}

ConvPlan cpu::planKernel(ImplicitGemmAttr algorithm, Operation *op,
                         const TargetInfo &target) {
  return ConvPlan(cast<lir::ConvOp>(op), target, getForm(algorithm));
}

WinogradPlan cpu::planKernel(WinogradAttr algorithm, Operation *op,
                             const TargetInfo &target) {
  auto conv = cast<lir::ConvOp>(op);
  return WinogradPlan(conv, getShape(conv, algorithm), target);
}

LogicalResult DepthwiseAttr::emitKernel(Operation *op,
                                        KernelBuilder &builder) const {
  auto conv = cast<lir::ConvOp>(op);
  auto emit = isOfBytes(conv) ? emitDepthwiseBytes : emitDepthwiseConv;
  return emit(conv, builder, getForm(*this));
}

LogicalResult ImplicitGemmAttr::emitKernel(Operation *op,
                                           KernelBuilder &builder) const {
  return emitDirectConv(cast<lir::ConvOp>(op), builder, getForm(*this));
}

Size WinogradAttr::getNumStages(Operation *op, const TargetInfo &target) const {
  return planKernel(*this, op, target).getNumStages();
}

int64_t WinogradAttr::getWorkspaceElements(Operation *op,
                                           const TargetInfo &target) const {
  return planKernel(*this, op, target).getWorkspaceElements();
}

LogicalResult WinogradAttr::emitKernel(Operation *op,
                                       KernelBuilder &builder) const {
  auto conv = cast<lir::ConvOp>(op);
  return emitWinogradConv(conv, getShape(conv, *this), builder);
}

/// Lays a constant filter out by `packing`.
static void packFilter(Operation *op, ArrayRef<int64_t> shape,
                       Attribute packing, WeightPacker &packer) {
  auto conv = cast<lir::ConvOp>(op);
  packer.pack(conv.getFilterMutable(), getUnpackedWeight(conv.getFilter()),
              shape, packing);
}

static void packFilter(Operation *op, const ConvPlan &plan,
                       WeightPacker &packer) {
  if (plan.packed)
    packFilter(op, plan.getPackedShape(),
               lir::PackingAttr::get(plan.getPackingMap(op->getContext())),
               packer);
}

void DepthwiseAttr::packConstants(Operation *op, const TargetInfo &target,
                                  WeightPacker &packer) const {
  packFilter(op, planKernel(*this, op, target), packer);
}

void ImplicitGemmAttr::packConstants(Operation *op, const TargetInfo &target,
                                     WeightPacker &packer) const {
  packFilter(op, planKernel(*this, op, target), packer);
}

void WinogradAttr::packConstants(Operation *op, const TargetInfo &target,
                                 WeightPacker &packer) const {
  WinogradPlan plan = planKernel(*this, op, target);
  packFilter(op, plan.getPackedShape(), plan.getPacking(op->getContext()),
             packer);
}
