//===- ForkMark.cpp - Is this the process that made it? -------------------===//

#include "ForkMark.h"
#include <sys/mman.h>
#include <unistd.h>

namespace lambent::runtime {

LambentStatus *ForkMark::create() {
  if (LambentStatus *status =
          Mapping::allocate(sizeof(int), "a thread pool", page))
    return status;
#ifdef MADV_WIPEONFORK
  isWiped = madvise(page.data(), sizeof(int), MADV_WIPEONFORK) == 0;
#endif
  finishAdopting();
  return nullptr;
}

bool ForkMark::isHome(int state) const {
  return isWiped ? state > 0 : state == getpid();
}

bool ForkMark::beginAdopting() {
  int state = word().load(), self = getpid();
  bool isForked = isWiped ? state == 0 : state != self && state != -self;
  return isForked && word().compare_exchange_strong(state, -self);
}

void ForkMark::finishAdopting() { word().store(getpid()); }

} // namespace lambent::runtime
