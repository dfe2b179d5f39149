//===- SizeAttrs.h - Sizes of domains and of buffers with open dims -------===//

#ifndef LAMBENT_LOWERING_IR_SIZEATTRS_H
#define LAMBENT_LOWERING_IR_SIZEATTRS_H

#include "lambent/Sizes/Size.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpImplementation.h"

#define GET_ATTRDEF_CLASSES
#include "lambent/Lowering/IR/SizeAttrs.h.inc"

namespace lambent::lir {

/// How an op's assembly writes a list of sizes: "[4, s0]".
mlir::ParseResult parseSizes(mlir::OpAsmParser &parser, SizesAttr &sizes);
void printSizes(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                SizesAttr sizes);

} // namespace lambent::lir

#endif
