//===- NextPanel.cpp - Fetches a product's next panel while it runs -------===//
//
// A trip of the loop over k uses up unroll * vectors lines of the panel. So that
// the next one is there in time, each of the tiles on it fetches its share of
// as many lines in a trip.
//
//===----------------------------------------------------------------------===//

#include "NextPanel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

static constexpr int64_t lineBytes = 64;

NextPanel::NextPanel(const CPUDescription &description, int64_t tiles,
                     int64_t vectors, int64_t allBytes)
    : unroll(description.depthUnroll) {
  if (tiles < 1 || allBytes < kFarBytes || !description.prefetchStreams)
    return;
  streams = description.prefetchStreams;
  int64_t used = unroll * vectors;
  lines = llvm::alignTo(divideCeil(used, tiles), streams);
  parts = divideCeil(used, lines);
}

PanelPrefetch NextPanel::getPart(KernelBuilder &builder, Value rhs, Value tile,
                                 int64_t depth, int64_t panelBytes) const {
  int64_t trips = depth / unroll;
  if (!streams || trips == 0)
    return {};
  PanelPrefetch part;
  part.lines = lines;
  part.streams = streams;
  part.streamBytes = trips * lines / streams * lineBytes;
  // Of more tiles than there are parts, the rest fetch the last one again: a
  // line that is there already costs nothing.
  Value index = builder.min(tile, builder.i64(parts - 1));
  Value offset = builder.mul(index, trips * lines * lineBytes);
  part.base = builder.bytePtr(rhs, builder.add(offset, panelBytes));
  return part;
}
