//===- ModelFiles.cpp - Files of a model that outputs must not replace ----===//

#include "ModelFiles.h"
#include "llvm/Support/Path.h"

using namespace lambent;
using llvm::Error;

Error lambent::checkModelSurvives(const OutputPlan &plan,
                                  const ModelSource &source) {
  if (source.bytes || !plan.replacesFiles())
    return Error::success();
  if (Error error = plan.checkSurvives(source.path, "the model that is read"))
    return error;
  auto summary = summarizeModel({source.path, nullptr, nullptr});
  if (!summary) {
    // The importer says what is wrong with it.
    llvm::consumeError(summary.takeError());
    return Error::success();
  }
  for (const std::string &location : summary->externalFiles) {
    llvm::SmallString<256> path(llvm::sys::path::parent_path(source.path));
    llvm::sys::path::append(path, location);
    if (Error error =
            plan.checkSurvives(path, "a file with weights of the model"))
      return error;
  }
  return Error::success();
}
