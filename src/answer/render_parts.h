#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

// What all answers have in common, appended to a string.
namespace temperature::answer {

// In quotes.
void append_moment(std::string& out, Timestamp moment);

// A unit that no reading named yet is null.
void append_unit(std::string& out, const std::string& unit);

// The member "detail", behind others, when there is something to say.
void append_detail(std::string& out, const std::string& detail);

// The member "next", which is null on the last page, and the end of the answer.
void append_next(std::string& out, const std::string& next);

}  // namespace temperature::answer
