//===- WireFormat.h - Take the large tensors out of a serialized model ----===//
//
// Protobuf copies every bytes field that it parses. So that weights stay in the
// mapped file, the serialized model is rewritten first: each large raw_data is
// replaced by an external_data entry that names a range of the file. All else
// stays as it is, and what protobuf then parses is small.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_WIREFORMAT_H
#define LAMBENT_LIB_GRAPH_IMPORT_WIREFORMAT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace lambent::graph {

/// The keys of the external_data entries that replace raw_data and packed
/// float_data and double_data; the value is an index into `rawData`.
inline constexpr llvm::StringLiteral mappedDataKey = "lambent.mapped";
inline constexpr llvm::StringLiteral mappedFloatsKey = "lambent.mapped_floats";
inline constexpr llvm::StringLiteral mappedDoublesKey =
    "lambent.mapped_doubles";

/// Tensors up to this size stay in the message.
inline constexpr size_t inlineDataLimit = 1024;

struct StrippedModel {
  /// A serialized ModelProto.
  std::string message;
  /// What was taken out; lies in the original bytes.
  std::vector<llvm::StringRef> rawData;
};

llvm::Expected<StrippedModel> stripRawData(llvm::StringRef model);

} // namespace lambent::graph

#endif
