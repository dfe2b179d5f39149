//===- ProfileFile.cpp - Profiles in files --------------------------------===//

#include "lambent/Quantization/ProfileFile.h"
#include "TensorStatistics.h"
#include "lambent/Diagnostics/ShallowJson.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cfloat>
#include <cmath>

using namespace lambent::quantization;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace json = llvm::json;

static constexpr StringRef versionKey = "lambent_profile", modelKey = "model",
                           samplesKey = "samples", tensorsKey = "tensors",
                           leastKey = "least", mostKey = "most", sumKey = "sum",
                           squaresKey = "sum_of_squares",
                           elementsKey = "elements", histogramKey = "histogram",
                           lowestKey = "lowest", widthKey = "width",
                           countsKey = "counts", axisKey = "channel_axis",
                           channelsKey = "channels";
static constexpr int64_t currentVersion = 1;
/// More elements than any set of samples has: sums of such counts fit.
static constexpr uint64_t mostElements = uint64_t(1) << 53;

//===-- Reading -----------------------------------------------------------===//

static Error refuse(const llvm::Twine &detail) {
  return llvm::createStringError(
      "expected a profile as 'lambent profile' writes it, but " + detail);
}

/// Whether a number is one that an f32 can have.
static bool isFloat(double number) { return std::fabs(number) <= FLT_MAX; }

static bool readNumber(const json::Object &object, StringRef key,
                       double &number) {
  std::optional<double> value = object.getNumber(key);
  number = value.value_or(0);
  return value && std::isfinite(number);
}

static bool readCount(const json::Object &object, StringRef key,
                      uint64_t &count) {
  const json::Value *value = object.get(key);
  std::optional<uint64_t> number = value ? value->getAsUINT64() : std::nullopt;
  count = number.value_or(0);
  return number && count <= mostElements;
}

/// Whether the histogram counts the tensor's elements on the intervals that its
/// range asks for.
static bool readHistogram(const json::Object &object, TensorProfile &tensor) {
  const json::Object *from = object.getObject(histogramKey);
  const json::Array *counts = from ? from->getArray(countsKey) : nullptr;
  Histogram &histogram = tensor.histogram;
  if (!counts || !readNumber(*from, lowestKey, histogram.lowest) ||
      !readNumber(*from, widthKey, histogram.width))
    return false;
  int exponent = chooseExponent(tensor.least, tensor.most);
  int64_t first = findBin(tensor.least, exponent),
          last = findBin(tensor.most, exponent);
  if (histogram.width != std::ldexp(1.0, exponent) ||
      histogram.lowest != std::ldexp(double(first), exponent) ||
      counts->size() != size_t(last - first + 1))
    return false;
  uint64_t rest = tensor.elements;
  for (const json::Value &value : *counts) {
    std::optional<uint64_t> count = value.getAsUINT64();
    if (!count || *count > rest)
      return false;
    rest -= *count;
    histogram.counts.push_back(*count);
  }
  return rest == 0 && histogram.counts.front() && histogram.counts.back();
}

static bool readNumbers(const json::Object &object, StringRef key,
                        std::vector<double> &numbers) {
  const json::Array *array = object.getArray(key);
  for (const json::Value &value : array ? *array : json::Array()) {
    std::optional<double> number = value.getAsNumber();
    if (!number || !std::isfinite(*number))
      return false;
    numbers.push_back(*number);
  }
  return array;
}

static bool readChannels(const json::Object &object, TensorProfile &tensor) {
  std::optional<int64_t> axis = object.getInteger(axisKey);
  if (!axis || (*axis != 1 && *axis != -1))
    return false;
  tensor.channelAxis = *axis;
  const json::Value *value = object.get(channelsKey);
  if (!value)
    return true;
  const json::Object *from = value->getAsObject();
  std::vector<double> least, most, sums;
  if (!from || !readNumbers(*from, leastKey, least) ||
      !readNumbers(*from, mostKey, most) || !readNumbers(*from, sumKey, sums) ||
      least.size() != most.size() || least.size() != sums.size())
    return false;
  for (auto [low, high, sum] : llvm::zip(least, most, sums)) {
    if (low > high || low < tensor.least || high > tensor.most)
      return false;
    tensor.channels.push_back({low, high, sum});
  }
  return true;
}

static Error readTensor(StringRef name, const json::Value &value,
                        TensorProfile &tensor) {
  const json::Object *object = value.getAsObject();
  auto refuseTensor = [&](StringRef what) {
    return refuse("the " + what + " of tensor '" + name +
                  "' is missing or wrong");
  };
  if (!object || !readNumber(*object, leastKey, tensor.least) ||
      !readNumber(*object, mostKey, tensor.most) || !isFloat(tensor.least) ||
      !isFloat(tensor.most) || tensor.least > tensor.most)
    return refuseTensor("range");
  if (!readCount(*object, elementsKey, tensor.elements) ||
      tensor.elements == 0 || !readNumber(*object, sumKey, tensor.sum) ||
      !readNumber(*object, squaresKey, tensor.sumOfSquares) ||
      tensor.sumOfSquares < 0)
    return refuseTensor("sum or number of elements");
  if (!readHistogram(*object, tensor))
    return refuseTensor("histogram");
  if (!readChannels(*object, tensor))
    return refuseTensor("list of channels");
  return Error::success();
}

Expected<Profile> lambent::quantization::parseProfile(StringRef text) {
  Expected<json::Value> root = parseShallowJson(text);
  if (!root) {
    llvm::consumeError(root.takeError());
    return refuse("it is no JSON, or only a part of it");
  }
  const json::Object *object = root->getAsObject();
  std::optional<int64_t> version =
      object ? object->getInteger(versionKey) : std::nullopt;
  if (!version)
    return refuse("it is another kind of file");
  if (*version != currentVersion)
    return refuse("its version is " + llvm::Twine(*version) + ", not " +
                  llvm::Twine(currentVersion));
  Profile profile;
  std::optional<StringRef> model = object->getString(modelKey);
  if (!model || model->size() != 64 ||
      !llvm::all_of(*model, [](char c) { return llvm::isHexDigit(c); }))
    return refuse("the hash of its model is missing or wrong");
  profile.model = model->str();
  if (!readCount(*object, samplesKey, profile.samples))
    return refuse("the number of its samples is missing or wrong");
  const json::Object *tensors = object->getObject(tensorsKey);
  if (!tensors)
    return refuse("it has no tensors");
  for (const auto &[name, value] : *tensors)
    if (Error error = readTensor(name, value, profile.tensors[name]))
      return error;
  return profile;
}

static Error failWith(StringRef path, const llvm::Twine &message) {
  return llvm::createStringError("'" + path + "': " + message);
}

Expected<Profile> lambent::quantization::readProfile(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return failWith(path, buffer.getError().message());
  Expected<Profile> profile = parseProfile((*buffer)->getBuffer());
  if (!profile)
    return failWith(path, llvm::toString(profile.takeError()));
  return profile;
}

//===-- Writing -----------------------------------------------------------===//

static void writeChannels(json::OStream &json,
                          const std::vector<ChannelProfile> &channels) {
  auto list = [&](StringRef key, double ChannelProfile::*number) {
    json.attributeArray(key, [&] {
      for (const ChannelProfile &channel : channels)
        json.value(channel.*number);
    });
  };
  json.attributeObject(channelsKey, [&] {
    list(leastKey, &ChannelProfile::least);
    list(mostKey, &ChannelProfile::most);
    list(sumKey, &ChannelProfile::sum);
  });
}

static void writeTensor(json::OStream &json, const TensorProfile &tensor) {
  json.attribute(leastKey, tensor.least);
  json.attribute(mostKey, tensor.most);
  json.attribute(sumKey, tensor.sum);
  json.attribute(squaresKey, tensor.sumOfSquares);
  json.attribute(elementsKey, tensor.elements);
  json.attributeObject(histogramKey, [&] {
    json.attribute(lowestKey, tensor.histogram.lowest);
    json.attribute(widthKey, tensor.histogram.width);
    json.attributeArray(countsKey, [&] {
      for (uint64_t count : tensor.histogram.counts)
        json.value(count);
    });
  });
  json.attribute(axisKey, tensor.channelAxis);
  if (!tensor.channels.empty())
    writeChannels(json, tensor.channels);
}

std::string lambent::quantization::formatProfile(const Profile &profile) {
  std::vector<StringRef> names;
  for (StringRef name : profile.tensors.keys())
    if (json::isUTF8(name))
      names.push_back(name);
  llvm::sort(names);
  std::string text;
  llvm::raw_string_ostream os(text);
  json::OStream json(os);
  // A line for each tensor: profiles are compared as text, too.
  json.object([&] {
    json.attribute(versionKey, currentVersion);
    json.attribute(modelKey, profile.model);
    json.attribute(samplesKey, profile.samples);
    json.attributeObject(tensorsKey, [&] {
      for (StringRef name : names) {
        json.attributeBegin(name);
        json.objectBegin();
        writeTensor(json, profile.tensors.find(name)->second);
        json.objectEnd();
        json.attributeEnd();
        json.flush();
        os << '\n';
      }
    });
  });
  os << '\n';
  return text;
}

Error lambent::quantization::writeProfile(const Profile &profile,
                                          StringRef path) {
  // Not to a device: a regular file is complete or not there.
  Error error = llvm::writeToOutput(path, [&](llvm::raw_ostream &os) {
    os << formatProfile(profile);
    return Error::success();
  });
  if (!error)
    return error;
  return failWith(path,
                  "cannot be written: " + llvm::toString(std::move(error)));
}

//===-- Merging -----------------------------------------------------------===//

Error lambent::quantization::mergeProfiles(Profile &into, const Profile &from) {
  if (into.model != from.model)
    return llvm::createStringError(
        "it is the profile of another model: its nodes or weights have the "
        "hash " +
        StringRef(from.model).take_front(12) + ", not " +
        StringRef(into.model).take_front(12));
  into.samples += from.samples;
  for (const auto &entry : from.tensors)
    mergeTensor(into.tensors[entry.first()], entry.second);
  return Error::success();
}
