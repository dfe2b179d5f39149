//===- ShownSamples.cpp - Samples for a rounding, as the C API reads them -===//

#include "ShownSamples.h"
#include "Report.h"

namespace lambent::driver {

/// The option that makes weights follow samples, or "".
static std::string findReason(const Arguments &arguments) {
  std::string rounding = arguments.get("--rounding");
  if (rounding == "gptq" || rounding == "adaround")
    return "--rounding=" + rounding;
  return arguments.get("--method") == "reconstruct" ? "--method=reconstruct"
                                                    : "";
}

bool ShownSamples::isAskedFor(const Arguments &arguments) {
  return !findReason(arguments).empty();
}

int ShownSamples::open(const Arguments &arguments) {
  if (!arguments.has("--input-dir"))
    return reportError(findReason(arguments) +
                       " needs --input-dir: samples of what the model reads");
  ModelOptions options;
  options.followLinks = arguments.has("--follow-links");
  if (int status = samples.open(arguments.operand(),
                                arguments.get("--input-dir"), options))
    return status;
  LambentThreadPool *created = nullptr;
  if (int status = reportStatus(lambent_thread_pool_create(0, &created)))
    return status;
  pool.reset(created);
  set.size = sizeof set;
  set.count = samples.size();
  set.read = read;
  set.user = this;
  set.pool = created;
  return Done;
}

int ShownSamples::read(void *user, uint64_t index, LambentSample *sample) {
  auto &self = *static_cast<ShownSamples *>(user);
  self.samples.showProgress(index);
  if ((self.status = self.samples.read(index, self.current)))
    return 1;
  if (index + 1 == self.samples.size())
    self.samples.showProgress(index + 1);
  sample->name = self.samples.getName(index).c_str();
  sample->inputs = lambent_tensor_set_tensors(self.current.get());
  sample->num_inputs =
      static_cast<uint32_t>(lambent_tensor_set_size(self.current.get()));
  return 0;
}

} // namespace lambent::driver
