#include "catalogue/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/check.h"
#include "base/memory_reserve.h"
#include "catalogue/tables.h"
#include "catalogue/units.h"
#include "model/name.h"
#include "model/name_limits.h"

namespace temperature::catalogue {
namespace {

// However they are written.
bool same_unit(std::string_view quantity, std::string_view unit, std::string_view given) {
  const auto change = change_of(quantity, unit, given, ReadingRules::current);
  return change && change->none();
}

}  // namespace

namespace {

bool has_normal_names(const SeriesKey& key) {
  return is_normal_name(key.building) && is_normal_name(key.room) && is_normal_name(key.sensor) &&
         is_normal_name(key.quantity);
}

}  // namespace

Catalogue::Catalogue(std::size_t series_max, ReadingRules reading_rules, QuantityLimits quantities)
    : reading_rules_(reading_rules), tables_(std::make_unique<Tables>(series_max, quantities)) {}
Catalogue::~Catalogue() = default;

Catalogue::Reader::Reader(const Catalogue& catalogue)
    : catalogue_(catalogue),
      lock_(catalogue.mutex_),
      guess_(kNone),
      any_left_(catalogue.tables_->series_counted < catalogue.tables_->series.size()) {}

bool Catalogue::Reader::has_left(SeriesId id) const {
  return any_left_ && catalogue_.tables_->series[id.value()].has_left();
}

std::optional<Catalogue::Found> Catalogue::Reader::find(const SeriesKey& key) {
  Tables& tables = *catalogue_.tables_;
  const std::uint32_t before = guess_;
  if (before != kNone) {
    const std::uint32_t follower = tables.series[before].followed_by.load(std::memory_order_relaxed);
    if (follower != kNone && tables.series_is(follower, key) && !tables.series[follower].has_left()) {
      guess_ = follower;
      return tables.found(follower);
    }
  }
  const auto found = tables.series_by_key.find(key);
  if (found == tables.series_by_key.end()) return std::nullopt;
  if (tables.series[found->value].retired || tables.series[found->value].has_left()) return std::nullopt;
  guess_ = found->value;
  if (before != kNone) tables.series[before].followed_by.store(guess_, std::memory_order_relaxed);
  return tables.found(guess_);
}

std::optional<UnitChange> Catalogue::Reader::unit_change(std::string_view quantity, std::string_view unit,
                                                         ReadingRules rules, bool& fixes) const {
  fixes = false;
  if (const auto built_in = built_in_unit(quantity)) return change_of(quantity, *built_in, unit, rules);
  const Tables& tables = *catalogue_.tables_;
  const std::uint32_t i = tables.find_quantity(quantity);
  fixes = i == kNone || tables.quantities[i]->unit.empty();
  if (fixes) return UnitChange{};
  return change_of(quantity, tables.quantities[i]->unit, unit, rules);
}

Result<Catalogue::Found> Catalogue::define(const SeriesKey& key, std::uint32_t of_sensor_max) {
  const MustNotRunOut half_a_series;
  const std::unique_lock lock(mutex_);
  Tables& tables = *tables_;
  const auto known = tables.series_by_key.find(key);
  const bool is_known = known != tables.series_by_key.end();
  if (is_known && !tables.series[known->value].has_left()) return tables.found(known->value);

  if (auto may = tables.may_count(key, of_sensor_max); !may) return std::unexpected(std::move(may.error()));
  if (!is_known) return tables.found(tables.add_series(key));
  tables.count(known->value, Standing::arriving);
  return tables.found(known->value);
}

Result<void> Catalogue::define_unit(const SeriesKey& key, std::string_view unit, std::uint32_t of_sensor_max) {
  const MustNotRunOut half_a_quantity;
  const std::unique_lock lock(mutex_);
  Tables& tables = *tables_;
  const auto known = tables.series_by_key.find(key);
  const bool counts = known != tables.series_by_key.end() && !tables.series[known->value].has_left();
  if (!built_in_unit(key.quantity) && !counts) {
    if (auto may = tables.may_count(key, of_sensor_max); !may) return may;
  }
  return tables.fix_unit(key.quantity, unit);
}

Result<void> Catalogue::define_unit(std::string_view quantity, std::string_view unit) {
  const std::unique_lock lock(mutex_);
  return tables_->fix_unit(quantity, unit);
}

Result<void> Catalogue::Tables::fix_unit(std::string_view quantity, std::string_view unit) {
  Tables& tables = *this;
  if (const auto built_in = built_in_unit(quantity)) {
    if (same_unit(quantity, *built_in, unit)) return {};
    return failure(ErrorCode::unit_mismatch, fmt::format("{} is measured in {}, not in {}", quantity, *built_in, unit));
  }
  std::uint32_t i = tables.find_quantity(quantity);
  if (i == kNone) i = tables.add_quantity(quantity);
  QuantityInfo& info = *tables.quantities[i];
  if (info.unit.empty()) {
    info.unit = unit;
    tables.log.push_back(i | Tables::kUnitBit);
    return {};
  }
  if (same_unit(quantity, info.unit, unit)) return {};
  return failure(ErrorCode::unit_mismatch, fmt::format("{} is measured in {}, not in {}", quantity, info.unit, unit));
}

std::uint64_t Catalogue::definitions() const {
  const std::shared_lock lock(mutex_);
  return tables_->log.size();
}

// Entries never change: between two parts of a long list others get their turn.
std::vector<Definition> Catalogue::definitions(std::uint64_t from, std::uint64_t to) const {
  constexpr std::uint64_t kAtOnce = 2'048;
  CHECK(from <= to);
  std::vector<Definition> entries;
  entries.reserve(to - from);
  while (from < to) {
    const std::shared_lock lock(mutex_);
    CHECK(to <= tables_->log.size());
    for (const std::uint64_t end = std::min(from + kAtOnce, to); from < end; ++from) {
      const std::uint32_t entry = tables_->log[from];
      if ((entry & Tables::kUnitBit) != 0) {
        const QuantityInfo& quantity = *tables_->quantities[entry & ~Tables::kUnitBit];
        entries.emplace_back(UnitDefined{quantity.name, quantity.unit});
      } else {
        const SeriesKey key = tables_->series_key(entry);
        entries.emplace_back(SeriesDefined{SeriesId(entry), std::string(key.building), std::string(key.room),
                                           std::string(key.sensor), std::string(key.quantity)});
      }
    }
  }
  return entries;
}

Result<void> Catalogue::restore(const Definition& definition) {
  if (const auto* unit = std::get_if<UnitDefined>(&definition)) {
    auto defined = define_unit(unit->quantity, unit->unit);
    return defined ? defined : failure(ErrorCode::journal_damaged, std::move(defined.error().detail));
  }
  const auto& series = std::get<SeriesDefined>(definition);
  for (const std::string* name : {&series.building, &series.room, &series.sensor, &series.quantity}) {
    if (name->size() > (name == &series.sensor ? limits::kSensorNameBytesMax : limits::kNameBytesMax)) {
      return failure(ErrorCode::journal_damaged,
                     fmt::format("series {} has a name that is too long", series.id.value()));
    }
  }
  const SeriesKey key{series.building, series.room, series.sensor, series.quantity};
  const std::unique_lock lock(mutex_);
  const std::size_t count = tables_->series.size();
  const bool known = series.id.value() < count && tables_->series_is(series.id.value(), key);
  if (known) return {};
  if (series.id.value() != count) {
    return failure(ErrorCode::journal_damaged,
                   fmt::format("series {} is defined where series {} was expected", series.id.value(), count));
  }
  if (const auto before = tables_->series_by_key.find(key); before != tables_->series_by_key.end()) {
    return failure(ErrorCode::journal_damaged,
                   fmt::format("series {} is defined again as {}", before->value, series.id.value()));
  }
  // What was accepted once stays, whatever the limits are now.
  if (auto has = tables_->has_slot(key); !has) {
    return failure(ErrorCode::journal_damaged, std::move(has.error().detail));
  }
  const std::uint32_t added = tables_->add_series(key);
  tables_->series[added].retired = reading_rules_ == ReadingRules::current && !has_normal_names(key);
  return {};
}

std::size_t Catalogue::series_count() const {
  const std::shared_lock lock(mutex_);
  return tables_->series.size();
}

Catalogue::Counted Catalogue::counted() const {
  const std::shared_lock lock(mutex_);
  return {tables_->series_counted, tables_->windows_counted, tables_->quantities_counted};
}

std::size_t Catalogue::window_count() const {
  const std::shared_lock lock(mutex_);
  return tables_->windows.size();
}

// That a reading has reached a series changes no count: a shared lock will do, but for those that had left.
void Catalogue::arrived(std::span<const SeriesId> series) {
  bool back = false;
  {
    const std::shared_lock lock(mutex_);
    for (const SeriesId id : series) {
      SeriesRow& row = tables_->series[id.value()];
      back = back || row.has_left();
      if (!row.has_left()) row.standing.store(Standing::present, std::memory_order_relaxed);
    }
  }
  if (!back) return;
  const MustNotRunOut half_a_count;
  const std::unique_lock lock(mutex_);
  for (const SeriesId id : series) {
    if (tables_->series[id.value()].has_left()) tables_->count(id.value(), Standing::present);
  }
}

void Catalogue::note(WindowId id, const std::vector<bool>& has_readings, Arrivals arrivals,
                     std::vector<SeriesId>& left) {
  const auto has = [&](const SeriesRow& row) { return row.slot < has_readings.size() && has_readings[row.slot]; };
  const auto as_it_is = [&](const SeriesRow& row) {
    const Standing standing = row.standing.load(std::memory_order_relaxed);
    if (has(row)) return standing == Standing::present;
    return standing == Standing::left || (arrivals == Arrivals::wait && standing != Standing::present);
  };
  std::vector<std::uint32_t> others;
  {
    const std::shared_lock lock(mutex_);
    for (std::uint32_t i = tables_->windows[id.value()].first_series; i != kNone;
         i = tables_->series[i].next_in_window) {
      if (!as_it_is(tables_->series[i])) others.push_back(i);
    }
  }
  if (others.empty()) return;
  const MustNotRunOut half_a_count;
  const std::unique_lock lock(mutex_);
  for (const std::uint32_t i : others) {
    SeriesRow& row = tables_->series[i];
    const Standing standing = row.standing.load(std::memory_order_relaxed);
    if (has(row)) {
      if (standing == Standing::left) tables_->count(i, Standing::present);
      row.standing.store(Standing::present, std::memory_order_relaxed);
    } else if (arrivals == Arrivals::older && standing == Standing::arriving) {
      row.standing.store(Standing::arriving_long, std::memory_order_relaxed);
    } else if (!as_it_is(row)) {
      tables_->leave(i);
      left.emplace_back(i);
    }
  }
}

SeriesInfo Catalogue::series(SeriesId id) const {
  const std::shared_lock lock(mutex_);
  return tables_->info(id.value());
}

Place Catalogue::place(SeriesId id) const {
  const std::shared_lock lock(mutex_);
  return tables_->found(id.value()).place;
}

std::optional<SeriesId> Catalogue::set_places(ReadingColumns& rows) const {
  const std::shared_lock lock(mutex_);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows.series[row].value() >= tables_->series.size()) return rows.series[row];
    rows.places[row] = tables_->found(rows.series[row].value()).place;
  }
  return std::nullopt;
}

WindowInfo Catalogue::window(WindowId id) const {
  const std::shared_lock lock(mutex_);
  const WindowRow& row = tables_->windows[id.value()];
  const RoomRow& room = tables_->rooms[row.room];
  return {id, room.building.text(), room.room.text(), tables_->quantities[row.quantity]->name};
}

std::string Catalogue::unit(std::string_view quantity) const {
  if (const auto built_in = built_in_unit(quantity)) return std::string(*built_in);
  const std::shared_lock lock(mutex_);
  const std::uint32_t i = tables_->find_quantity(quantity);
  return i == kNone ? std::string() : tables_->quantities[i]->unit;
}

std::optional<WindowId> Catalogue::find_window(std::string_view building, std::string_view room,
                                               std::string_view quantity) const {
  const std::shared_lock lock(mutex_);
  const std::uint32_t r = tables_->find_room(building, room);
  const std::uint32_t q = tables_->find_quantity(quantity);
  const std::uint32_t window = r == kNone || q == kNone ? kNone : tables_->find_window(r, q);
  return window == kNone ? std::nullopt : std::optional(WindowId(window));
}

bool Catalogue::room_known(std::string_view building, std::string_view room) const {
  const std::shared_lock lock(mutex_);
  return tables_->find_room(building, room) != kNone;
}

std::vector<WindowId> Catalogue::room_windows(std::string_view building, std::string_view room) const {
  const std::shared_lock lock(mutex_);
  const std::uint32_t i = tables_->find_room(building, room);
  return i == kNone ? std::vector<WindowId>{} : tables_->room_windows(i);
}

std::vector<SeriesInfo> Catalogue::window_series(WindowId id) const {
  const std::shared_lock lock(mutex_);
  std::vector<SeriesInfo> all;
  all.reserve(tables_->windows[id.value()].series);
  for (std::uint32_t i = tables_->windows[id.value()].first_series; i != kNone; i = tables_->series[i].next_in_window) {
    all.push_back(tables_->info(i));
  }
  return all;
}

std::optional<SeriesInfo> Catalogue::find_sensor(WindowId id, std::string_view sensor) const {
  const WindowInfo home = window(id);
  const std::shared_lock lock(mutex_);
  const auto found = tables_->series_by_key.find(SeriesKey{home.building, home.room, sensor, home.quantity});
  if (found == tables_->series_by_key.end()) return std::nullopt;
  return tables_->info(found->value);
}

// Names stay where they are, so that they can be compared without a lock; tables are only looked at under one, and not
// for long.
void Catalogue::sort_rooms() const {
  struct Fresh {
    std::pair<std::string_view, std::string_view> key;
    std::uint32_t room = 0;
  };
  std::vector<std::uint32_t>& sorted = tables_->rooms_sorted;
  std::vector<Fresh> fresh;
  {
    const std::shared_lock lock(mutex_);
    fresh.reserve(tables_->rooms.size() - sorted.size());
    for (std::size_t i = sorted.size(); i < tables_->rooms.size(); ++i) {
      fresh.push_back({tables_->listed_as(i), static_cast<std::uint32_t>(i)});
    }
  }
  if (fresh.empty()) return;
  std::ranges::sort(fresh, {}, &Fresh::key);
  std::vector<std::uint32_t> merged;
  merged.reserve(sorted.size() + fresh.size());
  auto rest = sorted.begin();
  constexpr std::size_t kAtOnce = 1'024;
  for (std::size_t done = 0; done < fresh.size(); done += kAtOnce) {
    const std::shared_lock lock(mutex_);
    for (const Fresh& each : std::span(fresh).subspan(done, std::min(kAtOnce, fresh.size() - done))) {
      const auto next = std::upper_bound(rest, sorted.end(), each.key, [this](const auto& key, std::uint32_t i) {
        return key < tables_->listed_as(i);
      });
      merged.insert(merged.end(), rest, next);
      merged.push_back(each.room);
      rest = next;
    }
  }
  merged.insert(merged.end(), rest, sorted.end());
  sorted = std::move(merged);
}

std::vector<Catalogue::Room> Catalogue::rooms(std::optional<std::string_view> building,
                                              std::pair<std::string_view, std::string_view> after,
                                              std::size_t limit) const {
  const std::lock_guard listing(listing_mutex_);
  sort_rooms();
  const std::shared_lock lock(mutex_);
  const Tables& tables = *tables_;
  const std::vector<std::uint32_t>& sorted = tables.rooms_sorted;
  if (building && after.first.empty()) after = {*building, {}};
  auto next = std::upper_bound(sorted.begin(), sorted.end(), after,
                               [&tables](const auto& bound, std::uint32_t i) { return bound < tables.listed_as(i); });
  std::vector<Room> page;
  for (; next != sorted.end() && page.size() < limit; ++next) {
    const auto [its_building, its_room] = tables.listed_as(*next);
    if (building && its_building != *building) break;
    page.push_back(Room{std::string(its_building), std::string(its_room), tables.room_windows(*next)});
  }
  return page;
}

}  // namespace temperature::catalogue
