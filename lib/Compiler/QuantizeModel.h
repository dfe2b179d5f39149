//===- QuantizeModel.h - Quantize a model on its way to the compiler ------===//

#ifndef LAMBENT_LIB_COMPILER_QUANTIZEMODEL_H
#define LAMBENT_LIB_COMPILER_QUANTIZEMODEL_H

#include "lambent/Compiler/Compiler.h"

namespace lambent {

/// The source as it is, or quantized in memory where the options ask for that.
llvm::Expected<ModelSource> prepareSource(ModelSource source,
                                          const CompileOptions &options);

} // namespace lambent

#endif
