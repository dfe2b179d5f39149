//===- CheckReport.h - What a check found, for the C API ------------------===//

#ifndef LAMBENT_COMPILER_CAPI_CHECKREPORT_H
#define LAMBENT_COMPILER_CAPI_CHECKREPORT_H

#include "lambent-c/compiler.h"
#include "lambent/Compiler/Compiler.h"

namespace lambent::capi {

/// A handle that owns all that it points at.
const LambentCheckReport *makeReport(CheckReport report);

} // namespace lambent::capi

#endif
