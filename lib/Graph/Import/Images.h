//===- Images.h - Images from columns ---------------------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_IMAGES_H
#define LAMBENT_LIB_GRAPH_IMPORT_IMAGES_H

#include "Node.h"

namespace lambent::graph {

/// What Col2Im says of the dims of an image.
struct Columns {
  llvm::SmallVector<int64_t> strides, dilations, pads;
};

/// Adds up the columns of `x`, [N, C * block, places of the block], where a run
/// may decide the image or the block, lists of i64.
mlir::Value sumOpenColumns(Node &node, mlir::Value x, mlir::Value image,
                           mlir::Value block, const Columns &columns);

} // namespace lambent::graph

#endif
