//===- Block.cpp - Numbers in blocks that share an exponent ---------------===//
//
// AMD Quark's ops, which write a number as a format holds it.
//
//===----------------------------------------------------------------------===//

#include "Node.h"
#include "Offers.h"
#include "OpTable.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Rounds x to `format`, whose blocks have `size` elements, and where the node
/// does not say how many, `otherwise`.
LogicalResult roundBlocks(Node &node, StringRef format, int64_t size,
                          int64_t otherwise) {
  Value x = node.input(0, "x", FloatKind);
  int64_t axis = node.getInt("axis", 1),
          block = node.getIntIn("block_size", otherwise, 1, INT32_MAX),
          rounding = node.getIntIn("rounding_mode", 0, 0, 2);
  if (node.hasFailed())
    return failure();
  constexpr int64_t toEven = 2;
  if (rounding != toEven)
    return node.unsupported("rounding_mode " + Twine(rounding) +
                            " is not supported, only 2, half to even");
  if (block != size)
    return node.unsupported("blocks of " + Twine(block) +
                            " elements are not supported, only of " +
                            Twine(size));
  if (!getType(x).getElementType().isF32())
    return node.error("expected an x of f32, but got " +
                      describeType(getType(x)));
  axis = node.normalizeAxis(axis, getType(x).getRank());
  if (node.hasFailed())
    return failure();
  return node.result(
      node.create<RoundBlocksOp>(x, format, axis, StringRef("down")));
}

LogicalResult importMX(Node &node) {
  std::string element = node.getChoice(
      "element_dtype", "int8",
      {"fp8_e5m2", "fp8_e4m3", "fp6_e3m2", "fp6_e2m3", "fp4_e2m1", "int8"});
  StringRef format = llvm::StringSwitch<StringRef>(element)
                         .Case("fp8_e5m2", "mxfp8-e5m2")
                         .Case("fp8_e4m3", "mxfp8")
                         .Case("fp6_e3m2", "mxfp6-e3m2")
                         .Case("fp6_e2m3", "mxfp6")
                         .Case("fp4_e2m1", "mxfp4")
                         .Default("mxint8");
  return roundBlocks(node, format, /*size=*/32, /*otherwise=*/32);
}

LogicalResult importBFP(Node &node) {
  std::string method =
      node.getChoice("bfp_method", "to_bfp", {"to_bfp", "to_bfp_prime"});
  int64_t bits = node.getInt("bit_width", 16),
          part = node.getInt("sub_block_size", 2),
          shift = node.getInt("sub_block_shift_bits", 1);
  bool isRounded = node.getBool("convert_to_bfloat_before_bfp", false);
  if (node.hasFailed())
    return failure();
  StringRef format = bits == 16 ? "mx9" : bits == 13 ? "mx6" : "mx4";
  if (method == "to_bfp" || isRounded || part != 2 || shift != 1 ||
      (bits != 16 && bits != 13 && bits != 11))
    return node.unsupported("this block floating point is not supported, only "
                            "MX9, MX6 and MX4");
  return roundBlocks(node, format, /*size=*/16, /*otherwise=*/8);
}

} // namespace

void addBlockRows(OpTable &table) {
  table.add("com.amd.quark.MXQuantizeDequantize", 1, importMX);
  table.add("com.amd.quark.BFPQuantizeDequantize", 1, importBFP);
}

} // namespace lambent::graph
