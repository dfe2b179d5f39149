//===- AlgorithmPlans.h - The plan that follows from an algorithm ---------===//
//
// One overload an algorithm. A plan says getNumChunks(), getScratchBytes() and
// describe(), which Algorithms.td passes on.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ALGORITHMPLANS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ALGORITHMPLANS_H

#include "BlockMatmulPlan.h"
#include "ConvPlan.h"
#include "MatmulPlan.h"
#include "RecurrentPlan.h"
#include "SparseConvPlan.h"
#include "SparseRowsPlan.h"
#include "SplitAttentionPlan.h"
#include "SplitConvPlan.h"
#include "SplitTilesPlan.h"
#include "WinogradPlan.h"

namespace lambent::cpu {

ConvPlan planKernel(DepthwiseAttr algorithm, mlir::Operation *op,
                    const TargetInfo &target);
ConvPlan planKernel(ImplicitGemmAttr algorithm, mlir::Operation *op,
                    const TargetInfo &target);
ConvPlan planKernel(SparseGemmAttr algorithm, mlir::Operation *op,
                    const TargetInfo &target);
WinogradPlan planKernel(WinogradAttr algorithm, mlir::Operation *op,
                        const TargetInfo &target);
WinogradPlan planKernel(SparseWinogradAttr algorithm, mlir::Operation *op,
                        const TargetInfo &target);
SplitAttentionPlan planKernel(SplitAttentionAttr algorithm, mlir::Operation *op,
                              const TargetInfo &target);
SplitConvPlan planKernel(SplitConvAttr algorithm, mlir::Operation *op,
                         const TargetInfo &target);
SplitConvPlan planKernel(NarrowConvAttr algorithm, mlir::Operation *op,
                         const TargetInfo &target);
MatmulPlan planKernel(PanelsAttr algorithm, mlir::Operation *op,
                      const TargetInfo &target);
MatmulPlan planKernel(SparsePanelsAttr algorithm, mlir::Operation *op,
                      const TargetInfo &target);
MatmulPlan planKernel(ShortPanelsAttr algorithm, mlir::Operation *op,
                      const TargetInfo &target);
ConvPlan planKernel(ShortConvAttr algorithm, mlir::Operation *op,
                    const TargetInfo &target);
MatmulPlan planKernel(CodedPanelsAttr algorithm, mlir::Operation *op,
                      const TargetInfo &target);
MatmulPlan planKernel(CodedDigitsAttr algorithm, mlir::Operation *op,
                      const TargetInfo &target);
BlockMatmulPlan planKernel(BlockPanelsAttr algorithm, mlir::Operation *op,
                           const TargetInfo &target);
MatmulPlan planKernel(RegisterTilesAttr algorithm, mlir::Operation *op,
                      const TargetInfo &target);
SplitTilesPlan planKernel(SplitTilesAttr algorithm, mlir::Operation *op,
                          const TargetInfo &target);
SplitTilesPlan planKernel(NarrowTilesAttr algorithm, mlir::Operation *op,
                          const TargetInfo &target);
SparseConvPlan planKernel(SparseConvAttr algorithm, mlir::Operation *op,
                          const TargetInfo &target);
SparseRowsPlan planKernel(SparseRowsAttr algorithm, mlir::Operation *op,
                          const TargetInfo &target);
ScalarProductPlan planKernel(ScalarAttr algorithm, mlir::Operation *op,
                             const TargetInfo &target);
RecurrentPlan planKernel(RecurrentPanelsAttr algorithm, mlir::Operation *op,
                         const TargetInfo &target);

} // namespace lambent::cpu

#endif
