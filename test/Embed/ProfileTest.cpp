//===- ProfileTest.cpp - Observers and profiles, as applications use them -===//

#include "lambent-c/profile.h"
#include "OnnxBytes.h"
#include "gtest/gtest.h"
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

using namespace lambent::test;

namespace {

std::string take(LambentStatus *status) {
  std::string message = status ? lambent_status_message(status) : "";
  lambent_status_destroy(status);
  return message;
}

/// y = x * w on f32[n, 4].
class ProfileAPI : public testing::Test {
protected:
  void SetUp() override {
    float w[] = {1, 2, 3, 4};
    bytes = binaryModel("Mul", {-1, 4},
                        std::string(reinterpret_cast<char *>(w), sizeof w));
    source.size = sizeof source;
    source.path = "scale";
    source.data = bytes.data();
    source.data_size = bytes.size();
    std::string pattern = testing::TempDir() + "lambent-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  void TearDown() override {
    lambent_observer_destroy(observer);
    lambent_profile_destroy(profile);
    std::filesystem::remove_all(folder);
  }

  LambentTensor makeInput(int64_t rows) {
    dims[0] = rows;
    values.resize(size_t(rows) * 4);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = float(i + 1);
    LambentTensor tensor = {};
    tensor.data = values.data();
    tensor.device.device_type = LAMBENT_DEVICE_CPU;
    tensor.ndim = 2;
    tensor.dtype = {LAMBENT_FLOAT, 32, 1};
    tensor.shape = dims;
    return tensor;
  }

  std::string bytes, folder;
  LambentModelSource source = {};
  LambentObserver *observer = nullptr;
  LambentProfile *profile = nullptr;
  std::vector<float> values;
  int64_t dims[2] = {1, 4};
};

TEST_F(ProfileAPI, ListsNodes) {
  std::vector<std::string> seen;
  auto add = [](void *user, const LambentGraphNode *node) {
    auto &seen = *static_cast<std::vector<std::string> *>(user);
    seen = {node->name, node->op, node->domain};
    seen.insert(seen.end(), node->inputs, node->inputs + node->num_inputs);
    seen.insert(seen.end(), node->outputs, node->outputs + node->num_outputs);
  };
  EXPECT_EQ(take(lambent_list_nodes(&source, add, &seen)), "");
  EXPECT_EQ(seen,
            (std::vector<std::string>{"the_node", "Mul", "", "x", "w", "y"}));
}

using Seen = std::map<std::string, std::vector<float>>;
void keep(void *user, const LambentObservedTensor *tensor) {
  (*static_cast<Seen *>(user))[tensor->name] = {
      tensor->elements, tensor->elements + tensor->num_elements};
}

TEST_F(ProfileAPI, ObservesWhatFollowsFromInputs) {
  ASSERT_EQ(take(lambent_observer_create(&source, nullptr, nullptr, 0, nullptr,
                                         &observer)),
            "");
  // More sizes than versions are compiled for.
  for (int64_t rows : {1, 2, 1, 3, 4, 5, 6, 2}) {
    LambentTensor input = makeInput(rows);
    Seen seen;
    ASSERT_EQ(take(lambent_observer_run(observer, &input, 1, keep, &seen)), "");
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen["x"], values);
    ASSERT_EQ(seen["y"].size(), size_t(rows) * 4);
    EXPECT_EQ(seen["y"].back(), float(rows) * 16);
  }
}

TEST_F(ProfileAPI, ObservesNamesThatThereAre) {
  const char *names[] = {"none", "y", "w"};
  ASSERT_EQ(take(lambent_observer_create(&source, nullptr, names, 3, nullptr,
                                         &observer)),
            "");
  LambentTensor input = makeInput(1);
  Seen seen;
  EXPECT_EQ(take(lambent_observer_run(observer, &input, 1, keep, &seen)), "");
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen["w"], (std::vector<float>{1, 2, 3, 4}));
}

TEST_F(ProfileAPI, ProfilesMergeByFiles) {
  ASSERT_EQ(take(lambent_profile_create(&source, nullptr, nullptr, &profile)),
            "");
  LambentTensor input = makeInput(2);
  EXPECT_EQ(take(lambent_profile_add_sample(profile, &input, 1, "a")), "");
  std::string file = folder + "/p.json";
  EXPECT_EQ(take(lambent_profile_write(profile, file.c_str())), "");
  EXPECT_EQ(take(lambent_profile_merge(profile, file.c_str())), "");
  EXPECT_EQ(lambent_profile_num_samples(profile), 2u);
  EXPECT_EQ(lambent_profile_num_tensors(profile), 2u);
  EXPECT_EQ(take(lambent_profile_write(profile, (folder + "/no/p").c_str()))
                .find("'" + folder + "/no/p': cannot be written: "),
            0u);
}

TEST_F(ProfileAPI, ASampleThatFailsCountsNothing) {
  ASSERT_EQ(take(lambent_profile_create(&source, nullptr, nullptr, &profile)),
            "");
  LambentTensor input = makeInput(1);
  // x is fine, y is not: what was seen of x is forgotten.
  values[3] = 3e38f;
  EXPECT_EQ(take(lambent_profile_add_sample(profile, &input, 1, "b\nc")),
            "sample 'b\\nc': tensor 'y' holds Inf at [0, 3]: a profile needs "
            "finite numbers");
  EXPECT_EQ(lambent_profile_num_samples(profile), 0u);
  EXPECT_EQ(lambent_profile_num_tensors(profile), 0u);
  values[3] = 1;
  EXPECT_EQ(take(lambent_profile_add_sample(profile, &input, 1, "b")), "");
  EXPECT_EQ(lambent_profile_num_samples(profile), 1u);
}

TEST_F(ProfileAPI, RefusesWhatMakesNoSense) {
  EXPECT_EQ(take(lambent_list_nodes(&source, nullptr, nullptr)),
            "lambent_list_nodes: expected a value for 'found', but got a null "
            "pointer");
  const char *names[] = {nullptr};
  EXPECT_EQ(take(lambent_observer_create(&source, nullptr, names, 1, nullptr,
                                         &observer)),
            "a tensor to look at needs a name");
  EXPECT_EQ(take(lambent_observer_create(&source, nullptr, nullptr, 1, nullptr,
                                         &observer)),
            "lambent_observer_create: expected a value for 'names', but got a "
            "null pointer");
  const char *extra[] = {"y"};
  LambentCompileOptions options = {};
  options.size = sizeof options;
  options.extra_outputs = extra;
  options.num_extra_outputs = 1;
  EXPECT_EQ(take(lambent_profile_create(&source, &options, nullptr, &profile)),
            "expected no extra_outputs and donations for a model whose tensors "
            "are looked at");
  ASSERT_EQ(take(lambent_profile_create(&source, nullptr, nullptr, &profile)),
            "");
  EXPECT_EQ(take(lambent_profile_add_sample(profile, nullptr, 0, "a")),
            "sample 'a': expected 1 inputs, but got 0");
  LambentTensor input = makeInput(1);
  input.data = nullptr;
  EXPECT_EQ(take(lambent_profile_add_sample(profile, &input, 1, "a")),
            "sample 'a': input 'x': expected a shape and data, but got a null "
            "pointer");
  EXPECT_EQ(lambent_profile_num_samples(nullptr), 0u);
  EXPECT_EQ(lambent_profile_num_tensors(nullptr), 0u);
  lambent_profile_destroy(nullptr);
  lambent_observer_destroy(nullptr);
}

TEST_F(ProfileAPI, ACancellationEndsRuns) {
  LambentCancellation *cancellation = nullptr;
  ASSERT_EQ(take(lambent_cancellation_create(&cancellation)), "");
  LambentCompileOptions options = {};
  options.size = sizeof options;
  options.cancellation = cancellation;
  ASSERT_EQ(take(lambent_profile_create(&source, &options, nullptr, &profile)),
            "");
  LambentTensor input = makeInput(1);
  EXPECT_EQ(take(lambent_profile_add_sample(profile, &input, 1, "a")), "");
  lambent_cancellation_cancel(cancellation);
  LambentStatus *status = lambent_profile_add_sample(profile, &input, 1, "b");
  EXPECT_EQ(lambent_status_code(status), LAMBENT_STATUS_CANCELLED);
  lambent_status_destroy(status);
  EXPECT_EQ(lambent_profile_num_samples(profile), 1u);
  lambent_profile_destroy(profile);
  profile = nullptr;
  lambent_cancellation_destroy(cancellation);
}

} // namespace
