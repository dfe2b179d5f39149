//===- PointwiseConv.cpp - 1x1 convolutions as matrix products ------------===//

#include "PointwiseConv.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;

/// An epilogue input of the convolution as one of the product.
static std::optional<std::pair<Value, AffineMap>>
convertEpilogueInput(OpBuilder &builder, Location loc, Value input,
                     AffineMap map, MemRefType output, ArrayRef<Size> flat) {
  MLIRContext *context = builder.getContext();
  auto type = cast<MemRefType>(input.getType());
  if (map.isIdentity() && lir::getSizes(type) == lir::getSizes(output)) {
    Value view = lir::reshapeBuffer(builder, loc, input, flat);
    if (!view)
      return std::nullopt;
    return std::pair(view, AffineMap::getMultiDimIdentityMap(2, context));
  }
  unsigned rank = map.getNumDims();
  SmallVector<AffineExpr> dims(rank, getAffineConstantExpr(0, context));
  for (unsigned d = 0; d + 1 < rank; ++d)
    if (map.isFunctionOfDim(d) && !lir::getSizes(output)[d].is(1))
      return std::nullopt;
  dims.back() = getAffineDimExpr(1, context);
  return std::pair(input,
                   map.replaceDimsAndSymbols(dims, {}, 2, map.getNumSymbols()));
}

bool cpu::convertPointwiseConv(lir::ConvOp op) {
  auto isOne = [](int64_t size) { return size == 1; };
  ArrayRef<int64_t> filter = op.getFilterShape();
  if (op.getAlgorithm() || op.getGroup() != 1 ||
      !llvm::all_of(filter.drop_front(2), isOne) ||
      !llvm::all_of(op.getStrides(), isOne) ||
      !llvm::all_of(op.getPads(), [](const Size &pad) { return pad.is(0); }))
    return false;
  auto output = cast<MemRefType>(op.getOutput().getType());
  Sizes sizes = lir::getSizes(output);
  Size pixels = productOf(ArrayRef(sizes).drop_back());
  MLIRContext *context = op.getContext();
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Sizes inputShape{pixels, filter[1]}, outputShape{pixels, filter[0]};

  SmallVector<Value> inputs;
  SmallVector<Attribute> inputMaps;
  for (auto [value, map] :
       llvm::zip_equal(op.getEpilogueInputs(),
                       op.getEpilogueMaps().getAsValueRange<AffineMapAttr>())) {
    auto converted =
        convertEpilogueInput(builder, loc, value, map, output, outputShape);
    if (!converted)
      return false; // views made so far have no users and are folded away
    inputs.push_back(converted->first);
    inputMaps.push_back(AffineMapAttr::get(converted->second));
  }
  Value lhs = lir::reshapeBuffer(builder, loc, op.getInput(), inputShape),
        result = lir::reshapeBuffer(builder, loc, op.getOutput(), outputShape);
  if (!lhs || !result)
    return false; // not with rows at one distance

  AffineExpr m, n, k;
  bindDims(context, m, n, k);
  SmallVector<AffineExpr> filterIndex(filter.size(),
                                      getAffineConstantExpr(0, context));
  filterIndex[0] = n;
  filterIndex[1] = k;
  Attribute maps[] = {
      AffineMapAttr::get(AffineMap::get(3, 0, {m, k}, context)),
      AffineMapAttr::get(AffineMap::get(3, 0, filterIndex, context)),
      AffineMapAttr::get(AffineMap::get(3, 0, {m, n}, context))};
  Size domain[] = {pixels, filter[0], filter[1]};
  auto product =
      lir::MatmulOp::create(builder, loc, lhs, op.getFilter(), inputs, result,
                            domain, builder.getArrayAttr(maps),
                            builder.getArrayAttr(inputMaps), DictionaryAttr());
  product.getEpilogue().takeBody(op.getEpilogue());
  for (NamedAttribute attr : op->getDiscardableAttrs())
    product->setDiscardableAttr(attr.getName(), attr.getValue());
  op.erase();
  return true;
}
