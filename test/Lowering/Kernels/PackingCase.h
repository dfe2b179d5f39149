//===- PackingCase.h - What tests of packings share -------------*- C++ -*-===//

#ifndef LAMBENT_TEST_LOWERING_KERNELS_PACKINGCASE_H
#define LAMBENT_TEST_LOWERING_KERNELS_PACKINGCASE_H

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <cstring>

namespace lambent::test {

/// A test whose packings are maps in text.
class PackingCase : public testing::Test {
protected:
  mlir::AffineMap parse(const std::string &map) {
    auto attr = mlir::parseAttribute("affine_map<" + map + ">", &context);
    return mlir::cast<mlir::AffineMapAttr>(attr).getValue();
  }

  mlir::MLIRContext context;
};

/// Numbers in packed memory, from byte `offset` on.
template <typename T>
std::vector<T> readNumbers(const std::vector<char> &packed, int64_t offset,
                           int64_t count) {
  std::vector<T> numbers(count);
  std::memcpy(numbers.data(), packed.data() + offset, count * sizeof(T));
  return numbers;
}

} // namespace lambent::test

#endif
