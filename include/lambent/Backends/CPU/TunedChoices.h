//===- TunedChoices.h - Algorithms that a search measured -------*- C++ -*-===//
//
// What `lambent tune MODEL` found, by the keys of kernels, as text. Estimates
// choose where nothing was measured.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_TUNEDCHOICES_H
#define LAMBENT_BACKENDS_CPU_TUNEDCHOICES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>

namespace lambent::cpu {

/// What was found for one kernel.
struct TunedChoice {
  /// The algorithm as reports have it, "panels<rows = 6, columns = 64>"; ""
  /// where none is faster than the one that estimates choose.
  std::string algorithm;
  double ms = 0, estimatedMs = 0; ///< of both, when they were measured
  int64_t numTried = 0;           ///< candidates that were measured
};

class TunedChoices {
public:
  /// Reads what `write` wrote. The error says what is wrong, without a file's
  /// name.
  static llvm::Expected<TunedChoices> parse(llvm::StringRef text);
  /// The same choices give the same text.
  std::string write() const;

  /// Null where nothing is known of a kernel.
  const TunedChoice *find(llvm::StringRef key) const;
  void set(llvm::StringRef key, TunedChoice choice) {
    choices[key.str()] = std::move(choice);
  }

private:
  std::map<std::string, TunedChoice> choices;
};

} // namespace lambent::cpu

#endif
