//===- Sizes.cpp - The sizes of tensors with open dims --------------------===//

#include "lambent/Graph/IR/Sizes.h"
#include "Elements.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#define GET_ATTRDEF_CLASSES
#include "lambent/Graph/IR/Sizes.cpp.inc"

namespace lambent::graph {

void GraphDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "lambent/Graph/IR/Sizes.cpp.inc"
      >();
}

//===-- The attribute -----------------------------------------------------===//

Attribute SizesAttr::parse(AsmParser &parser, Type) {
  Sizes sizes;
  if (parser.parseLess() || parseSizeList(parser, sizes) ||
      parser.parseGreater())
    return {};
  return makeSizesAttr(parser.getContext(), sizes);
}

void SizesAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printSizeList(printer,
                llvm::map_to_vector(getSizes(), [](AffineExpr size) {
                  return Size(size);
                }));
  printer << ">";
}

LogicalResult
SizesAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                          function_ref<InFlightDiagnostic()> emitError) const {
  if (getSizes().size() != shape.size())
    return emitError() << "expected " << shape.size() << " sizes, but got "
                       << getSizes().size();
  for (auto [dim, size] : llvm::zip(shape, getSizes())) {
    auto number = dyn_cast_or_null<AffineConstantExpr>(size);
    if (number ? number.getValue() != dim : !isOpen(dim))
      return emitError() << "expected sizes of " << describeShape(shape)
                         << ", but got " << *this;
  }
  return success();
}

//===-- Sizes of types ----------------------------------------------------===//

Sizes getSizes(RankedTensorType type) {
  auto encoding = dyn_cast_or_null<SizesAttr>(type.getEncoding());
  if (!encoding)
    return Sizes(type.getShape().begin(), type.getShape().end());
  return llvm::map_to_vector(encoding.getSizes(),
                             [](AffineExpr size) { return Size(size); });
}

SizesAttr makeSizesAttr(MLIRContext *context, ArrayRef<Size> sizes) {
  return SizesAttr::get(context,
                        llvm::map_to_vector(sizes, [&](const Size &size) {
                          return size.getExpression(context);
                        }));
}

RankedTensorType makeTensorType(ArrayRef<Size> sizes, Type elementType) {
  Shape shape;
  bool isSymbolic = false;
  for (const Size &size : sizes) {
    // Where a number is absurd, whoever asked for the type says so.
    shape.push_back(size.isNumber() ? std::max<int64_t>(size.getNumber(), -1)
                                    : openDim);
    isSymbolic |= bool(size.getExpression());
  }
  return RankedTensorType::get(
      shape, elementType,
      isSymbolic ? makeSizesAttr(elementType.getContext(), sizes)
                 : SizesAttr());
}

Attribute getElement(const Size &size, Type type) {
  if (size.isNumber())
    return getIntElement(type, size.getNumber());
  return size.isKnown()
             ? SizesAttr::get(type.getContext(), {size.getExpression()})
             : Attribute();
}

Size getSize(Attribute element) {
  if (auto expression = dyn_cast_or_null<SizesAttr>(element))
    return Size(expression.getSizes().front());
  std::optional<int64_t> number = getInt(element);
  // The least number stands for what is unknown; one more is as far away.
  return number ? Size(std::max(*number, ShapedType::kDynamic + 1))
                : Size::unknown();
}

} // namespace lambent::graph
