//===- Fibers.cpp - The threads of a block, taking turns ------------------===//

#include "Fibers.h"

// A test compiles this file a second time with the other choice.
#ifndef LAMBENT_SWITCH_BY_ASSEMBLY
#if defined(__x86_64__) && defined(__ELF__)
#define LAMBENT_SWITCH_BY_ASSEMBLY 1
#else
#define LAMBENT_SWITCH_BY_ASSEMBLY 0
#endif
#endif

#if !LAMBENT_SWITCH_BY_ASSEMBLY
#include <ucontext.h>
#endif

using namespace lambent::cuda;

static constexpr size_t kStackBytes = 64 << 10;

#if LAMBENT_SWITCH_BY_ASSEMBLY

// What a call must preserve goes onto the stack that is left, and comes from
// the one that is entered. A new fiber "returns" to lambent_fiber_start, which
// finds the function in r12 and its argument in rbx.
asm(R"(
  .text
  .hidden lambent_fiber_switch
  .globl lambent_fiber_switch
  .type lambent_fiber_switch, @function
lambent_fiber_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  retq
  .size lambent_fiber_switch, . - lambent_fiber_switch
  .hidden lambent_fiber_start
  .globl lambent_fiber_start
  .type lambent_fiber_start, @function
lambent_fiber_start:
  movq %rbx, %rdi
  callq *%r12
  ud2
  .size lambent_fiber_start, . - lambent_fiber_start
)");

extern "C" void lambent_fiber_switch(void **leftStack, void *enteredStack);
extern "C" void lambent_fiber_start();

struct Fibers::Context {
  void *stack = nullptr;
};

void Fibers::switchTo(Context &from, Context &to) {
  lambent_fiber_switch(&from.stack, to.stack);
}

void Fibers::prepare(int64_t index) {
  auto top = (reinterpret_cast<uintptr_t>(stacks[index].get()) + kStackBytes) &
             ~uintptr_t(15);
  auto **slots = reinterpret_cast<void **>(top - 72);
  slots[3] = reinterpret_cast<void *>(&Fibers::start); // r12
  slots[4] = this;                                     // rbx
  slots[5] = nullptr;                                  // rbp
  slots[6] = reinterpret_cast<void *>(&lambent_fiber_start);
  contexts[index + 1].stack = slots;
  // After its return the stack pointer is top - 16: it must be a multiple of 16
  // at the call in lambent_fiber_start.
  static_assert((72 - 7 * 8) % 16 == 0);
}

#else

struct Fibers::Context {
  ucontext_t state;
};

void Fibers::switchTo(Context &from, Context &to) {
  swapcontext(&from.state, &to.state);
}

/// makecontext passes ints only, so the pointer comes in halves.
static void startByHalves(void (*start)(Fibers *), unsigned high,
                          unsigned low) {
  start(reinterpret_cast<Fibers *>(uintptr_t(high) << 32 | low));
}

void Fibers::prepare(int64_t index) {
  ucontext_t &state = contexts[index + 1].state;
  getcontext(&state);
  state.uc_stack.ss_sp = stacks[index].get();
  state.uc_stack.ss_size = kStackBytes;
  state.uc_link = nullptr;
  auto self = reinterpret_cast<uintptr_t>(this);
  makecontext(&state, reinterpret_cast<void (*)()>(startByHalves), 3,
              &Fibers::start, unsigned(self >> 32), unsigned(self));
}

#endif

Fibers::Fibers() : body(nullptr) {}
Fibers::~Fibers() = default;

void Fibers::start(Fibers *fibers) {
  int64_t index = fibers->current;
  fibers->body(index);
  fibers->ended[index] = true;
  fibers->yield();
  __builtin_unreachable(); // an ended fiber is never entered
}

void Fibers::yield() { switchTo(contexts[current + 1], contexts[0]); }

bool Fibers::run(int64_t count, llvm::function_ref<void(int64_t)> body) {
  this->body = body;
  contexts.resize(count + 1);
  while (int64_t(stacks.size()) < count)
    stacks.emplace_back(new char[kStackBytes]);
  ended.assign(count, false);
  for (int64_t i = 0; i < count; ++i)
    prepare(i);
  bool together = true;
  for (int64_t left = count; left > 0;) {
    int64_t before = left;
    for (current = 0; current < count; ++current) {
      if (ended[current])
        continue;
      switchTo(contexts[0], contexts[current + 1]);
      left -= ended[current];
    }
    together &= left == before || left == 0;
  }
  return together;
}
