//===- SampleInputs.cpp - The inputs of one sample after another ----------===//

#include "SampleInputs.h"
#include "DeclaredInputs.h"
#include "Report.h"
#include "SampleFolders.h"
#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace lambent::driver {

std::vector<Option> withSampleOptions(std::vector<Option> more) {
  std::vector<Option> options = withModelOptions({}),
                      quantized = withQuantizeOptions({quantizeOption()});
  std::erase_if(options, [&](const Option &option) {
    return option.name == "--donate" ||
           std::ranges::any_of(quantized, [&](const Option &other) {
             return other.name == option.name;
           });
  });
  options.insert(options.begin(), more.begin(), more.end());
  return options;
}

int SampleInputs::open(const std::string &path, const std::string &folder,
                       const ModelOptions &given) {
  model = path;
  options = given;
  CompileRequest declared(model, options);
  const LambentModelSummary *found = nullptr;
  if (int status = reportStatus(lambent_summarize(declared.source(), &found)))
    return status;
  summary.reset(found);
  return findSamples(folder, *summary, folders);
}

int SampleInputs::read(size_t index, TensorSet &inputs) const {
  if (lambent_cancellation_is_due(options.cancellation.get()))
    return reportError(timeIsUp);
  CompileRequest declared(model, options);
  if (int status = readDeclaredInputs(model, folders[index], declared, *summary,
                                      {}, inputs))
    return status;
  ModelOptions bound = options; // this sample's alone
  return bindShapes(*summary, folders[index], inputs.get(), bound);
}

void SampleInputs::showProgress(size_t index) const {
  if (!isatty(STDERR_FILENO))
    return;
  std::fputs("\r\033[K", stderr);
  if (index < size())
    std::fprintf(stderr, "sample %zu of %zu", index + 1, size());
  std::fflush(stderr);
}

void SampleInputs::addFiles(ReadFiles &files) const {
  files.add(model);
  files.addExternal(model, *summary);
  files.add(options.constantPaths);
  for (const std::string &folder : folders)
    files.addFolder(folder);
}

} // namespace lambent::driver
