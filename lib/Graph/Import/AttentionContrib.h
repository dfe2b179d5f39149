//===- AttentionContrib.h - What com.microsoft's attention shares -*- C++
//-*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_ATTENTIONCONTRIB_H
#define LAMBENT_LIB_GRAPH_IMPORT_ATTENTIONCONTRIB_H

#include "Node.h"

namespace lambent::graph {

/// The attribute, where 0 stands for 1 / sqrt(head size).
/// \param query [B, H, S, D]
double readContribScale(Node &node, mlir::Value query);

/// a + b, of one type.
mlir::Value addValues(Node &node, mlir::Value a, mlir::Value b);

} // namespace lambent::graph

#endif
