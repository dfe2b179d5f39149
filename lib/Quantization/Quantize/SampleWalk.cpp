//===- SampleWalk.cpp - Samples on their way through a model --------------===//

#include "SampleWalk.h"

using namespace llvm;

namespace lambent::quantization {

SampleWalk::SampleWalk(graph::EditedModel &model, SampleRunner &samples)
    : samples(samples), network(model.getGraph()), floats{&model, {}},
      done(unsigned(model.getGraph().node_size())) {}

Error SampleWalk::readDims() {
  if (!floats.kept.empty())
    return Error::success();
  Error error = samples.readDims(
      [&](uint64_t sample, StringRef input, ArrayRef<int64_t> dims) {
        floats.kept.resize(std::max(floats.kept.size(), size_t(sample) + 1));
        std::vector<Sizes> &sizes = inputDims[input.str()];
        sizes.resize(std::max(sizes.size(), dims.size()));
        for (size_t axis = 0; axis < dims.size(); ++axis) {
          sizes[axis].resize(floats.kept.size(), -1);
          sizes[axis].back() = dims[axis];
        }
      });
  // A weight may have been set before.
  if (other)
    other->kept.resize(floats.kept.size());
  return error;
}

/// Dims that agree on all samples have one name, so that a piece is compiled
/// for all samples at once and knows what is equal.
onnx::TensorShapeProto::Dimension SampleWalk::makeDim(const Sizes &sizes) {
  onnx::TensorShapeProto::Dimension dim;
  if (all_equal(sizes) && sizes.front() > 0) {
    dim.set_dim_value(sizes.front());
    return dim;
  }
  auto [place, isNew] = names.try_emplace(sizes);
  if (isNew)
    place->second = "sizes_" + std::to_string(names.size());
  dim.set_dim_param(place->second);
  return dim;
}

Error SampleWalk::run(Path &path, const BitVector &nodes,
                      ArrayRef<std::string> tensors, bool isKept,
                      SeePair seePair) {
  std::vector<PieceInput> inputs;
  StringSet<> added;
  auto add = [&](const std::string &name) {
    if (!isKept || !known.contains(name) || !added.insert(name).second)
      return;
    std::vector<Sizes> sizes(path.kept.front()[name].dims.size());
    for (auto &sample : path.kept)
      for (size_t axis = 0; axis < sizes.size(); ++axis)
        sizes[axis].push_back(sample[name].dims[axis]);
    PieceInput &input = inputs.emplace_back();
    input.name = name;
    for (const Sizes &row : sizes)
      input.dims.push_back(makeDim(row));
  };
  for (unsigned node : nodes.set_bits())
    for (const std::string &name : network.getReads(node))
      add(name);
  add(tensors.front());
  // Of what is kept, the first tensor is the one that was walked to.
  ArrayRef<std::string> seen = isKept ? tensors.take_front() : tensors;
  auto setDims = [&](onnx::ValueInfoProto &input) {
    auto found = inputDims.find(input.name());
    if (found == inputDims.end() || !input.type().tensor_type().has_shape())
      return;
    auto &type = *input.mutable_type()->mutable_tensor_type();
    if (size_t(type.shape().dim_size()) != found->second.size())
      return;
    for (size_t axis = 0; axis < found->second.size(); ++axis)
      *type.mutable_shape()->mutable_dim(int(axis)) =
          makeDim(found->second[axis]);
  };
  Expected<ModelSource> piece =
      cutPiece(*path.model, network, nodes, inputs, seen, setDims);
  if (!piece)
    return piece.takeError();
  auto give = [&](uint64_t sample,
                  StringRef name) -> std::optional<TensorView> {
    if (!added.contains(name))
      return std::nullopt;
    const Kept &kept = path.kept[sample].find(name)->second;
    return TensorView{name, kept.dims, kept.elements};
  };
  auto see = [&](uint64_t sample, const TensorView &tensor) -> Error {
    if (isKept)
      path.kept[sample][tensor.name] = {tensor.dims.vec(),
                                        tensor.elements.vec()};
    if (!seePair || !is_contained(seen, tensor.name))
      return Error::success();
    ArrayRef<float> wanted;
    if (&path != &floats)
      wanted = floats.kept[sample][tensor.name].elements;
    return seePair(tensor, wanted);
  };
  return samples.run(*piece, tensors, give, see);
}

Expected<SecondMoments> SampleWalk::lookAhead(ArrayRef<std::string> tensors) {
  if (Error error = readDims())
    return error;
  SecondMoments moments;
  BitVector nodes = done;
  nodes.reset();
  for (const std::string &tensor : tensors)
    nodes |= network.findSources(tensor, [](StringRef) { return false; });
  auto see = [&](const TensorView &view, ArrayRef<float> wanted) {
    return moments.see(view, wanted);
  };
  if (Error error = run(floats, nodes, tensors, false, see))
    return error;
  return std::move(moments);
}

Expected<SecondMoments> SampleWalk::walkTo(const std::string &tensor) {
  SecondMoments moments;
  if (Error error =
          walkTo(tensor, [&](const TensorView &view, ArrayRef<float> wanted) {
            return moments.see(view, wanted);
          }))
    return error;
  return std::move(moments);
}

Error SampleWalk::walkTo(const std::string &tensor, SeePair see) {
  if (Error error = readDims())
    return error;
  BitVector nodes = network.findSources(
      tensor, [&](StringRef name) { return known.contains(name); });
  BitVector all = done;
  all |= nodes;
  std::vector<std::string> tensors = {tensor};
  for (unsigned node : nodes.set_bits())
    for (const std::string &name : network.getResults(node))
      if (name != tensor && !network.isReadBy(name, all))
        tensors.push_back(name);
  if (Error error = run(floats, nodes, tensors, true, other ? SeePair() : see))
    return error;
  if (other)
    if (Error error = run(*other, nodes, tensors, true, see))
      return error;
  done = std::move(all);
  // What has other ranks on other samples is computed again.
  for (const auto &first : floats.kept.front())
    if (all_of(floats.kept, [&](const StringMap<Kept> &kept) {
          auto found = kept.find(first.first());
          return found != kept.end() &&
                 found->second.dims.size() == first.second.dims.size();
        }))
      known.insert(first.first());
  std::vector<std::string> old;
  for (const auto &name : known)
    if (network.isReadBy(name.first(), done))
      old.push_back(name.first().str());
  for (const std::string &name : old) {
    known.erase(name);
    for (StringMap<Kept> &kept : floats.kept)
      kept.erase(name);
    if (other)
      for (StringMap<Kept> &kept : other->kept)
        kept.erase(name);
  }
  return Error::success();
}

void SampleWalk::setWeight(StringRef name, const graph::FloatTensor &matrix) {
  if (!otherModel) {
    otherModel = std::make_shared<graph::EditedModel>(*floats.model);
    other = Path{otherModel.get(), floats.kept};
  }
  for (onnx::TensorProto &tensor :
       *otherModel->getGraph().mutable_initializer())
    if (tensor.name() == name)
      otherModel->setFloats(tensor, matrix.dims, matrix.elements);
}

} // namespace lambent::quantization
