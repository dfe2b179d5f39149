//===- Page.h - The report as a page that a person reads --------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_LAYERREPORT_PAGE_H
#define LAMBENT_TOOLS_LAYERREPORT_PAGE_H

#include "LayerReport.h"

namespace lambent::driver {

/// One HTML file that needs nothing else: the layers as a graph and as a table.
std::string writePage(const LayerReport &report);

} // namespace lambent::driver

#endif
