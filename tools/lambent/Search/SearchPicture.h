//===- SearchPicture.h - The error beside the time saved --------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_SEARCHPICTURE_H
#define LAMBENT_TOOLS_SEARCH_SEARCHPICTURE_H

#include "ModelScore.h"
#include "PrecisionSearch.h"

namespace lambent::driver {

/// The begin of a page about a search of the model `title`, up to its heading.
std::string beginSearchPage(const std::string &title);

/// A point for each set of `counted`, as "layers", that was measured: time
/// saved from left to right, the score from below, and a line where the goal
/// is.
std::string drawSearch(const std::vector<SearchPoint> &points, double goalScore,
                       const std::string &counted, const ModelScore &score);

} // namespace lambent::driver

#endif
