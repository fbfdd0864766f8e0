#pragma once

#include <fmt/format.h>

#include <string>

#include "base/error.h"
#include "base/utf8.h"
#include "http/query.h"
#include "model/deletion.h"

namespace temperature::doors {

// Why somebody deletes or replaces readings: the parameter `reason`; empty when there is none. Error parameter_invalid:
// it is longer than limits::kReasonBytesMax bytes, or has control characters.
inline Result<std::string> reason_of(const http::Query& query) {
  const std::string* text = query.find("reason");
  if (text == nullptr) return std::string();
  if (has_control_characters(*text)) {
    return failure(ErrorCode::parameter_invalid, "reason has control characters; it is one line of text");
  }
  if (text->size() <= limits::kReasonBytesMax) return *text;
  return failure(ErrorCode::parameter_invalid,
                 fmt::format("reason has {} bytes; {} are the most", text->size(), limits::kReasonBytesMax));
}

}  // namespace temperature::doors
