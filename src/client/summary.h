#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "client/batch.h"
#include "client/write_answer.h"

namespace temperature::client {

// What became of all the readings of one run. Of the conflicting and of the rejected ones the
// kDetailsKept that come first in the input are named.
class Summary {
 public:
  void add(const WriteAnswer& answer, const Batch& batch);

  // Something that never became a reading.
  void reject(std::uint64_t origin, std::string_view reason);

  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::uint64_t conflicts() const { return conflicts_; }
  [[nodiscard]] std::uint64_t rejected() const { return rejected_; }
  [[nodiscard]] std::uint64_t total() const {
    return accepted_ + duplicates_ + conflicts_ + rejected_ + replaced_.value_or(0);
  }

  // One count a line, then the details; `origin` is the word before their number ("line").
  [[nodiscard]] std::string text(std::string_view origin, Duration elapsed) const;

  // The same as one object, without the braces around it.
  [[nodiscard]] std::string json_members(std::string_view origin, Duration elapsed) const;

 private:
  using Details = std::multimap<std::uint64_t, std::string>;
  static void keep(Details& details, std::uint64_t origin, std::string_view reason);

  std::uint64_t accepted_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t conflicts_ = 0;
  std::uint64_t rejected_ = 0;
  std::optional<std::uint64_t> replaced_;  // once an answer has counted it
  Details conflicting_;
  Details rejections_;
};

}  // namespace temperature::client
