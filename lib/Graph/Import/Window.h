//===- Window.h - Attributes of ops that move a window over an image ------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_WINDOW_H
#define LAMBENT_LIB_GRAPH_IMPORT_WINDOW_H

#include "Node.h"

namespace lambent::graph {

struct Window {
  llvm::SmallVector<int64_t> strides, dilations, pads;
  std::string autoPad; ///< NOTSET, SAME_UPPER or SAME_LOWER
};

/// Reads strides, dilations, pads and auto_pad for the image `x`, [N, C,
/// spatial...]; the number of spatial dims, or 0 when something is wrong
/// (reported).
int64_t readWindow(Node &node, mlir::Value x, Window &window);

} // namespace lambent::graph

#endif
