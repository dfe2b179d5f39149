//===- Passes.h - Passes on the graph dialect -------------------*- C++ -*-===//

#ifndef LAMBENT_GRAPH_TRANSFORMS_PASSES_H
#define LAMBENT_GRAPH_TRANSFORMS_PASSES_H

#include "lambent/Graph/IR/Evaluator.h"
#include "lambent/Graph/IR/Graph.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

namespace lambent::graph {

#define GEN_PASS_DECL
#include "lambent/Graph/Transforms/Passes.h.inc"

/// graph-fold-constants with the evaluator that runs the constant part; it must
/// outlive the pass.
std::unique_ptr<mlir::Pass> createGraphFoldConstants(Evaluator &evaluator);

/// graph-tabulate-bytes with the evaluator that computes tables; it must outlive
/// the pass.
std::unique_ptr<mlir::Pass> createGraphTabulateBytes(Evaluator &evaluator);

/// graph-check-values after such an evaluator, which must outlive the pass.
std::unique_ptr<mlir::Pass>
createGraphCheckValues(const GraphCheckValuesOptions &options,
                       const Evaluator &evaluator);

/// Refines the types in `function` and folds what becomes constant; returns how
/// many results changed.
mlir::FailureOr<unsigned> inferShapes(mlir::func::FuncOp function);

/// Replaces what depends on constants only; returns how many results became
/// constants.
mlir::FailureOr<unsigned> foldConstants(mlir::func::FuncOp function,
                                        Evaluator &evaluator);

/// Rounds the operands of every product of floats to `format`, which must be
/// one of BlockFormat.h's; returns how many products there are.
unsigned roundProductsToBlocks(mlir::func::FuncOp function,
                               llvm::StringRef format, llvm::StringRef scale);

/// Multiplies rounded rows by constants as blocks of integers; returns how many
/// products there are.
unsigned multiplyBlocks(mlir::func::FuncOp function);

/// Writes constants that are multiples of steps as dequantized integers, those
/// of fewer than `least` elements only where integers meet them; returns how
/// many.
unsigned recognizeLatticeWeights(mlir::func::FuncOp function, int64_t least);

/// Replaces functions of one byte by tables; returns how many.
mlir::FailureOr<unsigned> tabulateBytes(mlir::func::FuncOp function,
                                        Evaluator &evaluator);

/// Chooses a layout for every image in `function`; returns how many transposes
/// remain.
mlir::FailureOr<unsigned> assignChannelsLast(mlir::func::FuncOp function);

/// A shift or scale per channel goes into the weights around it, and no
/// batch_norm remains. With `strict` nothing goes anywhere.
void populateFoldBatchNormPatterns(mlir::RewritePatternSet &patterns,
                                   bool strict);
void populateRecognizeLayerNormPatterns(mlir::RewritePatternSet &patterns);
void populateRecognizeSoftmaxPatterns(mlir::RewritePatternSet &patterns);
void populateRecognizeAttentionPatterns(mlir::RewritePatternSet &patterns);
void populateDecomposeConvTransposePatterns(mlir::RewritePatternSet &patterns);

/// Element-wise algebra; with `strict` only what is exact for every input.
void populateSimplifyArithmeticPatterns(mlir::RewritePatternSet &patterns,
                                        bool strict);
/// Ops that only move data: concat and slice.
void populateSimplifyMovementPatterns(mlir::RewritePatternSet &patterns);
/// Padding that a convolution or pool can do itself.
void populateFoldPadPatterns(mlir::RewritePatternSet &patterns);

#define GEN_PASS_REGISTRATION
#include "lambent/Graph/Transforms/Passes.h.inc"

} // namespace lambent::graph

#endif
