//===- LIRAttrs.cpp - Attributes of lir: sizes, layouts, packings ---------===//

#include "lambent/Lowering/IR/LIRAttrs.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lambent;

#define GET_ATTRDEF_CLASSES
#include "lambent/Lowering/IR/LIRAttrs.cpp.inc"

void lir::LIRDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "lambent/Lowering/IR/LIRAttrs.cpp.inc"
      >();
}

//===-- Sizes -------------------------------------------------------------===//

Attribute lir::SizesAttr::parse(AsmParser &parser, Type) {
  Sizes sizes;
  if (parser.parseLess() || parseSizeList(parser, sizes) ||
      parser.parseGreater())
    return {};
  return get(parser.getContext(), sizes);
}

void lir::SizesAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printSizeList(printer, getSizes());
  printer << '>';
}

ParseResult lir::parseSizes(OpAsmParser &parser, SizesAttr &attr) {
  Sizes sizes;
  SMLoc place = parser.getCurrentLocation();
  if (parseSizeList(parser, sizes))
    return failure();
  if (!areKnown(sizes))
    return parser.emitError(place, "expected sizes that are known");
  attr = SizesAttr::get(parser.getContext(), sizes);
  return success();
}

void lir::printSizes(OpAsmPrinter &printer, Operation *, SizesAttr sizes) {
  printSizeList(printer, sizes.getSizes());
}

//===-- Layouts -----------------------------------------------------------===//

Attribute lir::LayoutAttr::parse(AsmParser &parser, Type) {
  Sizes sizes, strides;
  Size offset = 0;
  if (parser.parseLess() || parseSizeList(parser, sizes))
    return {};
  if (succeeded(parser.parseOptionalComma()))
    if (parser.parseKeyword("strides") || parser.parseColon() ||
        parseSizeList(parser, strides) || parser.parseComma() ||
        parser.parseKeyword("offset") || parser.parseColon() ||
        parseSize(parser, offset))
      return {};
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), sizes, strides, offset);
}

void lir::LayoutAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printSizeList(printer, getSizes());
  if (!getStrides().empty()) {
    printer << ", strides: ";
    printSizeList(printer, getStrides());
    printer << ", offset: " << getOffset().toString();
  }
  printer << '>';
}

/// A dense buffer's elements lie as its dims say.
AffineMap lir::LayoutAttr::getAffineMap() const {
  if (isIdentity())
    return AffineMap::getMultiDimIdentityMap(getSizes().size(), getContext());
  return makeStridedLinearLayoutMap(
      getNumbers(getStrides()), getOffset().getNumber(), getContext());
}

bool lir::LayoutAttr::isIdentity() const { return getStrides().empty(); }

LogicalResult lir::LayoutAttr::verifyLayout(
    ArrayRef<int64_t> shape,
    function_ref<InFlightDiagnostic()> emitError) const {
  if (getNumbers(getSizes()) != shape || !areKnown(getSizes()))
    return emitError() << "expected a layout with a size for each of "
                       << shape.size() << " dims, but got " << *this;
  if (isIdentity())
    return success();
  if (getStrides().size() != shape.size() || !areKnown(getStrides()) ||
      !getOffset().isKnown())
    return emitError() << "expected a stride for each of " << shape.size()
                       << " dims, and an offset, but got " << *this;
  return success();
}

LogicalResult
lir::LayoutAttr::getStridesAndOffset(ArrayRef<int64_t> shape,
                                     SmallVectorImpl<int64_t> &strides,
                                     int64_t &offset) const {
  auto type = makeBufferType(getSizes(), IntegerType::get(getContext(), 8));
  strides = getNumbers(isIdentity() ? lir::getStrides(type)
                                    : Sizes(getStrides()));
  offset = getOffset().getNumber();
  return success(strides.size() == shape.size());
}
