#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace temperature {

// An integer that is one thing only: ids, slots and positions do not mix. `Tag` names the thing.
template <class Tag, class Integer>
class Strong {
 public:
  using integer_type = Integer;

  constexpr Strong() = default;
  constexpr explicit Strong(Integer value) : value_(value) {}

  [[nodiscard]] constexpr Integer value() const { return value_; }
  constexpr auto operator<=>(const Strong&) const = default;

 private:
  Integer value_ = 0;
};

}  // namespace temperature

template <class Tag, class Integer>
struct std::hash<temperature::Strong<Tag, Integer>> {
  std::size_t operator()(temperature::Strong<Tag, Integer> id) const noexcept {
    return std::hash<Integer>()(id.value());
  }
};
