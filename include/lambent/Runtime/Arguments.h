//===- Arguments.h - What callers of the C API give -------------*- C++ -*-===//
//
// Nothing that a caller gives is trusted: null pointers, structures of another
// size and numbers out of range become a status that names the function or the
// field.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_ARGUMENTS_H
#define LAMBENT_RUNTIME_ARGUMENTS_H

#include "lambent/Runtime/Status.h"
#include <initializer_list>
#include <string.h>

namespace lambent::runtime {

/// A pointer that a function of the C API was given, by the parameter's name in
/// the header.
struct Argument {
  const char *name;
  const void *value;
};

/// Names the first of the arguments that is null.
[[nodiscard]] inline LambentStatus *
requireArguments(const char *function,
                 std::initializer_list<Argument> arguments) {
  for (const Argument &argument : arguments)
    if (!argument.value)
      return makeError("%s: expected a value for '%s', but got a null pointer",
                       function, argument.name);
  return nullptr;
}

/// A field that is 0 or 1.
[[nodiscard]] inline LambentStatus *requireFlag(const char *field,
                                                uint32_t value) {
  return value <= 1
             ? nullptr
             : makeError("%s: expected 0 or 1, but got %u", field, value);
}

/// A field that means nothing yet: one that is set asks for what a later
/// version has.
[[nodiscard]] inline LambentStatus *requireZero(const char *field,
                                                uint32_t value) {
  return value == 0 ? nullptr
                    : makeError("%s: expected 0, but got %u", field, value);
}

/// Copies a structure that a caller filled in; what a null pointer stands for
/// is all zeros. A structure of an application that was built with an older
/// header is shorter, but not than `leastSize`: what it lacks is zero.
template <typename T>
[[nodiscard]] LambentStatus *readStructure(const T *given, const char *name,
                                           T &structure,
                                           size_t leastSize = sizeof(T)) {
  structure = {};
  if (given && given->size < leastSize)
    return makeError("%s.size is %zu, but expected at least %zu", name,
                     given->size, leastSize);
  if (given)
    memcpy(&structure, given,
           given->size < sizeof(T) ? given->size : sizeof(T));
  return nullptr;
}

} // namespace lambent::runtime

#endif
