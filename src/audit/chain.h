#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/entry.h"

namespace temperature::audit {

// Holds a chain of entries against its hashes, from the first to the last. A value; one thread at a time.
class ChainCheck {
 public:
  // The next entry, in order of positions: the key's position, and the value. What does not fit, in words, or nothing;
  // after the first that does not fit nothing more is said, for all behind it hangs on that.
  std::optional<std::string> take(Position key, std::string_view value);
  // The same of a link whose value is not at hand.
  std::optional<std::string> take(const Link& link);
  // There are no more. `head`: what is stored of the chain's end; nullopt: nothing is, which suits an empty chain
  // alone.
  std::optional<std::string> finish(const std::optional<Head>& head);

  // The end of what was taken.
  [[nodiscard]] const Head& end() const { return end_; }

 private:
  std::optional<std::string> broken(std::string what);

  Head end_;
  std::uint64_t taken_ = 0;
  bool broken_ = false;
};

}  // namespace temperature::audit
