// values.hpp: what calls take and return: statuses, results, tensors. Part of lambent.hpp.
#ifndef LAMBENT_C_VALUES_HPP
#define LAMBENT_C_VALUES_HPP

#include "lambent-c/runtime.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lambent {
inline namespace v1 {

/// What a call that can fail returns: true, or false with a code and a message.
class [[nodiscard]] Status {
public:
  Status() = default;
  explicit Status(LambentStatus *status) : handle(status) {}

  explicit operator bool() const { return !handle; }
  LambentStatusCode code() const { return lambent_status_code(handle.get()); }
  std::string message() const { return lambent_status_message(handle.get()); }

private:
  struct Destroy {
    void operator()(LambentStatus *status) const { lambent_status_destroy(status); }
  };
  std::unique_ptr<LambentStatus, Destroy> handle;
};

/// A value, or the status that says why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : content(std::move(value)) {}
  Result(Status status) : failure(std::move(status)) {}

  explicit operator bool() const { return content.has_value(); }
  LambentStatusCode code() const { return failure.code(); }
  std::string message() const { return failure.message(); }
  T &operator*() { return *content; }
  const T &operator*() const { return *content; }
  T *operator->() { return &*content; }
  const T *operator->() const { return &*content; }

private:
  std::optional<T> content;
  Status failure;
};

/// The DLPack type of a C++ type.
template <typename T> constexpr LambentDataType dataType() {
  static_assert(std::is_arithmetic_v<T> || std::is_same_v<T, LambentString>,
                "give other element types by LambentDataType");
  if constexpr (std::is_same_v<T, LambentString>)
    return {LAMBENT_STRING, 8 * sizeof(T), 1};
  else if constexpr (std::is_same_v<T, bool>)
    return {LAMBENT_BOOL, 8, 1};
  else if constexpr (std::is_floating_point_v<T>)
    return {LAMBENT_FLOAT, 8 * sizeof(T), 1};
  else
    return {static_cast<std::uint8_t>(std::is_signed_v<T> ? LAMBENT_INT : LAMBENT_UINT), 8 * sizeof(T), 1};
}

/// Elements of a tensor of strings, whose bytes stay where they are.
inline std::vector<LambentString> viewStrings(const std::vector<std::string> &strings) {
  std::vector<LambentString> views;
  for (const std::string &string : strings)
    views.push_back({string.data(), string.size()});
  return views;
}
/// An element of an output of strings: its bytes are an input's or the module's, and must be copied before either goes.
inline std::string_view view(const LambentString &string) {
  return string.length ? std::string_view(string.data, string.length) : std::string_view();
}

/// A view of row-major data that someone else owns.
class Tensor {
public:
  /// Element types beyond C++'s own (bfloat16, ...) are given by `elementType`.
  Tensor(void *elements, LambentDataType elementType, std::vector<std::int64_t> shape)
      : data(elements), type(elementType), dims(std::move(shape)) {}
  template <typename T>
  Tensor(T *elements, std::vector<std::int64_t> shape)
      : Tensor(const_cast<std::remove_const_t<T> *>(elements), dataType<std::remove_const_t<T>>(), std::move(shape)) {}

  /// The same in donated memory that is longer (see LambentDonation): steps of the dims, in elements; none: dense.
  Tensor withStrides(std::vector<std::int64_t> strides) const {
    Tensor tensor = *this;
    tensor.steps = std::move(strides);
    return tensor;
  }

  /// Valid while this tensor lives and keeps its dims.
  LambentTensor get() const {
    return {data, {LAMBENT_DEVICE_CPU, 0}, static_cast<std::int32_t>(dims.size()), type,
            const_cast<std::int64_t *>(dims.data()), steps.empty() ? nullptr : const_cast<std::int64_t *>(steps.data()), 0};
  }

private:
  void *data;
  LambentDataType type;
  std::vector<std::int64_t> dims, steps;
};

namespace detail {
template <auto destroy> struct Destroy {
  template <typename T> void operator()(T *handle) const { destroy(handle); }
};
template <typename T, auto destroy> using Handle = std::unique_ptr<T, Destroy<destroy>>;

inline std::vector<LambentTensor> getAll(const std::vector<Tensor> &tensors) {
  std::vector<LambentTensor> all;
  for (const Tensor &tensor : tensors)
    all.push_back(tensor.get());
  return all;
}
} // namespace detail

} // namespace v1
} // namespace lambent

#endif
