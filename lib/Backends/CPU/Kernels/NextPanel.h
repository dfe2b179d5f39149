//===- NextPanel.h - Fetches a product's next panel while it runs -*- C++ -*-=//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_NEXTPANEL_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_NEXTPANEL_H

#include "RegisterTile.h"

namespace lambent::cpu {

/// How the tiles that use a packed panel share the work of fetching the one
/// behind it.
class NextPanel {
public:
  /// For `tiles` tiles of `vectors` vectors that use each panel. All panels
  /// take `allBytes`.
  NextPanel(const CPUDescription &description, int64_t tiles, int64_t vectors,
            int64_t allBytes);

  /// What tile `tile` fetches while it takes `depth` steps on the rhs at `rhs`,
  /// `panelBytes` before the same place of the next panel. Nothing where the
  /// next panel is near or the hardware does it.
  PanelPrefetch getPart(KernelBuilder &builder, mlir::Value rhs, mlir::Value tile,
                        int64_t depth, int64_t panelBytes) const;

private:
  int64_t unroll = 1, streams = 0;
  int64_t lines = 0; ///< in each trip of the loop over k
  int64_t parts = 0; ///< as many tiles have something to fetch
};

} // namespace lambent::cpu

#endif
