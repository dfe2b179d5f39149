//===- ModelCache.h - Compiled models in a folder ---------------*- C++ -*-===//
//
// An entry is one file, named for all that its content depends on: the model's
// bytes, options, target and this very compiler. It is written under another
// name and takes its place when it is complete, so that any number of processes
// may share a folder. Its hash is checked before it is used; what does not fit
// is compiled anew. A cache is never the reason that a compilation fails, but
// for a folder that cannot be made.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_COMPILER_MODELCACHE_H
#define LAMBENT_LIB_COMPILER_MODELCACHE_H

#include "lambent/Backends/Backend.h"
#include "lambent/Compiler/Compiler.h"

namespace lambent {

/// What a compilation makes.
struct CacheEntry {
  std::vector<KernelCache::Code> objects;
  llvm::ArrayRef<char> weights; ///< page-aligned in an entry that was found
  std::string header;           ///< the C header's text, or ""
  std::shared_ptr<void> owner;  ///< of the weights of an entry that was found
};

/// The place of one compilation in the folder of its options; without a folder
/// nothing is found or inserted.
class ModelCache {
public:
  /// `use` says what the entry is for: others do not fit.
  static llvm::Expected<ModelCache> open(const ModelSource &source,
                                         const CompileOptions &options,
                                         const TargetFacts &target,
                                         llvm::StringRef use);
  std::optional<CacheEntry> find() const;
  /// The same source, for `insert`.
  ModelSource keepSource(const ModelSource &source) const;
  /// Keeps an entry, unless the model has changed since, and removes the oldest
  /// ones where they are too many.
  void insert(const ModelSource &source, const CacheEntry &entry) const;

private:
  ModelCache(const CompileOptions &options, const TargetFacts &target,
             llvm::StringRef use)
      : options(options), target(target.key), use(use) {}
  /// Empty where the model cannot be read: the importer says why.
  std::string makeKey(const ModelSource &source) const;
  void removeOldest() const;

  const CompileOptions &options;
  std::string target, use, key;
};

} // namespace lambent

#endif
