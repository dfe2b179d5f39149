//===- Considered.cpp - What the choice of an algorithm leaves on an op ---===//

#include "lambent/Backends/Emit/Considered.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace lambent;

void emit::setConsidered(Operation *op, ArrayRef<Considered> variants) {
  Builder builder(op->getContext());
  SmallVector<Attribute> list;
  for (const Considered &each : variants) {
    NamedAttrList entry;
    entry.set("variant", builder.getStringAttr(each.variant));
    if (!each.algorithm) {
      entry.set("rejection", builder.getStringAttr(each.rejection));
    } else {
      entry.set("algorithm", each.algorithm);
      entry.set("cycles", builder.getI64IntegerAttr(each.cycles));
      if (!each.note.empty())
        entry.set("note", builder.getStringAttr(each.note));
    }
    if (each.isChosen)
      entry.set("chosen", builder.getUnitAttr());
    list.push_back(entry.getDictionary(op->getContext()));
  }
  op->setDiscardableAttr(kConsidered, builder.getArrayAttr(list));
}

std::vector<emit::Considered> emit::getConsidered(Operation *op) {
  std::vector<Considered> variants;
  auto list = dyn_cast_or_null<ArrayAttr>(op->getDiscardableAttr(kConsidered));
  if (!list)
    return variants;
  for (auto entry : list.getAsRange<DictionaryAttr>()) {
    Considered &each = variants.emplace_back();
    if (auto name = entry.getAs<StringAttr>("variant"))
      each.variant = name.getValue();
    if (auto why = entry.getAs<StringAttr>("rejection"))
      each.rejection = why.getValue();
    if (auto cycles = entry.getAs<IntegerAttr>("cycles"))
      each.cycles = cycles.getInt();
    if (auto note = entry.getAs<StringAttr>("note"))
      each.note = note.getValue();
    each.algorithm = entry.get("algorithm");
    each.isChosen = entry.contains("chosen");
  }
  return variants;
}
