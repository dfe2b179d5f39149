//===- SearchGoal.h - What a search is to reach, on what --------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_SEARCHGOAL_H
#define LAMBENT_TOOLS_SEARCH_SEARCHGOAL_H

#include "../Arguments.h"
#include "../SampleInputs.h"
#include <span>

namespace lambent::driver {

/// The least score. Prints what is wrong and returns nothing on failure.
std::optional<double> parseGoal(const Arguments &arguments);

/// What a search's results depend on, as text: files, samples and the values of
/// `options`.
std::string describeSearch(const Arguments &arguments,
                           const std::vector<std::string> &files,
                           const SampleInputs &samples,
                           std::span<const std::string_view> options);

} // namespace lambent::driver

#endif
