//===- Passes.td - Passes on lir ------------------------------------------===//

include "mlir/Pass/PassBase.td"

def FoldPermutations : Pass<"lir-fold-permutations", "::mlir::func::FuncOp"> {
  let summary = "Fold permuting copies into the maps of matrix products and attention";
  let description = [{
    A copy that only permutes dims (or slices a whole dim) and feeds lir.matmul or lir.attention, also through views,
    becomes part of their operand's map; one that permutes their result becomes part of the output's map.

    Runs before lir-fuse-elementwise, which would put the same copies into element-wise ops around them.

    ```mlir
    lir.elementwise ins(%x : memref<4x2x8xf32>) outs(%t : memref<2x4x8xf32>) ...   // t[h, s, d] = x[s, h, d]
    lir.matmul ins(%t, %w : ...) ... maps [affine_map<(h, s, n, d) -> (h, s, d)>, ...]
    // becomes
    lir.matmul ins(%x, %w : ...) ... maps [affine_map<(h, s, n, d) -> (s, h, d)>, ...]
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def FuseElementwise : Pass<"lir-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Fuse element-wise producers into element-wise consumers and inline scalar constants";
  let description = [{
    The consumer computes the producer's scalar where it read its result; maps compose. A producer with several
    readers is recomputed in each only when all of them can take it and it is cheap. A result that is broadcast is
    recomputed only when it is a copy.

    ```mlir
    lir.elementwise ins(%x : memref<4xf32>) outs(%t : memref<4xf32>) ...   // t = exp x
    lir.elementwise ins(%t, %b : ...) outs(%y : memref<4xf32>) ...         // y = t + b
    // becomes
    lir.elementwise ins(%x, %b : ...) outs(%y : memref<4xf32>) ...         // y = exp x + b
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def FuseEpilogues : Pass<"lir-fuse-epilogues", "::mlir::func::FuncOp"> {
  let summary = "Fuse element-wise consumers into the epilogue of the kernel that produces their operand";
  let description = [{
    Applies where the kernel's result has no other reader and each element of it gives one element of the consumer's
    output, in the same order (for lir.matmul in any order). The kernel moves to the consumer's place, so that its
    other operands have been computed; of several kernels the last is taken. Views that regroup dims are seen through.

    Runs after lir-fuse-elementwise, so that whole stacks move at once.

    ```mlir
    lir.matmul ... outs(%t : memref<4x16xf32>) ... epilogue_maps [] { ^bb0(%acc: f32): lir.yield %acc : f32 }
    lir.elementwise ins(%t, %b : memref<4x16xf32>, memref<16xf32>) outs(%y : memref<4x16xf32>) ...   // y = t + b
    // becomes
    lir.matmul ... with(%b : memref<16xf32>) outs(%y : memref<4x16xf32>) ... epilogue_maps [affine_map<(m, n) -> (n)>] {
    ^bb0(%acc: f32, %bias: f32):
      %0 = arith.addf %acc, %bias : f32
      lir.yield %0 : f32
    }
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def RemoveCopies : Pass<"lir-remove-copies", "::mlir::func::FuncOp"> {
  let summary = "Remove copies that keep the order of elements, and kernels and buffers that nothing reads";
  let description = [{
    The copy's readers read its source; where the copy writes an output of the function, the source's kernel writes
    the output itself.

    ```mlir
    lir.softmax ins(%x : memref<4xf32>) outs(%t : memref<4xf32>) {axis = 0 : i64}
    lir.elementwise ins(%t : memref<4xf32>) outs(%out : memref<4xf32>) ...   // out = t
    // becomes
    lir.softmax ins(%x : memref<4xf32>) outs(%out : memref<4xf32>) {axis = 0 : i64}
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def PermuteWeights : Pass<"lir-permute-weights", "::mlir::func::FuncOp"> {
  let summary = "Permute constant right-hand sides instead of the rows that meet them";
  let description = [{
    Where lir.matmul reads rows that a copy permutes, as those of a flattened image whose channels come last, it reads
    the copy's source, and the constant gets a packing that permutes it: no other copy of it is made.

    Comes after the passes that fuse, so that the copy stands alone. A backend that carries out packings adds it.

    ```mlir
    lir.elementwise ins(%x : memref<1x7x7x512xf32>) outs(%t : memref<1x512x7x7xf32>) ...   // t[b, c, i, j] = x[b, i, j, c]
    %v = lir.view %t : memref<1x512x7x7xf32> -> memref<1x25088xf32>
    %w = lir.weight ... : tensor<25088x4096xf32> : memref<25088x4096xf32>
    lir.matmul ins(%v, %w : ...) ...
    // becomes
    %v = lir.view %x : memref<1x7x7x512xf32> -> memref<1x25088xf32>
    %p = lir.weight ... {packing = #lir.packing<(i, j, c, n) -> (i * 7 + j + c * 49, n)>} : memref<7x7x512x4096xf32>
    %w = lir.view %p : memref<7x7x512x4096xf32> -> memref<25088x4096xf32>
    lir.matmul ins(%v, %w : ...) ...
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def RemovePartCopies : Pass<"lir-remove-part-copies", "::mlir::func::FuncOp"> {
  let summary = "Let kernels write and read parts of larger buffers instead of copies of them";
  let description = [{
    Where a copy fills a part of a buffer, as of a concatenation or the inside of a pad, the kernels that compute its
    source write that part, and the source's other readers read it there. Where a copy takes a part of a buffer, its
    readers read the part. Parts of parts, as in a chain of concatenations, become parts of the last buffer.

    Comes after the passes that fuse and lir-remove-copies: those see dense buffers. A backend that takes parts adds it,
    with a function that says which operands may be one; the default is all.

    ```mlir
    lir.softmax ins(%x : memref<4x8xf32>) outs(%t : memref<4x8xf32>) {axis = 1 : i64}
    lir.elementwise ins(%t : memref<4x8xf32>) outs(%y : memref<4x16xf32>) ...   // y[i, j + 8] = t[i, j]
    // becomes
    %p = lir.view %y : memref<4x16xf32> -> memref<4x8xf32, strided<[16, 1], offset: 8>>
    lir.softmax ins(%x : memref<4x8xf32>) outs(%p : memref<4x8xf32, strided<[16, 1], offset: 8>>) {axis = 1 : i64}
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def DonateInputs : Pass<"lir-donate-inputs", "::mlir::func::FuncOp"> {
  let summary = "Let outputs take the memory of the inputs that are donated to them";
  let description = [{
    An input that has `lir.donated` gives its memory to the output of that number. Both become views of one buffer, the
    result of a lir.donate: the copy of the input to its place in the output is gone, and only what a run adds is
    written. Where the output is longer than the input, and the dim is not the first, the memory may be longer still, by
    a symbol that comes behind those of lir.symbols.

    What needs old elements once they are overwritten reads a copy where the output has the input's sizes, and is an
    error where it grows. Comes after lir-remove-part-copies, and like it sees which kernels take parts of buffers:
    others read a copy.

    ```mlir
    lir.elementwise ins(%past : memref<2x4xf32>) outs(%present : memref<2x5xf32>) ...   // present[i, j] = past[i, j]
    lir.elementwise ins(%new : memref<2x1xf32>) outs(%present : memref<2x5xf32>) ...    // present[i, j + 4] = new[i, j]
    // becomes
    %m = lir.donate %past, %present grown 1 : memref<2x4xf32>, memref<2x5xf32> -> memref<2x?xf32, #lir.layout<[2, s0 + 5]>>
    %v = lir.view %m ...
    lir.elementwise ins(%new : memref<2x1xf32>) outs(%v ...) ...
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def SplitReductions : Pass<"lir-split-reductions", "::mlir::func::FuncOp"> {
  let summary = "Reduce large inputs by parts, and then the parts";
  let description = [{
    A reduction over dims with others behind them, as a mean over an image's pixels, is dealt out to threads by its
    results: each thread then reads a part of every pixel, most of which other threads wrote and will write next, so that
    lines move between cores. By parts of the image, each thread reads what it wrote. Sums round otherwise.

    Comes after lir-fuse-epilogues: the epilogue stays behind the last sum. A backend whose threads have caches of their
    own adds it, not for strict accuracy.

    ```mlir
    lir.reduce ins(%x : memref<1x56x56x144xf32>) outs(%y : memref<1x144xf32>) ... {kind = "sum", dims = array<i64: 1, 2>}
    // becomes
    %v = lir.view %x : memref<1x56x56x144xf32> -> memref<1x16x196x144xf32>
    %p = lir.alloc : memref<1x16x144xf32>
    lir.reduce ins(%v : memref<1x16x196x144xf32>) outs(%p : memref<1x16x144xf32>) ... {kind = "sum", dims = array<i64: 2>}
    lir.reduce ins(%p : memref<1x16x144xf32>) outs(%y : memref<1x144xf32>) ... {kind = "sum", dims = array<i64: 1>}
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def BoundRoundings : Pass<"lir-bound-roundings", "::mlir::func::FuncOp"> {
  let summary = "Note which numbers that are rounded lie within i32";
  let description = [{
    Numbers that are quantized are clamped before they are converted to integers, since a conversion of what i32 does not
    hold gives anything. A sum of bytes times a small scale, plus a bias, needs no such clamp: its conversion can be
    clamped as an integer, or by instructions that saturate. `math.roundeven` whose operand is below 2^31 in magnitude,
    for all values of integers and by the largest of constants, gets `lir.within_i32`.

    Comes after lir-fuse-epilogues, which brings sums to roundings. A backend whose conversions clamp for less adds it.

    ```mlir
    %f = arith.sitofp %sum : i32 to f32
    %n = math.fma %f, %scale, %bias : f32   // of weights that are below 1
    %r = math.roundeven %n : f32
    // becomes
    %r = math.roundeven %n {lir.within_i32} : f32
    ```
  }];
}

def FoldByteSums : Pass<"lir-fold-byte-sums", "::mlir::func::FuncOp"> {
  let summary = "Requantize a sum of two bytes by two multiply-adds";
  let description = [{
    A residual sum of quantized networks is (scale_a (a - zero_a) + scale_b (b - zero_b)) / scale, rounded. Where there are
    factors with which a f_a + (b f_b + c) rounds to the same integer for all 65,536 pairs of bytes, it becomes that.
    Quotients next to the middle of two integers decide: factors are varied by their last bits until all of these
    agree, and the sum stays as it is where none does. A byte that the region itself rounds stays without its zero point.

    Comes after lir-fuse-epilogues. A backend with fused multiply-adds adds it.

    ```mlir
    %m = arith.mulf %a, %scale_a : f32      // %a, %b: bytes less their zero points
    %n = arith.mulf %b, %scale_b : f32
    %s = arith.addf %m, %n : f32
    %q = arith.divf %s, %scale : f32
    %r = math.roundeven %q : f32
    // becomes
    %n = math.fma %b_byte, %f_b, %c : f32
    %q = math.fma %a_byte, %f_a, %n : f32
    %r = math.roundeven %q : f32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def RelaxSigmoids : Pass<"lir-relax-sigmoids", "::mlir::func::FuncOp"> {
  let summary = "Let quotients by 1 + e^x be computed faster than strict accuracy allows";
  let description = [{
    The exponential of a sigmoid may be approximate (`afn`), since 1 is added to it; x times a sigmoid is a quotient,
    which rounds once and costs no more than the sigmoid. Not of f64.

    Comes after lir-fuse-epilogues, which brings the product to the sigmoid. A backend whose exponential has a faster
    form adds it, not for strict accuracy.

    ```mlir
    %e = math.exp %m : f32
    %d = arith.addf %e, %one : f32
    %s = arith.divf %one, %d : f32
    %y = arith.mulf %x, %s : f32
    // becomes
    %e = math.exp %m fastmath<afn> : f32
    %d = arith.addf %e, %one : f32
    %y = arith.divf %x, %d : f32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def SplitBatch : Pass<"lir-split-batch", "::mlir::func::FuncOp"> {
  let summary = "Let kernels in a row take a batch by parts that stay in a cache";
  let description = [{
    Kernels that treat each image of a batch by itself, and whose buffers are larger than caches, become one for each part
    of the batch; all kernels take one part before the first takes the next. Buffers that only they use shrink to a
    part, and parts share memory. Weights are read again for each part: kernels whose weights are large stay out.

    Comes after lir-remove-part-copies, for it makes parts of buffers, and before algorithms are chosen. A backend that
    takes parts adds it, with the size of a core's own cache. Sizes must be bound.

    ```mlir
    lir.conv ins(%x, %v : memref<8x112x112x64xf32>, ...) outs(%t : memref<8x112x112x64xf32>) ...
    lir.conv ins(%t, %w : memref<8x112x112x64xf32>, ...) outs(%y : memref<8x112x112x64xf32>) ...
    // becomes, eight times
    %x0 = lir.view %x : memref<8x112x112x64xf32> -> memref<1x112x112x64xf32, strided<..., offset: 0>>
    %t0 = lir.alloc : memref<1x112x112x64xf32>
    lir.conv ins(%x0, %v : ...) outs(%t0 : memref<1x112x112x64xf32>) ...
    %y0 = lir.view %y : memref<8x112x112x64xf32> -> memref<1x112x112x64xf32, strided<..., offset: 0>>
    lir.conv ins(%t0, %w : ...) outs(%y0 : ...) ...
    ```
  }];
  let options = [Option<"cacheBytes", "cache-bytes", "int64_t", "1 << 20", "The bytes of a core's own cache">];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def GroupIndependent : Pass<"lir-group-independent", "::mlir::func::FuncOp"> {
  let summary = "Mark kernels that may run together with the one before them";
  let description = [{
    Kernels that follow one another form a group as long as none reads what another one writes, or writes what another
    one touches. All but the first are marked with `lir.with_previous`: a run deals out the chunks of a group at once, so
    that threads do not wait for the end of each kernel. Their buffers live as long as the group. What the runtime
    computes, and what decides sizes, is in no group.

    ```mlir
    lir.softmax ins(%x) outs(%a)
    lir.cum_sum ins(%x) outs(%b)
    // becomes
    lir.softmax ins(%x) outs(%a)
    lir.cum_sum ins(%x) outs(%b) {lir.with_previous}
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
  let statistics = [Statistic<"numJoined", "joined", "kernels that join the one before them">];
}

def PlanMemory : Pass<"lir-plan-memory", "::mlir::ModuleOp"> {
  let summary = "Give every buffer its offset in the arena and every weight its offset in the weights";
  let description = [{
    A buffer lives from its first write to its last read; an output shares the buffer of an input that dies there when
    the kernel allows it. Several orders of greedy placement are tried and the smallest arena wins. Offsets are
    multiples of 64. Equal weights share one place. Sets `lir.arena_bytes`, `lir.live_bytes` (the peak of what lives at
    once) and `lir.weight_bytes` on the module.

    Comes last: other passes on lir rely on each buffer having one writer.

    ```mlir
    %b = lir.alloc : memref<4x8xf32>
    // becomes
    %b = lir.alloc {offset = 256 : i64} : memref<4x8xf32>
    ```
  }];
  let dependentDialects = ["::lambent::lir::LIRDialect"];
}

def CheckBuffers : Pass<"lir-check-buffers", "::mlir::func::FuncOp"> {
  let summary = "Check that what a kernel reads has been written, and that no kernel writes weights";
  let description = [{
    Of a buffer at least a part of what is read must have been written by a kernel before it. A checked build runs this
    between the passes on lir.
    ```mlir
    %a = lir.alloc : memref<16xf32>
    lir.softmax ins(%a : memref<16xf32>) outs(%y : memref<16xf32>) {axis = 0 : i64} // error: nothing has written %a
    ```
  }];
}

def CheckPlan : Pass<"lir-check-plan", "::mlir::ModuleOp"> {
  let summary = "Check that no two buffers that live at once overlap";
  let description = [{
    Recomputes the life of every buffer from the operations alone and fails with an error at the buffers that
    overlap, lie outside of the arena or have no offset.
    ```mlir
    %a = lir.alloc {offset = 0 : i64} : memref<16xf32>
    %b = lir.alloc {offset = 0 : i64} : memref<16xf32> // error where both are needed at once
    ```
  }];
}
