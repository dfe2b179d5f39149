// Generates tokens with a decoder whose cache of keys and values is donated:
// each run writes the rows of its tokens behind those that are there.
#include <lambent-c/lambent.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

/// The memory that an input and the output behind it share, with room for as
/// many tokens as there will be.
struct Cache {
  Cache(const LambentTensorInfo &info, int64_t room)
      : shape(info.dims, info.dims + info.rank), strides(info.rank),
        grown(info.grown - 1) {
    int64_t step = 1;
    for (unsigned i = info.rank; i-- > 0;) {
      strides[i] = step;
      step *= i == grown ? room : shape[i];
    }
    elements.resize(static_cast<size_t>(step));
  }

  /// Its first `tokens`.
  lambent::Tensor get(int64_t tokens) {
    shape[grown] = tokens;
    return lambent::Tensor(elements.data(), shape).withStrides(strides);
  }

  std::vector<int64_t> shape, strides;
  unsigned grown; ///< the dim of tokens
  std::vector<float> elements;
};

lambent::Module compile(const std::string &path) {
  lambent::CompileOptions options;
  options.donations = {{"past_*", "present_*"}};
  auto module = lambent::compile(lambent::ModelSource::fromFile(path), options);
  if (!module)
    fail(module.message());
  return std::move(*module);
}

class Decoder {
public:
  Decoder(const lambent::Module &module, int64_t room);
  /// The likeliest token behind those so far and these.
  int64_t step(std::vector<int64_t> tokens);

private:
  const LambentModel &model;
  lambent::Result<lambent::Session> session;
  std::vector<Cache> caches; ///< in the order of the inputs
  std::vector<float> logits;
  int64_t past = 0;
};

Decoder::Decoder(const lambent::Module &module, int64_t room)
    : model(module.model()), session(lambent::Session::create(module)) {
  if (!session)
    fail(session.message());
  for (unsigned i = 0; i < model.num_inputs; ++i)
    if (const LambentTensorInfo &info = model.inputs[i]; info.grown)
      caches.emplace_back(info, room);
  const LambentTensorInfo &last = model.outputs[0];
  logits.resize(static_cast<size_t>(last.dims[last.rank - 1]));
}

int64_t Decoder::step(std::vector<int64_t> tokens) {
  auto count = static_cast<int64_t>(tokens.size());
  std::vector<int64_t> positions(tokens.size());
  for (int64_t i = 0; i < count; ++i)
    positions[static_cast<size_t>(i)] = past + i;
  std::vector<lambent::Tensor> inputs = {{tokens.data(), {1, count}},
                                         {positions.data(), {1, count}}};
  std::vector<lambent::Tensor> outputs = {
      {logits.data(), {1, 1, static_cast<int64_t>(logits.size())}}};
  for (Cache &cache : caches) {
    inputs.push_back(cache.get(past));
    outputs.push_back(cache.get(past + count));
  }
  if (lambent::Status status = session->run(inputs, outputs); !status)
    fail(status.message());
  past += count;
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

double now() {
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now().time_since_epoch();
  return time.count();
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 5)
    fail("usage: kv-cache MODEL.onnx ROOM COUNT TOKEN...");
  int64_t room = std::atoll(argv[2]), count = std::atoll(argv[3]);
  std::vector<int64_t> prompt;
  for (int i = 4; i < argc; ++i)
    prompt.push_back(std::atoll(argv[i]));
  lambent::Module module = compile(argv[1]);
  Decoder decoder(module, room);

  double begin = now();
  int64_t token = decoder.step(prompt);
  double middle = now();
  std::printf("%lld", static_cast<long long>(token));
  for (int64_t i = 1; i < count; ++i) {
    token = decoder.step({token});
    std::printf(" %lld", static_cast<long long>(token));
    std::fflush(stdout);
  }
  double end = now();
  std::printf("\nprompt: %.1f ms, then %.2f ms a token\n", middle - begin,
              (end - middle) /
                  static_cast<double>(std::max<int64_t>(count - 1, 1)));
  return 0;
}
