#include "doors/validation.h"

#include "base/json_text.h"

namespace temperature::doors {

void Validation::add(std::string_view type, std::string_view where, std::string_view field, std::string_view message,
                     std::string_view input, std::string_view context) {
  if (!errors_.empty()) errors_.push_back(',');
  errors_ += R"({"type":)";
  append_json_string(errors_, type);
  errors_ += R"(,"loc":[)";
  append_json_string(errors_, where);
  if (!field.empty()) {
    errors_.push_back(',');
    append_json_string(errors_, field);
  }
  errors_ += R"(],"msg":)";
  append_json_string(errors_, message);
  errors_ += R"(,"input":)";
  errors_ += input;
  if (!context.empty()) {
    errors_ += R"(,"ctx":)";
    errors_ += context;
  }
  errors_.push_back('}');
}

}  // namespace temperature::doors
