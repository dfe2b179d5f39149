//===- OutputPlan.cpp - The files of one compilation ----------------------===//
//
// -o names one file. The header and the weights beside it have names that
// nobody gave, so they replace only what an earlier compilation to the same
// name left there.
//
//===----------------------------------------------------------------------===//

#include "OutputPlan.h"
#include "HeaderWriter.h"
#include "lambent/Runtime/Artefact.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Support/Path.h"

using namespace lambent;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

bool lambent::isText(OutputForm form) {
  return form == OutputForm::Graph || form == OutputForm::LIR ||
         form == OutputForm::LLVM || form == OutputForm::Assembly;
}

static StringRef getNoun(OutputForm form) {
  return form == OutputForm::Library  ? "library"
         : form == OutputForm::Object ? "object"
         : form == OutputForm::Bundle ? "bundle's object"
                                      : "executable";
}

static bool isEmptyFile(const OutputPlace &place) {
  uint64_t size = 1;
  return !fs::file_size(place.path, size) && size == 0;
}

/// What a compiler wrote may be replaced, and an artefact that damage or strip
/// made one no more; not a source file whose name slipped in.
static Error checkIsCompiled(const OutputPlace &main) {
  if (!main.existing || isEmptyFile(main))
    return Error::success();
  llvm::file_magic magic;
  if (std::error_code error = llvm::identify_magic(main.path, magic))
    return main.refuse(error.message());
  switch (magic) {
  case llvm::file_magic::elf:
  case llvm::file_magic::elf_relocatable:
  case llvm::file_magic::elf_executable:
  case llvm::file_magic::elf_shared_object:
    return Error::success();
  default:
    return main.refuse("it is there and is no compiled file; give -o another "
                       "name, or remove it");
  }
}

/// A header belongs to the file that its first line names.
static Error checkHeaderOwner(const OutputPlace &header, StringRef artefact) {
  if (!header.existing || isEmptyFile(header))
    return Error::success();
  auto buffer = llvm::MemoryBuffer::getFile(header.path);
  if (!buffer)
    return header.refuse(buffer.getError().message());
  std::optional<StringRef> owner = getHeaderOwner((*buffer)->getBuffer());
  if (!owner)
    return header.refuse("it is there and was not generated, and '" + artefact +
                         "' comes with a header of that name; give -o another "
                         "name or folder");
  if (*owner == getHeaderText(artefact))
    return Error::success();
  return header.refuse("it is the header of '" + *owner + "', and '" +
                       artefact +
                       "' comes with one of the same name; give -o "
                       "another name or folder, or remove it");
}

static Error checkWeightsOwner(const OutputPlace &weights, StringRef artefact) {
  if (!weights.existing || isEmptyFile(weights))
    return Error::success();
  ArtefactTrailer trailer;
  LambentStatus *status = readArtefact(weights.path.c_str(), trailer);
  bool isOurs = !status && trailer.kind == ArtefactKind::Weights;
  lambent_status_destroy(status);
  if (isOurs)
    return Error::success();
  return weights.refuse(
      "it is there and is no weights file of a bundle, and '" + artefact +
      "' comes with one of that name; give -o "
      "another name or folder");
}

static Expected<OutputPlace> findBeside(StringRef output, StringRef extension) {
  llvm::SmallString<256> path(output);
  llvm::sys::path::replace_extension(path, extension);
  auto place = OutputPlace::find(path);
  if (place)
    if (Error error = place->requireRegular())
      return error;
  return place;
}

Expected<OutputPlan> OutputPlan::create(OutputForm form, StringRef output) {
  OutputPlan plan;
  if (output == "-") {
    if (!isText(form))
      return llvm::createStringError(
          "expected a file for the " + getNoun(form) +
          ", but got '-': only graph, lir, llvm and asm can be written to "
          "standard output");
    plan.main.given = "-";
    return plan;
  }
  auto main = OutputPlace::find(output);
  if (!main)
    return main.takeError();
  plan.main = std::move(*main);
  plan.isNative = !isText(form);
  if (isText(form))
    return plan;
  if (Error error = plan.main.requireRegular())
    return error;

  auto refuseShared = [&](StringRef other) {
    return plan.main.refuse("it would be both the " + getNoun(form) +
                            " and its " + other +
                            "; give -o another extension");
  };
  if (form != OutputForm::Executable) {
    auto header = findBeside(output, ".h");
    if (!header)
      return header.takeError();
    if (header->isSameAs(plan.main))
      return refuseShared("header");
    plan.header = std::move(*header);
  }
  if (form == OutputForm::Bundle) {
    auto weights = findBeside(output, ".weights");
    if (!weights)
      return weights.takeError();
    if (weights->isSameAs(plan.main))
      return refuseShared("weights");
    if (weights->isSameAs(*plan.header))
      return weights->refuse("it is the same file as '" + plan.header->given +
                             "'");
    plan.weights = std::move(*weights);
  }
  return plan;
}

Error OutputPlan::checkOwners() const {
  StringRef artefact = llvm::sys::path::filename(main.given);
  if (isNative)
    if (Error error = checkIsCompiled(main))
      return error;
  if (header)
    if (Error error = checkHeaderOwner(*header, artefact))
      return error;
  return weights ? checkWeightsOwner(*weights, artefact) : Error::success();
}

std::vector<const OutputPlace *> OutputPlan::getReplaced() const {
  std::vector<const OutputPlace *> replaced;
  for (const OutputPlace *place :
       {&main, header ? &*header : nullptr, weights ? &*weights : nullptr})
    if (place && place->existing && place->obstacle.empty())
      replaced.push_back(place);
  return replaced;
}

bool OutputPlan::replacesFiles() const { return !getReplaced().empty(); }

Error OutputPlan::checkSurvives(StringRef path, StringRef what) const {
  fs::UniqueID file;
  if (fs::getUniqueID(path, file))
    return Error::success(); // there is none
  for (const OutputPlace *place : getReplaced())
    if (*place->existing == file)
      return place->refuse("it is " + what);
  return Error::success();
}
