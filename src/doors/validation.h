#pragma once

#include <string>
#include <string_view>

namespace temperature::doors {

// Collects what is wrong with a request in the shape in which FastAPI answers 422:
// {"detail":[{"type","loc":[...],"msg","input"}]} (docs.pydantic.dev, "Validation Errors").
class Validation {
 public:
  // `where` is "body" or "query"; an empty `field` means all of it. `input` and `context` are JSON.
  void add(std::string_view type, std::string_view where, std::string_view field, std::string_view message,
           std::string_view input, std::string_view context = {});

  [[nodiscard]] bool failed() const { return !errors_.empty(); }
  [[nodiscard]] std::string body() const { return R"({"detail":[)" + errors_ + "]}"; }

 private:
  std::string errors_;
};

}  // namespace temperature::doors
