//===- ForkMark.h - Is this the process that made it? -----------*- C++ -*-===//
//
// A forked child inherits memory, but no threads. What has threads keeps a mark
// that tells the child from the process that started them.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_FORKMARK_H
#define LAMBENT_RUNTIME_FORKMARK_H

#include "Mapping.h"
#include <atomic>

namespace lambent::runtime {

/// Reading it costs a load where the kernel can wipe pages at a fork (Linux
/// 4.14), else a call of getpid.
class ForkMark {
public:
  /// Marks this process as home.
  LambentStatus *create();
  bool isHome() const { return isHome(word().load(std::memory_order_acquire)); }
  /// In a forked child: true for one caller, who then makes the child home.
  bool beginAdopting();
  void finishAdopting();

private:
  /// In a page of its own: the process that is home, negative while a child is
  /// adopting, zero in a child whose page was wiped.
  std::atomic<int> &word() const {
    return *reinterpret_cast<std::atomic<int> *>(page.data());
  }
  bool isHome(int state) const;

  Mapping page;
  bool isWiped = false;
};

} // namespace lambent::runtime

#endif
