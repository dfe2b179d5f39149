//===- RecurrentCodes.cpp - Recurrent weights of bytes --------------------===//

#include "RecurrentCodes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// k that lie in 32 bits, and what is added to codes so that they count from 0.
static constexpr int64_t kGroup = 4, kMiddle = 128;

RecurrentCodes::Values
RecurrentCodes::forEachStep(int64_t count, int64_t unroll, Values carried,
                            function_ref<Values(Value, Values)> body) {
  int64_t whole = count / unroll * unroll;
  auto loop = [&](Value from, int64_t to, int64_t step) {
    carried = builder.forLoop(from, unlessSkipped(to), step, carried,
                              [&](Value at, ValueRange values) {
                                Values next(values);
                                for (int64_t i = 0; i < step; ++i)
                                  next = body(builder.add(at, i), next);
                                return next;
                              });
  };
  if (whole)
    loop(builder.i64(0), whole, unroll);
  if (whole < count)
    loop(builder.i64(whole), count, 1);
  return carried;
}

RecurrentCodes::Values
RecurrentCodes::forEachVector(Values carried,
                              function_ref<Values(Value, Value, Values)> body) {
  int64_t whole = plan.hidden / Digits::lanes,
          tail = plan.hidden % Digits::lanes;
  auto loop = [&](int64_t from, int64_t to, Value count) {
    carried = builder.forLoop(builder.i64(from), unlessSkipped(to), 1, carried,
                              [&](Value at, ValueRange values) {
                                return body(builder.mul(at, Digits::lanes),
                                            count, Values(values));
                              });
  };
  if (whole)
    loop(0, whole, nullptr);
  if (tail)
    loop(whole, whole + 1, builder.i64(tail));
  return carried;
}

/// The sums of lanes that are equal modulo 4.
static Value foldByFours(KernelBuilder &builder, Value sums) {
  for (int64_t half = cast<VectorType>(sums.getType()).getDimSize(0) / 2;
       half >= kGroup; half /= 2) {
    auto low = llvm::to_vector(llvm::seq<int64_t>(0, half)),
         high = llvm::to_vector(llvm::seq<int64_t>(half, 2 * half));
    sums = builder.create<arith::AddIOp>(
        builder.create<vector::ShuffleOp>(sums, sums, low),
        builder.create<vector::ShuffleOp>(sums, sums, high));
  }
  return sums;
}

Value RecurrentCodes::addUp(Value digits, Value sums) {
  TileProduct product = getProduct();
  Value ones = builder.constant(sums.getType(), double(0x01010101)),
        dwords = builder.create<vector::BitCastOp>(
            builder.vectorType(builder.getI32Type(), Digits::lanes), digits);
  for (int64_t first = 0; first < Digits::lanes; first += plan.lanes) {
    auto own = llvm::to_vector(llvm::seq<int64_t>(first, first + plan.lanes));
    TileProduct::Parts part = product.splitLhs(
        builder, builder.create<vector::ShuffleOp>(dwords, dwords, own));
    sums = product.multiplyAdd(builder, part, product.splitLhs(builder, ones),
                               sums);
  }
  return sums;
}

Value RecurrentCodes::prepare(Value states, int64_t rows) {
  if (!plan.usesDigits)
    return nullptr;
  Type i32 = builder.getI32Type();
  auto constant = [&](int64_t lanes, int64_t value) {
    return builder.constant(builder.vectorType(i32, lanes), double(value));
  };
  Value flaws;
  for (int64_t row = 0; row < rows; ++row) {
    Value source = builder.elementPtr(states, plan.element,
                                      builder.i64(row * plan.hidden)),
          target = digitsOf(row), facts = factsOf(target);
    auto load = [&](Value at, Value count) {
      return builder.loadVector(plan.element, Digits::lanes, source, at, count);
    };
    Value largest = forEachVector(
        {constant(Digits::lanes, 0)},
        [&](Value at, Value count, Values bound) -> Values {
          return {builder.create<arith::MaxUIOp>(
              bound[0], Digits::getMagnitudes(builder, load(at, count)))};
        })[0];
    Digits made(builder, builder.create<vector::ReductionOp>(
                             vector::CombiningKind::MAXUI, largest));
    Value sums =
        forEachVector({constant(plan.lanes, 0)},
                      [&](Value at, Value count, Values carried) -> Values {
                        Value digits = made.arrange(
                            made.split(made.getMultiples(load(at, count))));
                        builder.storeVector(digits, target, builder.mul(at, 4));
                        return {addUp(digits, carried[0])};
                      })[0];
    // The last of four digits is 0, and gives its place to the scale.
    builder.storeVector(
        builder.create<arith::MulIOp>(foldByFours(builder, sums),
                                      constant(kGroup, -kMiddle)),
        facts, builder.i64(0));
    builder.store(made.getScale(), facts, builder.i64(Digits::count));
    flaws = flaws ? builder.create<arith::OrIOp>(flaws, made.getFlaw())
                  : made.getFlaw();
  }
  return builder.create<arith::CmpIOp>(arith::CmpIPredicate::eq, flaws,
                                       builder.constant(i32, 0));
}

TileProduct RecurrentCodes::getProduct() const {
  return TileProduct({builder.getI8Type(), builder.getIntegerType(8, false),
                      builder.getI32Type(), kGroup},
                     builder.getTarget());
}

RecurrentCodes::Values RecurrentCodes::multiply(Value states, int64_t rows,
                                                Value codes,
                                                ArrayRef<int64_t> offsets,
                                                Value haveDigits) {
  auto widened = [&] { return multiplyStates(states, rows, codes, offsets); };
  if (!haveDigits)
    return widened();
  return builder.select(
      haveDigits, [&] { return multiplyDigits(rows, codes, offsets); },
      widened);
}

RecurrentCodes::Values
RecurrentCodes::multiplyDigits(int64_t rows, Value codes,
                               ArrayRef<int64_t> offsets) {
  int64_t vectors = offsets.size();
  Type i32 = builder.getI32Type();
  VectorType integers = builder.vectorType(i32, plan.lanes),
             floats = builder.vectorType(plan.element, plan.lanes);
  TileProduct product = getProduct();
  Values digits, facts, sums;
  for (int64_t row = 0; row < rows; ++row) {
    digits.push_back(digitsOf(row));
    facts.push_back(factsOf(digits.back()));
    for (int64_t v = 0; v < vectors; ++v)
      for (int64_t digit = 0; digit < Digits::count; ++digit)
        sums.push_back(builder.broadcast(
            builder.load(i32, facts[row], builder.i64(digit)), plan.lanes));
  }
  Value middle = builder.constant(integers, double(int32_t(0x80808080)));
  constexpr int64_t unroll = 4;
  sums = forEachStep(
      plan.getCodeSteps(), unroll, sums, [&](Value at, Values next) {
        Value place = builder.mul(at, plan.lanes * kGroup);
        SmallVector<TileProduct::Parts> unsignedCodes;
        for (int64_t offset : offsets)
          unsignedCodes.push_back(product.splitLhs(
              builder, builder.create<arith::XOrIOp>(
                           builder.loadVector(i32, plan.lanes,
                                              builder.bytePtr(codes, place),
                                              builder.i64(offset / 4)),
                           middle)));
        for (int64_t row = 0; row < rows; ++row)
          for (int64_t digit = 0; digit < Digits::count; ++digit) {
            TileProduct::Parts left = product.loadLhs(
                builder, digits[row],
                builder.add(builder.mul(at, 4 * kGroup), digit * kGroup),
                plan.lanes);
            for (int64_t v = 0; v < vectors; ++v) {
              Value &sum = next[(row * vectors + v) * Digits::count + digit];
              sum = product.multiplyAdd(builder, left, unsignedCodes[v], sum);
            }
          }
        return next;
      });
  Values results;
  Value base = builder.constant(floats, 256);
  for (int64_t row = 0; row < rows; ++row) {
    Value scale = builder.broadcast(
        builder.load(plan.element, facts[row], builder.i64(Digits::count)),
        plan.lanes);
    for (int64_t v = 0; v < vectors; ++v) {
      Value number;
      for (int64_t digit = Digits::count - 1; digit >= 0; --digit) {
        Value part = builder.create<arith::SIToFPOp>(
            floats, sums[(row * vectors + v) * Digits::count + digit]);
        number = number ? builder.fma(number, base, part) : part;
      }
      results.push_back(builder.mulf(number, scale));
    }
  }
  return results;
}

RecurrentCodes::Values
RecurrentCodes::multiplyStates(Value states, int64_t rows, Value codes,
                               ArrayRef<int64_t> offsets) {
  int64_t vectors = offsets.size();
  VectorType integers = builder.vectorType(builder.getI32Type(), plan.lanes),
             floats = builder.vectorType(plan.element, plan.lanes);
  auto shift = [&](int64_t bits) {
    return builder.constant(integers, double(bits));
  };
  auto addGroup = [&](Value at, int64_t count, Values next) {
    Value place = builder.mul(at, plan.lanes * kGroup);
    Values dwords;
    for (int64_t offset : offsets)
      dwords.push_back(builder.loadVector(builder.getI32Type(), plan.lanes,
                                          builder.bytePtr(codes, place),
                                          builder.i64(offset / 4)));
    for (int64_t k = 0; k < count; ++k) {
      Values numbers;
      for (Value dword : dwords)
        numbers.push_back(builder.create<arith::SIToFPOp>(
            floats, builder.create<arith::ShRSIOp>(
                        builder.create<arith::ShLIOp>(dword, shift(24 - 8 * k)),
                        shift(24))));
      for (int64_t row = 0; row < rows; ++row) {
        Value state =
            builder.broadcast(builder.load(plan.element, states,
                                           builder.add(builder.mul(at, kGroup),
                                                       row * plan.hidden + k)),
                              plan.lanes);
        for (int64_t v = 0; v < vectors; ++v) {
          Value &sum = next[row * vectors + v];
          sum = builder.fma(state, numbers[v], sum);
        }
      }
    }
    return next;
  };
  Values sums(rows * vectors, builder.constant(floats, 0));
  int64_t whole = plan.hidden / kGroup, rest = plan.hidden % kGroup;
  sums = forEachStep(whole, 1, sums, [&](Value at, Values next) {
    return addGroup(at, kGroup, next);
  });
  if (rest)
    sums = builder.forLoop(builder.i64(whole), unlessSkipped(whole + 1), 1,
                           sums, [&](Value at, ValueRange values) {
                             return addGroup(at, rest, Values(values));
                           });
  return sums;
}
