//===- TuningTest.cpp - Descriptions and choices in files -----------------===//

#include "lambent-c/tuning.h"
#include "OnnxBytes.h"
#include "lambent-c/compiler.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace lambent::test;

namespace {

std::string take(LambentStatus *status) {
  std::string message = status ? lambent_status_message(status) : "";
  lambent_status_destroy(status);
  return message;
}

class Tuning : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "lambent-XXXXXX";
    folder = mkdtemp(pattern.data());
    setenv("XDG_CACHE_HOME", folder.c_str(), 1);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string path(const std::string &name) const {
    return folder + "/" + name;
  }
  static void write(const std::string &file, const std::string &text) {
    std::filesystem::create_directories(
        std::filesystem::path(file).parent_path());
    std::ofstream(file) << text;
  }
  /// The description that is used; what is wrong lands in `problem`.
  LambentCpuDescription find(const char *cpu, const char *file) {
    lambent_cpu_description_destroy(found);
    found = nullptr;
    problem = take(lambent_cpu_description_find(cpu, file, &found));
    return found ? *found : LambentCpuDescription{};
  }
  /// Compiles a product and returns what is wrong.
  std::string compile(LambentCompileOptions options) {
    std::string bytes = model();
    LambentModelSource source = {};
    source.size = sizeof source;
    source.path = "product";
    source.data = bytes.data();
    source.data_size = bytes.size();
    options.size = sizeof options;
    LambentModule *module = nullptr;
    std::string message = take(lambent_compile(&source, &options, &module));
    description = "";
    if (module) {
      const LambentModel &compiled = *lambent_module_model(module);
      description = compiled.tuning.description;
      for (uint32_t i = 0; i < compiled.num_layers; ++i) {
        const LambentLayerInfo &layer = compiled.layers[i];
        for (uint32_t j = 0; j < layer.num_variants; ++j)
          if (layer.variants[j].is_chosen) {
            key = layer.choice_key;
            algorithm = layer.variants[j].algorithm;
          }
      }
    }
    if (module)
      run(module);
    lambent_module_destroy(module);
    return message;
  }
  /// What the product computes with each candidate in turn, until there are no
  /// more.
  std::vector<std::vector<float>> runAll(uint32_t accuracy) {
    std::vector<std::vector<float>> results;
    std::string usual;
    for (uint32_t candidate = 0; candidate < 100; ++candidate) {
      LambentCompileOptions options = {};
      options.accuracy = accuracy;
      options.candidate = candidate;
      EXPECT_EQ(compile(options), "");
      if (candidate && algorithm == usual)
        break;
      if (!candidate)
        usual = algorithm;
      results.push_back(output);
    }
    return results;
  }
  /// Runs what was compiled.
  void run(LambentModule *module) {
    constexpr int64_t rows = 20, depth = 64, columns = 96;
    std::vector<float> input(rows * depth);
    for (size_t i = 0; i < input.size(); ++i)
      input[i] = static_cast<float>(i * 37 % 101) / 17 - 3;
    output.assign(rows * columns, -1);
    int64_t inputShape[] = {rows, depth}, outputShape[] = {rows, columns};
    auto makeTensor = [](std::vector<float> &values, int64_t *shape) {
      LambentTensor tensor = {};
      tensor.data = values.data();
      tensor.device.device_type = LAMBENT_DEVICE_CPU;
      tensor.ndim = 2;
      tensor.dtype = {LAMBENT_FLOAT, 32, 1};
      tensor.shape = shape;
      return tensor;
    };
    LambentTensor x = makeTensor(input, inputShape),
                  y = makeTensor(output, outputShape);
    LambentContext *context = nullptr;
    ASSERT_EQ(take(lambent_context_create(module, nullptr, &context)), "");
    EXPECT_EQ(take(lambent_context_run(context, &x, 1, &y, 1, nullptr)), "");
    lambent_context_destroy(context);
  }
  /// y = x w, of 20 x 64 times 64 x 96.
  static std::string model() {
    constexpr uint64_t rows = 64, columns = 96;
    std::string values(rows * columns * 4, '\0');
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = i % 4 == 3 ? '\x3f' : static_cast<char>(i * 7 % 61);
    Message weight = Message()
                         .number(1, rows)
                         .number(1, columns)
                         .number(2, 1)
                         .text(8, "w")
                         .text(9, values);
    Message graph =
        Message()
            .message(1, Message().text(1, "x").text(1, "w").text(2, "y").text(
                            4, "MatMul"))
            .text(2, "g")
            .message(5, weight)
            .message(11, floatValue("x", {20, rows}))
            .message(12, floatValue("y", {20, columns}));
    return Message()
        .number(1, 8)
        .message(7, graph)
        .message(8, Message().text(1, "").number(2, 17))
        .bytes;
  }

  ~Tuning() override { lambent_cpu_description_destroy(found); }
  std::string folder, problem, description, key, algorithm;
  std::vector<float> output;
  const LambentCpuDescription *found = nullptr;
};

TEST_F(Tuning, findsWhatAFamilyIs) {
  LambentCpuDescription zen = find("znver4", nullptr);
  EXPECT_EQ(problem, "");
  EXPECT_STREQ(zen.name, "zen");
  EXPECT_STREQ(zen.cpu, "znver4");
  EXPECT_EQ(zen.l2_bytes, 1u << 20);
  EXPECT_EQ(zen.depth_unroll, 1u);
  find("pentium9", nullptr);
  EXPECT_NE(problem.find("unknown CPU 'pentium9'"), std::string::npos);
}

TEST_F(Tuning, keepsADescriptionForThisMachine) {
  LambentCpuDescription native = find(nullptr, nullptr);
  ASSERT_EQ(problem, "");
  std::string before = native.name, file = native.file;
  EXPECT_EQ(file.substr(0, folder.size()), folder);
  native.prefetch_streams = 3;
  ASSERT_EQ(take(lambent_cpu_description_write(&native, native.file)), "");
  std::string tuned = find(nullptr, nullptr).name;
  EXPECT_EQ(tuned.substr(0, 6), "tuned-");
  EXPECT_EQ(found->prefetch_streams, 3u);
  EXPECT_EQ(find(nullptr, "").name, before) << "it need not be used";
  EXPECT_STREQ(find("znver4", nullptr).name, "zen") << "by name is by name";
  // Code says for which it was tuned.
  EXPECT_EQ(compile({}), "");
  EXPECT_EQ(description, tuned);
  LambentCompileOptions options = {};
  options.cpu_description = "";
  EXPECT_EQ(compile(options), "");
  EXPECT_EQ(description, before);
}

TEST_F(Tuning, refusesFilesThatAreNone) {
  constexpr const char *none =
      "': expected a description of a CPU as 'lambent tune --cpu' writes it";
  write(path("d.json"), "{}");
  std::string file = path("d.json");
  find(nullptr, file.c_str());
  EXPECT_EQ(problem, "'" + file + none);
  find(nullptr, path("gone.json").c_str());
  EXPECT_EQ(problem, "'" + path("gone.json") + "': No such file or directory");
  // One that is kept, too, and then what helps.
  std::string kept = find(nullptr, "").file;
  write(kept, "damaged");
  EXPECT_EQ(compile({}),
            "'" + kept + none +
                "; 'lambent tune --cpu' measures this machine anew");
  // Of another CPU.
  LambentCpuDescription zen = find("znver4", nullptr);
  ASSERT_EQ(take(lambent_cpu_description_write(&zen, file.c_str())), "");
  find("graniterapids", file.c_str());
  EXPECT_EQ(problem, "'" + file +
                         "': it describes the CPU 'znver4', but the code is "
                         "tuned for 'graniterapids'");
}

TEST_F(Tuning, writesNoDescriptionThatIsNone) {
  LambentCpuDescription zen = find("znver4", nullptr);
  auto write = [&](LambentCpuDescription description) {
    return take(
        lambent_cpu_description_write(&description, path("d.json").c_str()));
  };
  LambentCpuDescription bad = zen;
  bad.depth_unroll = 99;
  EXPECT_EQ(write(bad), "expected 'depth_unroll' to be a number from 1 to 16");
  bad = zen;
  bad.keeps_panels = 2;
  EXPECT_EQ(write(bad),
            "LambentCpuDescription.keeps_panels: expected 0 or 1, but got 2");
  bad = zen;
  bad.reserved = 1;
  EXPECT_EQ(write(bad),
            "LambentCpuDescription.reserved: expected 0, but got 1");
  bad = zen;
  bad.size = 8;
  EXPECT_NE(write(bad).find("LambentCpuDescription.size is 8, but expected at "
                            "least"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path("d.json")));
  LambentStatus *status =
      lambent_cpu_description_write(&zen, (folder + "/").c_str());
  EXPECT_NE(take(status).find("cannot be written"), std::string::npos);
  EXPECT_NE(take(lambent_cpu_description_write(nullptr, "d")), "");
  EXPECT_NE(take(lambent_cpu_description_find(nullptr, nullptr, nullptr)), "");
}

TEST_F(Tuning, takesTheChoicesThatAreKept) {
  LambentCompileOptions search = {};
  ASSERT_EQ(compile({}), "");
  std::string usual = algorithm, kernel = key;
  EXPECT_EQ(kernel.size(), 16u);
  search.candidate = 1;
  ASSERT_EQ(compile(search), "");
  std::string other = algorithm;
  EXPECT_NE(other, usual);
  EXPECT_EQ(key, kernel) << "the key says nothing of what was chosen";
  search.candidate = 1000;
  ASSERT_EQ(compile(search), "");
  EXPECT_EQ(algorithm, usual) << "there are not as many";

  LambentTunedChoices *choices = nullptr;
  ASSERT_EQ(take(lambent_tuned_choices_read(nullptr, nullptr, &choices)), "");
  EXPECT_EQ(lambent_tuned_choices_find(choices, kernel.c_str()), nullptr);
  LambentTunedChoice choice = {other.c_str(), 1, 2, 5};
  ASSERT_EQ(take(lambent_tuned_choices_set(choices, kernel.c_str(), &choice)),
            "");
  ASSERT_EQ(take(lambent_tuned_choices_write(choices)), "");
  std::string file = lambent_tuned_choices_file(choices);
  lambent_tuned_choices_destroy(choices);
  EXPECT_EQ(file.substr(0, folder.size()), folder);

  ASSERT_EQ(compile({}), "");
  EXPECT_EQ(algorithm, other);
  LambentCompileOptions none = {};
  none.tuned_choices = "";
  ASSERT_EQ(compile(none), "");
  EXPECT_EQ(algorithm, usual);
  none.accuracy = LAMBENT_ACCURACY_STRICT;
  none.tuned_choices = file.c_str();
  ASSERT_EQ(compile(none), "");
  EXPECT_NE(key, kernel) << "strict kernels are others";

  // It can be read again.
  ASSERT_EQ(take(lambent_tuned_choices_read(file.c_str(), nullptr, &choices)),
            "");
  const LambentTunedChoice *known =
      lambent_tuned_choices_find(choices, kernel.c_str());
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->algorithm, other);
  EXPECT_EQ(known->num_tried, 5u);
  // What fits no kernel any more is ignored.
  choice.algorithm = "panels<rows = 900, columns = 7>";
  ASSERT_EQ(take(lambent_tuned_choices_set(choices, kernel.c_str(), &choice)),
            "");
  ASSERT_EQ(take(lambent_tuned_choices_write(choices)), "");
  lambent_tuned_choices_destroy(choices);
  ASSERT_EQ(compile({}), "");
  EXPECT_EQ(algorithm, usual);
}

TEST_F(Tuning, findsNoOtherCodeInACache) {
  std::string models = path("models"), file = path("c.json"),
              cpu = path("d.json");
  LambentCompileOptions options = {};
  options.cache_folder = models.c_str();
  ASSERT_EQ(compile(options), "");
  std::string usual = algorithm, before = description;
  options.candidate = 1;
  ASSERT_EQ(compile(options), "");
  std::string other = algorithm;
  EXPECT_NE(other, usual);
  options.candidate = 0;
  LambentTunedChoices *choices = nullptr;
  ASSERT_EQ(take(lambent_tuned_choices_read(file.c_str(), "", &choices)), "");
  LambentTunedChoice choice = {other.c_str(), 1, 2, 5};
  ASSERT_EQ(take(lambent_tuned_choices_set(choices, key.c_str(), &choice)), "");
  ASSERT_EQ(take(lambent_tuned_choices_write(choices)), "");
  lambent_tuned_choices_destroy(choices);
  options.tuned_choices = file.c_str();
  ASSERT_EQ(compile(options), "");
  EXPECT_EQ(algorithm, other);
  options.tuned_choices = nullptr;
  ASSERT_EQ(compile(options), "");
  EXPECT_EQ(algorithm, usual);
  LambentCpuDescription native = find(nullptr, "");
  native.depth_unroll = 2;
  ASSERT_EQ(take(lambent_cpu_description_write(&native, cpu.c_str())), "");
  options.cpu_description = cpu.c_str();
  ASSERT_EQ(compile(options), "");
  EXPECT_NE(description, before);
}

TEST_F(Tuning, computesTheSameWithEveryTile) {
  for (uint32_t accuracy :
       {LAMBENT_ACCURACY_DEFAULT, LAMBENT_ACCURACY_STRICT}) {
    std::vector<std::vector<float>> results = runAll(accuracy);
    EXPECT_GT(results.size(), 4u);
    for (const std::vector<float> &result : results)
      EXPECT_EQ(result, results.front());
  }
}

TEST_F(Tuning, refusesChoicesThatAreNone) {
  LambentTunedChoices *choices = nullptr;
  std::string file = path("c.json");
  constexpr const char *none =
      "': expected choices as 'lambent tune MODEL' writes them";
  write(file, "{}");
  EXPECT_EQ(take(lambent_tuned_choices_read(file.c_str(), nullptr, &choices)),
            "'" + file + none);
  EXPECT_EQ(choices, nullptr);
  LambentCompileOptions options = {};
  options.tuned_choices = file.c_str();
  EXPECT_EQ(compile(options), "'" + file + none);
  ASSERT_EQ(take(lambent_tuned_choices_read(nullptr, nullptr, &choices)), "");
  std::string kept = lambent_tuned_choices_file(choices);
  LambentTunedChoice choice = {nullptr, 1, 2, 5};
  EXPECT_NE(take(lambent_tuned_choices_set(choices, "k", &choice)), "");
  EXPECT_NE(take(lambent_tuned_choices_set(choices, nullptr, &choice)), "");
  lambent_tuned_choices_destroy(choices);
  write(kept, "damaged");
  EXPECT_EQ(compile({}), "'" + kept + none + "; remove it");
  options = {};
  options.reserved2 = 1;
  EXPECT_EQ(compile(options),
            "LambentCompileOptions.reserved2: expected 0, but got 1");
  options = {};
  options.reserved3 = 1;
  EXPECT_EQ(compile(options),
            "LambentCompileOptions.reserved3: expected 0, but got 1");
  EXPECT_EQ(lambent_tuned_choices_find(nullptr, "k"), nullptr);
  EXPECT_STREQ(lambent_tuned_choices_file(nullptr), "");
}

TEST_F(Tuning, keepsNothingWithoutAFolder) {
  unsetenv("XDG_CACHE_HOME");
  std::string home = getenv("HOME") ? getenv("HOME") : "";
  unsetenv("HOME");
  EXPECT_STREQ(find(nullptr, nullptr).file, "");
  EXPECT_EQ(compile({}), "");
  LambentTunedChoices *choices = nullptr;
  EXPECT_EQ(take(lambent_tuned_choices_read(nullptr, nullptr, &choices)),
            "there is no folder to keep choices in: neither XDG_CACHE_HOME nor "
            "HOME names one");
  setenv("HOME", folder.c_str(), 1);
  EXPECT_EQ(std::string(find(nullptr, nullptr).file)
                .rfind(folder + "/.cache/lambent/", 0),
            0u);
  setenv("HOME", home.c_str(), 1);
}

} // namespace
