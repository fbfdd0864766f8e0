#include "mapping/passed_over.h"

#include "mapping/series_cache.h"

namespace temperature::mapping {

PassedOver::Noted* PassedOver::note(std::string_view series, PassedOverField field) {
  std::string key(series.substr(0, limits::kLineSeriesBytesMax));
  key += '\n';  // in neither part
  key += field.key;
  const std::lock_guard lock(mutex_);
  if (const auto found = noted_.find(key); found != noted_.end()) return found->second.get();
  if (noted_.size() == limits::kPassedOverKept) return nullptr;
  auto noted = std::make_unique<Noted>();
  noted->field_ = std::move(field);
  noted->field_.door = door_;
  noted->field_.sender = sender_;
  return noted_.emplace(std::move(key), std::move(noted)).first->second.get();
}

std::vector<PassedOverField> PassedOver::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<PassedOverField> fields;
  for (const auto& [key, noted] : noted_) {
    PassedOverField& field = fields.emplace_back(noted->field_);
    field.count = noted->count_.load(std::memory_order_relaxed);
    field.last = timestamp_from_ms(noted->last_ms_.load(std::memory_order_relaxed));
  }
  return fields;
}

}  // namespace temperature::mapping
