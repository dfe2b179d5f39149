//===- ProfileFileTest.cpp - Profiles as text, and what is wrong with them ===//

#include "lambent/Quantization/ProfileFile.h"
#include "Quantization/Calibrate/TensorStatistics.h"
#include "gtest/gtest.h"

using namespace lambent::quantization;

namespace {

Profile makeProfile(float factor, llvm::StringRef model = "") {
  Profile profile;
  profile.model = model.empty() ? std::string(64, 'a') : model.str();
  profile.samples = 2;
  std::vector<float> elements = {0.1f, -0.7f, 3e-9f, 1.3f, 0.25f, 0};
  for (float &element : elements)
    element *= factor;
  profile.tensors["x/\"1\"\n"] = describeTensor({2, 3}, elements, -1);
  profile.tensors["y"] = describeTensor({6}, elements, 0);
  return profile;
}

std::string takeMessage(llvm::Error error) {
  return llvm::toString(std::move(error));
}

std::string getProblem(const std::string &text) {
  llvm::Expected<Profile> profile = parseProfile(text);
  return profile ? "" : takeMessage(profile.takeError());
}

/// A profile's text with a part replaced, which must be there.
std::string change(llvm::StringRef from, const std::string &to) {
  std::string text = formatProfile(makeProfile(1));
  size_t place = text.find(from.str());
  EXPECT_NE(place, std::string::npos) << from.str();
  return text.replace(place, from.size(), to);
}

TEST(ProfileFile, ComesBackBitForBit) {
  Profile profile = makeProfile(1.7f);
  std::string text = formatProfile(profile);
  llvm::Expected<Profile> read = parseProfile(text);
  ASSERT_TRUE(bool(read)) << takeMessage(read.takeError());
  EXPECT_EQ(read->model, profile.model);
  EXPECT_EQ(read->samples, 2u);
  ASSERT_EQ(read->tensors.size(), 2u);
  const TensorProfile &wanted = profile.tensors["x/\"1\"\n"],
                      &got = read->tensors["x/\"1\"\n"];
  EXPECT_EQ(got.sum, wanted.sum);
  EXPECT_EQ(got.sumOfSquares, wanted.sumOfSquares);
  EXPECT_EQ(got.histogram.counts, wanted.histogram.counts);
  EXPECT_EQ(got.channels.size(), 3u);
  EXPECT_EQ(got.channelAxis, -1);
  EXPECT_EQ(formatProfile(*read), text);
}

TEST(ProfileFile, LeavesOutNamesThatJsonCannotHold) {
  Profile profile = makeProfile(1);
  profile.tensors["\xff"] = profile.tensors["y"];
  EXPECT_EQ(formatProfile(profile), formatProfile(makeProfile(1)));
}

TEST(ProfileFile, MergesAsIfSeenTogether) {
  Profile one = makeProfile(1), other = makeProfile(40);
  other.tensors.erase("y");
  EXPECT_EQ(takeMessage(mergeProfiles(one, other)), "");
  EXPECT_EQ(one.samples, 4u);
  EXPECT_EQ(one.tensors["y"].elements, 6u);
  EXPECT_EQ(one.tensors["x/\"1\"\n"].elements, 12u);
  Profile reverse = makeProfile(40);
  reverse.tensors.erase("y");
  EXPECT_EQ(takeMessage(mergeProfiles(reverse, makeProfile(1))), "");
  EXPECT_EQ(formatProfile(reverse), formatProfile(one));
  EXPECT_EQ(getProblem(formatProfile(one)), "");
}

TEST(ProfileFile, RefusesAnotherModel) {
  Profile one = makeProfile(1);
  EXPECT_EQ(
      takeMessage(mergeProfiles(one, makeProfile(1, std::string(64, 'b')))),
      "it is the profile of another model: its nodes or weights have the "
      "hash bbbbbbbbbbbb, not aaaaaaaaaaaa");
  EXPECT_EQ(formatProfile(one), formatProfile(makeProfile(1)));
}

TEST(ProfileFile, RefusesWhatIsNone) {
  constexpr char expected[] =
      "expected a profile as 'lambent profile' writes it, but ";
  auto expectProblem = [&](const std::string &text, llvm::StringRef detail) {
    EXPECT_EQ(getProblem(text), expected + detail.str());
  };
  std::string text = formatProfile(makeProfile(1));
  for (size_t length : {size_t(0), size_t(1), text.size() / 2, text.size() - 4})
    expectProblem(text.substr(0, length),
                  "it is no JSON, or only a part of it");
  expectProblem(std::string(1 << 20, '['),
                "it is no JSON, or only a part of it");
  expectProblem("[]", "it is another kind of file");
  expectProblem("{\"lambent_tuned_choices\": 1}", "it is another kind of file");
  expectProblem("{\"lambent_profile\": 2}", "its version is 2, not 1");
  expectProblem("{\"lambent_profile\": 1}",
                "the hash of its model is missing or wrong");
  expectProblem(change("aaaa", "xxxx"),
                "the hash of its model is missing or wrong");
  expectProblem(change("\"samples\":2", "\"samples\":-2"),
                "the number of its samples is missing or wrong");
  expectProblem(change("tensors", "tensor"), "it has no tensors");
}

TEST(ProfileFile, RefusesNumbersThatContradictEachOther) {
  auto expectProblem = [&](const std::string &text, llvm::StringRef what) {
    EXPECT_NE(getProblem(text).find("but the " + what.str() + " of tensor '"),
              std::string::npos)
        << getProblem(text);
  };
  expectProblem(change("\"least\":-", "\"least\":"), "histogram");
  expectProblem(change("\"least\":-", "\"least\":9"), "range");
  expectProblem(change("\"least\":-0", "\"least\":-1" + std::string(50, '0')),
                "range");
  expectProblem(change("\"least\"", "\"lest\""), "range");
  expectProblem(change("\"elements\":6", "\"elements\":7"), "histogram");
  expectProblem(change("\"elements\":6", "\"elements\":0"),
                "sum or number of elements");
  expectProblem(change("\"elements\":6", "\"elements\":18446744073709551615"),
                "sum or number of elements");
  expectProblem(change("\"sum\":", "\"sum\":\"\",\"s\":"),
                "sum or number of elements");
  expectProblem(change("\"counts\":[", "\"counts\":[0,"), "histogram");
  expectProblem(change("\"counts\":[1", "\"counts\":[1.5"), "histogram");
  expectProblem(change("\"width\":", "\"width\":1"), "histogram");
  expectProblem(change("\"channel_axis\":-1", "\"channel_axis\":-2"),
                "list of channels");
  expectProblem(
      change("\"channels\":{\"least\":[", "\"channels\":{\"least\":[1,"),
      "list of channels");
}

} // namespace
