//===- NextPanel.cpp - Fetches a product's next panel while it runs -------===//
//
// So that the next panel is there in time, the tiles on this one share the
// fetching of as many lines as each of them uses up in a trip of its loop over
// k.
//
//===----------------------------------------------------------------------===//

#include "NextPanel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

static constexpr int64_t lineBytes = 64;

NextPanel::NextPanel(int64_t wanted, int64_t tiles, int64_t used,
                     int64_t allBytes) {
  if (tiles < 1 || allBytes < kFarBytes || !wanted)
    return;
  streams = wanted;
  lines = llvm::alignTo(divideCeil(used, tiles), streams);
  parts = divideCeil(used, lines);
}

PanelPrefetch NextPanel::getPart(KernelBuilder &builder, Value rhs, Value tile,
                                 int64_t trips, int64_t panelBytes) const {
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
