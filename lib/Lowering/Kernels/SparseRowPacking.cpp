//===- SparseRowPacking.cpp - The weights that are not zero, by rows ------===//

#include "lambent/Lowering/Kernels/SparseRowPacking.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <limits>
#include <numeric>

using namespace lambent::kernels;

static constexpr int64_t kLineBytes = 64;

int64_t SparseRows::getEntriesOffset() const {
  return llvm::alignTo(
      getRecordsOffset() + groups * sections * rows * kRecordBytes, kLineBytes);
}

int64_t SparseRows::getBytes(int64_t entries) const {
  return llvm::alignTo(getEntriesOffset() + entries * getEntryBytes(),
                       kLineBytes);
}

SparseRows SparseRowPacking::Form::getRows() const {
  SparseRows found;
  found.block = block;
  found.groups = groups;
  found.sections = llvm::divideCeil(depths.front(), section);
  found.rows = llvm::alignTo(llvm::divideCeil(outputs, groups),
                             std::max(block, kOutputMultiple)) /
               block;
  return found;
}

llvm::Expected<SparseRowPacking>
SparseRowPacking::create(const Form &form, int64_t packedBytes,
                         llvm::ArrayRef<int64_t> sourceShape) {
  llvm::ArrayRef<int64_t> inner = form.depths;
  int64_t taps = 1, wordChannels = 1;
  if (form.areBytes && !inner.empty()) {
    wordChannels = inner.back();
    inner = inner.drop_back();
  }
  if (!inner.empty())
    for (int64_t size : inner.drop_front())
      taps *= size;
  if (inner.empty() || int64_t(form.tapBytes.size()) != taps ||
      form.section < 1 || form.block < 1 || kOutputMultiple % form.block ||
      form.groups < 1 || form.outputs < 1)
    return llvm::createStringError(
        "packing: expected sparse rows with an offset for each tap, in blocks "
        "of 1, 2, 4, 8 or 16 outputs");
  if (form.areBytes && wordChannels != 2 && wordChannels != 4)
    return llvm::createStringError(
        "packing: expected words of 2 or 4 channels, but got %lld",
        (long long)wordChannels);
  SparseRows rows = form.getRows();
  if (packedBytes < rows.getBytes(0) ||
      packedBytes > std::numeric_limits<int32_t>::max())
    return llvm::createStringError(
        "packing: expected at least %lld bytes for the lists of sparse rows, "
        "and less than 2 GB in all, but got %lld",
        (long long)rows.getBytes(0), (long long)packedBytes);
  llvm::SmallVector<int64_t> shape{rows.groups * rows.getGroupOutputs()};
  llvm::append_range(shape, form.depths);
  auto dense = Packing::create(form.map, shape, sourceShape,
                               form.areBytes ? 1 : sizeof(float));
  if (!dense)
    return dense.takeError();
  SparseRowPacking packing(std::move(*dense));
  packing.rows = rows;
  packing.tapBytes = form.tapBytes.vec();
  packing.wordChannels = wordChannels;
  packing.depth = form.depths.front() * taps;
  packing.channelBytes = form.channelBytes;
  packing.section = form.section;
  packing.sumBytes = form.sumBytes;
  packing.packedBytes = packedBytes;
  return packing;
}

std::vector<uint32_t> SparseRowPacking::read(const char *source,
                                             bool splat) const {
  int64_t outputs = rows.groups * rows.getGroupOutputs();
  std::vector<uint32_t> words(outputs * depth);
  if (wordChannels == 1) {
    dense.packInto(source, reinterpret_cast<char *>(words.data()), 0,
                   dense.getNumRows(), splat);
    // What is left of -0 is no weight.
    for (uint32_t &word : words)
      if (word << 1 == 0)
        word = 0;
    return words;
  }
  std::vector<int8_t> bytes(outputs * depth * wordChannels);
  dense.packInto(source, reinterpret_cast<char *>(bytes.data()), 0,
                 dense.getNumRows(), splat);
  int64_t bits = 32 / wordChannels;
  uint32_t mask = (uint32_t(1) << bits) - 1;
  for (int64_t at = 0; at < int64_t(bytes.size()); ++at)
    words[at / wordChannels] |= (uint32_t(int32_t(bytes[at])) & mask)
                                << (at % wordChannels * bits);
  return words;
}

/// Whether any of the outputs of a row has a weight there.
static bool hasEntry(const uint32_t *weights, int64_t block, int64_t depth) {
  for (int64_t i = 0; i < block; ++i)
    if (weights[i * depth])
      return true;
  return false;
}

int64_t SparseRowPacking::countEntries(const char *source, bool splat,
                                       int64_t block) const {
  std::vector<uint32_t> weights = read(source, splat);
  int64_t count = 0, step = block * depth;
  for (int64_t row = 0; row < int64_t(weights.size()); row += step)
    for (int64_t k = 0; k < depth; ++k)
      count += hasEntry(&weights[row + k], block, depth);
  return count;
}

bool SparseRowPacking::pack(const char *source, char *packed, int64_t begin,
                            int64_t end, bool splat) const {
  if (begin >= end)
    return true;
  std::vector<uint32_t> weights = read(source, splat);
  std::memset(packed, 0, packedBytes);
  char *entries = packed + rows.getEntriesOffset(), *entry = entries,
       *record = packed + rows.getRecordsOffset(), *first = packed;
  const char *limit = packed + packedBytes;
  auto write = [](char *&to, int32_t value) {
    std::memcpy(to, &value, sizeof(value));
    to += sizeof(value);
  };
  int64_t block = rows.block, taps = tapBytes.size();
  std::vector<std::vector<int64_t>> found(rows.rows);
  std::vector<int64_t> order(rows.rows);
  for (int64_t group = 0; group < rows.groups; ++group)
    for (int64_t part = 0; part < rows.sections; ++part) {
      const uint32_t *weight =
          weights.data() + group * rows.getGroupOutputs() * depth;
      int64_t from = part * section * taps,
              to = std::min(from + section * taps, depth);
      for (int64_t row = 0; row < rows.rows; ++row) {
        found[row].clear();
        for (int64_t k = from; k < to; ++k)
          if (hasEntry(weight + row * block * depth + k, block, depth))
            found[row].push_back(k);
      }
      // Rows that are as long as the one before leave their loop where the CPU
      // expects it.
      std::iota(order.begin(), order.end(), 0);
      llvm::sort(order, [&](int64_t a, int64_t b) {
        return std::pair(found[a].size(), a) < std::pair(found[b].size(), b);
      });
      write(first, int32_t(entry - entries));
      for (int64_t row : order) {
        for (int64_t k : found[row]) {
          if (entry + rows.getEntryBytes() > limit)
            return false;
          write(entry,
                int32_t((k - from) / taps * channelBytes + tapBytes[k % taps]));
          for (int64_t i = 0; i < block; ++i)
            write(entry, int32_t(weight[(row * block + i) * depth + k]));
        }
        write(record, int32_t(entry - entries));
        write(record, int32_t(row * block * sumBytes));
      }
    }
  return true;
}
