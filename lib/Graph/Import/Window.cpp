//===- Window.cpp - Attributes of ops that move a window over an image ----===//

#include "Window.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

int64_t readWindow(Node &node, Value x, Window &window) {
  if (node.hasFailed())
    return 0;
  int64_t spatial = getType(x).getRank() - 2;
  if (spatial < 1) {
    (void)node.error("expected an input [N, C, spatial...], but got rank " +
                     Twine(spatial + 2));
    return 0;
  }
  if (spatial > 3) {
    (void)node.unsupported(Twine(spatial) +
                           " spatial dims are not supported, at most 3 are");
    return 0;
  }
  SmallVector<int64_t> ones(spatial, 1), zeros(2 * spatial, 0);
  window.strides = node.getInts("strides", ArrayRef<int64_t>(ones));
  window.dilations = node.getInts("dilations", ArrayRef<int64_t>(ones));
  window.pads = node.getInts("pads", ArrayRef<int64_t>(zeros));
  // Some exporters write an empty one.
  if (node.getString("auto_pad", "") == "")
    window.autoPad = "NOTSET";
  else
    window.autoPad =
        node.getChoice("auto_pad", "NOTSET",
                       {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"});
  if (window.autoPad != "NOTSET")
    window.pads = zeros;
  if (window.autoPad == "VALID")
    window.autoPad = "NOTSET";
  auto check = [&](StringRef name, ArrayRef<int64_t> list, size_t count,
                   int64_t least) {
    if (list.size() != count)
      (void)node.error("expected " + Twine(count) + " " + name + ", but got " +
                       Twine(list.size()));
    for (int64_t entry : list)
      if (entry < least || entry > INT32_MAX)
        (void)node.error(name + " holds " + Twine(entry) +
                         ", which is out of range");
  };
  check("strides", window.strides, spatial, 1);
  check("dilations", window.dilations, spatial, 1);
  check("pads", window.pads, 2 * spatial, INT32_MIN);
  return node.hasFailed() ? 0 : spatial;
}

} // namespace lambent::graph
