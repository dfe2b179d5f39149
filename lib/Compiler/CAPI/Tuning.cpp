//===- Tuning.cpp - Files of what was measured, for the C API -------------===//

#include "lambent-c/tuning.h"
#include "../TuningFiles.h"
#include "Convert.h"
#include "lambent/Backends/CPU/TunedChoices.h"

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;
using llvm::Expected;

//===-- Descriptions of CPUs ----------------------------------------------===//

namespace {
/// The view comes first, so that the C handle is this object's address.
struct OwnedDescription {
  LambentCpuDescription view = {};
  cpu::TargetInfo target;
  std::string file;

  OwnedDescription(cpu::TargetInfo given, std::string place)
      : target(std::move(given)), file(std::move(place)) {
    const cpu::CPUDescription &from = target.description;
    view.size = sizeof view;
    view.name = from.name.c_str();
    view.cpu = target.tunedFor.c_str();
    view.file = file.c_str();
    view.l1_bytes = from.l1Bytes;
    view.l1_ways = from.l1Ways;
    view.l2_bytes = from.l2Bytes;
    view.l3_bytes = from.l3Bytes;
    view.flops = from.flops;
    view.l2_speed = from.l2Speed;
    view.l3_speed = from.l3Speed;
    view.memory_speed = from.memorySpeed;
    view.keeps_panels = from.keepsPanels;
    view.prefetch_streams = static_cast<uint32_t>(from.prefetchStreams);
    view.depth_unroll = static_cast<uint32_t>(from.depthUnroll);
  }
};
} // namespace

LambentStatus *
lambent_cpu_description_find(const char *cpu, const char *path,
                             const LambentCpuDescription **description) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status = requireArguments(
            "lambent_cpu_description_find", {{"description", description}}))
      return status;
    *description = nullptr;
    std::string name = cpu ? cpu : "native";
    Expected<std::string> text = readDescription(name, path);
    if (!text)
      return toStatus(text.takeError());
    Expected<cpu::TargetInfo> target = cpu::TargetInfo::create(name, *text);
    if (!target)
      return toStatus(target.takeError());
    *description =
        &(new OwnedDescription(std::move(*target), getStoredDescription()))
             ->view;
    return nullptr;
  });
}

LambentStatus *
lambent_cpu_description_write(const LambentCpuDescription *description,
                              const char *path) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status =
            requireArguments("lambent_cpu_description_write",
                             {{"description", description}, {"path", path}}))
      return status;
    LambentCpuDescription from;
    if (LambentStatus *status =
            readStructure(description, "LambentCpuDescription", from,
                          sizeof(LambentCpuDescription)))
      return status;
    if (LambentStatus *status =
            requireArguments("LambentCpuDescription", {{"cpu", from.cpu}}))
      return status;
    if (LambentStatus *status = requireFlag(
            "LambentCpuDescription.keeps_panels", from.keeps_panels))
      return status;
    if (LambentStatus *status =
            requireZero("LambentCpuDescription.reserved", from.reserved))
      return status;
    cpu::CPUDescription to = cpu::CPUDescription::find(from.cpu);
    to.l1Bytes = int64_t(from.l1_bytes);
    to.l1Ways = int64_t(from.l1_ways);
    to.l2Bytes = int64_t(from.l2_bytes);
    to.l3Bytes = int64_t(from.l3_bytes);
    to.flops = int64_t(from.flops);
    to.l2Speed = int64_t(from.l2_speed);
    to.l3Speed = int64_t(from.l3_speed);
    to.memorySpeed = int64_t(from.memory_speed);
    to.keepsPanels = from.keeps_panels;
    to.prefetchStreams = from.prefetch_streams;
    to.depthUnroll = from.depth_unroll;
    std::string text = to.write(from.cpu);
    // What could not be read again is not written.
    if (auto read = cpu::CPUDescription::parse(text, from.cpu); !read)
      return toStatus(read.takeError());
    return toStatus(replaceFile(path, text));
  });
}

void lambent_cpu_description_destroy(const LambentCpuDescription *description) {
  delete reinterpret_cast<const OwnedDescription *>(description);
}

//===-- Choices -----------------------------------------------------------===//

struct LambentTunedChoices {
  std::string file;
  cpu::TunedChoices choices;
  /// What find returned last of each.
  mutable std::map<std::string, LambentTunedChoice> views;
  mutable std::mutex mutex;
};

LambentStatus *lambent_tuned_choices_read(const char *path,
                                          const char *cpu_description,
                                          LambentTunedChoices **choices) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status = requireArguments("lambent_tuned_choices_read",
                                                 {{"choices", choices}}))
      return status;
    *choices = nullptr;
    auto result = std::make_unique<LambentTunedChoices>();
    Expected<std::string> description =
        readDescription("native", cpu_description);
    if (!description)
      return toStatus(description.takeError());
    Expected<cpu::TargetInfo> target =
        cpu::TargetInfo::create("native", *description);
    if (!target)
      return toStatus(target.takeError());
    result->file = path ? path : getStoredChoices(*target);
    if (result->file.empty())
      return makeError("there is no folder to keep choices in: neither "
                       "XDG_CACHE_HOME nor HOME names one");
    Expected<std::optional<std::string>> there = readOptional(result->file);
    if (!there)
      return toStatus(there.takeError());
    if (*there) {
      Expected<std::string> text = readChoices("native", *description, path);
      if (!text)
        return toStatus(text.takeError());
      Expected<cpu::TunedChoices> parsed = cpu::TunedChoices::parse(*text);
      if (!parsed)
        return toStatus(parsed.takeError());
      result->choices = std::move(*parsed);
    }
    *choices = result.release();
    return nullptr;
  });
}

const LambentTunedChoice *
lambent_tuned_choices_find(const LambentTunedChoices *choices,
                           const char *key) {
  if (!choices || !key)
    return nullptr;
  const cpu::TunedChoice *found = choices->choices.find(key);
  if (!found)
    return nullptr;
  std::lock_guard<std::mutex> lock(choices->mutex);
  LambentTunedChoice &view = choices->views[key];
  view = {found->algorithm.c_str(), found->ms, found->estimatedMs,
          uint64_t(found->numTried)};
  return &view;
}

LambentStatus *lambent_tuned_choices_set(LambentTunedChoices *choices,
                                         const char *key,
                                         const LambentTunedChoice *choice) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status = requireArguments(
            "lambent_tuned_choices_set",
            {{"choices", choices}, {"key", key}, {"choice", choice}}))
      return status;
    if (LambentStatus *status = requireArguments(
            "LambentTunedChoice", {{"algorithm", choice->algorithm}}))
      return status;
    choices->choices.set(key,
                         {choice->algorithm, choice->ms, choice->estimated_ms,
                          int64_t(choice->num_tried)});
    return nullptr;
  });
}

LambentStatus *lambent_tuned_choices_write(const LambentTunedChoices *choices) {
  return protect([&]() -> LambentStatus * {
    if (LambentStatus *status = requireArguments("lambent_tuned_choices_write",
                                                 {{"choices", choices}}))
      return status;
    return toStatus(replaceFile(choices->file, choices->choices.write()));
  });
}

const char *lambent_tuned_choices_file(const LambentTunedChoices *choices) {
  return choices ? choices->file.c_str() : "";
}

void lambent_tuned_choices_destroy(LambentTunedChoices *choices) {
  delete choices;
}
