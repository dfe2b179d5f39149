// Compiles a model with open dims once, and feeds it inputs of changing size.
#include <lambent-c/lambent.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

using Sizes = std::map<std::string, int64_t>;

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

/// "batch=2,seq=30" by name.
Sizes parseSizes(const std::string &text) {
  Sizes sizes;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find(',', at), text.size()),
           equals = text.find('=', at);
    if (equals >= end)
      fail(text + ": expected NAME=SIZE,...");
    sizes[text.substr(at, equals - at)] =
        std::atoll(text.c_str() + equals + 1);
    at = end + 1;
  }
  return sizes;
}

/// The dims of an input, with these sizes where they are open.
std::vector<int64_t> shapeOf(const LambentModel &model,
                             const LambentTensorInfo &input,
                             const Sizes &sizes) {
  std::vector<int64_t> shape(input.dims, input.dims + input.rank);
  for (unsigned i = 0; i < input.rank; ++i) {
    if (shape[i] >= 0)
      continue;
    std::string name = lambent_model_find_symbol(&model, input.sizes[i])->name;
    auto found = sizes.find(name);
    if (found == sizes.end())
      fail(std::string("input ") + input.name + ": give a size for " + name);
    shape[i] = found->second;
  }
  return shape;
}

/// A tensor in `memory`, which grows as it has to and is kept for later sizes.
lambent::Tensor makeTensor(const LambentTensorInfo &info,
                           const std::vector<int64_t> &shape,
                           std::vector<unsigned char> &memory) {
  size_t bytes = std::max(info.type_bits / 8, 1);
  for (int64_t size : shape)
    bytes *= static_cast<size_t>(size);
  memory.resize(std::max(memory.size(), bytes));
  return lambent::Tensor(memory.data(), {info.type_code, info.type_bits, 1},
                         shape);
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3)
    fail("usage: open-sizes MODEL.onnx NAME=SIZE,... [NAME=SIZE,...]...");
  auto module = lambent::compile(lambent::ModelSource::fromFile(argv[1]));
  if (!module)
    fail(module.message());
  const LambentModel &model = module->model();
  auto session = lambent::Session::create(*module);
  if (!session)
    fail(session.message());

  std::vector<std::vector<unsigned char>> inputMemory(model.num_inputs),
      outputMemory(model.num_outputs);
  for (int i = 2; i < argc; ++i) {
    Sizes sizes = parseSizes(argv[i]);
    std::vector<lambent::Tensor> inputs, outputs;
    for (unsigned k = 0; k < model.num_inputs; ++k) {
      const LambentTensorInfo &info = model.inputs[k];
      inputs.push_back(
          makeTensor(info, shapeOf(model, info, sizes), inputMemory[k]));
    }
    // The session says what shapes the outputs will have, and refuses inputs
    // that do not fit.
    auto shapes = session->inferShapes(inputs);
    if (!shapes)
      fail(shapes.message());
    for (unsigned k = 0; k < model.num_outputs; ++k)
      outputs.push_back(
          makeTensor(model.outputs[k], (*shapes)[k], outputMemory[k]));

    auto begin = std::chrono::steady_clock::now();
    if (lambent::Status status = session->run(inputs, outputs); !status)
      fail(status.message());
    std::chrono::duration<double, std::milli> time =
        std::chrono::steady_clock::now() - begin;
    std::printf("%s:", argv[i]);
    for (unsigned k = 0; k < model.num_outputs; ++k) {
      std::printf(" %s[", model.outputs[k].name);
      for (size_t d = 0; d < (*shapes)[k].size(); ++d)
        std::printf("%s%lld", d ? ", " : "",
                    static_cast<long long>((*shapes)[k][d]));
      std::printf("]");
    }
    std::printf(" in %.2f ms\n", time.count());
  }
  return 0;
}
