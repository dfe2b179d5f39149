//===- Hash.h - The checksum of code and weights ----------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_HASH_H
#define LAMBENT_RUNTIME_HASH_H

#include "ThreadPool.h"

namespace lambent::runtime {

/// lambent_hash64 on a pool's threads (null: on the caller's).
uint64_t hash64(const void *data, uint64_t bytes, ThreadPool *pool);

} // namespace lambent::runtime

#endif
