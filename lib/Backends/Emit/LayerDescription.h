//===- LayerDescription.h - What a model says of its layers -----*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_EMIT_LAYERDESCRIPTION_H
#define LAMBENT_LIB_BACKENDS_EMIT_LAYERDESCRIPTION_H

#include "SizeTable.h"
#include "lambent/Backends/Emit/Schedule.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"

namespace lambent::emit {

/// The nodes that an op computes: "conv1+relu1".
std::string getLayerName(mlir::Operation *op);

/// Shapes and types of what an op reads and writes.
std::string getLayerShapes(lir::KernelOpInterface op);

/// Where the layers of a function have written, layer by layer.
class WrittenBuffers {
public:
  /// The layers, in order, that wrote what `op` reads. Nothing once many parts
  /// of buffers were compared: a picture of them would tell nothing.
  std::vector<unsigned> findSources(lir::KernelOpInterface op);
  void add(lir::KernelOpInterface op, unsigned layer);

private:
  struct Write {
    mlir::MemRefType part;
    unsigned layer;
  };
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Write, 1>> writes;
  size_t numCompared = 0;
};

/// The layers as LambentLayerInfo; null where there are none. What their work
/// follows from is added to `sizes`. `getText` places a string.
llvm::Constant *
describeLayers(llvm::ArrayRef<Layer> layers, SizeTable &sizes,
               llvm::Module &module,
               llvm::function_ref<llvm::Constant *(llvm::StringRef)> getText);

} // namespace lambent::emit

#endif
