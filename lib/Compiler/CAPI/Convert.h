//===- Convert.h - Between the C API's structures and the compiler's ------===//

#ifndef LAMBENT_COMPILER_CAPI_CONVERT_H
#define LAMBENT_COMPILER_CAPI_CONVERT_H

#include "lambent-c/quantize.h"
#include "lambent/Compiler/Compiler.h"
#include "lambent/Runtime/Arguments.h"
#include <exception>
#include <new>

namespace lambent::capi {

/// As lambent_printable.
std::string makePrintable(llvm::StringRef text);

/// Null for success.
LambentStatus *toStatus(llvm::Error error);

/// Reads what the caller gave; refuses structures that are too small or
/// contradict themselves.
LambentStatus *readSource(const LambentModelSource *given, ModelSource &source);
LambentStatus *readOptions(const LambentCompileOptions *given,
                           CompileOptions &options);
LambentStatus *readQuantizeOptions(const LambentQuantizeOptions *given,
                                   QuantizeRequest &request);

/// Runs `body`, which returns a status, and lets no exception out: the caller
/// may be C.
template <typename Body> LambentStatus *protect(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return runtime::makeError("out of memory");
  } catch (const std::exception &exception) {
    return runtime::makeError("%s", exception.what());
  }
}

} // namespace lambent::capi

#endif
