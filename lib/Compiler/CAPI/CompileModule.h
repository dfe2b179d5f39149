//===- CompileModule.h - A model compiled in process, as a module ---------===//

#ifndef LAMBENT_COMPILER_CAPI_COMPILEMODULE_H
#define LAMBENT_COMPILER_CAPI_COMPILEMODULE_H

#include "lambent/Compiler/Compiler.h"

namespace lambent::capi {

/// Compiles for this machine; the module owns its code and weights.
LambentStatus *compileModule(ModelSource source, const CompileOptions &options,
                             LambentModule **module);

} // namespace lambent::capi

#endif
