//===- Packer.h - Carries out a packing -------------------------*- C++ -*-===//

#ifndef LAMBENT_LOWERING_IR_PACKER_H
#define LAMBENT_LOWERING_IR_PACKER_H

#include <cstdint>

namespace lambent::lir {

/// Lays a constant out as a kernel reads it, a range of rows at a time.
class Packer {
public:
  virtual ~Packer() = default;
  /// What pack's range counts.
  virtual int64_t getNumRows() const = 0;
  /// Writes rows [begin, end) of `packed`, the whole array's start. `source`
  /// need not be aligned. Ranges may run in parallel. With `splat`, source
  /// holds the one element that all others equal. Returns false where `packed`
  /// has no room for what the source's numbers take.
  virtual bool pack(const char *source, char *packed, int64_t begin,
                    int64_t end, bool splat) const = 0;
};

} // namespace lambent::lir

#endif
