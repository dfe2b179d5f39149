//===- SparseConv.cpp - Convolutions of weights that are mostly zero ------===//

#include "AlgorithmPlans.h"
#include "ConvRows.h"
#include "SparseRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class SparseConvEmitter {
public:
  SparseConvEmitter(lir::ConvOp op, KernelBuilder &builder,
                    const SparseConvPlan &plan)
      : op(op), builder(builder), plan(plan), slab(builder.getScratch()),
        engine(op, builder, plan.tile, plan.rows,
               builder.getBuffer(op.getFilterMutable()),
               {builder.bytePtr(slab, builder.i64(plan.getSumsOffset())),
                plan.getSumPixels(),
                builder.bytePtr(slab, builder.i64(plan.getStageOffset()))}) {}

  LogicalResult emit() {
    builder.forLoop(builder.getBegin(), builder.getEnd(), 1,
                    [&](Value chunk) { emitChunk(chunk); });
    return status;
  }

private:
  using Section = SparseRowsEmitter::Section;

  void emitChunk(Value chunk);
  void clearSlab();
  /// Writes what the image has of a section's channels.
  void readSection(const Section &section);
  /// Of the slab's columns those that the image has, and no more than a line.
  void readLine(const Section &section, Value from, Value to, int64_t phase);
  void readOpenLine(const Section &section, Value from, Value to,
                    int64_t phase);
  /// `count` neighbours; `existing` of them, where a run decides that.
  void readPixels(const Section &section, Value from, Value to, int64_t count,
                  Value existing = nullptr);
  void storeLine(Value line);

  lir::ConvOp op;
  KernelBuilder &builder;
  const SparseConvPlan &plan;
  Value slab;
  SparseRowsEmitter engine;
  LogicalResult status = success();

  // Of the current chunk.
  Value image, firstLine, firstColumn, group;
};

} // namespace

void SparseConvEmitter::emitChunk(Value chunk) {
  SmallVector<Value> indices = builder.delinearize(chunk, plan.getChunkGrid());
  image = indices[0];
  firstLine = builder.mul(indices[1], plan.chunkLines);
  firstColumn = builder.mul(indices[2], plan.strip);
  group = indices[3];
  clearSlab();
  engine.forSections([&](Value section, bool isFirst) {
    readSection(engine.getSection(section, plan.shape.section,
                                  plan.conv.inputChannels));
    builder.forLoop(builder.i64(0), builder.i64(plan.getSumPixels()),
                    plan.tile.getPixels(), [&](Value pixel) {
                      Value values =
                          builder.elementPtr(slab, plan.tile.word.sum, pixel);
                      engine.addSection(group, section, pixel, values, isFirst);
                    });
  });
  Value count =
      builder.min(builder.i64(plan.chunkLines),
                  builder.sub(builder.value(plan.lines.output), firstLine));
  builder.forLoop(builder.i64(0), count, 1,
                  [&](Value line) { storeLine(line); });
}

/// All sections leave the padding as it is.
void SparseConvEmitter::clearSlab() {
  int64_t lanes = plan.tile.lanes;
  Value zero =
      builder.constant(builder.vectorType(plan.tile.word.sum, lanes), 0);
  builder.forLoop(builder.i64(0),
                  builder.i64(plan.getSumsOffset() / SparseTile::kElementBytes),
                  lanes,
                  [&](Value at) { builder.storeVector(zero, slab, at); });
}

void SparseConvEmitter::readSection(const Section &section) {
  const ConvDim &lines = plan.lines;
  Value position = builder.mul(image, plan.conv.imageStride);
  Value input = builder.getBuffer(op.getInputMutable());
  // Line `line` of phase (i, j) has the input's line and columns that are i and
  // j behind those of its first tap.
  for (auto [nextLine, i] : llvm::enumerate(plan.linePhases))
    builder.forLoop(
        builder.i64(0), builder.i64(plan.slabLines), 1, [&](Value line) {
          Value at = builder.add(
              builder.mul(builder.add(firstLine, line), lines.stride),
              i - lines.pad.getNumber());
          // A line above the image has a large number without its sign.
          Value exists = builder.create<arith::CmpIOp>(
              arith::CmpIPredicate::ult, at, builder.value(lines.input));
          builder.ifThen(exists, [&] {
            Value from = builder.elementPtr(
                input, plan.conv.element,
                builder.add(position, builder.mul(at, plan.lineStride)));
            for (auto [nextColumn, j] : llvm::enumerate(plan.columnPhases)) {
              int64_t phase = nextLine * plan.columnPhases.size() + nextColumn;
              Value to = builder.elementPtr(
                  slab, plan.tile.word.sum,
                  builder.add(builder.mul(line, plan.lineElements),
                              phase * plan.getPhaseElements()));
              if (plan.hasOpenColumns())
                readOpenLine(section, from, to, j);
              else
                readLine(section, from, to, j);
            }
          });
        });
}

void SparseConvEmitter::readLine(const Section &section, Value from, Value to,
                                 int64_t phase) {
  int64_t firstColumn = phase - plan.columns.pad.getNumber(),
          stride = plan.columns.stride, lanes = plan.tile.lanes,
          width = plan.columns.input.getNumber(),
          first = llvm::divideCeilSigned(std::max<int64_t>(0, -firstColumn),
                                         stride),
          last = std::min(llvm::divideCeilSigned(width - firstColumn, stride),
                          plan.lineElements);
  int64_t count = std::max<int64_t>(0, last - first);
  auto read = [&](Value column, int64_t pixels) {
    Value source = builder.add(builder.mul(column, stride), firstColumn);
    readPixels(
        section,
        builder.elementPtr(from, plan.conv.element,
                           builder.mul(source, plan.conv.getPixelStride())),
        builder.elementPtr(to, plan.tile.word.sum, column), pixels);
  };
  int64_t whole = first + count / lanes * lanes;
  builder.forLoop(builder.i64(first), builder.i64(whole), lanes,
                  [&](Value column) { read(column, lanes); });
  if (count % lanes)
    read(builder.i64(whole), count % lanes);
}

void SparseConvEmitter::readOpenLine(const Section &section, Value from,
                                     Value to, int64_t phase) {
  const ConvDim &columns = plan.columns;
  int64_t stride = columns.stride, lanes = plan.tile.lanes;
  // The input's column of the line's first element.
  Value origin = builder.add(builder.mul(firstColumn, stride),
                             phase - columns.pad.getNumber());
  Value zero = builder.i64(0);
  Value first = builder.max(
      builder.ceilDivSigned(builder.sub(zero, origin), stride), zero);
  Value last = builder.min(
      builder.ceilDivSigned(builder.sub(builder.value(columns.input), origin),
                            stride),
      builder.i64(plan.lineElements));
  auto read = [&](Value column, Value existing) {
    Value source = builder.add(builder.mul(column, stride), origin);
    readPixels(
        section,
        builder.elementPtr(from, plan.conv.element,
                           builder.mul(source, plan.conv.getPixelStride())),
        builder.elementPtr(to, plan.tile.word.sum, column), lanes, existing);
  };
  Value count = builder.max(builder.sub(last, first), zero);
  Value whole =
      builder.add(first, builder.mul(builder.divUnsigned(count, lanes), lanes));
  builder.forLoop(first, whole, lanes,
                  [&](Value column) { read(column, nullptr); });
  builder.ifThen(builder.lessThan(whole, last),
                 [&] { read(whole, builder.sub(last, whole)); });
}

void SparseConvEmitter::readPixels(const Section &section, Value from, Value to,
                                   int64_t count, Value existing) {
  int64_t wordBytes = plan.getChannelElements() * SparseTile::kElementBytes,
          distance = plan.columns.stride * plan.conv.getPixelStride();
  SmallVector<Value> begins;
  for (int64_t i = 0; i < count; ++i) {
    Value pixel = builder.i64(i);
    // A pixel that does not exist is the last one again.
    if (existing)
      pixel = builder.min(pixel, builder.add(existing, -1));
    begins.push_back(builder.mul(pixel, distance));
  }
  engine.forVectors(section, [&](Value word, Value channels) {
    Value channel = builder.mul(word, plan.tile.word.channels);
    SmallVector<Value> pixels;
    for (Value begin : begins)
      pixels.push_back(builder.elementPtr(from, plan.conv.element,
                                          builder.add(channel, begin)));
    engine.transpose(
        pixels, channels,
        builder.bytePtr(
            to, builder.mul(builder.sub(word, section.begin), wordBytes)),
        wordBytes, existing);
  });
}

void SparseConvEmitter::storeLine(Value line) {
  int64_t lanes = plan.tile.lanes;
  SmallVector<Value> rowIndices{image};
  if (plan.conv.dims.size() == 2)
    rowIndices.push_back(builder.add(firstLine, line));
  Value lineBegin = builder.mul(line, plan.lineElements);
  auto store = [&](Value column, Value count) {
    auto getIndex = [&](Value pixel, Value channel) {
      return indexOutput(builder, plan.conv, rowIndices,
                         builder.add(builder.add(firstColumn, column), pixel),
                         channel);
    };
    if (failed(engine.store(builder.getBuffer(op.getOutputMutable()), group,
                            plan.conv.outputChannels,
                            {builder.add(lineBegin, column), count, getIndex})))
      status = failure();
  };
  if (plan.hasOpenColumns()) {
    Value width = builder.min(
        builder.i64(plan.strip),
        builder.sub(builder.value(plan.columns.output), firstColumn));
    builder.forLoop(builder.i64(0), width, lanes, [&](Value column) {
      store(column, builder.sub(width, column));
    });
    return;
  }
  int64_t width = plan.strip, whole = width / lanes * lanes;
  builder.forLoop(builder.i64(0), builder.i64(whole), lanes,
                  [&](Value column) { store(column, nullptr); });
  if (whole < width)
    store(builder.i64(whole), builder.i64(width - whole));
}

SparseConvPlan cpu::planKernel(SparseConvAttr algorithm, Operation *op,
                               const TargetInfo &target) {
  return SparseConvPlan(cast<lir::ConvOp>(op), target,
                        SparseShape::of(algorithm));
}

LogicalResult SparseConvAttr::emitKernel(Operation *op,
                                         KernelBuilder &builder) const {
  auto conv = cast<lir::ConvOp>(op);
  return emitSparseRows<SparseConvEmitter>(*this, conv, conv.getFilter(),
                                           "convolution", builder);
}
