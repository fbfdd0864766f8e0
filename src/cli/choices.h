#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace temperature::cli {

// What a flag's value may be, in words that a person understands when it is something else:
// "--format must be csv or ndjson, not "cvs"; did you mean "csv"?". It is the flag's type, too: csv|ndjson.
CLI::Validator one_of(std::vector<std::string> choices);

// A whole number of these.
CLI::Validator between(std::uint64_t least, std::uint64_t most);

}  // namespace temperature::cli
