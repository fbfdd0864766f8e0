#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace temperature::cli {

// What a flag's value may be, in words that a person understands when it is something else:
// "--format must be csv or ndjson, not "cvs"; did you mean "csv"?". It is the flag's type, too: csv|ndjson.
CLI::Validator one_of(std::vector<std::string> choices);

// A whole number of these.
CLI::Validator between(std::uint64_t least, std::uint64_t most);

// The moment that a flag names; nullopt where its text is empty. Error usage: it names the flag and what it must be.
Result<std::optional<Timestamp>> optional_time(std::string_view flag, const std::string& text);

}  // namespace temperature::cli
