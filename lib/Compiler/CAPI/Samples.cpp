//===- Samples.cpp - Shows a model the samples of a caller ----------------===//

#include "Samples.h"
#include "Convert.h"
#include "Observer.h"
#include "lambent/Graph/Import/ModelBytes.h"
#include "llvm/ADT/StringExtras.h"

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;

LambentStatus *capi::nameSample(LambentStatus *status, const char *name) {
  if (!status || lambent_status_code(status) == LAMBENT_STATUS_CANCELLED)
    return status;
  std::string lines = lambent_status_message(status), text;
  for (llvm::StringRef line : llvm::split(lines, '\n'))
    text += (text.empty() ? "sample '" : "\nsample '") + makePrintable(name) +
            "': " + line.str();
  LambentStatusCode code = lambent_status_code(status);
  lambent_status_destroy(status);
  return makeLines(code, text.c_str());
}

LambentStatus *capi::gatherMoments(const ModelSource &source,
                                   const LambentSampleSet &samples,
                                   llvm::ArrayRef<std::string> tensors,
                                   quantization::SecondMoments &moments) {
  Observer observer(graph::shareSource(source), {}, tensors.vec(),
                    samples.pool);
  for (uint64_t i = 0; i < samples.count; ++i) {
    LambentSample sample = {};
    if (samples.read(samples.user, i, &sample))
      return makeError("sample %llu of %llu cannot be read",
                       static_cast<unsigned long long>(i + 1),
                       static_cast<unsigned long long>(samples.count));
    if (!sample.name || (sample.num_inputs && !sample.inputs))
      return makeError("sample %llu of %llu: expected a name and inputs, but "
                       "got a null pointer",
                       static_cast<unsigned long long>(i + 1),
                       static_cast<unsigned long long>(samples.count));
    LambentStatus *status =
        observer.run(llvm::ArrayRef(sample.inputs, sample.num_inputs),
                     [&](const quantization::TensorView &tensor) {
                       return toStatus(moments.see(tensor));
                     });
    if (status)
      return nameSample(status, sample.name);
  }
  return nullptr;
}
