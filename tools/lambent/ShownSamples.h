//===- ShownSamples.h - Samples for a rounding, as the C API reads them ---===//

#ifndef LAMBENT_TOOLS_SHOWNSAMPLES_H
#define LAMBENT_TOOLS_SHOWNSAMPLES_H

#include "SampleInputs.h"
#include "lambent-c/quantize.h"

namespace lambent::driver {

/// The samples of --input-dir for what makes weights follow them.
class ShownSamples {
public:
  /// Whether the arguments ask for that.
  static bool isAskedFor(const Arguments &arguments);
  /// Prints what is wrong; returns an exit status.
  int open(const Arguments &arguments);
  const LambentSampleSet *get() const { return &set; }
  /// What reading a sample ended with; printed already unless it is Done.
  int getStatus() const { return status; }
  void addFiles(ReadFiles &files) const { samples.addFiles(files); }

private:
  static int read(void *user, uint64_t index, LambentSample *sample);

  SampleInputs samples;
  TensorSet current;
  ThreadPool pool;
  LambentSampleSet set = {};
  int status = 0;
};

} // namespace lambent::driver

#endif
