//===- SparseRowsVariant.cpp - When zeros of weights pay ------------------===//
//
// What weights that are zero save is known from the weights: rows of single
// outputs and of blocks of four are counted, and the faster ones are proposed
// where they should take less time than dense weights.
//
//===----------------------------------------------------------------------===//

#include "SparseRowsVariant.h"
#include "AlgorithmPlans.h"
#include "ShortVariants.h"
#include "SparseWeight.h"
#include "WeightPacker.h"
#include "WinogradPlan.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using kernels::SparseRowPacking;

static constexpr int64_t kBlocks[] = {1, 4};

/// Room for somewhat more entries, so that kernels don't differ by few.
static int64_t roundUp(int64_t entries) {
  int64_t step = std::max<int64_t>(64, llvm::PowerOf2Ceil(entries) / 32);
  return llvm::alignTo(entries, step);
}

/// Entries of rows of `block` outputs; none where the form does not fit.
static std::optional<int64_t> countEntries(const SparseWeight &weight,
                                           const SparseRowPacking::Form &form) {
  auto packing =
      SparseRowPacking::create(form, form.getRows().getBytes(0), weight.shape);
  if (!packing) {
    llvm::consumeError(packing.takeError());
    return std::nullopt;
  }
  return packing->countEntries(weight.data.data(), weight.splat, form.block);
}

/// Words of channels of bytes: (output, word, tap..., channel of the word) to
/// what `map` makes of (output, channel, tap...).
static AffineMap splitWords(AffineMap map, const SparseWord &word) {
  if (!word.areBytes())
    return map;
  MLIRContext *context = map.getContext();
  unsigned rank = map.getNumDims();
  SmallVector<AffineExpr> dims;
  for (unsigned i = 0; i < rank; ++i)
    dims.push_back(getAffineDimExpr(i, context));
  dims[1] = dims[1] * word.channels + getAffineDimExpr(rank, context);
  return map.replaceDimsAndSymbols(dims, {}, rank + 1, 0);
}

/// Proposes the better of rows of single outputs and of blocks of them.
/// `explainRefusal` says why the op can't be computed so, `getForm` how its
/// weights are read, `makePlan` makes a plan for a block and its entries, and
/// `others` are the cycles of dense weights.
template <typename AlgorithmT, typename PlanT>
static Proposal
propose(Operation *op, Value weights, const Selection &selection,
        function_ref<std::string()> explainRefusal,
        function_ref<SparseRowPacking::Form()> getForm,
        function_ref<PlanT(int64_t block, int64_t entries)> makePlan,
        function_ref<double()> getOthers) {
  std::string reason;
  Type element = cast<MemRefType>(weights.getType()).getElementType();
  if (!element.isInteger(8))
    element = Float32Type::get(op->getContext());
  auto weight =
      findZeros(getUnpackedWeight(weights), element, selection, reason);
  if (weight)
    reason = explainRefusal();
  if (!reason.empty())
    return Proposal::reject(reason);
  std::optional<PlanT> best;
  for (int64_t block : kBlocks) {
    SparseRowPacking::Form form = getForm();
    form.block = block;
    std::optional<int64_t> entries = countEntries(*weight, form);
    if (!entries)
      return Proposal::reject("the weights have no data");
    PlanT plan = makePlan(block, roundUp(*entries));
    if (!best || plan.cycles < best->cycles)
      best = plan;
  }
  double others = getOthers();
  if (best->cycles > (1 - kLeastRowGain) * others)
    return Proposal::reject(
        llvm::formatv("{0:f0} % of the weights are zero, it would take {1:f0} "
                      "cycles, which does not save {2:f0} % of {3:f0}",
                      100 * weight->zeros, best->cycles, 100 * kLeastRowGain,
                      others)
            .str());
  const SparseShape &shape = best->shape;
  return {AlgorithmT::get(op->getContext(), shape.block, shape.vectors,
                          shape.section, shape.groups, shape.entries),
          "", best->cycles};
}

/// Dense products of bytes take less than their estimates without VNNI: 0.54 to
/// 0.63 of them on a Zen 3, where widening and additions overlap.
static constexpr double kDenseShare = 0.6;

/// What dense weights take: `cycles`, or less with sums of 16 bits, which
/// `proposeShort` is of.
static double getDense(double cycles, bool areBytes, Operation *op,
                       const Selection &selection,
                       Proposal (*proposeShort)(Operation *,
                                                const Selection &)) {
  if (!areBytes || !knowsShortSums(selection.target))
    return cycles;
  Proposal shortSums = proposeShort(op, selection);
  if (shortSums.algorithm)
    cycles = std::min(cycles, shortSums.cycles);
  return kDenseShare * cycles;
}

//===-- Products ----------------------------------------------------------===//

namespace {

/// A rhs as [output, k], or [output, word of k, k].
struct ProductLayout {
  AffineMap map;
  SmallVector<int64_t> depths;

  ProductLayout(lir::MatmulOp op, const SparseWord &word) {
    MLIRContext *context = op.getContext();
    AffineMap rhs = cast<AffineMapAttr>(op.getMaps()[1]).getValue();
    unsigned rank = rhs.getNumDims();
    SmallVector<AffineExpr> dims(rank, getAffineConstantExpr(0, context));
    dims[rank - 2] = getAffineDimExpr(0, context);
    dims[rank - 1] = getAffineDimExpr(1, context);
    map = splitWords(rhs.replaceDimsAndSymbols(dims, {}, 2, 0), word);
    depths.push_back(word.countWords(op.getDomain().back().getNumber()));
    if (word.areBytes())
      depths.push_back(word.channels);
  }
};

} // namespace

Proposal cpu::proposeSparseRows(Operation *op, const Selection &selection) {
  auto matmul = cast<lir::MatmulOp>(op);
  const TargetInfo &target = selection.target;
  ArrayRef<Size> domain = matmul.getDomain();
  std::optional<ProductLayout> layout;
  int64_t tap = 0;
  return propose<SparseRowsAttr, SparseRowsPlan>(
      op, matmul.getRhs(), selection,
      [&] { return SparseRowsPlan::explainRefusal(matmul, target); },
      [&] {
        auto lhs = cast<MemRefType>(matmul.getLhs().getType());
        SparseWord word = SparseWord::find(lhs.getElementType(), target);
        layout.emplace(matmul, word);
        SparseRowPacking::Form form;
        form.map = layout->map;
        form.outputs = domain[domain.size() - 2].getNumber();
        form.depths = layout->depths;
        form.tapBytes = tap;
        form.section = layout->depths.front();
        form.areBytes = word.areBytes();
        return form;
      },
      [&](int64_t block, int64_t entries) {
        return SparseRowsPlan(matmul, target,
                              chooseSparseRows(matmul, target, block, entries));
      },
      [&] {
        return getDense(
            MatmulPlan(matmul, target, std::nullopt).estimateCycles(target),
            isOfBytes(matmul), op, selection, proposeShortPanels);
      });
}

void SparseRowsAttr::packConstants(Operation *op, const TargetInfo &target,
                                   WeightPacker &packer) const {
  auto matmul = cast<lir::MatmulOp>(op);
  MLIRContext *context = op->getContext();
  SparseRowsPlan plan = planKernel(*this, op, target);
  ProductLayout layout(matmul, plan.tile.word);
  int64_t rowBytes = plan.tile.getRowBytes();
  auto packing = lir::SparseRowPackingAttr::get(
      context, layout.map, plan.columns,
      DenseI64ArrayAttr::get(context, layout.depths), rowBytes,
      DenseI64ArrayAttr::get(context, int64_t(0)), getSection(), getBlock(),
      getGroups(), rowBytes);
  packer.pack(matmul.getRhsMutable(), getUnpackedWeight(matmul.getRhs()),
              plan.rows.getBytes(getEntries()), packing,
              IntegerType::get(context, 8));
  dropRhsMap(matmul);
}

//===-- Convolutions ------------------------------------------------------===//

namespace {

/// A filter as [output, channel, tap...], or [output, word of channels, tap...,
/// channel].
struct FilterLayout {
  AffineMap map;
  SmallVector<int64_t> depths, tapBytes;

  FilterLayout(lir::ConvOp op, const SparseConvPlan &plan)
      : tapBytes(plan.getTapBytes()) {
    const SparseWord &word = plan.tile.word;
    depths.push_back(word.countWords(plan.conv.inputChannels));
    MLIRContext *context = op.getContext();
    SmallVector<AffineExpr> index(op.getFilterShape().size(),
                                  getAffineConstantExpr(0, context));
    index[0] = getAffineDimExpr(0, context);
    index[1] = getAffineDimExpr(1, context);
    for (auto [i, dim] : llvm::enumerate(plan.conv.dims)) {
      index[plan.conv.positions[i] + 2] = getAffineDimExpr(i + 2, context);
      depths.push_back(dim.taps);
    }
    map =
        splitWords(AffineMap::get(depths.size() + 1, 0, index, context), word);
    if (word.areBytes())
      depths.push_back(word.channels);
  }
};

} // namespace

Proposal cpu::proposeSparseConv(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  const TargetInfo &target = selection.target;
  std::optional<FilterLayout> layout;
  return propose<SparseConvAttr, SparseConvPlan>(
      op, conv.getFilter(), selection,
      [&] { return SparseConvPlan::explainRefusal(conv, target); },
      [&] {
        SparseConvPlan any(conv, target, {});
        layout.emplace(conv, any);
        SparseRowPacking::Form form =
            any.getForm(layout->depths, layout->tapBytes);
        form.map = layout->map;
        form.section = layout->depths.front();
        return form;
      },
      [&](int64_t block, int64_t entries) {
        return SparseConvPlan(conv, target,
                              chooseSparseConv(conv, target, block, entries));
      },
      [&] {
        return getDense(estimateDirectCycles(conv, target), isOfBytes(conv), op,
                        selection, proposeShortConv);
      });
}

void SparseConvAttr::packConstants(Operation *op, const TargetInfo &target,
                                   WeightPacker &packer) const {
  auto conv = cast<lir::ConvOp>(op);
  MLIRContext *context = op->getContext();
  SparseConvPlan plan = planKernel(*this, op, target);
  FilterLayout layout(conv, plan);
  SparseRowPacking::Form form = plan.getForm(layout.depths, layout.tapBytes);
  auto packing = lir::SparseRowPackingAttr::get(
      context, layout.map, form.outputs,
      DenseI64ArrayAttr::get(context, layout.depths), form.channelBytes,
      DenseI64ArrayAttr::get(context, layout.tapBytes), form.section,
      form.block, form.groups, form.sumBytes);
  packer.pack(conv.getFilterMutable(), getUnpackedWeight(conv.getFilter()),
              plan.rows.getBytes(getEntries()), packing,
              IntegerType::get(context, 8));
}
