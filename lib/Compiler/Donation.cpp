//===- Donation.cpp - Which outputs take the memory of inputs -------------===//

#include "Donation.h"
#include "lambent/Compiler/Compiler.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Graph/IR/Graph.h"

using namespace lambent;
using llvm::StringRef;

namespace {

/// Pairs inputs with outputs by their names.
class DonationMarker {
public:
  explicit DonationMarker(mlir::func::FuncOp main)
      : main(main), isTaken(main.getNumResults()) {}

  void add(StringRef input, StringRef output);
  std::vector<std::string> takeMessages() { return std::move(messages); }

private:
  StringRef getName(unsigned input) {
    auto name = main.getArgAttrOfType<mlir::StringAttr>(input, "graph.name");
    return name ? name.getValue() : StringRef();
  }
  std::optional<unsigned> findOutput(StringRef name) {
    for (unsigned i = 0; i < main.getNumResults(); ++i) {
      auto known = main.getResultAttrOfType<mlir::StringAttr>(i, "graph.name");
      if (known && known.getValue() == name)
        return i;
    }
    return std::nullopt;
  }
  void pair(unsigned input, StringRef output);
  void fail(StringRef input, const llvm::Twine &what) {
    messages.push_back(
        ("input '" + input + "' can't be donated: " + what).str());
  }

  mlir::func::FuncOp main;
  std::vector<bool> isTaken;
  std::vector<std::string> messages;
};

} // namespace

void DonationMarker::add(StringRef input, StringRef output) {
  auto [before, after] = input.split('*');
  auto [start, end] = output.split('*');
  bool isPattern = input.contains('*'), found = false;
  for (unsigned i = 0; i < main.getNumArguments(); ++i) {
    StringRef text = getName(i);
    if (!isPattern ? text != input
                   : !(text.consume_front(before) && text.consume_back(after)))
      continue;
    found = true;
    pair(i, isPattern && output.contains('*') ? (start + text + end).str()
                                              : output.str());
  }
  if (!found)
    fail(input, "the model has no input of that name");
}

void DonationMarker::pair(unsigned input, StringRef output) {
  StringRef name = getName(input);
  std::optional<unsigned> index = findOutput(output);
  if (!index)
    return fail(name, "the model has no output '" + output + "'");
  if (main.getArgAttr(input, "graph.donated"))
    return fail(name, "it is donated twice");
  if (isTaken[*index])
    return fail(name, "output '" + output + "' takes another input's memory");
  auto getTensor = [](mlir::Type type) {
    return llvm::dyn_cast<mlir::RankedTensorType>(graph::getMeaning(type));
  };
  auto from = getTensor(main.getArgument(input).getType()),
       to = getTensor(main.getResultTypes()[*index]);
  if (!from || !to || from.getElementType() != to.getElementType() ||
      from.getRank() != to.getRank())
    return fail(name, "expected a tensor of the element type and rank of "
                      "output '" +
                          output + "'");
  if (isString(from.getElementType()))
    return fail(name, "it is a tensor of strings, of which code sees numbers");
  isTaken[*index] = true;
  main.setArgAttr(input, "graph.donated",
                  mlir::Builder(main.getContext()).getI64IntegerAttr(*index));
}

llvm::Error lambent::markDonations(
    mlir::func::FuncOp main,
    llvm::ArrayRef<std::pair<std::string, std::string>> donations) {
  DonationMarker marker(main);
  for (const auto &[input, output] : donations)
    marker.add(input, output);
  std::vector<std::string> messages = marker.takeMessages();
  if (messages.empty())
    return llvm::Error::success();
  return llvm::make_error<CompileError>(std::move(messages),
                                        std::vector<UnsupportedNode>());
}
