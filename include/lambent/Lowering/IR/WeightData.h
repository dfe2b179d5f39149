//===- WeightData.h - The numbers of a constant buffer ----------*- C++ -*-===//

#ifndef LAMBENT_LOWERING_IR_WEIGHTDATA_H
#define LAMBENT_LOWERING_IR_WEIGHTDATA_H

#include "lambent/Lowering/IR/LIR.h"

namespace lambent::lir {

/// The bytes of `weight` as the model has them, before they are packed; those
/// of one element where all are the same; empty where it has lost its data.
llvm::ArrayRef<char> getData(WeightOp weight);

} // namespace lambent::lir

#endif
