// lambent.hpp: the C API for C++17, header-only. Handles that destroy themselves, std::string messages, tensors made
// from spans of data. Nothing here throws but for want of memory: what can fail returns a Result. Callbacks must not
// throw either; docs/embedding.md says what happens when they do.
//
//   auto module = lambent::compile(lambent::ModelSource::fromFile("model.onnx"));
//   if (!module) { std::cerr << module.message() << "\n"; return 1; }
//   auto session = lambent::Session::create(*module);
//   std::vector<float> x(...), y(...);
//   lambent::Tensor in(x.data(), {1, 3, 224, 224}), out(y.data(), {1, 1000});
//   if (auto status = session->run({in}, {out}); !status) ...
//
#ifndef LAMBENT_C_LAMBENT_HPP
#define LAMBENT_C_LAMBENT_HPP

#include "lambent-c/compile.hpp"
#include "lambent-c/profile.hpp"
#include "lambent-c/prune.hpp"
#include "lambent-c/quantize.hpp"
#include "lambent-c/run.hpp"
#include "lambent-c/source.hpp"
#include "lambent-c/tensor_file.h"
#include "lambent-c/values.hpp"
#include <initializer_list>

#endif
