//===- PruneModel.h - Prunes as much as an error allows ---------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_PRUNEMODEL_H
#define LAMBENT_TOOLS_SEARCH_PRUNEMODEL_H

#include "../PruneRequest.h"

namespace lambent::driver {

/// The options of a search among zeros, and then those of a model that runs on
/// samples.
std::vector<Option> withPruneSearchOptions(std::vector<Option> options);

/// Prunes the model to `output`, each layer as far as saves time, so that its
/// error is what the options allow. Prints what came of it, or what is wrong;
/// returns an exit status.
int pruneByGoal(const Arguments &arguments, const PruneRequest &request,
                const std::string &output);

} // namespace lambent::driver

#endif
