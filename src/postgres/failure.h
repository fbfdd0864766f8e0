#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"

namespace temperature::postgres {

// Why the database did not do it.
struct [[nodiscard]] Failure {
  std::string sqlstate = {};     // five characters (PostgreSQL, appendix A); empty when no server said anything
  std::string text = {};         // one line for people; never a password
  bool connection_lost = false;  // nothing more can be done over this connection
  bool stopped = false;          // Options::stop or Connection::interrupt() ended it, and the connection with it

  // Whether the SQLSTATE is of that class: "23" is an integrity constraint, "57" an operator's intervention.
  [[nodiscard]] bool is_of_class(std::string_view first_two) const { return sqlstate.starts_with(first_two); }
};

template <class T>
using Outcome = std::expected<T, Failure>;

// For who knows errors alone: "what could not be done: why". Error startup.
Error as_error(std::string_view what, const Failure& failure);

// Message, detail and hint of a server on one line that a terminal and a log may get.
std::string one_line(std::string_view text);

}  // namespace temperature::postgres
