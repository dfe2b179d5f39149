// Compiles a model in process, runs it from two threads at once, and compares
// what they got.
#include <lambent-c/lambent.hpp>

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

/// Memory for one input or output, and the view of it that the model runs on.
struct Buffer {
  std::vector<unsigned char> bytes;
  lambent::Tensor tensor;

  explicit Buffer(const LambentTensorInfo &info)
      : bytes(lambent_tensor_info_bytes(&info) + 1),
        tensor(bytes.data(), {info.type_code, info.type_bits, 1},
               {info.dims, info.dims + info.rank}) {}
};

std::vector<Buffer> makeBuffers(const LambentTensorInfo *infos,
                                unsigned count) {
  return std::vector<Buffer>(infos, infos + count);
}

std::vector<lambent::Tensor> viewsOf(const std::vector<Buffer> &buffers) {
  std::vector<lambent::Tensor> views;
  for (const Buffer &buffer : buffers)
    views.push_back(buffer.tensor);
  return views;
}

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2)
    fail("usage: embed MODEL.onnx");

  auto module = lambent::compile(lambent::ModelSource::fromFile(argv[1]));
  if (!module)
    fail(module.message());
  const LambentModel &model = module->model();
  std::printf("%s: %u inputs, %u outputs, %u layers, %llu bytes of weights\n",
              argv[1], model.num_inputs, model.num_outputs, model.num_layers,
              static_cast<unsigned long long>(model.weight_bytes));

  auto session = lambent::Session::create(*module);
  if (!session)
    fail(session.message());

  // Zeros are as good an input as any: both threads must get the same.
  std::vector<Buffer> inputs = makeBuffers(model.inputs, model.num_inputs);
  std::vector<Buffer> results[2] = {
      makeBuffers(model.outputs, model.num_outputs),
      makeBuffers(model.outputs, model.num_outputs)};
  std::vector<std::thread> threads;
  for (std::vector<Buffer> &outputs : results)
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i)
        if (lambent::Status status =
                session->run(viewsOf(inputs), viewsOf(outputs));
            !status)
          fail(status.message());
    });
  for (std::thread &thread : threads)
    thread.join();

  for (unsigned i = 0; i < model.num_outputs; ++i)
    if (results[0][i].bytes != results[1][i].bytes)
      fail(std::string("the two threads disagree about output ") +
           model.outputs[i].name);
  std::printf("two threads agree on every byte\n");
  return 0;
}
