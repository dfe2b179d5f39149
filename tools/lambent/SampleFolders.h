//===- SampleFolders.h - Where samples of a model's inputs lie --*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SAMPLEFOLDERS_H
#define LAMBENT_TOOLS_SAMPLEFOLDERS_H

#include "lambent-c/compiler.h"
#include <string>
#include <vector>

namespace lambent::driver {

/// Lists the folders of samples, by their names: `folder` itself where it holds
/// inputs, else each folder within it, or the folder `inputs` of each. Prints
/// what is wrong; returns an exit status.
int findSamples(const std::string &folder, const LambentModelSummary &model,
                std::vector<std::string> &samples);

} // namespace lambent::driver

#endif
