//===- Handles.h - The C API's handles, owned -------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_HANDLES_H
#define LAMBENT_TOOLS_HANDLES_H

#include "lambent-c/profile.h"
#include "lambent-c/prune.h"
#include "lambent-c/tensor_file.h"
#include "lambent-c/tuning.h"
#include <memory>

namespace lambent::driver {

struct DestroyHandle {
  void operator()(LambentArtefact *handle) const {
    lambent_artefact_destroy(handle);
  }
  void operator()(LambentModule *handle) const {
    lambent_module_destroy(handle);
  }
  void operator()(LambentThreadPool *handle) const {
    lambent_thread_pool_destroy(handle);
  }
  void operator()(LambentContext *handle) const {
    lambent_context_destroy(handle);
  }
  void operator()(const LambentModelSummary *handle) const {
    lambent_model_summary_destroy(handle);
  }
  void operator()(const LambentCheckReport *handle) const {
    lambent_check_report_destroy(handle);
  }
  void operator()(const LambentQuantizeReport *handle) const {
    lambent_quantize_report_destroy(handle);
  }
  void operator()(const LambentPruneReport *handle) const {
    lambent_prune_report_destroy(handle);
  }
  void operator()(LambentTensorSet *handle) const {
    lambent_tensor_set_destroy(handle);
  }
  void operator()(const LambentCpuDescription *handle) const {
    lambent_cpu_description_destroy(handle);
  }
  void operator()(LambentTunedChoices *handle) const {
    lambent_tuned_choices_destroy(handle);
  }
  void operator()(LambentProfile *handle) const {
    lambent_profile_destroy(handle);
  }
  void operator()(LambentObserver *handle) const {
    lambent_observer_destroy(handle);
  }
};

using Profile = std::unique_ptr<LambentProfile, DestroyHandle>;
using Observer = std::unique_ptr<LambentObserver, DestroyHandle>;
using Artefact = std::unique_ptr<LambentArtefact, DestroyHandle>;
using Module = std::unique_ptr<LambentModule, DestroyHandle>;
using ThreadPool = std::unique_ptr<LambentThreadPool, DestroyHandle>;
using Context = std::unique_ptr<LambentContext, DestroyHandle>;
using ModelSummary = std::unique_ptr<const LambentModelSummary, DestroyHandle>;
using CheckReport = std::unique_ptr<const LambentCheckReport, DestroyHandle>;
using QuantizeReport =
    std::unique_ptr<const LambentQuantizeReport, DestroyHandle>;
using PruneReport = std::unique_ptr<const LambentPruneReport, DestroyHandle>;
using CpuDescription =
    std::unique_ptr<const LambentCpuDescription, DestroyHandle>;
using TunedChoices = std::unique_ptr<LambentTunedChoices, DestroyHandle>;
using TensorSet = std::unique_ptr<LambentTensorSet, DestroyHandle>;

} // namespace lambent::driver

#endif
