//===- SearchModel.h - Quantizes as much as an error allows -----*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_SEARCHMODEL_H
#define LAMBENT_TOOLS_SEARCH_SEARCHMODEL_H

#include "../Arguments.h"
#include "../QuantizeRequest.h"

namespace lambent::driver {

/// The options of a search, and then those of a model that runs on samples.
std::vector<Option> withSearchOptions(std::vector<Option> options);

/// Whether the options ask for a search.
bool asksForSearch(const Arguments &arguments);

/// The models that a search measures, which must not outlive it.
std::vector<std::string> listTrialFiles(const Arguments &arguments);

/// Fails where options of a search are given, but nothing asks for one. Prints
/// what is wrong; returns an exit status.
int refuseSearchOptions(const Arguments &arguments);

/// Quantizes the model to `output` but for layers that stay in float, so that
/// its error is what the options allow. Prints what came of it, or what is
/// wrong; returns an exit status.
int searchModel(const Arguments &arguments, const QuantizeRequest &request,
                const std::string &output);

} // namespace lambent::driver

#endif
