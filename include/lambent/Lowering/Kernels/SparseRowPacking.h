//===- SparseRowPacking.h - Weights that are not zero, by rows --*- C++ -*-===//
//
// Compressed sparse rows for a kernel whose vectors run along what all weights
// are multiplied by (direct sparse convolution, arXiv 1608.01409): a row is the
// weights of one output, or of several that share a pattern, and a weight's
// column is stretched to where the kernel finds what it is multiplied by.
//
// A weight is a word of 32 bits, as what it is multiplied by is: one of f32, or
// i8 of neighbouring channels, whose products an instruction adds up: two
// widened to 16 bits, or four.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_SPARSEROWPACKING_H
#define LAMBENT_LOWERING_KERNELS_SPARSEROWPACKING_H

#include "lambent/Lowering/Kernels/Packing.h"

namespace lambent::kernels {

/// How packed rows lie: as i32 where the entries of each [group][section]
/// begin, then for each [group][section][row] where its entries end and where
/// its sums are, then the entries, each an i32 offset and `block` words of
/// weights. All are bytes: from the first entry, from the first sum of the
/// group, from the first word that a section reads.
///
/// Outputs are cut into groups, which have a kernel's chunks of their own, and
/// what an output adds up is cut into sections, whose operands stay in L1.
struct SparseRows {
  int64_t groups = 1, sections = 1;
  int64_t rows = 1;  ///< of a group, some of the last one may be of no output
  int64_t block = 1; ///< outputs of a row

  static constexpr int64_t kBeginBytes = 4, kRecordBytes = 8;
  int64_t getEntryBytes() const { return 4 + 4 * block; }
  int64_t getGroupOutputs() const { return rows * block; }
  int64_t getRecordsOffset() const { return groups * sections * kBeginBytes; }
  int64_t getEntriesOffset() const;
  /// Of all, with room for so many entries.
  int64_t getBytes(int64_t entries) const;
};

/// Carries out #lir.sparse_row_packing.
class SparseRowPacking : public lir::Packer {
public:
  struct Form {
    mlir::AffineMap map; ///< (output, depth...) to the source's index
    int64_t outputs = 1;
    /// What is added up: channels, and perhaps taps of a filter. Of i8 words of
    /// channels, taps, and the 2 or 4 channels of a word.
    llvm::ArrayRef<int64_t> depths;
    /// Bytes from the operand of a channel (word) to the next one's, and to
    /// those of each tap.
    int64_t channelBytes = 4;
    llvm::ArrayRef<int64_t> tapBytes;
    int64_t section = 1; ///< channels (words)
    int64_t block = 1, groups = 1;
    int64_t sumBytes = 4; ///< from an output's sums to the next one's
    bool areBytes = false; ///< i8, else f32

    SparseRows getRows() const;
  };
  /// Outputs of a group are a multiple of this.
  static constexpr int64_t kOutputMultiple = 16;

  static llvm::Expected<SparseRowPacking>
  create(const Form &form, int64_t packedBytes,
         llvm::ArrayRef<int64_t> sourceShape);

  /// Rows share the room for entries: they are packed as one.
  int64_t getNumRows() const override { return 1; }
  /// False where there are more entries than there is room for.
  bool pack(const char *source, char *packed, int64_t begin, int64_t end,
            bool splat) const override;

  /// Entries that rows of so many outputs have.
  int64_t countEntries(const char *source, bool splat, int64_t block) const;

private:
  explicit SparseRowPacking(Packing dense) : dense(std::move(dense)) {}
  /// The weights as [output][depth], zeros beyond the outputs and channels.
  std::vector<uint32_t> read(const char *source, bool splat) const;

  Packing dense;
  SparseRows rows;
  int64_t wordChannels = 1;       ///< of f32: 1
  int64_t depth = 1, section = 1; ///< in words, with all taps, and without
  std::vector<int64_t> tapBytes;
  int64_t channelBytes = 4, sumBytes = 4, packedBytes = 0;
};

} // namespace lambent::kernels

#endif
