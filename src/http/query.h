#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace temperature::http {

// The parameters of a query. Names and values are decoded; each name stands once, unless it may stand more often.
class Query {
 public:
  // `lists`: the names that may stand more than once.
  // Error parameter_invalid: malformed escape, not UTF-8, a name that stands twice, too many.
  static Result<Query> parse(std::string_view text, std::span<const std::string_view> lists = {});

  // Errors parameter_unknown: one that is not among `known`; names it and those that there are. parameter_invalid: one
  // that is empty, which might be meant as "all" or as "none".
  [[nodiscard]] Result<void> allow_only(std::initializer_list<std::string_view> known) const;

  // nullptr when it is absent.
  [[nodiscard]] const std::string* find(std::string_view name) const;

  // Errors parameter_missing, parameter_invalid: name the parameter and what it must be.
  // Of a list of names, repeated or with commas between: 1..max different names, in their order. A text with a comma
  // that `is_name` says is one name (nullptr: none is) stays whole.
  using IsName = std::function<bool(const std::string& text)>;
  [[nodiscard]] Result<std::vector<std::string>> required_names(std::string_view name, std::size_t max,
                                                                const IsName& is_name = nullptr) const;
  // The elements of a list of words, repeated or with commas between; empty when it is absent. Error parameter_invalid:
  // an element is empty.
  [[nodiscard]] Result<std::vector<std::string>> words(std::string_view name) const;
  [[nodiscard]] Result<std::string> required_name(std::string_view name) const;
  [[nodiscard]] Result<std::string> name_or(std::string_view name, std::string_view otherwise) const;
  [[nodiscard]] Result<std::optional<std::string>> optional_name(std::string_view name) const;
  // A time: what read_time() takes (a plus that arrives as a blank is one), milliseconds since 1970 or, told by their
  // number, microseconds; a date, which is its midnight in UTC; `now`; `-1h` or `now-1h`, so long before `now`.
  [[nodiscard]] Result<std::optional<Timestamp>> moment(std::string_view name, Timestamp now) const;
  // Whether the parameter is a time that is told from `now` on.
  [[nodiscard]] bool from_now(std::string_view name) const;
  [[nodiscard]] Result<Duration> duration_or(std::string_view name, Duration otherwise, Duration min,
                                             Duration max) const;
  [[nodiscard]] Result<std::size_t> count_or(std::string_view name, std::size_t otherwise, std::size_t max) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

// Errors as Query::parse() and Query::allow_only(): of an address that takes none.
Result<void> takes_no_parameters(std::string_view query);

// The parameter p of the addresses that InfluxDB's clients of version 1 write to and ask (/write, /query): there a
// credential may stand in the query. Empty at other addresses, and where there is none.
std::string password_in(std::string_view path, std::string_view query);

// Whether `text` can be a building, room, sensor or quantity: UTF-8 without control characters, 1 to
// limits::kNameBytesMax bytes, of a sensor limits::kSensorNameBytesMax. `what` names the parameter, and with it which
// of them is meant, in the error parameter_invalid too.
Result<void> check_name(std::string_view what, std::string_view text);

}  // namespace temperature::http
