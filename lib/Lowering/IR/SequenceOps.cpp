//===- SequenceOps.cpp - Sequences and optionals at run time --------------===//

#include "lambent-c/model.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

std::optional<uint32_t> lir::findListAction(StringRef name) {
  constexpr StringLiteral names[] = {
#define ROW(NAME, TEXT) TEXT,
      LAMBENT_LIST_ACTIONS(ROW)
#undef ROW
  };
  const auto *found = llvm::find(names, name);
  return found == std::end(names)
             ? std::nullopt
             : std::optional(uint32_t(found - std::begin(names)));
}

LogicalResult lir::SequenceOp::verify() {
  if (!findListAction(getAction()))
    return emitOpError() << "expected an action of sequences, but got \""
                         << getAction() << '"';
  size_t count = getNumOperands();
  if (getTypes().size() != count || getSizes().size() != count)
    return emitOpError() << "expected a type and sizes for each of " << count
                         << " operands, but got " << getTypes().size()
                         << " and " << getSizes().size();
  for (Attribute entry : getSizes())
    if (!isa<lir::SizesAttr>(entry))
      return emitOpError() << "expected a list of sizes, but got " << entry;
  for (Value operand : getOperands())
    if (!isDense(cast<MemRefType>(operand.getType())))
      return emitOpError() << "expected dense buffers, but got "
                           << operand.getType();
  return success();
}

unsigned lir::SequenceOp::getNumReads() { return getInputs().size(); }
Size lir::SequenceOp::getFlops() { return 0; }

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/SequenceOps.cpp.inc"
