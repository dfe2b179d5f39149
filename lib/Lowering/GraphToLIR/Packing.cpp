//===- Packing.cpp - Packed elements at the edges of a model --------------===//
//
// Elements of 4 and 2 bits have a byte each in buffers. Only the model's inputs
// and outputs hold several in a byte, the first in the lowest bits.
//
//===----------------------------------------------------------------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

/// Elements that share a byte, 1 where none do.
static int64_t getElementsPerByte(Type elementType) {
  unsigned bits = elementType.getIntOrFloatBitWidth();
  return bits == 1 || bits >= 8 ? 1 : 8 / bits;
}

MemRefType lambent::getArgumentType(Type tensorType) {
  auto type = cast<RankedTensorType>(tensorType);
  int64_t perByte = getElementsPerByte(type.getElementType());
  if (perByte == 1 || !type.hasStaticShape())
    return getBufferType(type);
  return MemRefType::get((type.getNumElements() + perByte - 1) / perByte,
                         IntegerType::get(type.getContext(), 8));
}

bool lambent::isPacked(Type tensorType) {
  return getElementsPerByte(getElementTypeOrSelf(tensorType)) > 1 &&
         cast<ShapedType>(tensorType).hasStaticShape();
}

Value lambent::unpackArgument(Value argument, Type tensorType,
                              GraphLowering &lowering) {
  auto type = cast<RankedTensorType>(tensorType);
  int64_t count = type.getNumElements(),
          perByte = getElementsPerByte(type.getElementType());
  unsigned bits = 8 / perByte;
  MemRefType bufferType = getBufferType(type);
  Value buffer =
            lowering.createBuffer(lir::getSizes(bufferType),
                                  bufferType.getElementType()),
        list = lowering.createView(buffer, Size(count));
  for (int64_t place = 0; place < perByte && place < count; ++place)
    lowering.createElementwise(
        Size((count - place + perByte - 1) / perByte),
        {{argument, {IndexTerm{0, 1, 0}}}},
        {list, {IndexTerm{0, perByte, place}}},
        [&](OpBuilder &builder, Location loc, ValueRange scalars) -> Value {
          Type i8 = scalars[0].getType();
          Value shift = createScalar(builder, loc, i8, double(place * bits)),
                mask = createScalar(builder, loc, i8, double((1 << bits) - 1));
          Value low = arith::ShRUIOp::create(builder, loc, scalars[0], shift);
          return arith::AndIOp::create(builder, loc, low, mask);
        });
  return buffer;
}

/// Writes bytes [first, first + count) of `argument`, each from `present`
/// elements.
static void packBytes(Value list, Value argument, int64_t first, int64_t count,
                      int64_t perByte, int64_t present,
                      GraphLowering &lowering) {
  SmallVector<BufferAccess> inputs;
  for (int64_t place = 0; place < present; ++place)
    inputs.push_back({list, {IndexTerm{0, perByte, first * perByte + place}}});
  lowering.createElementwise(
      Size(count), inputs, {argument, {IndexTerm{0, 1, first}}},
      [&](OpBuilder &builder, Location loc, ValueRange scalars) -> Value {
        Type i8 = scalars[0].getType();
        Value byte = scalars[0];
        for (auto [place, code] : llvm::enumerate(scalars.drop_front())) {
          Value shift =
              createScalar(builder, loc, i8, double((place + 1) * 8 / perByte));
          Value high = arith::ShLIOp::create(builder, loc, code, shift);
          byte = arith::OrIOp::create(builder, loc, byte, high);
        }
        return byte;
      });
}

void lambent::packResult(Value buffer, Value argument, Type tensorType,
                         GraphLowering &lowering) {
  auto type = cast<RankedTensorType>(tensorType);
  int64_t count = type.getNumElements(),
          perByte = getElementsPerByte(type.getElementType()),
          whole = count / perByte, rest = count % perByte;
  Value list = lowering.createView(buffer, Size(count));
  if (whole)
    packBytes(list, argument, 0, whole, perByte, perByte, lowering);
  if (rest)
    packBytes(list, argument, whole, 1, perByte, rest, lowering);
}
