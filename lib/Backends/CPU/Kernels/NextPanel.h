//===- NextPanel.h - Fetches a product's next panel while it runs -*- C++ -*-=//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_NEXTPANEL_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_NEXTPANEL_H

#include "RegisterTile.h"

namespace lambent::cpu {

/// How the tiles that use a packed panel share the work of fetching the one
/// behind it.
class NextPanel {
public:
  /// For `tiles` tiles that use each panel, `used` lines of it in each trip of
  /// their loop. All panels take `allBytes`. Of no `streams` nothing is
  /// fetched: the hardware does it.
  NextPanel(int64_t streams, int64_t tiles, int64_t used, int64_t allBytes);

  /// What tile `tile` fetches while it takes `trips` trips on the rhs at `rhs`,
  /// `panelBytes` before the same place of the next panel. Nothing where the
  /// next panel is near.
  PanelPrefetch getPart(KernelBuilder &builder, mlir::Value rhs,
                        mlir::Value tile, int64_t trips,
                        int64_t panelBytes) const;

private:
  int64_t streams = 0;
  int64_t lines = 0; ///< in each trip of the loop over k
  int64_t parts = 0; ///< as many tiles have something to fetch
};

} // namespace lambent::cpu

#endif
