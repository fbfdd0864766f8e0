#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "catalogue/catalogue.h"
#include "mirror/target.h"

// A database in memory, for tests: it takes whatever it is given, twice what is given twice.
namespace temperature::mirror {

class MemoryTarget final : public Target {
 public:
  using Names = std::tuple<std::string, std::string, std::string, std::string>;  // building, room, quantity, sensor
  struct Contents {
    std::optional<Fence> fence;
    std::map<Names, std::multimap<Timestamp, double>> readings;
    std::map<std::string, std::string> units;
  };
  // What happens to a transaction.
  enum class Fate : std::uint8_t { done, refused, lost_before, lost_after };

  explicit MemoryTarget(std::function<Fate()> fate) : fate_(std::move(fate)) {}
  // Whose series ids the next batches use.
  void use(const catalogue::Catalogue& catalogue) { catalogue_ = &catalogue; }

  postgres::Outcome<std::optional<Fence>> fence() override { return contents.fence; }

  postgres::Outcome<bool> claim(const std::optional<Fence>& from, const Fence& to, bool emptied) override {
    return transact([&](Contents& next) {
      if (!is(next.fence, from)) return false;
      next.fence = to;
      if (emptied) next.readings.clear();
      return true;
    });
  }

  // Of more than twenty.
  postgres::Outcome<Thinned> thin_out(const Fence& from, const Fence& to, std::span<const SeriesSpan> spans) override {
    std::size_t readings = 0;
    for (const SeriesSpan& span : spans) {
      const auto& of_series = contents.readings[names_of(span.series)];
      readings +=
          static_cast<std::size_t>(std::distance(of_series.lower_bound(span.from), of_series.lower_bound(span.to)));
    }
    constexpr std::size_t kMost = 20;
    if (readings <= kMost) return Thinned::enough;
    const auto thinned = transact([&](Contents& next) {
      if (!is(next.fence, from)) return false;
      next.fence = to;
      std::size_t left = kMost;
      for (const SeriesSpan& span : spans) {
        auto& of_series = next.readings[names_of(span.series)];
        for (auto each = of_series.lower_bound(span.from); left > 0 && each != of_series.lower_bound(span.to); --left) {
          each = of_series.erase(each);
        }
      }
      return true;
    });
    if (!thinned) return std::unexpected(thinned.error());
    return *thinned ? Thinned::some : Thinned::another;
  }

  postgres::Outcome<bool> write(const Fence& from, const Fence& to, const Batch& batch) override {
    return transact([&](Contents& next) {
      if (!is(next.fence, from)) return false;
      next.fence = to;
      for (const auto& [quantity, unit] : batch.units) next.units[quantity] = unit;
      for (const SeriesSpan& span : batch.cleared) {
        auto& of_series = next.readings[names_of(span.series)];
        of_series.erase(of_series.lower_bound(span.from), of_series.lower_bound(span.to));
      }
      for (std::size_t row = 0; row < batch.absent.size(); ++row) {
        const Names names = names_of(batch.absent.series[row]);
        auto& of_series = next.readings[names];
        if (!of_series.contains(batch.absent.timestamps[row]))
          of_series.emplace(batch.absent.timestamps[row], batch.absent.values[row]);
      }
      for (std::size_t row = 0; row < batch.fresh.size(); ++row) {
        next.readings[names_of(batch.fresh.series[row])].emplace(batch.fresh.timestamps[row], batch.fresh.values[row]);
      }
      return true;
    });
  }

  Contents contents;

 private:
  static bool is(const std::optional<Fence>& found, const std::optional<Fence>& expected) {
    if (!found || !expected) return !found && !expected;
    return found->journal == expected->journal && found->position == expected->position &&
           found->number == expected->number;
  }

  template <class Change>
  postgres::Outcome<bool> transact(Change change) {
    const Fate fate = fate_();
    if (fate == Fate::refused) return std::unexpected(postgres::Failure{.sqlstate = "53100", .text = "no space"});
    const auto lost = [] {
      return std::unexpected(postgres::Failure{.text = "the connection is gone", .connection_lost = true});
    };
    if (fate == Fate::lost_before) return lost();
    if (!change(contents)) return false;
    if (fate == Fate::lost_after) return lost();
    return true;
  }

  [[nodiscard]] Names names_of(SeriesId series) const {
    const catalogue::SeriesInfo each = catalogue_->series(series);
    const catalogue::WindowInfo window = catalogue_->window(each.place.window);
    return {std::string(window.building), std::string(window.room), std::string(window.quantity),
            std::string(each.sensor)};
  }

  std::function<Fate()> fate_;
  const catalogue::Catalogue* catalogue_ = nullptr;
};

}  // namespace temperature::mirror
