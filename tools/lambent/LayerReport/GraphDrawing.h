//===- GraphDrawing.h - The layers as a picture -----------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_LAYERREPORT_GRAPHDRAWING_H
#define LAMBENT_TOOLS_LAYERREPORT_GRAPHDRAWING_H

#include "LayerRows.h"

namespace lambent::driver {

/// A colour for a share of the longest layer's time, from 0 to 1.
std::string getHeatColour(double share);

/// The layers as an SVG element: boxes coloured by time, with ids n0, n1, ...
/// `note` says what is not drawn, if anything.
std::string drawGraph(const std::vector<LayerRow> &rows, std::string &note);

} // namespace lambent::driver

#endif
