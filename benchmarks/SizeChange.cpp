//===- SizeChange.cpp - What a run at another size costs ------------------===//
//
// usage: SizeChange MODEL.so THREADS NAME=FROM..TO[:STEP]...
//
// Runs an artefact with open dims at its largest sizes once, and then at drawn
// ones: each twice when it comes for the first time, and twice when it comes
// again. Prints the medians of what the first of two runs takes more than the
// second, in ms.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <lambent-c/lambent.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

struct Range {
  int64_t from = 1, to = 1, step = 1;
};
using Sizes = std::map<std::string, int64_t>;

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

/// Inputs and outputs at some sizes, all zeros.
class Runs {
public:
  Runs(const lambent::Module &module, unsigned threads)
      : model(module.model()),
        session(lambent::Session::create(module, threads)) {
    if (!session)
      fail(session.message());
  }

  /// Milliseconds that the shapes of outputs and a run take.
  double time(const Sizes &sizes) {
    std::vector<lambent::Tensor> inputs, outputs;
    inputMemory.resize(model.num_inputs);
    for (unsigned i = 0; i < model.num_inputs; ++i)
      inputs.push_back(makeTensor(
          model.inputs[i], shapeOf(model.inputs[i], sizes), inputMemory[i]));
    auto begin = std::chrono::steady_clock::now();
    auto shapes = session->inferShapes(inputs);
    if (!shapes)
      fail(shapes.message());
    outputMemory.resize(model.num_outputs);
    for (unsigned i = 0; i < model.num_outputs; ++i)
      outputs.push_back(
          makeTensor(model.outputs[i], (*shapes)[i], outputMemory[i]));
    if (lambent::Status status = session->run(inputs, outputs); !status)
      fail(status.message());
    std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - begin;
    return took.count();
  }

private:
  std::vector<int64_t> shapeOf(const LambentTensorInfo &info,
                               const Sizes &sizes) {
    std::vector<int64_t> shape(info.dims, info.dims + info.rank);
    for (unsigned d = 0; d < info.rank; ++d)
      if (shape[d] < 0) {
        auto found =
            sizes.find(lambent_model_find_symbol(&model, info.sizes[d])->name);
        if (found == sizes.end())
          fail(std::string("input ") + info.name + ": no size is given");
        shape[d] = found->second;
      }
    return shape;
  }

  static lambent::Tensor makeTensor(const LambentTensorInfo &info,
                                    const std::vector<int64_t> &shape,
                                    std::vector<char> &memory) {
    size_t bytes = std::max(info.type_bits / 8, 1);
    for (int64_t size : shape)
      bytes *= static_cast<size_t>(size);
    memory.resize(std::max(memory.size(), bytes));
    return lambent::Tensor(memory.data(), {info.type_code, info.type_bits, 1},
                           shape);
  }

  const LambentModel &model;
  lambent::Result<lambent::Session> session;
  std::vector<std::vector<char>> inputMemory, outputMemory;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 4)
    fail("usage: SizeChange MODEL.so THREADS NAME=FROM..TO[:STEP]...");
  std::map<std::string, Range> ranges;
  Sizes most;
  for (int i = 3; i < argc; ++i) {
    std::string text = argv[i], name = text.substr(0, text.find('='));
    Range range;
    if (std::sscanf(text.c_str() + name.size(), "=%ld..%ld:%ld", &range.from,
                    &range.to, &range.step) < 2 ||
        range.from < 0 || range.to < range.from || range.step < 1)
      fail(text + ": expected NAME=FROM..TO[:STEP]");
    ranges[name] = range;
    most[name] = range.to;
  }
  auto module = lambent::Module::load(argv[1]);
  if (!module)
    fail(module.message());
  Runs runs(*module, static_cast<unsigned>(std::atoi(argv[2])));
  runs.time(most);

  std::mt19937 random(1);
  std::vector<double> news, seen;
  for (int draw = 0; draw < 25; ++draw) {
    Sizes sizes[2];
    for (Sizes &each : sizes)
      for (auto &[name, range] : ranges)
        each[name] =
            range.from +
            range.step *
                static_cast<int64_t>(
                    random() % static_cast<unsigned>(
                                   (range.to - range.from) / range.step + 1));
    auto change = [&](const Sizes &to) {
      double first = runs.time(to);
      return first - runs.time(to);
    };
    news.push_back(change(sizes[0]));
    news.push_back(change(sizes[1]));
    seen.push_back(change(sizes[0]));
    seen.push_back(change(sizes[1]));
  }
  std::printf("to a new size %.3f ms, to one seen before %.3f ms\n",
              median(news), median(seen));
  return 0;
}
