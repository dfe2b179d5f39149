//===- KernelText.cpp - Kernels in text, for tests ------------------------===//

#include "KernelText.h"
#include <algorithm>
#include <cmath>

using namespace lambent;
using namespace lambent::test;

std::string test::join(llvm::ArrayRef<int64_t> sizes,
                       const std::string &separator) {
  std::string text;
  for (int64_t size : sizes)
    text += (text.empty() ? "" : separator) + std::to_string(size);
  return text;
}

std::string test::memref(llvm::ArrayRef<int64_t> sizes, const std::string &kind,
                         const std::string &element) {
  return kind + "<" + join(sizes, "x") + "x" + element + ">";
}

std::string test::array(llvm::ArrayRef<int64_t> sizes) {
  return "array<i64: " + join(sizes, ", ") + ">";
}

std::string Epilogue::getMaps(const std::string &dims) const {
  if (!isRich())
    return "";
  std::string channel = dims.substr(dims.rfind(' ') + 1);
  return "affine_map<(" + dims + ") -> (" + channel + ")>, affine_map<(" +
         dims + ") -> (" + dims + ")>";
}

std::string Epilogue::getRegion() const {
  if (kind == "bytes")
    return "{\n^bb0(%acc: i32):\n"
           "  %scale = arith.constant 0x3B000000 : f32\n"
           "  %zero = arith.constant 3.0 : f32\n"
           "  %low = arith.constant 0.0 : f32\n"
           "  %high = arith.constant 255.0 : f32\n"
           "  %0 = arith.sitofp %acc : i32 to f32\n"
           "  %1 = arith.mulf %0, %scale : f32\n"
           "  %2 = math.roundeven %1 : f32\n"
           "  %3 = arith.addf %2, %zero : f32\n"
           "  %l = arith.cmpf ogt, %3, %low : f32\n"
           "  %4 = arith.select %l, %3, %low : f32\n"
           "  %h = arith.cmpf olt, %4, %high : f32\n"
           "  %5 = arith.select %h, %4, %high : f32\n"
           "  %6 = arith.fptoui %5 : f32 to i8\n"
           "  lir.yield %6 : i8\n}\n";
  if (!isRich())
    return "{\n^bb0(%acc: " + accumulator +
           "):\n  lir.yield %acc : " + accumulator + "\n}\n";
  std::string text = "{\n^bb0(%acc: f32, %s: f32, %t: f32):\n"
                     "  %0 = arith.addf %acc, %s : f32\n"
                     "  %1 = arith.addf %0, %t : f32\n";
  return kind == "heavy" ? text + "  %2 = math." + heavy +
                               " %1 : f32\n  lir.yield %2 : f32\n}\n"
                         : text + "  lir.yield %1 : f32\n}\n";
}

float Epilogue::apply(double sum, float bias, float residual) const {
  if (kind == "bytes")
    return std::clamp(std::nearbyint(float(sum) / 512) + 3, 0.0f, 255.0f);
  if (isRich())
    sum += double(bias) + residual;
  if (kind == "heavy")
    sum = heavy == "exp" ? std::exp(sum) : std::tanh(sum);
  return float(sum);
}

std::string KernelText::write() const {
  std::string bias = memref({channels}), text = "func.func @main(%x: " + input;
  if (epilogue.isRich())
    text += ", %b: " + bias + ", %r: " + output;
  text += ", %y: " + output + ") {\n%w = lir.weight " + weight + " : " +
          packed + "\n" + op + " ins(%x, %w : " + input + ", " + packed + ")";
  if (epilogue.isRich())
    text += " with(%b, %r : " + bias + ", " + output + ")";
  text += " outs(%y : " + output + ") " + domain + "epilogue_maps [" +
          epilogue.getMaps(dims) + "] ";
  if (!attributes.empty())
    text += "attributes {" + attributes + "} ";
  return text + epilogue.getRegion() + "return\n}\n";
}

std::string test::writeDomain(const std::vector<std::string> &sizes,
                              const std::string &rhs, const std::string &lhs) {
  std::string text = "domain [";
  for (size_t i = 0; i < sizes.size(); ++i)
    text += (i ? ", " : "") + sizes[i];
  text += "] maps [";
  for (const std::string &index : {lhs, rhs, std::string("b, m, n")})
    text += (text.back() == '[' ? "" : ", ") +
            ("affine_map<(b, m, n, k) -> (" + index + ")>");
  return text + "] ";
}

std::string test::writeWindow(llvm::ArrayRef<int64_t> filter,
                              llvm::ArrayRef<int64_t> strides,
                              llvm::ArrayRef<int64_t> dilations,
                              llvm::ArrayRef<int64_t> pads, int64_t group) {
  return "filter_shape = " + array(filter) + ", strides = " + array(strides) +
         ", dilations = " + array(dilations) + ", pads = #lir.sizes<[" +
         join(pads, ", ") + "]>, group = " + std::to_string(group) + " : i64";
}
