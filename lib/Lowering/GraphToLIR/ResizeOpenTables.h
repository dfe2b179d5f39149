//===- ResizeOpenTables.h - Tables of a resize that a run makes -----------===//

#ifndef LAMBENT_LIB_LOWERING_GRAPHTOLIR_RESIZEOPENTABLES_H
#define LAMBENT_LIB_LOWERING_GRAPHTOLIR_RESIZEOPENTABLES_H

#include "GraphLowering.h"
#include "ResizeTables.h"

namespace lambent {

/// The buffers that a table lies in.
struct ResizeBuffers {
  mlir::Value indices; ///< i64 [size] of nearest, else [size, taps]
  mlir::Value weights; ///< f32 [size, taps]; null of nearest
};

/// Adds the kernels that compute the table of an axis whose sizes are open, or
/// whose scale or region a run says.
ResizeBuffers createResizeTable(const ResizeAxis &axis,
                                GraphLowering &lowering);

/// The same for whether a position lies outside of the input: bool [size].
mlir::Value createOutsideTable(const ResizeAxis &axis,
                               GraphLowering &lowering);

} // namespace lambent

#endif
