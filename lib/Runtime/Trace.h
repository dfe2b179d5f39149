//===- Trace.h - Who computed what when -------------------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_TRACE_H
#define LAMBENT_RUNTIME_TRACE_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// Events of each worker, in the order in which they happened. A worker appends
/// to its own list only.
class Trace {
public:
  static LambentStatus *create(const LambentModel &model, unsigned workers,
                               Trace **trace);
  void destroy();

  /// Worker `worker` computed chunks [begin, end) of a layer. Drops the event
  /// when memory has run out.
  void record(unsigned worker, uint32_t layer, uint64_t start, uint64_t stop,
              int64_t begin, int64_t end);

  /// Writes Chrome's JSON.
  LambentStatus *write(const char *path) const;

private:
  struct Event {
    uint64_t start, stop;
    int64_t begin, end;
    uint32_t layer;
  };
  struct List {
    alignas(64) Event *events;
    uint64_t count, capacity;
  };

  Trace(const LambentModel &model, unsigned workers, List *lists)
      : model(model), workers(workers), lists(lists) {}

  const LambentModel &model;
  unsigned workers;
  List *lists;
};

} // namespace lambent::runtime

#endif
