//===- HeaderWriter.h - The C header that comes with an artefact ----------===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_HEADERWRITER_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_HEADERWRITER_H

#include "lambent/Compiler/Compiler.h"
#include "llvm/ADT/STLExtras.h"

namespace lambent {

/// What a header says of a model.
struct HeaderModel {
  struct Tensor {
    std::string name;
    uint8_t typeCode, typeBits; ///< as in LambentTensorInfo
    std::vector<int64_t> dims;  ///< -1: open
    bool hasDefault = false;    ///< an input that may be null
    /// Of the open ones, "" where there is none; empty where all are bound.
    std::vector<std::string> dimNames = {};
    /// Of an output, the fewest dims that it may have, where input sizes decide
    /// that; `dims` are then as many as it may have at most.
    std::optional<uint16_t> leastRank = {};

    bool isOpen() const { return leastRank || llvm::is_contained(dims, -1); }
  };
  /// What is known of an open dim.
  struct Dim {
    std::string name;
    int64_t least, most, factor; ///< as in LambentSymbolInfo
  };
  std::string name;                     ///< prefix of symbols
  std::string producer;                 ///< "lambent 0.1.0"
  OutputForm form = OutputForm::Object; ///< Object, Bundle or Library
  std::string artefact;                 ///< name of the file it comes with
  std::vector<Tensor> inputs, outputs;
  std::vector<Dim> openDims; ///< those with a name
  bool hasLists = false;     ///< inputs or outputs that are no tensors

  bool hasOpenDims() const;
  /// Of a model that was emitted.
  static HeaderModel get(const LambentModel &model, OutputForm form);
};

/// The text of a C and C++ header that needs no other header of the project:
/// NAME_create, NAME_infer, NAME_run, NAME_destroy, and the sizes of inputs and
/// outputs. Of a model with sequences or optionals it says what to call instead.
/// A model of open dims has NAME_output_dims, too; its functions take
/// and give dims.
std::string writeHeader(const HeaderModel &model);

/// The artefact that a header's first line names, as getHeaderText spells it;
/// nothing for a file that is no such header.
std::optional<llvm::StringRef> getHeaderOwner(llvm::StringRef header);

/// A name as a header's comments show it.
std::string getHeaderText(llvm::StringRef name);

} // namespace lambent

#endif
