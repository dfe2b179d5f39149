//===- WinogradPlan.cpp - How a Winograd convolution is cut up ------------===//

#include "WinogradPlan.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using namespace lambent::kernels;
using llvm::divideCeil;

/// Elements of f32 in a cache line.
constexpr int64_t kLine = 16;

/// As many tiles as fill register tiles and blocks well whatever the run's
/// number is.
constexpr int64_t kManyTiles = 8192;

/// The least odd number of cache lines that holds `elements`.
static int64_t alignToOddLines(int64_t elements) {
  return (divideCeil(elements, kLine) | 1) * kLine;
}

//===-- What it takes -----------------------------------------------------===//

static bool areOnes(ArrayRef<int64_t> values) {
  return llvm::all_of(values, [](int64_t value) { return value == 1; });
}

std::string WinogradPlan::explainRefusal(lir::ConvOp op) {
  auto input = cast<MemRefType>(op.getInput().getType());
  if (!input.getElementType().isF32())
    return "expected elements of f32";
  if (op.getFilterShape().size() != 4)
    return "expected two spatial dims";
  if (op.getGroup() != 1)
    return "expected one group";
  if (!areOnes(op.getStrides()) || !areOnes(op.getDilations()))
    return "expected strides and dilations of 1";
  Sizes outputs = lir::getSizes(cast<MemRefType>(op.getOutput().getType()));
  Sizes all = lir::getSizes(input);
  all.append(lir::getStrides(input));
  all.append(outputs);
  llvm::append_range(all, op.getPads());
  if (!areKnown(all) || !productOf(outputs).isKnown())
    return "expected pixels whose number is a short expression of open sizes";
  if (productOf(outputs).is(0))
    return "expected an output that is not empty";
  if (getForms(op).empty())
    return "expected taps of a known form";
  return "";
}

/// The forms for some taps along one dim.
static SmallVector<WinogradForm> getFormsOfDim(int64_t taps) {
  SmallVector<WinogradForm> forms;
  if (taps == 3 || taps == 5 || taps == 7)
    for (int64_t outputs : {8, 6, 4, 2})
      if (WinogradForm form{outputs, taps}; form.isKnown())
        forms.push_back(form);
  return forms;
}

SmallVector<WinogradForms> WinogradPlan::getForms(lir::ConvOp op) {
  int64_t height = op.getFilterShape()[2], width = op.getFilterShape()[3];
  SmallVector<WinogradForms> forms;
  if (height == 1) {
    for (WinogradForm x : getFormsOfDim(width))
      forms.push_back({WinogradForm(), x});
    return forms;
  }
  if (width == 1) {
    for (WinogradForm y : getFormsOfDim(height))
      forms.push_back({y, WinogradForm()});
    return forms;
  }
  // Square tiles: what others would save is less than estimates are off by.
  // F(6x6, 3x3) ran at 0.86 to 1.10 times the speed of F(4x4, 3x3), and its
  // filters are 1.8 times as large.
  constexpr int64_t mostOutputs = 4;
  for (WinogradForm y : getFormsOfDim(height))
    for (WinogradForm x : getFormsOfDim(width))
      if (y.outputs == x.outputs && y.outputs <= mostOutputs)
        forms.push_back({y, x});
  return forms;
}

//===-- Sizes -------------------------------------------------------------===//

void WinogradPlan::readSizes(lir::ConvOp op, const AssumedSizes *assumed) {
  auto input = cast<MemRefType>(op.getInput().getType());
  Sizes inputs = lir::getSizes(input), strides = lir::getStrides(input),
        outputs = lir::getSizes(cast<MemRefType>(op.getOutput().getType()));
  auto length = [&](const Size &pixels) {
    return assumed ? Size(assumed->getLength(pixels)) : pixels;
  };
  element = input.getElementType();
  images = assumed ? Size(assumed->getCount(inputs[0])) : inputs[0];
  imageStride = strides[0];
  outputChannels = op.getFilterShape()[0];
  inputChannels = op.getFilterShape()[1];
  for (auto [d, dim] : llvm::enumerate(dims)) {
    dim.input = length(inputs[d + 1]);
    dim.output = length(outputs[d + 1]);
    dim.pad = op.getPads()[d];
    dim.inputStride = strides[d + 1];
    dim.tiles = dim.output.ceilDiv(forms[d].outputs);
  }
  numTiles = images * dims[0].tiles * dims[1].tiles;
}

WinogradPlan::WinogradPlan(lir::ConvOp op, const Shape &shape,
                           const TargetInfo &target,
                           const AssumedSizes *assumed)
    : forms(shape.forms), keptSteps(shape.keptSteps) {
  readSizes(op, assumed);
  lanes = target.getLanes(element);
  tile = shape.tile ? *shape.tile
                    : chooseTile(TileLimits(target, element),
                                 isOpen() ? kManyTiles : numTiles.getNumber(),
                                 outputChannels, getTileStep() * sizeof(float),
                                 inputChannels * sizeof(float));
  cut(target);
  staged = !isOpen() && op.getWorkspace() &&
           lir::countElements(cast<MemRefType>(op.getWorkspace().getType()))
               .is(getSharedElements());
}

template <typename AlgorithmT>
static WinogradPlan::Shape readShape(lir::ConvOp op, AlgorithmT algorithm,
                                     int64_t keptSteps) {
  ArrayRef<int64_t> filter = op.getFilterShape();
  return {{{{algorithm.getTileHeight(), filter[2]},
            {algorithm.getTileWidth(), filter[3]}}},
          TileShape{algorithm.getRows(), algorithm.getColumns()},
          keptSteps};
}

WinogradPlan::Shape cpu::getShape(lir::ConvOp op, WinogradAttr algorithm) {
  return readShape(op, algorithm, /*keptSteps=*/0);
}

WinogradPlan::Shape cpu::getShape(lir::ConvOp op,
                                  SparseWinogradAttr algorithm) {
  return readShape(op, algorithm, algorithm.getKeptSteps());
}

WinogradAttr WinogradPlan::getAlgorithm(MLIRContext *context) const {
  return WinogradAttr::get(context, tile.rows, tile.columns, forms[0].outputs,
                           forms[1].outputs);
}

lir::WinogradPackingAttr WinogradPlan::getPacking(MLIRContext *context) const {
  return lir::WinogradPackingAttr::get(context, forms[0].outputs,
                                       forms[1].outputs);
}

SmallVector<int64_t> WinogradPlan::getPackedShape() const {
  if (keptSteps)
    return {panels, getSparsePanel().getWords()};
  return {panels, getPoints(), inputChannels, tile.columns};
}

int64_t WinogradPlan::getPointSteps() const {
  return keptSteps ? divideCeil(keptSteps, getPoints()) : inputChannels;
}

int64_t WinogradPlan::getTileStep() const {
  int64_t step = llvm::alignTo(inputChannels, kLine);
  // Neighbouring rows of a product should not share cache sets.
  return step % (8 * kLine) == 0 ? step + kLine : step;
}

int64_t WinogradPlan::getInputStep() const {
  return alignToOddLines(blockTiles * split.rows * getTileStep());
}

int64_t WinogradPlan::getProductStep() const {
  return alignToOddLines(blockTiles * split.rows * tile.columns);
}

int64_t WinogradPlan::getInputBytes() const {
  return getBlockElements() * sizeof(float);
}

int64_t WinogradPlan::getWorkspaceElements() const {
  // Two workers that transform a block each lose less than by fetching what
  // others did from beyond L2.
  constexpr int64_t manySharing = 3;
  if (isOpen())
    return 0;
  return getChunkGrid()[1].getNumber() < manySharing ? 0 : getSharedElements();
}

int64_t WinogradPlan::getSharedElements() const {
  return getNumBlocks().getNumber() * getBlockElements();
}

int64_t WinogradPlan::getProductBytes() const {
  return getPoints() * getProductStep() * sizeof(float);
}

int64_t WinogradPlan::getPatchChannels() const {
  return llvm::alignTo(inputChannels, kLine);
}

int64_t WinogradPlan::getPatchBytes() const {
  return getPoints() * getPatchChannels() * sizeof(float);
}

int64_t WinogradPlan::getStageBytes() const {
  return llvm::alignTo(
      forms[0].outputs * forms[1].outputs * lanes * sizeof(float), 64);
}

int64_t WinogradPlan::getScratchBytes() const {
  return (staged ? 0 : getInputBytes()) + getProductBytes() + getPatchBytes() +
         getStageBytes();
}

std::string WinogradPlan::describe() const {
  return std::string("conv ") + (keptSteps ? "sparse " : "") + "winograd " +
         std::to_string(forms[0].outputs) + "x" +
         std::to_string(forms[1].outputs) + " " + std::to_string(split.rows) +
         "x" + std::to_string(tile.columns);
}

//===-- Blocks and chunks -------------------------------------------------===//

/// Few chunks would leave workers without any; more than the wanted ones
/// balance no better.
constexpr int64_t kLeastChunks = 8, kWantedChunks = 24;

void WinogradPlan::chooseBlock(const TargetInfo &target) {
  // More register tiles in a block read U less often, until V lies far away or
  // too little is left to share.
  constexpr int64_t mostTiles = 8;
  double best = 0;
  int64_t bestTiles = 1;
  for (int64_t count = 1; count <= std::min(mostTiles, split.tiles); ++count) {
    blockTiles = count;
    if (count > 1 && divideCeil(split.tiles, count) * panels < kLeastChunks)
      break;
    double cycles =
        keptSteps ? estimateListed(target, double(keptSteps) /
                                               (getPoints() * inputChannels))
                  : estimateCycles(target);
    if (count == 1 || cycles < 0.98 * best) {
      best = cycles;
      bestTiles = count;
    }
  }
  blockTiles = divideCeil(split.tiles, divideCeil(split.tiles, bestTiles));
}

void WinogradPlan::cut(const TargetInfo &target) {
  panels = divideCeil(outputChannels, tile.columns);
  split =
      RowSplit::create(isOpen() ? kManyTiles : numTiles.getNumber(), tile.rows);
  chooseBlock(target);
  // Enough chunks for some workers, of enough work each. The chunks of a block
  // transform its input once where one worker takes them one after the other.
  int64_t work =
      std::max<int64_t>(1, getPoints() * getPointSteps() * tile.columns);
  if (isOpen()) {
    split = {0, tile.rows, 0};
    // The sum of what either asks for is at most twice the larger one.
    Size blocks = getNumBlocks();
    chunkPanels = (blocks * panels).floorDiv(kWantedChunks) +
                  (blocks * kChunkWork).floorDiv(numTiles * work + 1) + 1;
    return;
  }
  int64_t blocks = getNumBlocks().getNumber();
  int64_t least = divideCeil(kChunkWork, blockTiles * split.rows * work);
  int64_t groups = std::max<int64_t>(1, kWantedChunks / blocks);
  int64_t each =
      std::min(panels, std::max<int64_t>(divideCeil(panels, groups), least));
  chunkPanels = int64_t(divideCeil(panels, divideCeil(panels, each)));
}

Size WinogradPlan::getNumBlocks() const {
  if (!isOpen())
    return int64_t(divideCeil(split.tiles, blockTiles));
  // Where panels are few, some blocks more: none of one register tile, and
  // `spread - 1` of many.
  Size blocks = numTiles.ceilDiv(blockTiles * split.rows);
  int64_t spread = blockTiles > 1 ? divideCeil(kLeastChunks, panels) : 1;
  if (spread == 1)
    return blocks;
  return blocks + (numTiles * spread).floorDiv(numTiles + spread * split.rows);
}

Sizes WinogradPlan::getChunkGrid() const {
  return {getNumBlocks(), (chunkPanels + (panels - 1)).floorDiv(chunkPanels)};
}
