//===- SortRows.cpp - The order in which rows ascend ----------------------===//
//
// Rows of one element are sorted digit by digit (SortDigits). Others by a merge
// sort from below: runs of 1, 2, 4 ... neighbours that ascend are merged from
// one list of rows to another and back. Which of two rows is next is computed
// without a branch; rows are compared in a loop.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "Lanes.h"
#include "SortDigits.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class SortRows {
public:
  SortRows(lir::SortRowsOp op, KernelBuilder &builder)
      : builder(builder), i64(builder.getI64Type()),
        isUnsigned(op.getUnsignedElements()) {
    auto type = cast<MemRefType>(op.getInput().getType());
    stored = type.getElementType();
    compared = lir::getAccumulatorType(stored);
    hasOneColumn = type.getDimSize(1) == 1;
    rows = builder.getSize(op.getInput(), 0);
    columns = builder.getSize(op.getInput(), 1);
  }

  void emit() {
    Value output = builder.getBuffer(1);
    builder.forLoop(builder.i64(0), rows, 1,
                    [&](Value row) { builder.store(row, output, row); });
    Value sorted = hasOneColumn ? sortByDigits(output, builder.getScratch())
                                : mergeAll(output, builder.getScratch());
    Value isElsewhere =
        LLVM::ICmpOp::create(builder, builder.getI1Type(),
                             LLVM::ICmpPredicate::ne, sorted, output);
    builder.ifThen(isElsewhere, [&] {
      builder.forLoop(builder.i64(0), rows, 1, [&](Value place) {
        builder.store(builder.load(i64, sorted, place), output, place);
      });
    });
  }

private:
  /// The counts lie behind the other list.
  Value sortByDigits(Value from, Value to) {
    Value counts = builder.bytePtr(to, builder.mul(rows, 8));
    SortDigits digits(builder, compared, isUnsigned, counts, [&](Value row) {
      return convertFloat(
          builder, builder.load(stored, builder.getBuffer(0), row), compared);
    });
    return digits.sort(rows, from, to);
  }

  /// Merges runs until there is one; the list that holds it.
  Value mergeAll(Value from, Value to) {
    Location loc = builder.getLoc();
    SmallVector<Type> types{i64, from.getType(), to.getType()};
    SmallVector<Location> locations(types.size(), loc);
    auto loop = scf::WhileOp::create(
        builder, types, ValueRange{builder.i64(1), from, to});
    OpBuilder::InsertionGuard guard(builder);
    ValueRange state =
        builder.createBlock(&loop.getBefore(), {}, types, locations)
            ->getArguments();
    scf::ConditionOp::create(builder, builder.lessThan(state[0], rows), state);
    state = builder.createBlock(&loop.getAfter(), {}, types, locations)
                ->getArguments();
    mergeRuns(state[0], state[1], state[2]);
    scf::YieldOp::create(
        builder, ValueRange{builder.mul(state[0], 2), state[2], state[1]});
    return loop.getResult(1);
  }

  /// Merges each two runs of `length`.
  void mergeRuns(Value length, Value from, Value to) {
    Value pair = builder.mul(length, 2);
    Value count = arith::CeilDivUIOp::create(builder, rows, pair);
    builder.forLoop(builder.i64(0), count, 1, [&](Value index) {
      Value first = builder.mul(index, pair),
            middle = builder.min(builder.add(first, length), rows),
            end = builder.min(builder.add(first, pair), rows);
      merge(first, middle, end, from, to);
    });
  }

  /// Merges [first, middle) and [middle, end).
  void merge(Value first, Value middle, Value end, Value from, Value to) {
    Value one = builder.i64(1), lastLeft = builder.sub(middle, one),
          lastRight = builder.sub(end, one);
    builder.forLoop(
        first, end, 1, {first, middle}, [&](Value place, ValueRange next) {
          Value left = builder.load(i64, from, builder.min(next[0], lastLeft)),
                right =
                    builder.load(i64, from, builder.min(next[1], lastRight));
          Value leftIsLeft = builder.lessThan(next[0], middle),
                rightIsLeft = builder.lessThan(next[1], end);
          Value isRight = arith::SelectOp::create(
              builder, leftIsLeft,
              arith::AndIOp::create(builder, rightIsLeft,
                                    isBefore(right, left)),
              rightIsLeft);
          builder.store(
              arith::SelectOp::create(builder, isRight, right, left), to,
              place);
          Value step = arith::ExtUIOp::create(builder, i64, isRight);
          return SmallVector<Value>{
              builder.add(next[0], builder.sub(one, step)),
              builder.add(next[1], step)};
        });
  }

  Value load(Value row, Value column) {
    Value place = builder.add(builder.mul(row, columns), column);
    return convertFloat(builder,
                        builder.load(stored, builder.getBuffer(0), place),
                        compared);
  }

  Value isLess(Value a, Value b) {
    if (!isa<FloatType>(compared)) {
      bool isBool = compared.isInteger(1);
      return arith::CmpIOp::create(builder,
                                   isUnsigned || isBool
                                       ? arith::CmpIPredicate::ult
                                       : arith::CmpIPredicate::slt,
                                   a, b);
    }
    auto compare = [&](arith::CmpFPredicate predicate, Value x, Value y) {
      return arith::CmpFOp::create(builder, predicate, x, y);
    };
    using P = arith::CmpFPredicate;
    // NaN is the largest.
    Value onlyB = arith::AndIOp::create(builder, compare(P::ORD, a, a),
                                        compare(P::UNO, b, b));
    return arith::OrIOp::create(builder, compare(P::OLT, a, b), onlyB);
  }

  /// Whether row `a` is less than row `b`.
  Value isBefore(Value a, Value b) {
    Location loc = builder.getLoc();
    Type i1 = builder.getI1Type();
    Value no = builder.create<arith::ConstantIntOp>(0, 1);
    // Until one of them is less: the column, and whether it is a.
    auto loop = scf::WhileOp::create(builder, TypeRange{i64, i1},
                                     ValueRange{builder.i64(0), no});
    OpBuilder::InsertionGuard guard(builder);
    Value column = builder
                       .createBlock(&loop.getBefore(), {}, TypeRange{i64, i1},
                                    {loc, loc})
                       ->getArgument(0);
    auto choice =
        scf::IfOp::create(builder, TypeRange{i1, i1},
                          builder.lessThan(column, columns), true);
    {
      OpBuilder::InsertionGuard inner(builder);
      builder.setInsertionPointToStart(choice.thenBlock());
      Value x = load(a, column), y = load(b, column);
      Value less = isLess(x, y), more = isLess(y, x);
      Value differs = arith::OrIOp::create(builder, less, more);
      Value goesOn = arith::XOrIOp::create(
          builder, differs, builder.create<arith::ConstantIntOp>(1, 1));
      scf::YieldOp::create(builder, ValueRange{goesOn, less});
      builder.setInsertionPointToStart(choice.elseBlock());
      Value none = builder.create<arith::ConstantIntOp>(0, 1);
      scf::YieldOp::create(builder, ValueRange{none, none});
    }
    scf::ConditionOp::create(builder, choice.getResult(0),
                             ValueRange{column, choice.getResult(1)});
    ValueRange state = builder
                           .createBlock(&loop.getAfter(), {},
                                        TypeRange{i64, i1}, {loc, loc})
                           ->getArguments();
    scf::YieldOp::create(builder,
                         ValueRange{builder.add(state[0], 1), state[1]});
    return loop.getResult(1);
  }

  KernelBuilder &builder;
  Type i64, stored, compared;
  bool isUnsigned, hasOneColumn;
  Value rows, columns;
};

struct SortRowsKernel
    : CPUKernelOpInterface::ExternalModel<SortRowsKernel, lir::SortRowsOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    SortRows(cast<lir::SortRowsOp>(op), builder).emit();
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &) const { return 1; }
  /// Another list of rows, and the counts of digits.
  Size getScratchBytes(Operation *op, const TargetInfo &) const {
    auto type =
        cast<MemRefType>(cast<lir::SortRowsOp>(op).getInput().getType());
    Size list = lir::getSizes(cast<lir::SortRowsOp>(op).getInput())[0] * 8;
    if (type.getDimSize(1) != 1)
      return list;
    return list + SortDigits::getCountBytes(
                      lir::getAccumulatorType(type.getElementType()));
  }
};

} // namespace

void cpu::attachSortRowsKernel(MLIRContext &context) {
  lir::SortRowsOp::attachInterface<SortRowsKernel>(context);
}
