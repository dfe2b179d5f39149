//===- LIRAttrs.h - Attributes of lir: sizes, layouts, packings -*- C++ -*-===//

#ifndef LAMBENT_LOWERING_IR_LIRATTRS_H
#define LAMBENT_LOWERING_IR_LIRATTRS_H

#include "lambent/Lowering/IR/Packer.h"
#include "lambent/Sizes/Size.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpImplementation.h"

#include <memory>

#include "lambent/Lowering/IR/PackingInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "lambent/Lowering/IR/LIRAttrs.h.inc"

namespace lambent::lir {

/// How an op's assembly writes a list of sizes: "[4, s0]".
mlir::ParseResult parseSizes(mlir::OpAsmParser &parser, SizesAttr &sizes);
void printSizes(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                SizesAttr sizes);

} // namespace lambent::lir

#endif
