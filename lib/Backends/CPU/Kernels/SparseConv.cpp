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
  void readLine(const Section &section, Value from, Value to,
                int64_t firstColumn);
  void readPixels(const Section &section, Value from, Value to, int64_t count);
  void storeLine(Value line);

  lir::ConvOp op;
  KernelBuilder &builder;
  const SparseConvPlan &plan;
  Value slab;
  SparseRowsEmitter engine;
  LogicalResult status = success();

  // Of the current chunk.
  Value image, firstLine, group;
};

} // namespace

void SparseConvEmitter::emitChunk(Value chunk) {
  SmallVector<Value> indices = builder.delinearize(chunk, plan.getChunkGrid());
  image = indices[0];
  firstLine = builder.mul(indices[1], plan.chunkLines);
  group = indices[2];
  clearSlab();
  engine.forSections([&](Value section, bool isFirst) {
    readSection(engine.getSection(section, plan.shape.section,
                                  plan.conv.inputChannels));
    builder.forLoop(builder.i64(0), builder.i64(plan.getSumPixels()),
                    plan.tile.getPixels(), [&](Value pixel) {
                      Value values =
                          builder.elementPtr(slab, builder.getF32Type(), pixel);
                      engine.addSection(group, section, pixel, values, isFirst);
                    });
  });
  Value count = builder.min(
      builder.i64(plan.chunkLines),
      builder.sub(builder.i64(plan.lines.output.getNumber()), firstLine));
  builder.forLoop(builder.i64(0), count, 1,
                  [&](Value line) { storeLine(line); });
}

/// All sections leave the padding as it is.
void SparseConvEmitter::clearSlab() {
  int64_t lanes = plan.tile.lanes;
  Value zero =
      builder.constant(builder.vectorType(builder.getF32Type(), lanes), 0);
  builder.forLoop(builder.i64(0),
                  builder.i64(plan.getSumsOffset() / SparseTile::kElementBytes),
                  lanes,
                  [&](Value at) { builder.storeVector(zero, slab, at); });
}

void SparseConvEmitter::readSection(const Section &section) {
  const ConvDim &lines = plan.lines, &columns = plan.columns;
  Value position = builder.mul(image, plan.conv.imageStride);
  Value input = builder.getBuffer(op.getInputMutable());
  // Line `line` of phase (i, j) has the input's line and columns that are i and
  // j behind those of its first tap.
  for (int64_t i = 0; i < lines.stride; ++i)
    builder.forLoop(
        builder.i64(0), builder.i64(plan.slabLines), 1, [&](Value line) {
          Value at = builder.add(
              builder.mul(builder.add(firstLine, line), lines.stride),
              i - lines.pad.getNumber());
          // A line above the image has a large number without its sign.
          Value exists = builder.create<arith::CmpIOp>(
              arith::CmpIPredicate::ult, at,
              builder.i64(lines.input.getNumber()));
          builder.ifThen(exists, [&] {
            Value from = builder.elementPtr(
                input, plan.conv.element,
                builder.add(position, builder.mul(at, plan.lineStride)));
            for (int64_t j = 0; j < columns.stride; ++j) {
              Value to = builder.elementPtr(
                  slab, plan.conv.element,
                  builder.add(builder.mul(line, plan.lineElements),
                              (i * columns.stride + j) *
                                  plan.getPhaseElements()));
              readLine(section, from, to, j - columns.pad.getNumber());
            }
          });
        });
}

void SparseConvEmitter::readLine(const Section &section, Value from, Value to,
                                 int64_t firstColumn) {
  // Of the slab's columns those that the image has, and no more than a line.
  int64_t stride = plan.columns.stride, lanes = plan.tile.lanes,
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
        builder.elementPtr(to, plan.conv.element, column), pixels);
  };
  int64_t whole = first + count / lanes * lanes;
  builder.forLoop(builder.i64(first), builder.i64(whole), lanes,
                  [&](Value column) { read(column, lanes); });
  if (count % lanes)
    read(builder.i64(whole), count % lanes);
}

void SparseConvEmitter::readPixels(const Section &section, Value from, Value to,
                                   int64_t count) {
  int64_t channelBytes = plan.getChannelElements() * SparseTile::kElementBytes;
  engine.forVectors(section, [&](Value channel, Value channels) {
    SmallVector<Value> pixels;
    for (int64_t i = 0; i < count; ++i)
      pixels.push_back(builder.elementPtr(
          from, plan.conv.element,
          builder.add(channel,
                      i * plan.columns.stride * plan.conv.getPixelStride())));
    engine.transpose(
        pixels, channels,
        builder.bytePtr(
            to, builder.mul(builder.sub(channel, section.begin), channelBytes)),
        channelBytes);
  });
}

void SparseConvEmitter::storeLine(Value line) {
  int64_t lanes = plan.tile.lanes, width = plan.columns.output.getNumber(),
          whole = width / lanes * lanes;
  SmallVector<Value> rowIndices{image};
  if (plan.conv.dims.size() == 2)
    rowIndices.push_back(builder.add(firstLine, line));
  Value lineBegin = builder.mul(line, plan.lineElements);
  auto store = [&](Value column, Value count) {
    auto getIndex = [&](Value pixel, Value channel) {
      return indexOutput(builder, plan.conv, rowIndices,
                         builder.add(column, pixel), channel);
    };
    if (failed(engine.store(builder.getBuffer(op.getOutputMutable()), group,
                            plan.conv.outputChannels,
                            {builder.add(lineBegin, column), count, getIndex})))
      status = failure();
  };
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
