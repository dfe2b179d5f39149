//===- HeaderWriter.h - The C header that comes with an artefact ----------===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_HEADERWRITER_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_HEADERWRITER_H

#include "lambent/Compiler/Compiler.h"

namespace lambent {

/// What a header says of a model.
struct HeaderModel {
  struct Tensor {
    std::string name;
    uint8_t typeCode, typeBits; ///< as in LambentTensorInfo
    std::vector<int64_t> dims;
    bool hasDefault = false; ///< an input that may be null
  };
  std::string name;                     ///< prefix of symbols
  std::string producer;                 ///< "lambent 0.1.0"
  OutputForm form = OutputForm::Object; ///< Object, Bundle or Library
  std::string artefact;                 ///< name of the file it comes with
  std::vector<Tensor> inputs, outputs;

  /// Of a model that was emitted.
  static HeaderModel get(const LambentModel &model, OutputForm form);
};

/// The text of a C and C++ header that needs no other header of the project:
/// NAME_create, NAME_infer, NAME_run, NAME_destroy, and the sizes of inputs and
/// outputs.
std::string writeHeader(const HeaderModel &model);

/// The artefact that a header's first line names, as getHeaderText spells it;
/// nothing for a file that is no such header.
std::optional<llvm::StringRef> getHeaderOwner(llvm::StringRef header);

/// A name as a header's comments show it.
std::string getHeaderText(llvm::StringRef name);

} // namespace lambent

#endif
