//===- LayoutOfRelease.h - What assertions must not change ----------------===//
//
// Comes before every other header in a checked build. llvm::Statistic, of which
// every pass with a counter has members, is laid out by whether NDEBUG is
// there, and the macro of dump methods asks the library for functions that a
// release lacks. Both are taken as Debian's LLVM was built. All else in LLVM's
// headers goes by LLVM_ENABLE_ABI_BREAKING_CHECKS, which they bring along.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LAYOUT_OF_RELEASE_H
#define LAMBENT_LAYOUT_OF_RELEASE_H

#define NDEBUG
#include "llvm/ADT/Statistic.h"
#undef NDEBUG
#include <cassert>

#endif // LAMBENT_LAYOUT_OF_RELEASE_H
