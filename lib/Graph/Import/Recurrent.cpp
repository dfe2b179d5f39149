//===- Recurrent.cpp - RNN, GRU and LSTM ----------------------------------===//
//
// The products of the inputs with their weights depend on no step, so that they
// are one product for the whole sequence and both directions; biases are added
// to it. graph.recurrent is the rest. Narrow floats are computed in f32.
//
//===----------------------------------------------------------------------===//

#include "Recurrent.h"
#include "Lists.h"
#include "OpTable.h"
#include "Quantize.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

struct Activation {
  StringRef name;
  bool takesAlpha = false, takesBeta = false;
  float alpha = 0, beta = 0;
};

constexpr Activation activations[] = {
    {"Relu"},
    {"Tanh"},
    {"Sigmoid"},
    {"Softsign"},
    {"Softplus"},
    {"Affine", true, true, 1, 0},
    {"LeakyRelu", true, false, 0.01f},
    {"ThresholdedRelu", true, false, 1},
    {"ScaledTanh", true, true, 1, 1},
    {"HardSigmoid", true, true, 0.2f, 0.5f},
    {"Elu", true, false, 1},
};

struct Cell {
  StringRef name; ///< on graph
  int64_t gates;
  SmallVector<StringRef> functions; ///< by default
  /// Whether weights come as integers [dirs, inputs, gates * hidden] with their
  /// scales and zero points, and inputs are quantized as they come.
  bool isQuantized = false;
};

/// The activations of all directions as graph.recurrent has them.
struct Functions {
  SmallVector<StringRef> names;
  SmallVector<float> alphas, betas;
};

/// A function that takes a parameter takes the next of the list.
float takeNext(bool takes, ArrayRef<float> &list, float otherwise) {
  if (!takes || list.empty())
    return otherwise;
  float value = list.front();
  list = list.drop_front();
  return value;
}

Functions readFunctions(Node &node, const Cell &cell, int64_t dirs) {
  SmallVector<std::string> given =
      node.getStrings("activations", ArrayRef<std::string>());
  SmallVector<float> alphas =
                         node.getFloats("activation_alpha", ArrayRef<float>()),
                     betas =
                         node.getFloats("activation_beta", ArrayRef<float>());
  Functions result;
  if (node.hasFailed())
    return result;
  if (given.empty())
    for (int64_t dir = 0; dir < dirs; ++dir)
      given.append(cell.functions.begin(), cell.functions.end());
  size_t count = cell.functions.size() * dirs;
  if (given.size() != count) {
    (void)node.error("expected " + Twine(count) + " activations, but got " +
                     Twine(given.size()));
    return result;
  }
  ArrayRef<float> nextAlphas = alphas, nextBetas = betas;
  for (const std::string &name : given) {
    // Exporters write names in lower case, too.
    const Activation *found =
        find_if(activations, [&](const Activation &activation) {
          return activation.name.equals_insensitive(name);
        });
    if (found == std::end(activations)) {
      (void)node.error("activation '" + name +
                       "' is not one that ONNX defines");
      return result;
    }
    result.names.push_back(found->name);
    result.alphas.push_back(
        takeNext(found->takesAlpha, nextAlphas, found->alpha));
    result.betas.push_back(takeNext(found->takesBeta, nextBetas, found->beta));
  }
  return result;
}

/// Columns [first, last) of a matrix.
Value takeColumns(Node &node, Value matrix, int64_t first, int64_t last) {
  return node.create<SliceOp>(matrix, node.indices(first), node.indices(last),
                              node.indices(1), ArrayRef<int64_t>(1));
}

Value add(Node &node, Value a, Value b) {
  return node.map(
      {a, b}, a ? getType(a).getElementType() : Type(),
      [](Scalar &s, ArrayRef<Value> args) { return s.add(args[0], args[1]); });
}

/// The operands, in the type that they are computed in and with the sequence's
/// dim first.
class Layer {
public:
  Layer(Node &node, const Cell &cell) : node(node), cell(cell) {}
  LogicalResult import();

private:
  /// A float operand that may be absent.
  Value read(unsigned index, StringRef name) {
    Value value = node.optionalInput(index, name, FloatKind);
    return value && !node.hasFailed() ? node.cast(value, computed) : Value();
  }
  /// The same with dims 0 and 1 exchanged where the batch comes first.
  Value readBatched(unsigned index, StringRef name) {
    Value value = read(index, name);
    if (!value || !batchFirst)
      return value;
    if (getType(value).getRank() != 3) {
      (void)node.error("expected input '" + name + "' of rank 3, but got " +
                       Twine(getType(value).getRank()));
      return {};
    }
    return node.transpose(value, {1, 0, 2});
  }
  void readWeights();
  Value dequantizeWeights(Value weights, unsigned scale, StringRef name);
  /// Gives weights whose sizes a run decides those that hidden_size says.
  void pinWeights(int64_t stated);
  Value pin(Value value, const Twine &name, ArrayRef<Size> sizes);
  bool readSizes();
  Value addBias(Value gates, Value bias, bool resetsAfter,
                Value &candidateBias);
  LogicalResult setResult(unsigned index, Value value,
                          ArrayRef<int64_t> toBatchFirst);

  Node &node;
  const Cell &cell;
  Type element, computed;
  bool batchFirst = false;
  int64_t dirs = 1, hidden = 0, columns = 0; ///< columns: gates * hidden
  Value x, w, r;
};

/// Integer weights as numbers, in the layout of float ones. The parameters are
/// one per direction, or one per column.
Value Layer::dequantizeWeights(Value weights, unsigned scale, StringRef name) {
  Quantization from = readQuantization(node, scale, name);
  if (node.hasFailed())
    return {};
  if (getType(weights).getRank() != 3) {
    (void)node.error("expected input '" + name + "' of rank 3, but got " +
                     Twine(getType(weights).getRank()));
    return {};
  }
  for (Value *parameter : {&from.scale, &from.zeroPoint})
    if (*parameter)
      *parameter = node.reshape(*parameter, {dirs, 1, -1});
  return node.transpose(
      dequantize(node, weights, from, Float32Type::get(node.getContext())),
      {0, 2, 1});
}

void Layer::readWeights() {
  unsigned kinds = cell.isQuantized ? IntegerKind : FloatKind;
  w = node.input(1, "W", kinds);
  r = node.input(2, "R", kinds);
  if (!cell.isQuantized || node.hasFailed())
    return;
  w = dequantizeWeights(w, 8, "W");
  r = dequantizeWeights(r, 10, "R");
}

Value Layer::pin(Value value, const Twine &name, ArrayRef<Size> sizes) {
  if (node.hasFailed() || getSizes(getType(value)) == sizes)
    return value;
  Value difference = mapInts(
      node, {getDims(node, value), node.sizeList(sizes)},
      [](Scalar &s, ArrayRef<Value> args) { return s.sub(args[0], args[1]); });
  if (failed(demand(node, {difference, 0, 0, /*isExcluded=*/false,
                           ("input '" + name +
                            "' of hidden_size columns, a difference of 0")
                               .str()})))
    return {};
  return node.reshapeTo(value, sizes);
}

void Layer::pinWeights(int64_t stated) {
  if (stated == 0 || getType(w).getRank() != 3 || getType(r).getRank() != 3 ||
      !hasKnownSizes(w) || !hasKnownSizes(r))
    return;
  int64_t rows = cell.gates * stated;
  if (ShapedType::isDynamicShape(getType(w).getShape().take_front(2)))
    w = pin(w, "W", {dirs, rows, getSizes(getType(w))[2]});
  if (!getType(r).hasStaticShape())
    r = pin(r, "R", {dirs, rows, stated});
}

bool Layer::readSizes() {
  int64_t stated = node.getIntIn("hidden_size", 0, 0, INT32_MAX);
  if (node.hasFailed() || !w || !r)
    return false;
  pinWeights(stated);
  if (node.hasFailed())
    return false;
  if (getType(x).getRank() != 3) {
    (void)node.error("expected input 'X' of rank 3, but got " +
                     Twine(getType(x).getRank()));
    return false;
  }
  auto getDims = [&](Value value, StringRef name,
                     unsigned known) -> ArrayRef<int64_t> {
    RankedTensorType type = getType(value);
    if (type.getRank() != 3)
      (void)node.error("expected input '" + name + "' of rank 3, but got " +
                       Twine(type.getRank()));
    else if (ShapedType::isDynamicShape(type.getShape().take_front(known)))
      (void)node.undetermined("the sizes of input '" + name + "'", value);
    return type.getShape();
  };
  // How wide X is, a run may say: W has as many columns.
  ArrayRef<int64_t> wDims = getDims(w, "W", hasKnownSizes(w) ? 2 : 3),
                    rDims = getDims(r, "R", 3);
  if (node.hasFailed())
    return false;
  hidden = rDims[2];
  columns = cell.gates * hidden;
  if (stated != 0 && stated != hidden) {
    (void)node.error("expected R of hidden_size (" + Twine(stated) +
                     ") columns, but got " + Twine(hidden));
    return false;
  }
  if (hidden > INT32_MAX || rDims[0] != dirs || rDims[1] != columns ||
      wDims[0] != dirs || wDims[1] != columns) {
    (void)node.error("expected W and R of " + Twine(dirs) + "x" +
                     Twine(columns) + " rows, but got " + Twine(wDims[0]) +
                     "x" + Twine(wDims[1]) + " and " + Twine(rDims[0]) + "x" +
                     Twine(rDims[1]));
    return false;
  }
  return true;
}

/// B holds the biases of the inputs' weights and then those of the hidden
/// state's; only the candidate of a gru that is reset after its product needs
/// them apart.
Value Layer::addBias(Value gates, Value bias, bool resetsAfter,
                     Value &candidateBias) {
  if (!bias || node.hasFailed())
    return gates;
  if (!getType(bias).hasStaticShape() && hasKnownSizes(bias) &&
      getType(bias).getRank() == 2)
    bias = pin(bias, "B", {dirs, 2 * columns});
  if (node.hasFailed())
    return {};
  RankedTensorType type = getType(bias);
  if (type.getShape() != ArrayRef<int64_t>({dirs, 2 * columns})) {
    (void)node.error("expected B of " + Twine(dirs) + "x" + Twine(2 * columns) +
                     " numbers");
    return {};
  }
  int64_t both = resetsAfter ? columns - hidden : columns;
  Value sum = add(node, takeColumns(node, bias, 0, both),
                  takeColumns(node, bias, columns, columns + both));
  if (resetsAfter) {
    sum = node.create<ConcatOp>(
        ValueRange{sum, takeColumns(node, bias, both, columns)}, int64_t(1));
    candidateBias = takeColumns(node, bias, columns + both, 2 * columns);
  }
  return add(node, gates, node.reshape(sum, {dirs * columns}));
}

LogicalResult Layer::setResult(unsigned index, Value value,
                               ArrayRef<int64_t> toBatchFirst) {
  if (!node.isOutputUsed(index))
    return success();
  if (batchFirst)
    value = node.transpose(value, toBatchFirst);
  return node.result(index, node.cast(value, element));
}

LogicalResult Layer::import() {
  x = node.input(0, "X", FloatKind);
  if (node.hasFailed())
    return failure();
  element = getType(x).getElementType();
  computed = element.getIntOrFloatBitWidth() < 32
                 ? Float32Type::get(node.getContext())
                 : element;
  batchFirst = node.getBool("layout", false);
  std::string direction = node.getChoice(
      "direction", "forward", {"forward", "reverse", "bidirectional"});
  dirs = direction == "bidirectional" ? 2 : 1;
  readWeights();
  if (node.hasFailed())
    return failure();
  Functions functions = readFunctions(node, cell, dirs);
  FloatAttr clip;
  if (node.hasAttribute("clip"))
    clip = Builder(node.getContext()).getF32FloatAttr(node.getFloat("clip"));
  bool isLSTM = cell.name == "lstm",
       resetsAfter =
           cell.name == "gru" && node.getBool("linear_before_reset", false),
       couples = isLSTM && node.getBool("input_forget", false);
  if (!readSizes())
    return failure();

  x = readBatched(0, "X");
  if (node.hasFailed())
    return failure();
  // The hidden state stays as it is: ONNX Runtime quantizes it at each step.
  if (cell.isQuantized) {
    DynamicQuantization quantized = quantizeDynamically(node, x);
    x = dequantize(node, quantized.elements, quantized.parameters, computed);
  }
  w = node.cast(w, computed);
  r = node.cast(r, computed);
  Value bias = read(3, "B"),
        lengths = node.optionalInput(4, "sequence_lens", SignedKind),
        initialHidden = readBatched(5, "initial_h");
  if (failed(requireLengths(node, lengths, getSizes(getType(x))[0])))
    return failure();
  Value initialCell = isLSTM ? readBatched(6, "initial_c") : Value(),
        peepholes = isLSTM ? read(7, "P") : Value(), candidateBias;
  Value rows = node.reshapeTo(w, {dirs * columns, getSizes(getType(w))[2]});
  Value gates = node.create<MatmulOp>(x, rows, /*transpose_lhs=*/false,
                                      /*transpose_rhs=*/true);
  gates = addBias(gates, bias, resetsAfter, candidateBias);
  if (node.hasFailed())
    return failure();
  SmallVector<Value> results = node.createAll<RecurrentOp>(
      isLSTM ? 3 : 2, gates, r, Value(), candidateBias, lengths, initialHidden,
      initialCell, peepholes, cell.name, direction,
      Builder(node.getContext()).getStrArrayAttr(functions.names),
      functions.alphas, functions.betas, clip, resetsAfter, couples);
  // [seq, dirs, batch, hidden] and [dirs, batch, hidden]
  if (failed(setResult(0, results[0], {2, 0, 1, 3})))
    return failure();
  for (unsigned index = 1; index < results.size(); ++index)
    if (failed(setResult(index, results[index], {1, 0, 2})))
      return failure();
  return success();
}

Handler recurrent(Cell cell) {
  return [cell](Node &node) { return Layer(node, cell).import(); };
}

} // namespace

LogicalResult requireLengths(Node &node, Value lengths, const Size &steps) {
  if (!lengths || node.hasFailed())
    return success(!node.hasFailed());
  if (steps.isNumber())
    return node.require(
        {lengths, 0, steps.getNumber(), /*isExcluded=*/false,
         "a length from 0 to " + std::to_string(steps.getNumber())});
  if (failed(node.require({lengths, 0, INT64_MAX, /*isExcluded=*/false,
                           "a length of at least 0"})) ||
      !steps.isKnown())
    return success(!node.hasFailed());
  // What is wrong itself, and -1 for what is right.
  Value wrong =
      mapInts(node,
              {node.cast(lengths, IntegerType::get(node.getContext(), 64)),
               node.sizeScalar(steps)},
              [](Scalar &s, ArrayRef<Value> args) {
                Value none = s.integer(args[0].getType(), -1);
                Value isLong = s.less(args[1], args[0]);
                return s.select(isLong, args[0], none);
              });
  return node.require({wrong, -1, -1, /*isExcluded=*/false,
                       "a length of at most the number of steps"});
}

void addRecurrentRows(OpTable &table) {
  table.add("RNN", 7, recurrent({"rnn", 1, {"Tanh"}}));
  table.add("GRU", 7, recurrent({"gru", 3, {"Sigmoid", "Tanh"}}));
  Cell lstm{"lstm", 4, {"Sigmoid", "Tanh", "Tanh"}};
  table.add("LSTM", 7, recurrent(lstm));
  lstm.isQuantized = true;
  table.add("com.microsoft.DynamicQuantizeLSTM", 1, recurrent(lstm));
}

} // namespace lambent::graph
