//===- AttentionContrib.h - com.microsoft's attention -----------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_ATTENTIONCONTRIB_H
#define LAMBENT_LIB_GRAPH_IMPORT_ATTENTIONCONTRIB_H

#include "Node.h"

namespace lambent::graph {

/// The attribute, where 0 stands for 1 / sqrt(head size).
/// \param query [B, H, S, D]
double readContribScale(Node &node, mlir::Value query);

/// Attention whose query, key and value come of one product.
struct PackedAttention {
  mlir::Value product;          ///< [B, S, columns]
  mlir::Value mask, past, bias; ///< null where absent
  /// The columns of query, key and value; without them a third each.
  llvm::SmallVector<int64_t> sizes;
};
mlir::LogicalResult attendPacked(Node &node, const PackedAttention &packed);

/// That an input [B, S, K] and weights [K, columns] give such a product.
mlir::LogicalResult checkPacked(Node &node, mlir::Value x, mlir::Value weights);

/// a + b, of one type.
mlir::Value addValues(Node &node, mlir::Value a, mlir::Value b);

} // namespace lambent::graph

#endif
