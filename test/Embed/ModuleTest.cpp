//===- ModuleTest.cpp - What is checked before code runs ------------------===//

#include "Models.h"
#include "OpenLayers.h"
#include "lambent/Runtime/CpuFeatures.h"
#include <functional>
#include <string.h>

using namespace lambent;
using namespace lambent::test;

namespace {

std::string create(const LambentModel &model, const void *weights = nullptr) {
  LambentModule *module = nullptr;
  LambentStatus *status =
      lambent_module_create(&model, weights, nullptr, &module);
  lambent_module_destroy(module);
  return take(status);
}

TEST(Module, acceptsAModelThatIsLinkedIn) {
  EXPECT_EQ(create(makeTwoLayers()), "");
}

TEST(Module, refusesAnotherMagicNumber) {
  LambentModel model = makeTwoLayers();
  model.magic = 1;
  EXPECT_EQ(create(model), "'model' is not a compiled model: its magic number "
                           "is 00000001, but expected 544e424d");
}

TEST(Module, refusesAnotherAbi) {
  LambentModel model = makeTwoLayers();
  model.abi = LAMBENT_MODEL_ABI + 1;
  std::string other = std::to_string(model.abi),
              own = std::to_string(LAMBENT_MODEL_ABI);
  EXPECT_EQ(create(model), "'two_layers' was compiled for ABI version " + other +
                               ", but this runtime has version " + own +
                               ": compile it again");
}

TEST(Module, refusesAShortDescription) {
  LambentModel model = makeTwoLayers();
  model.size = 16;
  EXPECT_EQ(create(model), "'two_layers' is damaged: its description has 16 "
                           "bytes, but expected " +
                               std::to_string(sizeof(LambentModel)));
}

TEST(Module, refusesLayersThatSayTooLittle) {
  LambentModel model = makeTwoLayers();
  LambentLayerInfo layers[] = {model.layers[0], model.layers[1]};
  model.layers = layers;
  EXPECT_EQ(create(model), "");
  const std::string damaged =
      "'two_layers' is damaged: its description is not complete";
  layers[0].shapes = nullptr;
  EXPECT_EQ(create(model), damaged);
  layers[0] = two_layers_model.layers[0];
  // Nothing reads what comes later.
  const uint32_t itself[] = {1};
  layers[1].sources = itself;
  EXPECT_EQ(create(model), damaged);
  layers[1].sources = nullptr;
  EXPECT_EQ(create(model), damaged);
  layers[1] = two_layers_model.layers[1];
  layers[0].variants = nullptr;
  EXPECT_EQ(create(model), damaged);
  const LambentVariantInfo nameless[2] = {};
  layers[0].variants = nameless;
  EXPECT_EQ(create(model), damaged);
  layers[0] = two_layers_model.layers[0];
  model.tuning.description = nullptr;
  EXPECT_EQ(create(model), damaged);
}

TEST(Module, refusesACpuThatLacksFeatures) {
  LambentModel model = makeTwoLayers();
  model.cpu = "future1";
  model.cpu_features = "sse2,avx1024,teleport";
  LambentModule *module;
  LambentStatus *status =
      lambent_module_create(&model, nullptr, nullptr, &module);
  EXPECT_EQ(lambent_status_code(status), LAMBENT_STATUS_UNSUPPORTED);
  EXPECT_EQ(take(status), "'two_layers' was compiled for future1 and needs CPU "
                          "features that this machine lacks: "
                          "avx1024, teleport; compile it with --cpu=native "
                          "here, or with an older --cpu");
}

TEST(Module, namesEveryFeatureThatIsMissing) {
  LambentModel model = makeTwoLayers();
  std::string required, missing;
  for (int i = 0; i < 100; ++i) {
    std::string name = "teleport" + std::to_string(i);
    required += ",," + name;
    missing += (i ? ", " : "") + name;
  }
  model.cpu_features = required.c_str();
  EXPECT_NE(create(model).find(" lacks: " + missing + "; compile"),
            std::string::npos);
}

TEST(Module, saysThatTilesAreNotPermitted) {
  using runtime::TileAccess;
  auto describe = [](const char *missing, TileAccess access) {
    return take(
        runtime::makeMissingFeatures("m.so", "graniterapids", missing, access));
  };
  EXPECT_EQ(describe("amx-tile, amx-bf16", TileAccess::Refused),
            "'m.so' was compiled for graniterapids to use AMX, which this "
            "system does not permit; compile it with --cpu=native here, or "
            "with --cpu=x86-64-v4:sapphirerapids");
  // Nothing else must be missing, and AMX must be there.
  for (const std::string &other :
       {describe("avx512f, amx-tile", TileAccess::Refused),
        describe("amx-tile, avx512f", TileAccess::Refused),
        describe("amx-tile", TileAccess::Absent)})
    EXPECT_NE(other.find("needs CPU features that this machine lacks: "),
              std::string::npos)
        << other;
}

TEST(Module, refusesDamagedWeights) {
  LambentModel model = makeTwoLayers();
  alignas(64) float weights[TWO_LAYERS_COLUMNS];
  memcpy(weights, two_layers_weights, sizeof(weights));
  EXPECT_EQ(create(model, weights), "");
  reinterpret_cast<char *>(weights)[17] ^= 4;
  EXPECT_NE(
      create(model, weights)
          .find("the weights of 'two_layers' are damaged or another model's"),
      std::string::npos);
  LambentLoadOptions options = {};
  options.size = sizeof(options);
  options.skip_weight_hash = 1;
  LambentModule *module = nullptr;
  EXPECT_EQ(take(lambent_module_create(&model, weights, &options, &module)),
            "");
  lambent_module_destroy(module);
}

TEST(Module, refusesMissingAndMisalignedWeights) {
  LambentModel model = makeTwoLayers();
  model.weights = nullptr;
  EXPECT_EQ(create(model),
            "'two_layers' needs 400 bytes of weights, but got none");
  EXPECT_NE(
      create(model, two_layers_weights + 1).find("must be 64-byte aligned"),
      std::string::npos);
}

TEST(Module, refusesOptionsWithoutASize) {
  LambentModel model = makeTwoLayers();
  LambentLoadOptions options = {};
  LambentModule *module;
  EXPECT_EQ(take(lambent_module_create(&model, nullptr, &options, &module)),
            "LambentLoadOptions.size is 0, but expected at least 24");
}

/// A model of open sizes whose tables may be changed.
struct Tables {
  LambentModel model = open_layers_model;
  std::vector<LambentTensorInfo> inputs{model.inputs, model.inputs + 2},
      outputs{model.outputs, model.outputs + 2};
  std::vector<LambentSymbolInfo> symbols{model.symbols, model.symbols + 3};
  std::vector<LambentSizeCheck> checks{model.size_checks,
                                       model.size_checks + 2};
  std::vector<LambentBlockInfo> blocks{model.blocks, model.blocks + 3};
  std::vector<int64_t> dims{-1, -1};
  std::vector<int32_t> sizes{0, 3};

  Tables() {
    model.inputs = inputs.data();
    model.outputs = outputs.data();
    model.symbols = symbols.data();
    model.size_checks = checks.data();
    model.blocks = blocks.data();
    inputs[0].dims = outputs[0].dims = dims.data();
    inputs[0].sizes = outputs[0].sizes = sizes.data();
  }
};

TEST(Module, refusesTablesOfSizesThatAreNone) {
  EXPECT_EQ(create(Tables().model), "");
  const std::function<void(Tables &)> damages[] = {
      [](Tables &t) { t.model.evaluate = nullptr; },
      [](Tables &t) { t.model.symbols = nullptr; },
      [](Tables &t) { t.model.size_checks = nullptr; },
      [](Tables &t) { t.model.blocks = nullptr; },
      [](Tables &t) { t.model.num_epochs = 0; },
      [](Tables &t) { t.model.num_epochs = 1; },
      [](Tables &t) { t.model.num_values = 0; },
      [](Tables &t) { t.model.num_values = 2; },
      [](Tables &t) { t.model.scratch_value = -2; },
      [](Tables &t) { t.model.scratch_value = 11; },
      [](Tables &t) { t.dims[0] = 4; },
      [](Tables &t) { t.dims[0] = -2; },
      [](Tables &t) { t.sizes[0] = -1; },
      [](Tables &t) { t.sizes[0] = -2; },
      [](Tables &t) { t.sizes[0] = 11; },
      [](Tables &t) { t.outputs[0].sizes = nullptr; },
      [](Tables &t) { t.inputs[0].default_offset = 16; },
      [](Tables &t) { t.inputs[0].epoch = 1; },
      [](Tables &t) { t.outputs[1].epoch = 2; },
      [](Tables &t) { t.symbols[0].name = nullptr; },
      [](Tables &t) { t.symbols[0].least = -1; },
      [](Tables &t) { t.symbols[1].most = -1; },
      [](Tables &t) { t.symbols[1].factor = 0; },
      [](Tables &t) { t.symbols[1].input = 2; },
      [](Tables &t) { t.symbols[1].input = -2; },
      [](Tables &t) { t.symbols[1].input = -1; },
      [](Tables &t) { t.symbols[1].dim = 2; },
      [](Tables &t) { t.symbols[1].dim = -1; },
      [](Tables &t) { t.symbols[1].epoch = 1; },
      [](Tables &t) { t.symbols[0] = {"", 0, 1, 1, 1, 1, 0, 0}; },
      [](Tables &t) { t.symbols[2].epoch = 2; },
      [](Tables &t) { t.checks[0].layer = nullptr; },
      [](Tables &t) { t.checks[0].expected = nullptr; },
      [](Tables &t) { t.checks[0].value = 11; },
      [](Tables &t) { t.checks[0].epoch = 2; },
      [](Tables &t) { t.blocks[2].bytes = -1; },
      [](Tables &t) { t.blocks[2].epoch = 2; },
      [](Tables &t) { t.blocks[2].first = 5; },
      [](Tables &t) { t.blocks[2].last = 5; },
  };
  for (const auto &damage : damages) {
    Tables tables;
    damage(tables);
    EXPECT_EQ(create(tables.model),
              "'open_layers' is damaged: its description is not complete")
        << &damage - damages;
  }
}

/// The compiler's own view of the CPU, as far as it can be asked here.
TEST(CpuFeatures, agreeWithTheCompilersBuiltin) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  auto has = [](const char *name) {
    return runtime::hasCpuFeature(name, strlen(name));
  };
  EXPECT_TRUE(has("sse2"));
  EXPECT_FALSE(has("sse9"));
  EXPECT_EQ(has("avx2"), __builtin_cpu_supports("avx2") != 0);
  EXPECT_EQ(has("fma"), __builtin_cpu_supports("fma") != 0);
  EXPECT_EQ(has("avx512f"), __builtin_cpu_supports("avx512f") != 0);
  EXPECT_EQ(has("avx512vnni"), __builtin_cpu_supports("avx512vnni") != 0);
  EXPECT_EQ(has("avx512bf16"), __builtin_cpu_supports("avx512bf16") != 0);
  EXPECT_EQ(has("bmi2"), __builtin_cpu_supports("bmi2") != 0);
  // The same answer as often as it is asked for.
  bool isGranted = runtime::askForTiles() == runtime::TileAccess::Granted;
  EXPECT_EQ(has("amx-tile"), isGranted);
  EXPECT_EQ(runtime::askForTiles() == runtime::TileAccess::Granted, isGranted);
#endif
}

} // namespace
