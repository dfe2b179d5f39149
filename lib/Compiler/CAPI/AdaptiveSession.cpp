//===- AdaptiveSession.cpp - Compiles for sizes that come often -----------===//

#include "AdaptiveSession.h"
#include "CompileModule.h"
#include "Convert.h"
#include <algorithm>

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;

AdaptiveSession::AdaptiveSession(const LambentModelSource &source,
                                 CompileOptions options,
                                 const LambentAdaptiveOptions &adaptive)
    : path(source.path ? source.path : ""), source(source),
      options(std::move(options)), adaptive(adaptive) {
  auto setDefault = [](uint32_t &number, uint32_t value) {
    number = number ? number : value;
  };
  setDefault(this->adaptive.frequent, 32);
  setDefault(this->adaptive.trials, 3);
  setDefault(this->adaptive.most_versions, 4);
  if (source.path)
    this->source.path = path.c_str();
}

AdaptiveSession::~AdaptiveSession() {
  lambent_cancellation_cancel(stop.get());
  {
    std::lock_guard lock(mutex);
    isStopping = true;
  }
  hasWork.notify_all();
  if (worker.joinable())
    worker.join();
}

/// Compiles and makes a session.
static LambentStatus *build(const LambentModelSource &source,
                            const CompileOptions &options,
                            LambentThreadPool *pool, Compiled &compiled) {
  ModelSource model;
  if (LambentStatus *status = readSource(&source, model))
    return status;
  LambentModule *module = nullptr;
  if (LambentStatus *status =
          compileModule(std::move(model), options, &module))
    return status;
  compiled.module.reset(module);
  LambentSessionOptions how = {};
  how.size = sizeof(how);
  how.pool = pool;
  how.threads = 1; // where there is no pool
  LambentSession *session = nullptr;
  LambentStatus *status = lambent_session_create(module, &how, &session);
  compiled.session.reset(session);
  return status;
}

LambentStatus *AdaptiveSession::start() {
  if (!adaptive.pool && adaptive.threads != 1) {
    LambentThreadPool *pool = nullptr;
    if (LambentStatus *status =
            lambent_thread_pool_create(adaptive.threads, &pool))
      return status;
    ownPool.reset(pool);
    adaptive.pool = pool;
  }
  LambentCancellation *cancellation = nullptr;
  if (LambentStatus *status = lambent_cancellation_create(&cancellation))
    return status;
  stop.reset(cancellation);
  if (LambentStatus *status = build(source, options, adaptive.pool, general))
    return status;
  // From here on options are those of versions: compiled behind the scenes.
  options.interruption = std::make_shared<Interruption>(stop.get());
  options.progress = nullptr;
  options.threads = 1;
  if (mayAdapt())
    worker = std::thread([this] { work(); });
  return nullptr;
}

bool AdaptiveSession::mayAdapt() const {
  const LambentModel &model = getModel();
  // A trial's inputs would be gone, or the bytes of their strings.
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (model.inputs[i].donated || model.inputs[i].type_code == LAMBENT_STRING)
      return false;
  // Strings are not compared.
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    if (model.outputs[i].type_code == LAMBENT_STRING)
      return false;
  return model.num_symbols > 0 &&
         std::any_of(model.outputs, model.outputs + model.num_outputs,
                     [](const LambentTensorInfo &output) {
                       return output.type_code == LAMBENT_FLOAT ||
                              output.type_code == LAMBENT_BFLOAT;
                     });
}

bool AdaptiveSession::readKey(const LambentTensor *inputs, uint32_t numInputs,
                              Key &key) const {
  const LambentModel &model = getModel();
  if (!worker.joinable() || !inputs || numInputs != model.num_inputs)
    return false;
  for (uint32_t i = 0; i < numInputs; ++i) {
    const LambentTensor &input = inputs[i];
    if (input.ndim != model.inputs[i].rank || (input.ndim && !input.shape))
      return false;
    key.insert(key.end(), input.shape, input.shape + input.ndim);
  }
  return true;
}

LambentStatus *AdaptiveSession::run(const LambentTensor *inputs,
                                    uint32_t numInputs, LambentTensor *outputs,
                                    uint32_t numOutputs,
                                    const LambentRunOptions *options) {
  Key key;
  Plan planned;
  if (readKey(inputs, numInputs, key))
    planned = plan(std::move(key));
  const Compiled &version = planned.version ? *planned.version : general;
  LambentStatus *status =
      lambent_session_run(version.session.get(), inputs, numInputs, outputs,
                          numOutputs, options);
  if (planned.isTrial)
    finishTrial(planned, status, inputs, outputs);
  return status;
}

AdaptiveSession::Plan AdaptiveSession::plan(Key key) {
  // Sizes that came but once or twice are forgotten in the end.
  constexpr size_t mostCounted = 1024;
  std::lock_guard lock(mutex);
  if (versions.size() > mostCounted)
    std::erase_if(versions, [](const auto &entry) {
      return entry.second.state == State::Counted;
    });
  Version &version = versions[key];
  version.lastUse = ++clock;
  Plan result;
  switch (version.state) {
  case State::Counted:
    if (++version.runs < adaptive.frequent)
      break;
    version.state = State::Compiling;
    tasks.push_back({key, nullptr});
    hasWork.notify_one();
    break;
  case State::OnTrial:
    result.isTrial = !version.isBusy;
    version.isBusy = true;
    break;
  case State::InUse:
    result.version = version.compiled;
    break;
  case State::Compiling:
  case State::Refused:
    break;
  }
  result.key = std::move(key);
  return result;
}

void AdaptiveSession::finishTrial(const Plan &plan, const LambentStatus *status,
                                  const LambentTensor *inputs,
                                  const LambentTensor *outputs) {
  std::unique_ptr<Trial> trial;
  if (!status)
    trial = std::make_unique<Trial>(getModel(), inputs, outputs);
  std::lock_guard lock(mutex);
  if (trial && trial->isWhole()) {
    tasks.push_back({plan.key, std::move(trial)});
    hasWork.notify_one();
  } else {
    versions[plan.key].isBusy = false;
  }
}

//===-- Behind the scenes -------------------------------------------------===//

void AdaptiveSession::work() {
  std::unique_lock lock(mutex);
  while (true) {
    hasWork.wait(lock, [&] { return isStopping || !tasks.empty(); });
    if (isStopping)
      return;
    Task task = std::move(tasks.front());
    tasks.pop_front();
    isWorking = true;
    lock.unlock();
    if (task.trial)
      judge(task.key, *task.trial);
    else
      compile(task.key);
    lock.lock();
    isWorking = false;
    isIdle.notify_all();
  }
}

std::shared_ptr<Compiled> AdaptiveSession::compileFor(const Key &key) {
  CompileOptions bound = options;
  const LambentModel &model = getModel();
  auto dims = key.begin();
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    std::vector<int64_t> shape(dims, dims + model.inputs[i].rank);
    dims += model.inputs[i].rank;
    std::string name = model.inputs[i].name;
    llvm::erase_if(bound.shapes,
                   [&](const auto &given) { return given.first == name; });
    bound.shapes.emplace_back(name, std::move(shape));
  }
  auto compiled = std::make_shared<Compiled>();
  LambentStatus *status = protect(
      [&] { return build(source, bound, adaptive.pool, *compiled); });
  if (status) {
    lambent_status_destroy(status);
    return nullptr;
  }
  const LambentModel &made = *lambent_module_model(compiled->module.get());
  bool isAlike = made.num_inputs == model.num_inputs &&
                 made.num_outputs == model.num_outputs;
  return isAlike ? compiled : nullptr;
}

void AdaptiveSession::compile(const Key &key) {
  std::shared_ptr<Compiled> compiled = compileFor(key);
  std::lock_guard lock(mutex);
  Version &version = versions[key];
  version.state = compiled ? State::OnTrial : State::Refused;
  version.compiled = std::move(compiled);
  version.runs = 0;
}

void AdaptiveSession::judge(const Key &key, Trial &trial) {
  std::shared_ptr<Compiled> compiled;
  {
    std::lock_guard lock(mutex);
    compiled = versions[key].compiled;
  }
  bool isRight = trial.passes(*compiled);
  std::lock_guard lock(mutex);
  Version &version = versions[key];
  version.isBusy = false;
  if (!isRight) {
    version.state = State::Refused;
    version.compiled = nullptr;
  } else if (++version.runs >= adaptive.trials) {
    makeRoom();
    version.state = State::InUse;
  }
}

void AdaptiveSession::makeRoom() {
  std::vector<Version *> used;
  for (auto &[key, version] : versions)
    if (version.state == State::InUse)
      used.push_back(&version);
  if (used.size() < adaptive.most_versions)
    return;
  Version &oldest = **std::min_element(
      used.begin(), used.end(),
      [](const Version *a, const Version *b) { return a->lastUse < b->lastUse; });
  oldest = Version();
}

void AdaptiveSession::wait() {
  std::unique_lock lock(mutex);
  isIdle.wait(lock, [&] { return tasks.empty() && !isWorking; });
}

uint32_t AdaptiveSession::countVersions() const {
  std::lock_guard lock(mutex);
  return static_cast<uint32_t>(
      std::count_if(versions.begin(), versions.end(), [](const auto &entry) {
        return entry.second.state == State::InUse;
      }));
}
