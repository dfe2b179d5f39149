//===- LIRAttrs.td - All attributes of lir --------------------------------===//

include "lambent/Lowering/IR/PackingAttrs.td"
include "lambent/Lowering/IR/SizeAttrs.td"
