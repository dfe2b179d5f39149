//===- Compile.cpp - The C API of the compiler ----------------------------===//

#include "CheckReport.h"
#include "CompileModule.h"
#include "Convert.h"
#include "lambent/Runtime/OwnedModule.h"

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;

LambentStatus *capi::compileModule(ModelSource source,
                                   const CompileOptions &options,
                                   LambentModule **module) {
  std::string origin = source.path;
  llvm::Expected<std::unique_ptr<JITModel>> compiled =
      compileInProcess(std::move(source), options);
  if (!compiled)
    return toStatus(compiled.takeError());
  JITModel *owner = compiled->get();
  LambentLoadOptions load = {};
  load.size = sizeof(load);
  // They were packed in this process a moment ago.
  load.skip_weight_hash = 1;
  auto release = [](void *owner) { delete static_cast<JITModel *>(owner); };
  LambentStatus *status =
      createOwnedModule(owner->getModel(), origin.c_str(), owner->getWeights(),
                        load, owner, release, module);
  if (!status)
    compiled->release();
  return status;
}

/// Reads source and options and hands them to `body`.
template <typename Body>
static LambentStatus *withInputs(const LambentModelSource *source,
                                 const LambentCompileOptions *options,
                                 Body body) {
  return protect([&]() -> LambentStatus * {
    ModelSource model;
    CompileOptions given;
    if (LambentStatus *status = readSource(source, model))
      return status;
    if (LambentStatus *status = readOptions(options, given))
      return status;
    return body(std::move(model), given);
  });
}

LambentStatus *lambent_compile(const LambentModelSource *source,
                               const LambentCompileOptions *options,
                               LambentModule **module) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"source", source}, {"module", module}}))
    return status;
  *module = nullptr;
  return withInputs(
      source, options, [&](ModelSource model, const CompileOptions &given) {
        return compileModule(std::move(model), given, module);
      });
}

LambentStatus *lambent_compile_to_file(const LambentModelSource *source,
                                       const LambentCompileOptions *options,
                                       LambentOutputForm form,
                                       const char *output) {
  if (LambentStatus *status = requireArguments(__func__, {{"source", source}}))
    return status;
  if (!output || !*output)
    return makeError("expected a path to write to, but got none");
  if (static_cast<uint32_t>(form) > LAMBENT_FORM_ASSEMBLY)
    return makeError("expected a form of LambentOutputForm, but got %u",
                     static_cast<unsigned>(form));
  static_assert(static_cast<int>(OutputForm::Library) == LAMBENT_FORM_LIBRARY &&
                static_cast<int>(OutputForm::Assembly) ==
                    LAMBENT_FORM_ASSEMBLY);
  return withInputs(
      source, options, [&](ModelSource model, const CompileOptions &given) {
        return toStatus(compileToFile(std::move(model), given,
                                      static_cast<OutputForm>(form), output));
      });
}

LambentStatus *lambent_check(const LambentModelSource *source,
                             const LambentCompileOptions *options,
                             const LambentCheckReport **report) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"source", source}, {"report", report}}))
    return status;
  *report = nullptr;
  return withInputs(
      source, options,
      [&](ModelSource model, const CompileOptions &given) -> LambentStatus * {
        llvm::Expected<CheckReport> found = checkModel(std::move(model), given);
        if (!found)
          return toStatus(found.takeError());
        std::vector<std::string> errors = found->errors;
        *report = makeReport(std::move(*found));
        if (errors.empty())
          return nullptr;
        return toStatus(llvm::make_error<CompileError>(
            std::move(errors), std::vector<UnsupportedNode>()));
      });
}
