#include "model/retention.h"

namespace temperature {
namespace {

std::string text_of(Duration length) {
  return length == Duration(0) ? "for ever" : format_duration(length);
}

}  // namespace

std::string Retention::text() const {
  std::string text = text_of(others_);
  for (const auto& [quantity, length] : own_) text += ", " + quantity + "=" + text_of(length);
  return text;
}

}  // namespace temperature
