#include "mapping/line_fields.h"

#include <algorithm>

#include "ingest/line_protocol.h"

namespace temperature::mapping {

std::optional<LineFields> LineFields::parse(std::string_view text) {
  if (text == "*") return LineFields();
  LineFields fields;
  fields.left_out_ = text.starts_with('!');
  while (true) {
    std::string_view name = text.substr(0, text.find(','));
    const std::size_t written = name.size();
    if (name.starts_with('!') != fields.left_out_) return std::nullopt;
    if (fields.left_out_) name.remove_prefix(1);
    const bool begins = name.ends_with('*');
    if (begins) name.remove_suffix(1);
    if (name.empty() || fields.names_.size() == limits::kLineFieldsNamed) return std::nullopt;
    fields.names_.push_back({std::string(name), begins});
    if (written == text.size()) return fields;
    text.remove_prefix(written + 1);
  }
}

bool LineFields::takes(std::string_view key) const {
  if (takes_all()) return true;
  std::string made;
  if (key.contains('\\')) {
    made = ingest::unescape_line_name(key, ingest::LineName::key_or_value);
    key = made;
  }
  const bool named = std::ranges::any_of(
      names_, [key](const Name& name) { return name.begins ? key.starts_with(name.text) : key == name.text; });
  return named != left_out_;
}

}  // namespace temperature::mapping
