//===- SortDigits.cpp - Sorts numbers digit by digit ----------------------===//

#include "SortDigits.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

static constexpr int64_t digitBits = 8, values = 1 << digitBits;

static int64_t countDigits(Type compared) {
  return (compared.getIntOrFloatBitWidth() + digitBits - 1) / digitBits;
}

int64_t SortDigits::getCountBytes(Type compared) {
  return countDigits(compared) * values * 8;
}

SortDigits::SortDigits(KernelBuilder &builder, Type compared, bool isUnsigned,
                       Value counts, std::function<Value(Value)> load)
    : builder(builder), compared(compared), i64(builder.getI64Type()),
      isUnsigned(isUnsigned || compared.isInteger(1)), counts(counts),
      load(std::move(load)), digits(countDigits(compared)) {}

/// Bits above the last digit mean nothing.
Value SortDigits::getKey(Value row) {
  Value number = load(row);
  unsigned width = compared.getIntOrFloatBitWidth();
  Type bits = builder.getIntegerType(width);
  auto integer = [&](uint64_t value) {
    return arith::ConstantOp::create(
        builder,
        IntegerAttr::get(bits, llvm::APInt(width, value, false, true)));
  };
  Value key = number;
  Value sign = integer(uint64_t(1) << (width - 1));
  if (isa<FloatType>(compared)) {
    // -0 becomes 0; all NaN are one, the largest. Negative numbers ascend as
    // their bits descend.
    Value sum =
        arith::AddFOp::create(builder, number, builder.constant(compared, 0));
    key = arith::BitcastOp::create(builder, bits, sum);
    Value isNegative = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt,
                                             key, integer(0));
    Value flipped = arith::SelectOp::create(builder, isNegative,
                                            integer(~uint64_t(0)), sign);
    key = arith::XOrIOp::create(builder, key, flipped);
    Value isNaN = arith::CmpFOp::create(builder, arith::CmpFPredicate::UNO,
                                        number, number);
    key = arith::SelectOp::create(builder, isNaN, integer(~uint64_t(0)), key);
  } else if (!isUnsigned) {
    key = arith::XOrIOp::create(builder, key, sign);
  }
  return width == 64 ? key : arith::ExtUIOp::create(builder, i64, key);
}

Value SortDigits::findCount(Value key, Value digit) {
  Value shifted =
      arith::ShRUIOp::create(builder, key, builder.mul(digit, digitBits));
  Value value =
      arith::AndIOp::create(builder, shifted, builder.i64(values - 1));
  return builder.add(builder.mul(digit, values), value);
}

void SortDigits::countAll(Value rows) {
  builder.forLoop(
      builder.i64(0), builder.i64(digits * values), 1,
      [&](Value place) { builder.store(builder.i64(0), counts, place); });
  builder.forLoop(builder.i64(0), rows, 1, [&](Value row) {
    Value key = getKey(row);
    for (int64_t digit = 0; digit < digits; ++digit) {
      Value place = findCount(key, builder.i64(digit));
      builder.store(builder.add(builder.load(i64, counts, place), 1), counts,
                    place);
    }
  });
}

/// Makes of a digit's counts where each of its values begins.
void SortDigits::addUp(Value digit) {
  Value first = builder.mul(digit, values);
  builder.forLoop(first, builder.add(first, values), 1, {builder.i64(0)},
                  [&](Value place, ValueRange sum) {
                    Value count = builder.load(i64, counts, place);
                    builder.store(sum[0], counts, place);
                    return SmallVector<Value>{builder.add(sum[0], count)};
                  });
}

void SortDigits::move(Value rows, Value digit, Value from, Value to) {
  builder.forLoop(builder.i64(0), rows, 1, [&](Value index) {
    Value row = builder.load(i64, from, index),
          count = findCount(getKey(row), digit),
          place = builder.load(i64, counts, count);
    builder.store(builder.add(place, 1), counts, count);
    builder.store(row, to, place);
  });
}

Value SortDigits::sort(Value rows, Value from, Value to) {
  auto sortDigit = [&](Value digit, ValueRange lists) {
    Value someKey = getKey(builder.i64(0)),
          same = builder.load(i64, counts, findCount(someKey, digit));
    auto sortByDigit = [&] {
      addUp(digit);
      move(rows, digit, lists[0], lists[1]);
      return SmallVector<Value>{lists[1], lists[0]};
    };
    return builder.select(builder.lessThan(same, rows), sortByDigit,
                          [&] { return SmallVector<Value>(lists); });
  };
  auto sortAll = [&] {
    countAll(rows);
    return builder.forLoop(builder.i64(0), builder.i64(digits), 1, {from, to},
                           sortDigit);
  };
  auto leave = [&] { return SmallVector<Value>{from, to}; };
  return builder.select(builder.lessThan(builder.i64(0), rows), sortAll,
                        leave)[0];
}
