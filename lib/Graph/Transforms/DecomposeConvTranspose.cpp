//===- DecomposeConvTranspose.cpp - Transposed convolution by phases ------===//
//
// In one dim, with stride s, dilation d, K taps and pads p:
//
//   out[o] = sum of x[i] w[k] over all i, k with o + p = i s + k d
//
// Write o + p = q s + r, where 0 <= r < s is the phase. Only taps with
// k d = t s + r for some t >= 0 take part, and read x[q - t]:
//
//   y[r][q] = sum of x[q - t] v[r][t] over t < T = floor((K - 1) d / s) + 1
//   v[r][t] = w[(t s + r) / d], or 0 where d does not divide
//
// This is a convolution of stride one by the mirrored v. All phases share their
// input, so that one convolution computes them as channels; interleaving them
// and cutting off the ends gives out.
//
//===----------------------------------------------------------------------===//

#include "DimRegrouping.h"
#include "Rewriting.h"
#include "TensorBuilder.h"
#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHDECOMPOSECONVTRANSPOSE
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {

/// The convolution that computes all phases of one dim, and what is cut out of
/// the interleaved phases.
struct PhaseDim {
  /// The number of phases.
  int64_t stride;
  /// Of each phase. The dilation is not 1 only where there is a single phase.
  int64_t taps, dilation;
  /// Of the convolution.
  int64_t padBegin, padEnd;
  Size positions; ///< how many results it has
  /// The result is [crop, crop + output) of the interleaved phases.
  int64_t crop;
  Size output;
};

/// `pad` is what ONNX calls the begin of pads. None where a run decides how many
/// results the phases have beyond the input's.
std::optional<PhaseDim> planDim(const Size &input, int64_t taps, int64_t stride,
                                int64_t dilation, int64_t pad,
                                const Size &output) {
  PhaseDim dim;
  int64_t reach = (taps - 1) * dilation;
  dim.stride = stride;
  dim.dilation = stride == 1 ? dilation : 1;
  dim.taps = stride == 1 ? taps : reach / stride + 1;
  int64_t window = (dim.taps - 1) * dim.dilation;
  // Position q reads x[q - window ... q]. The first that is needed is pad /
  // stride; the convolution may start earlier as its own pads can't be
  // negative, and then more is cut off.
  int64_t first = std::min(
      pad >= 0 ? pad / stride : -((-pad + stride - 1) / stride), window);
  Size beyond = (output + (pad - 1)).floorDiv(stride) - input + 1;
  if (!beyond.isNumber())
    return std::nullopt;
  dim.padBegin = window - first;
  dim.padEnd = std::max<int64_t>(0, beyond.getNumber());
  dim.positions = input + (dim.padBegin + dim.padEnd - window);
  dim.crop = pad - first * stride;
  dim.output = output;
  return dim;
}

class Decomposition {
public:
  Decomposition(PatternRewriter &rewriter, ConvTransposeOp op,
                ArrayRef<PhaseDim> dims)
      : rewriter(rewriter), tensors(rewriter, op.getLoc()), op(op), dims(dims),
        groups(op.getGroup()),
        inputs(getTensorType(op.getFilter()).getDimSize(0) / groups),
        outputs(getTensorType(op.getFilter()).getDimSize(1)) {}

  Value build();

private:
  /// The mirrored v, [groups * phases * outputs, inputs, taps...].
  Value buildFilter();
  Value buildBias();
  /// [N, groups, phases..., outputs, positions...] -> [N, groups * outputs,
  /// positions * phases...]
  Value interleave(Value phases);

  PatternRewriter &rewriter;
  TensorBuilder tensors;
  ConvTransposeOp op;
  ArrayRef<PhaseDim> dims;
  int64_t groups, inputs, outputs; ///< channels per group
};

Value Decomposition::buildFilter() {
  Value filter = op.getFilter();
  auto type = getTensorType(filter);
  for (auto [i, dim] : llvm::enumerate(dims)) {
    int64_t axis = i + 2, taps = type.getDimSize(axis),
            dilation = op.getDilations()[i];
    if (dim.stride == 1)
      continue;
    if (dilation > 1) { // w with its zeros
      Dims shape(getTensorType(filter).getShape());
      shape.insert(shape.begin() + axis + 1, 1);
      filter =
          tensors.padTo(tensors.reshape(filter, shape), axis + 1, dilation);
      shape.erase(shape.begin() + axis + 1);
      shape[axis] = taps * dilation;
      filter = tensors.slice(tensors.reshape(filter, shape), axis, 0,
                             (taps - 1) * dilation + 1);
    }
    filter = tensors.padTo(filter, axis, dim.taps * dim.stride);
  }
  // [groups, inputs, outputs, T, s, ...], mirrored in every T.
  Dims shape = {groups, inputs, outputs};
  for (const PhaseDim &dim : dims)
    shape.append({dim.taps, dim.stride});
  filter = tensors.reshape(filter, shape);
  for (size_t i = 0; i < dims.size(); ++i)
    filter = tensors.reverse(filter, 3 + 2 * i);
  Dims perm = {0}, taps = {groups * outputs, inputs};
  for (size_t i = 0; i < dims.size(); ++i) {
    perm.push_back(4 + 2 * i);
    taps[0] *= dims[i].stride;
    taps.push_back(dims[i].taps);
  }
  perm.append({2, 1});
  for (size_t i = 0; i < dims.size(); ++i)
    perm.push_back(3 + 2 * i);
  return tensors.reshape(tensors.transpose(filter, perm), taps);
}

Value Decomposition::buildBias() {
  if (!op.getBias())
    return nullptr;
  int64_t phases = 1;
  for (const PhaseDim &dim : dims)
    phases *= dim.stride;
  Value bias = tensors.reshape(op.getBias(), {groups, 1, outputs});
  return tensors.reshape(tensors.expand(bias, {groups, phases, outputs}),
                         {groups * phases * outputs});
}

Value Decomposition::interleave(Value value) {
  // One phase needs no interleaving.
  if (llvm::all_of(dims, [](const PhaseDim &dim) { return dim.stride == 1; }))
    return value;
  int64_t rank = dims.size();
  Size batch = getSizes(getTensorType(value))[0];
  Dims perm = {0, 1, 2 + rank};
  Sizes split = {batch, groups}, merged = {batch, groups * outputs};
  for (const PhaseDim &dim : dims)
    split.push_back(dim.stride);
  split.push_back(outputs);
  for (const PhaseDim &dim : dims)
    split.push_back(dim.positions);
  for (int64_t i = 0; i < rank; ++i) {
    perm.append({3 + rank + i, 2 + i});
    merged.push_back(dims[i].positions * dims[i].stride);
  }
  return tensors.reshapeTo(
      tensors.transpose(tensors.reshapeTo(value, split), perm), merged);
}

Value Decomposition::build() {
  Dims strides(dims.size(), 1), dilations, begins, ends;
  for (const PhaseDim &dim : dims) {
    dilations.push_back(dim.dilation);
    begins.push_back(dim.padBegin);
    ends.push_back(dim.padEnd);
  }
  begins.append(ends);
  Value result =
      ConvOp::create(rewriter, op.getLoc(), op.getInput(), buildFilter(),
                     buildBias(), strides, dilations, begins, groups);
  result = interleave(result);
  for (auto [i, dim] : llvm::enumerate(dims))
    result = tensors.slice(result, i + 2, dim.crop, dim.crop + dim.output);
  return result;
}

/// The phases' filters may hold so many times the elements of the filter: with
/// large strides or dilations nearly all of them are zeros.
constexpr double mostGrowth = 4096;

struct DecomposeConvTransposePattern : OpRewritePattern<ConvTransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvTransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto input = getTensorType(op.getInput()),
         filter = getTensorType(op.getFilter()),
         result = getTensorType(op.getResult());
    Sizes inputs = getSizes(input), outputs = getSizes(result);
    if (op.getChannelsLast() || !areKnown(inputs) ||
        !filter.hasStaticShape() || !areKnown(outputs) ||
        llvm::is_contained(input.getShape(), 0) ||
        llvm::is_contained(filter.getShape(), 0))
      return rewriter.notifyMatchFailure(
          op, "expected known sizes, channels first");
    if (op.getAutoPad() != "NOTSET" ||
        !op.getOutputShape().value_or(ArrayRef<int64_t>()).empty())
      return rewriter.notifyMatchFailure(op, "pads are not known yet");
    ArrayRef<int64_t> taps = filter.getShape().drop_front(2);
    SmallVector<PhaseDim> dims;
    for (size_t i = 0; i < taps.size(); ++i) {
      auto dim =
          planDim(inputs[i + 2], taps[i], op.getStrides()[i],
                  op.getDilations()[i], op.getPads()[i], outputs[i + 2]);
      if (!dim)
        return rewriter.notifyMatchFailure(op, "a run decides what is cut off");
      dims.push_back(*dim);
    }
    // A double, since absurd strides and dilations exceed an integer.
    double growth = 1;
    for (auto [dim, count] : llvm::zip_equal(dims, taps))
      growth *= double(dim.taps) * double(dim.stride) / double(count);
    if (growth > mostGrowth)
      return rewriter.notifyMatchFailure(op, "a filter of zeros, mostly");
    Value value = Decomposition(rewriter, op, dims).build();
    if (value.getType() != op.getResult().getType())
      return op.emitOpError("expected a result of type ")
             << value.getType() << ", but got " << op.getResult().getType();
    rewriter.replaceOp(op, value);
    return success();
  }
};

} // namespace

void populateDecomposeConvTransposePatterns(RewritePatternSet &patterns) {
  // auto_pad and output_shape become pads first.
  ConvTransposeOp::getCanonicalizationPatterns(patterns, patterns.getContext());
  patterns.add<DecomposeConvTransposePattern>(patterns.getContext());
}

namespace {
struct DecomposeConvTranspose
    : impl::GraphDecomposeConvTransposeBase<DecomposeConvTranspose> {
  void runOnOperation() override {
    getOperation().walk([&](ConvTransposeOp) { ++numDecomposed; });
    RewritePatternSet patterns(&getContext());
    populateDecomposeConvTransposePatterns(patterns);
    rewriteGreedily(getOperation(), std::move(patterns));
    getOperation().walk([&](ConvTransposeOp) { --numDecomposed; });
  }
};
} // namespace

} // namespace lambent::graph
