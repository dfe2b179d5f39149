//===- ListActions.cpp - What runs do with sequences and optionals --------===//
//
// One function for each LambentListAction, in a table.
//
//===----------------------------------------------------------------------===//

#include "ListStore.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Status.h"
#include <string.h>

namespace lambent::runtime {

namespace {

constexpr uint32_t mostDims = 64;

/// A step as its function sees it.
class Action {
public:
  Action(ListStore &store, const ListStep &step) : store(store), step(step) {}

  ListStore &store;
  const ListStep &step;

  uint32_t countReads() const { return step.info.num_operands - 1; }
  bool hasFlag() const { return step.info.flag != 0; }
  int64_t getAxis() const { return step.info.axis; }

  const LambentTensorInfo &getInfo(uint32_t operand) const {
    return step.info.operands[operand];
  }
  const LambentTensorInfo &getResult() const { return getInfo(countReads()); }
  void *getData(uint32_t operand) const { return step.buffers[operand]; }
  void *getOutput() const { return getData(countReads()); }
  LambentDataType getType(uint32_t operand) const {
    return {getInfo(operand).type_code, getInfo(operand).type_bits, 1};
  }
  int64_t getNumber(uint32_t operand) const {
    int64_t number;
    memcpy(&number, getData(operand), sizeof number);
    return number;
  }
  const List &getList(uint32_t operand) const {
    return *runtime::getList(getNumber(operand));
  }
  void getDims(uint32_t operand, int64_t *dims) const {
    const LambentTensorInfo &info = getInfo(operand);
    for (uint32_t i = 0; i < info.rank; ++i)
      dims[i] = info.sizes && info.sizes[i] >= 0 ? step.values[info.sizes[i]]
                                                 : info.dims[i];
  }
  LambentStatus *give(const List *list) const {
    int64_t handle = getHandle(list);
    memcpy(getOutput(), &handle, sizeof handle);
    return nullptr;
  }
  LambentStatus *giveNumbers(const int64_t *numbers, uint32_t count) const {
    memcpy(getOutput(), numbers, count * sizeof(int64_t));
    return nullptr;
  }

  /// A copy of a tensor operand.
  LambentStatus *copyTensor(uint32_t operand, LambentTensor *&tensor) const {
    int64_t dims[mostDims];
    getDims(operand, dims);
    if (LambentStatus *status = store.makeTensor(getType(operand), dims,
                                                 getInfo(operand).rank, tensor))
      return status;
    // A tensor of no elements may have no memory.
    if (uint64_t bytes = countBytes(*tensor))
      memcpy(tensor->data, getData(operand), bytes);
    return nullptr;
  }

  static uint64_t countBytes(const LambentTensor &tensor) {
    uint64_t elements = 1;
    for (int32_t i = 0; i < tensor.ndim; ++i)
      elements *= static_cast<uint64_t>(tensor.shape[i]);
    return getBytes(elements, tensor.dtype);
  }

  /// The place that a position, in operand `operand` if there is one, means in
  /// a list of `places`, of which `length` are taken.
  LambentStatus *findPlace(uint32_t operand, uint64_t length, uint64_t places,
                           uint64_t &place) const {
    if (operand >= countReads()) {
      place = places - 1;
      return places ? nullptr
                    : makeError("layer '%s': the sequence is empty",
                                step.layer.name);
    }
    int64_t position = getNumber(operand), count = int64_t(length);
    if (position < -count || position >= int64_t(places))
      return makeError("layer '%s': position %lld is out of range for a "
                       "sequence of %lld tensor%s",
                       step.layer.name, static_cast<long long>(position),
                       static_cast<long long>(count), count == 1 ? "" : "s");
    place = static_cast<uint64_t>(position < 0 ? position + count : position);
    return nullptr;
  }

  /// The tensor that is read at a position.
  LambentStatus *findTensor(const LambentTensor *&tensor) const {
    const List &list = getList(0);
    uint64_t place;
    // What is read without a position is an optional.
    if (countReads() == 1 && list.length == 0)
      return makeNoValue();
    if (LambentStatus *status = findPlace(1, list.length, list.length, place))
      return status;
    tensor = list.items->tensors[place];
    return nullptr;
  }

  LambentStatus *makeNoValue() const {
    return makeError("layer '%s': the optional has no value", step.layer.name);
  }

  LambentStatus *refuseTensor(const LambentTensor &tensor) const {
    TypeText given(tensor.dtype, tensor.shape, tensor.ndim);
    return makeError("layer '%s': the sequence holds %s, which does not fit "
                     "what the model says of it",
                     step.layer.name, given.text);
  }
};

LambentStatus *construct(Action &action) {
  List *list;
  if (LambentStatus *status = action.store.makeList(action.countReads(), list))
    return status;
  for (uint32_t i = 0; i < action.countReads(); ++i) {
    LambentTensor *tensor;
    if (LambentStatus *status = action.copyTensor(i, tensor))
      return status;
    if (LambentStatus *status = action.store.append(*list, tensor, list))
      return status;
  }
  return action.give(list);
}

/// A list of `source`'s tensors but for those in [begin, end), with `tensor`,
/// if there is one, in their place.
LambentStatus *replace(Action &action, const List &source, uint64_t begin,
                       uint64_t end, const LambentTensor *tensor) {
  List *list;
  uint64_t tail = source.length - end,
           length = begin + (tensor != nullptr) + tail;
  if (LambentStatus *status = action.store.makeList(length, list))
    return status;
  const LambentTensor **tensors = list->items->tensors;
  memcpy(tensors, source.items->tensors, begin * sizeof(void *));
  if (tensor)
    tensors[begin] = tensor;
  memcpy(tensors + length - tail, source.items->tensors + end,
         tail * sizeof(void *));
  list->items->count = list->length = length;
  return action.give(list);
}

LambentStatus *insert(Action &action) {
  const List &source = action.getList(0);
  uint64_t place;
  if (LambentStatus *status =
          action.findPlace(2, source.length, source.length + 1, place))
    return status;
  LambentTensor *tensor;
  if (LambentStatus *status = action.copyTensor(1, tensor))
    return status;
  if (place < source.length)
    return replace(action, source, place, place, tensor);
  List *list;
  if (LambentStatus *status = action.store.append(source, tensor, list))
    return status;
  return action.give(list);
}

LambentStatus *erase(Action &action) {
  const List &source = action.getList(0);
  uint64_t place;
  if (LambentStatus *status =
          action.findPlace(1, source.length, source.length, place))
    return status;
  return replace(action, source, place, place + 1, nullptr);
}

LambentStatus *countTensors(Action &action) {
  int64_t length = int64_t(action.getList(0).length);
  return action.giveNumbers(&length, 1);
}

LambentStatus *getShape(Action &action) {
  const LambentTensor *tensor;
  if (LambentStatus *status = action.findTensor(tensor))
    return status;
  // The result has a number for each dim that the model knows of.
  if (tensor->ndim != action.getResult().dims[0])
    return action.refuseTensor(*tensor);
  return action.giveNumbers(tensor->shape, uint32_t(tensor->ndim));
}

LambentStatus *read(Action &action) {
  const LambentTensor *tensor;
  if (LambentStatus *status = action.findTensor(tensor))
    return status;
  int64_t dims[mostDims];
  action.getDims(action.countReads(), dims);
  bool fits = tensor->ndim == action.getResult().rank;
  for (int32_t i = 0; fits && i < tensor->ndim; ++i)
    fits = tensor->shape[i] == dims[i];
  if (!fits)
    return action.refuseTensor(*tensor);
  uint64_t bytes = Action::countBytes(*tensor);
  if (bytes)
    memcpy(action.getOutput(),
           static_cast<const char *>(tensor->data) + tensor->byte_offset,
           bytes);
  return nullptr;
}

/// The dims of a list's tensors along an axis, a new one with the flag.
LambentStatus *findConcatDims(const Action &action, uint32_t rank,
                              int64_t *dims) {
  const List &list = action.getList(0);
  if (list.length == 0)
    return makeError("layer '%s': the sequence is empty",
                     action.step.layer.name);
  uint32_t axis = uint32_t(action.getAxis());
  bool isNew = action.hasFlag();
  for (uint64_t i = 0; i < list.length; ++i) {
    const LambentTensor &tensor = *list.items->tensors[i];
    bool fits = tensor.ndim + isNew == int32_t(rank);
    for (uint32_t d = 0; fits && d < rank; ++d) {
      int64_t dim =
          d == axis && isNew ? 1 : tensor.shape[d - (isNew && d > axis)];
      if (i == 0)
        dims[d] = dim;
      else if (d == axis)
        fits = !__builtin_add_overflow(dims[d], dim, &dims[d]);
      else
        fits = dims[d] == dim;
    }
    if (!fits) {
      TypeText first(list.items->tensors[0]->dtype,
                     list.items->tensors[0]->shape,
                     list.items->tensors[0]->ndim);
      TypeText given(tensor.dtype, tensor.shape, tensor.ndim);
      return makeError("layer '%s': the sequence's tensors do not fit each "
                       "other: %s and %s",
                       action.step.layer.name, first.text, given.text);
    }
  }
  return nullptr;
}

LambentStatus *getConcatShape(Action &action) {
  int64_t dims[mostDims];
  uint32_t rank = uint32_t(action.getResult().dims[0]);
  if (LambentStatus *status = findConcatDims(action, rank, dims))
    return status;
  return action.giveNumbers(dims, rank);
}

LambentStatus *concat(Action &action) {
  int64_t dims[mostDims], expected[mostDims];
  uint32_t rank = action.getResult().rank;
  const List &list = action.getList(0);
  if (LambentStatus *status = findConcatDims(action, rank, dims))
    return status;
  action.getDims(action.countReads(), expected);
  for (uint32_t d = 0; d < rank; ++d)
    if (dims[d] != expected[d])
      return action.refuseTensor(*list.items->tensors[0]);
  uint64_t rows = 1, rowBytes = 0;
  for (uint32_t d = 0; d < action.getAxis(); ++d)
    rows *= uint64_t(dims[d]);
  for (uint64_t i = 0; rows && i < list.length; ++i)
    rowBytes += Action::countBytes(*list.items->tensors[i]) / rows;
  auto *output = static_cast<char *>(action.getOutput());
  for (uint64_t i = 0; rows && i < list.length; ++i) {
    const LambentTensor &tensor = *list.items->tensors[i];
    uint64_t part = Action::countBytes(tensor) / rows;
    const char *data =
        static_cast<const char *>(tensor.data) + tensor.byte_offset;
    for (uint64_t row = 0; part && row < rows; ++row)
      memcpy(output + row * rowBytes, data + row * part, part);
    output += part;
  }
  return nullptr;
}

/// One part of a tensor: `count` of `dim` along an axis, from `first` on.
LambentStatus *makePart(const Action &action, const int64_t *dims,
                        int64_t first, int64_t count, LambentTensor *&part) {
  uint32_t rank = action.getInfo(0).rank, axis = uint32_t(action.getAxis());
  bool keepsDim = action.hasFlag();
  int64_t partDims[mostDims];
  uint64_t rows = 1, inner = 1;
  uint32_t partRank = 0;
  for (uint32_t d = 0; d < rank; ++d) {
    if (d < axis)
      rows *= uint64_t(dims[d]);
    if (d > axis)
      inner *= uint64_t(dims[d]);
    if (d != axis || keepsDim)
      partDims[partRank++] = d == axis ? count : dims[d];
  }
  if (LambentStatus *status = action.store.makeTensor(
          action.getType(0), partDims, int32_t(partRank), part))
    return status;
  uint64_t step = getBytes(inner, action.getType(0));
  const char *data = static_cast<const char *>(action.getData(0));
  for (uint64_t row = 0; row < rows; ++row)
    memcpy(static_cast<char *>(part->data) + row * uint64_t(count) * step,
           data + (row * uint64_t(dims[axis]) + uint64_t(first)) * step,
           uint64_t(count) * step);
  return nullptr;
}

/// Parts of the sizes that operand 1 lists, or of one size but for the last.
LambentStatus *split(Action &action) {
  int64_t dims[mostDims], length;
  bool isList = action.getInfo(1).rank == 1;
  const auto *sizes = static_cast<const int64_t *>(action.getData(1));
  action.getDims(0, dims);
  int64_t dim = dims[action.getAxis()], rest = dim;
  auto axis = static_cast<long long>(action.getAxis());
  const char *layer = action.step.layer.name;
  auto asksAtLeast = [&](int least, int64_t size) {
    return makeError("layer '%s': expected parts of at least %d, but got %lld",
                     layer, least, static_cast<long long>(size));
  };
  if (isList)
    action.getDims(1, &length);
  else if (sizes[0] < 1)
    return asksAtLeast(1, sizes[0]);
  else
    length = dim / sizes[0] + (dim % sizes[0] != 0);
  List *list;
  if (LambentStatus *status = action.store.makeList(uint64_t(length), list))
    return status;
  for (int64_t i = 0; i < length; ++i) {
    int64_t count = isList ? sizes[i] : rest < sizes[0] ? rest : sizes[0];
    if (count < 0)
      return asksAtLeast(0, count);
    if (count > rest)
      break;
    LambentTensor *part;
    if (LambentStatus *status = makePart(action, dims, dim - rest, count, part))
      return status;
    if (LambentStatus *status = action.store.append(*list, part, list))
      return status;
    rest -= count;
  }
  return rest || list->length < uint64_t(length)
             ? makeError("layer '%s': expected parts that make up dim %lld of "
                         "size %lld",
                         layer, axis, static_cast<long long>(dim))
             : action.give(list);
}

/// An optional with the sequence of operand 0.
LambentStatus *wrap(Action &action) {
  List *list;
  if (LambentStatus *status = action.store.makeList(0, list))
    return status;
  list->length = 1;
  list->sequence = &action.getList(0);
  return action.give(list);
}

LambentStatus *unwrap(Action &action) {
  const List *sequence = action.getList(0).sequence;
  return sequence ? action.give(sequence) : action.makeNoValue();
}

using Function = LambentStatus *(*)(Action &);
/// In the order of LambentListAction.
constexpr Function functions[] = {
    construct,      insert, erase, countTensors, getShape, read,
    getConcatShape, concat, split, wrap,         unwrap};

} // namespace

LambentStatus *ListStore::run(const ListStep &step) {
  Action action(*this, step);
  return functions[step.info.action](action);
}

} // namespace lambent::runtime
