//===- TileUnit.cpp - Instructions on tiles of matrices -------------------===//
//
// LLVM's intrinsics that take the tiles' numbers. Those that take values would
// configure tiles wherever LLVM sees fit, and spill them around calls.
//
//===----------------------------------------------------------------------===//

#include "TileUnit.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// What ldtilecfg reads.
static constexpr int64_t kConfigBytes = 64;

namespace {

class AMXTiles : public TileUnit {
public:
  using TileUnit::TileUnit;

  void configure() override {
    SmallVector<int8_t> config(kConfigBytes);
    config[0] = 1; // the palette of eight such tiles
    for (int64_t tile = 0; tile < kTiles; ++tile) {
      config[16 + 2 * tile] = DotStep::kRowBytes; // of two bytes the lower one
      config[48 + tile] = getRows(tile);
    }
    VectorType type = builder.vectorType(builder.getI8Type(), kConfigBytes);
    Value bytes = builder.create<arith::ConstantOp>(
        DenseElementsAttr::get(type, ArrayRef(config)));
    builder.storeVector(bytes, memory, builder.i64(0));
    call("llvm.x86.ldtilecfg", memory);
  }
  void release() override { call("llvm.x86.tilerelease", {}); }
  void zero(int64_t tile) override { call("llvm.x86.tilezero", number(tile)); }
  void load(int64_t tile, Value base, int64_t stride, bool streams) override {
    call(streams ? "llvm.x86.tileloaddt164" : "llvm.x86.tileloadd64",
         {number(tile), base, builder.i64(stride)});
  }
  void store(int64_t tile, Value base, int64_t stride) override {
    call("llvm.x86.tilestored64", {number(tile), base, builder.i64(stride)});
  }
  void dot(int64_t i, int64_t j) override {
    call(step.intrinsic, {number(sum(i, j)), number(lhs(i)), number(rhs(j))});
  }

private:
  Value number(int64_t tile) {
    return builder.constant(builder.getI8Type(), tile);
  }
  void call(StringRef name, ValueRange arguments) {
    builder.create<LLVM::CallIntrinsicOp>(builder.getStringAttr(name),
                                          arguments);
  }
};

} // namespace

std::unique_ptr<TileUnit> TileUnit::create(KernelBuilder &builder,
                                           const DotStep &step, int64_t rows,
                                           Value memory) {
  if (builder.getTarget().tileUnit == TileUnitKind::EmulatedAMX)
    return createEmulatedTiles(builder, step, rows, memory);
  return std::make_unique<AMXTiles>(builder, step, rows, memory);
}

int64_t TileUnit::getMemoryBytes(const TargetInfo &target) {
  return target.tileUnit == TileUnitKind::EmulatedAMX
             ? kTiles * DotStep::kRows * DotStep::kRowBytes
             : kConfigBytes;
}
