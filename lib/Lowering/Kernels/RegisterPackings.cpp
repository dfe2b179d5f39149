//===- RegisterPackings.cpp - What carries out each of lir's packings -----===//

#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Kernels/BitPacking.h"
#include "lambent/Lowering/Kernels/ShortPacking.h"
#include "lambent/Lowering/Kernels/SparsePanels.h"
#include "lambent/Lowering/Kernels/SparseRowPacking.h"
#include "lambent/Lowering/Kernels/SparseWinograd.h"
#include "lambent/Lowering/Kernels/SplitPacking.h"
#include "lambent/Lowering/Kernels/Winograd.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::kernels;

/// The packer that was made, or what is wrong as an error.
template <typename PackerT>
static FailureOr<std::unique_ptr<lir::Packer>>
takePacker(llvm::Expected<PackerT> packer,
           function_ref<InFlightDiagnostic()> emitError) {
  if (!packer)
    return emitError() << llvm::toString(packer.takeError());
  return std::unique_ptr<lir::Packer>(
      std::make_unique<PackerT>(std::move(*packer)));
}

namespace {

struct AffinePacking
    : lir::PackingAttrInterface::ExternalModel<AffinePacking,
                                               lir::PackingAttr> {
  FailureOr<std::unique_ptr<lir::Packer>>
  createPacker(Attribute packing, MemRefType packed, ShapedType source,
               function_ref<InFlightDiagnostic()> emitError) const {
    auto packer = Packing::create(
        cast<lir::PackingAttr>(packing).getMap(), packed.getShape(),
        source.getShape(), lir::getElementBytes(packed.getElementType()));
    return takePacker(std::move(packer), emitError);
  }
};

struct FilterTransform
    : lir::PackingAttrInterface::ExternalModel<FilterTransform,
                                               lir::WinogradPackingAttr> {
  FailureOr<std::unique_ptr<lir::Packer>>
  createPacker(Attribute packing, MemRefType packed, ShapedType filter,
               function_ref<InFlightDiagnostic()> emitError) const {
    auto tile = cast<lir::WinogradPackingAttr>(packing);
    if (filter.getRank() != 4 || !filter.getElementType().isF32())
      return emitError() << "packing: expected a filter of two spatial dims "
                            "and f32, but got "
                         << filter;
    auto packer =
        WinogradPacking::create({{{tile.getTileHeight(), filter.getDimSize(2)},
                                  {tile.getTileWidth(), filter.getDimSize(3)}}},
                                packed.getShape(), filter.getShape());
    return takePacker(std::move(packer), emitError);
  }
};

struct SplitPanels
    : lir::PackingAttrInterface::ExternalModel<SplitPanels,
                                               lir::SplitPackingAttr> {
  FailureOr<std::unique_ptr<lir::Packer>>
  createPacker(Attribute packing, MemRefType packed, ShapedType source,
               function_ref<InFlightDiagnostic()> emitError) const {
    if (!source.getElementType().isF32() || !packed.getElementType().isBF16())
      return emitError() << "packing: expected f32 to be split into bf16, but "
                            "got "
                         << source << " and " << packed;
    auto split = cast<lir::SplitPackingAttr>(packing);
    auto packer = SplitPacking::create(split.getMap(), packed.getShape(),
                                       source.getShape(), split.getTaps());
    return takePacker(std::move(packer), emitError);
  }
};

struct SharedBytes
    : lir::PackingAttrInterface::ExternalModel<SharedBytes,
                                               lir::BitPackingAttr> {
  FailureOr<std::unique_ptr<lir::Packer>>
  createPacker(Attribute packing, MemRefType packed, ShapedType source,
               function_ref<InFlightDiagnostic()> emitError) const {
    if (source.getElementTypeBitWidth() != 8 ||
        packed.getElementTypeBitWidth() != 8)
      return emitError() << "packing: expected bytes, but got " << source
                         << " and " << packed;
    auto bits = cast<lir::BitPackingAttr>(packing);
    auto packer = BitPacking::create(bits.getMap(), packed.getShape(),
                                     source.getShape(), bits.getBits());
    return takePacker(std::move(packer), emitError);
  }
};

struct ShortSums
    : lir::PackingAttrInterface::ExternalModel<ShortSums,
                                               lir::ShortPackingAttr> {
  FailureOr<std::unique_ptr<lir::Packer>>
  createPacker(Attribute packing, MemRefType packed, ShapedType source,
               function_ref<InFlightDiagnostic()> emitError) const {
    if (!source.getElementType().isInteger(8) ||
        !packed.getElementType().isInteger(8))
      return emitError() << "packing: expected bytes, but got " << source
                         << " and " << packed;
    auto form = cast<lir::ShortPackingAttr>(packing);
    auto packer = ShortPacking::create(
        {form.getMap(), form.getPanel().asArrayRef(), form.getTaps(),
         form.getChain(), form.getExtraSteps()},
        packed.getShape(), source.getShape());
    return takePacker(std::move(packer), emitError);
  }
};

struct SparsePanels
    : lir::PackingAttrInterface::ExternalModel<SparsePanels,
                                               lir::SparsePackingAttr> {
  FailureOr<std::unique_ptr<lir::Packer>>
  createPacker(Attribute packing, MemRefType packed, ShapedType source,
               function_ref<InFlightDiagnostic()> emitError) const {
    if (!source.getElementType().isF32() || !packed.getElementType().isF32())
      return emitError() << "packing: expected f32, but got " << source
                         << " and " << packed;
    auto form = cast<lir::SparsePackingAttr>(packing);
    auto packer = SparsePacking::create(
        {form.getMap(), form.getPanel().asArrayRef(),
         form.getStrides().asArrayRef(), form.getKeptSteps()},
        packed.getShape(), source.getShape());
    return takePacker(std::move(packer), emitError);
  }
};

struct SparseRowLists
    : lir::PackingAttrInterface::ExternalModel<SparseRowLists,
                                               lir::SparseRowPackingAttr> {
  FailureOr<std::unique_ptr<lir::Packer>>
  createPacker(Attribute packing, MemRefType packed, ShapedType source,
               function_ref<InFlightDiagnostic()> emitError) const {
    auto form = cast<lir::SparseRowPackingAttr>(packing);
    bool areBytes = source.getElementType().isInteger(8);
    if ((!areBytes && !source.getElementType().isF32()) ||
        !packed.getElementType().isInteger(8) || packed.getRank() != 1)
      return emitError() << "packing: expected f32 or i8 as sparse rows in "
                            "bytes, but got "
                         << source << " and " << packed;
    auto packer = SparseRowPacking::create(
        {form.getMap(), form.getOutputs(), form.getDepths().asArrayRef(),
         form.getChannelBytes(), form.getTapBytes().asArrayRef(),
         form.getSection(), form.getBlock(), form.getGroups(),
         form.getSumBytes(), areBytes},
        packed.getDimSize(0), source.getShape());
    return takePacker(std::move(packer), emitError);
  }
};

struct SparseFilterTransform
    : lir::PackingAttrInterface::ExternalModel<SparseFilterTransform,
                                               lir::SparseWinogradPackingAttr> {
  FailureOr<std::unique_ptr<lir::Packer>>
  createPacker(Attribute packing, MemRefType packed, ShapedType filter,
               function_ref<InFlightDiagnostic()> emitError) const {
    auto form = cast<lir::SparseWinogradPackingAttr>(packing);
    if (filter.getRank() != 4 || !filter.getElementType().isF32())
      return emitError() << "packing: expected a filter of two spatial dims "
                            "and f32, but got "
                         << filter;
    auto packer = SparseWinogradPacking::create(
        {{{{form.getTileHeight(), filter.getDimSize(2)},
           {form.getTileWidth(), filter.getDimSize(3)}}},
         form.getColumns(),
         form.getThreshold().getValueAsDouble(),
         form.getKeptSteps()},
        packed.getShape(), filter.getShape());
    return takePacker(std::move(packer), emitError);
  }
};

} // namespace

void kernels::registerPackings(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, lir::LIRDialect *) {
    lir::PackingAttr::attachInterface<AffinePacking>(*context);
    lir::WinogradPackingAttr::attachInterface<FilterTransform>(*context);
    lir::SplitPackingAttr::attachInterface<SplitPanels>(*context);
    lir::BitPackingAttr::attachInterface<SharedBytes>(*context);
    lir::ShortPackingAttr::attachInterface<ShortSums>(*context);
    lir::SparsePackingAttr::attachInterface<SparsePanels>(*context);
    lir::SparseWinogradPackingAttr::attachInterface<SparseFilterTransform>(
        *context);
    lir::SparseRowPackingAttr::attachInterface<SparseRowLists>(*context);
  });
}
