//===- Trace.cpp - Who computed what when ---------------------------------===//

#include "Trace.h"
#include "lambent/Runtime/Status.h"
#include <errno.h>
#include <new>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

LambentStatus *Trace::create(const LambentModel &model, unsigned workers,
                             Trace **trace) {
  auto *lists =
      static_cast<List *>(aligned_alloc(alignof(List), sizeof(List) * workers));
  void *memory = malloc(sizeof(Trace));
  if (!lists || !memory) {
    free(lists);
    free(memory);
    return makeOutOfMemory("a trace", sizeof(List) * workers);
  }
  for (unsigned i = 0; i < workers; ++i)
    new (&lists[i]) List{nullptr, 0, 0};
  *trace = new (memory) Trace(model, workers, lists);
  return nullptr;
}

void Trace::destroy() {
  for (unsigned i = 0; i < workers; ++i)
    free(lists[i].events);
  free(lists);
  free(this);
}

void Trace::record(unsigned worker, uint32_t layer, uint64_t start,
                   uint64_t stop, int64_t begin, int64_t end) {
  List &list = lists[worker];
  if (list.count == list.capacity) {
    uint64_t capacity = list.capacity ? 2 * list.capacity : 1024;
    auto *events =
        static_cast<Event *>(realloc(list.events, capacity * sizeof(Event)));
    if (!events)
      return;
    list.events = events;
    list.capacity = capacity;
  }
  list.events[list.count++] = {start, stop, begin, end, layer};
}

/// A name as messages have it: UTF-8 without control characters.
static void writeString(FILE *file, const char *text) {
  size_t length = strlen(text),
         size = lambent_printable(text, length, nullptr, 0) + 1;
  auto *shown = static_cast<char *>(malloc(size));
  if (shown)
    lambent_printable(text, length, shown, size);
  fputc('"', file);
  for (const char *at = shown ? shown : ""; *at; ++at) {
    if (*at == '"' || *at == '\\')
      fputc('\\', file);
    fputc(*at, file);
  }
  fputc('"', file);
  free(shown);
}

/// Microseconds in JSON's form, which printf's %f is not in every locale.
static void writeMicroseconds(FILE *file, const char *key, uint64_t time) {
  fprintf(file, "\"%s\":%llu.%03llu,", key,
          static_cast<unsigned long long>(time / 1000),
          static_cast<unsigned long long>(time % 1000));
}

LambentStatus *Trace::write(const char *path) const {
  FILE *file = fopen(path, "we");
  if (!file)
    return makeError("cannot write '%s': %s", path, strerror(errno));
  uint64_t origin = UINT64_MAX;
  for (unsigned i = 0; i < workers; ++i)
    if (lists[i].count && lists[i].events[0].start < origin)
      origin = lists[i].events[0].start;
  fprintf(file, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
  fprintf(
      file,
      "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":");
  writeString(file, model.name);
  fprintf(file, "}}");
  for (unsigned i = 0; i < workers; ++i) {
    fprintf(file,
            ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\","
            "\"args\":{\"name\":\"%s %u\"}}",
            i, i ? "worker" : "caller", i);
    for (uint64_t j = 0; j < lists[i].count; ++j) {
      const Event &event = lists[i].events[j];
      const LambentLayerInfo &layer = model.layers[event.layer];
      fprintf(file, ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%u,", i);
      writeMicroseconds(file, "ts", event.start - origin);
      writeMicroseconds(file, "dur", event.stop - event.start);
      fprintf(file, "\"name\":");
      writeString(file, layer.name);
      fprintf(file, ",\"cat\":\"layer\",\"args\":{\"kernel\":");
      writeString(file, layer.kernel);
      fprintf(file, ",\"layer\":%u,\"begin\":%lld,\"end\":%lld}}", event.layer,
              static_cast<long long>(event.begin),
              static_cast<long long>(event.end));
    }
  }
  fprintf(file, "\n]}\n");
  bool failed = ferror(file) != 0;
  if (fclose(file) || failed)
    return makeError("cannot write '%s': %s", path, strerror(errno));
  return nullptr;
}

} // namespace lambent::runtime
