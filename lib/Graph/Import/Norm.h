//===- Norm.h - What normalisations have in common --------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_NORM_H
#define LAMBENT_LIB_GRAPH_IMPORT_NORM_H

#include "Node.h"

namespace lambent::graph {

/// The statistics of the dims from `axis` on as results 1 and 2: the mean and
/// 1 / sqrt(variance + epsilon), in f32 or wider.
mlir::LogicalResult addStatistics(Node &node, mlir::Value x, int64_t axis,
                                  float epsilon);

} // namespace lambent::graph

#endif
