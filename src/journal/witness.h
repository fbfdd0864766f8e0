#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "accept/acceptor.h"
#include "base/check.h"
#include "catalogue/catalogue.h"
#include "journal/journal.h"

// The journal's surroundings in its tests: a house whose sensors send batches, the submissions they
// travel in, and a witness to what the journal delivers.
namespace temperature::journal {

inline constexpr Timestamp kNoon = timestamp_from_ms(1'700'000'000'000);

// What a batch says, to be compared with what is delivered.
struct Told {
  std::string sender;
  std::vector<SeriesId> series;
  std::vector<Timestamp> timestamps;
  std::vector<double> values;

  bool operator==(const Told&) const = default;
};

inline Told told(const Origin& origin, const ReadingColumns& readings) {
  return {origin.sender, readings.series, readings.timestamps, readings.values};
}

// A run of the program: the catalogue lives as long as it does.
class House {
 public:
  catalogue::Catalogue catalogue{1'000'000};

  // Batch `number`: `readings` readings, one of each of the sensors from `first_sensor` on; a thousand
  // sensors at most, which then speak again. Sensors that were not heard before are defined by it.
  Accepted batch(std::uint64_t number, std::size_t readings = 3, std::size_t first_sensor = 0) {
    std::deque<std::string> names;
    ingest::Parsed parsed;
    for (std::size_t i = 0; i < readings; ++i) {
      names.push_back("sensor " + std::to_string(first_sensor + i % 1000));
      ingest::RawReading raw;
      raw.room = "kitchen";
      raw.sensor = names.back();
      raw.timestamp_ms = to_ms(kNoon) + static_cast<std::int64_t>(number + i / 1000);
      raw.value = static_cast<double>(number) + static_cast<double>(i) / 8;
      raw.index = static_cast<std::uint32_t>(i);
      parsed.readings.push_back(raw);
    }
    auto admission = acceptor_.accept(parsed, "batch " + std::to_string(number), kNoon);
    EXPECT_EQ(admission.rejected_count, 0U);
    return std::move(*admission.batch);
  }

 private:
  accept::Acceptor acceptor_{{}, catalogue};
};

// A submission whose sender waits for the outcome.
class Letter final : public Submission {
 public:
  explicit Letter(Accepted batch)
      : Submission(std::move(batch)), told_(told(this->batch().origin(), this->batch().readings())) {}
  // A correction.
  Letter(Accepted batch, std::string reason) : told_(told(batch.origin(), batch.readings())) {
    set_batch(std::move(batch), std::move(reason));
  }

  void finished(Result<Position> outcome) override {
    const auto reply = reply_;  // the letter may be gone as soon as the outcome is seen
    const std::lock_guard lock(reply->mutex);
    CHECK(!reply->outcome);  // once
    reply->outcome = std::move(outcome);
    reply->arrived.notify_all();
  }

  [[nodiscard]] Result<Position> wait() const {
    std::unique_lock lock(reply_->mutex);
    reply_->arrived.wait(lock, [this] { return reply_->outcome.has_value(); });
    return *reply_->outcome;
  }
  [[nodiscard]] bool is_finished() const {
    const std::lock_guard lock(reply_->mutex);
    return reply_->outcome.has_value();
  }
  [[nodiscard]] const Told& says() const { return told_; }

 private:
  struct Reply {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<Result<Position>> outcome;
  };
  Told told_;
  std::shared_ptr<Reply> reply_ = std::make_shared<Reply>();
};

// Takes what a journal delivers, as the applier does: definitions go into the catalogue.
class Witness final : public Subscriber {
 public:
  struct Delivery {
    Position position;
    Told batch;
    Submission* submission;
  };

  explicit Witness(catalogue::Catalogue& catalogue) : catalogue_(catalogue) {}

  Result<void> defined(Position position, std::span<const catalogue::Definition> definitions) override {
    see(position);
    for (const auto& definition : definitions) {
      if (auto restored = catalogue_.restore(definition); !restored) return restored;
      defined_.push_back(definition);
      if (const auto* series = std::get_if<catalogue::SeriesDefined>(&definition)) heard_of_.insert(series->id);
    }
    return {};
  }

  void apply(const Journalled& batch, Submission* submission) override {
    if (const auto gate = gate_) {
      std::unique_lock lock(gate->mutex);
      gate->reached = true;
      gate->changed.notify_all();
      gate->changed.wait(lock, [&gate] { return gate->open; });
    }
    if (durable_) {
      EXPECT_TRUE(durable_()) << "record " << batch.position().value() << " is delivered before it is durable";
    }
    see(batch.position());
    for (const SeriesId series : batch.readings().series) {
      EXPECT_TRUE(was_defined(series)) << "series " << series.value() << " comes before its definition";
    }
    EXPECT_EQ(batch.readings().places.size(), batch.readings().size());
    const auto* letter = dynamic_cast<const Letter*>(submission);
    EXPECT_FALSE(letter != nullptr && letter->is_finished()) << "answered before it is delivered";
    deliveries.push_back({batch.position(), told(batch.origin(), batch.readings()), submission});
  }

  void replace(const JournalledCorrection& correction, Submission* submission) override {
    apply(correction.batch(), submission);
    corrections.emplace_back(correction.position(), correction.reason());
  }
  void remove(const JournalledDeletion& deletion, Submission*) override {
    see(deletion.position());
    deletions.push_back(deletion.deletion());
  }
  void pass_over(Position position) override {
    see(position);
    ++passed_over;
  }

  // Holds the journal up at its next delivery, until it is opened.
  struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool reached = false;
    bool open = false;
    void wait_until_reached() {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return reached; });
    }
    void let_pass() {
      const std::lock_guard lock(mutex);
      open = true;
      changed.notify_all();
    }
  };
  // Set between deliveries only.
  void stand_at(std::shared_ptr<Gate> gate) { gate_ = std::move(gate); }
  void must_be(std::function<bool()> durable) { durable_ = std::move(durable); }
  void expects_from(Position position) { last_ = Position(position.value() - 1); }
  // What the store holds is known without the journal.
  void knows_series(std::size_t count) { known_ = count; }

  [[nodiscard]] std::vector<Told> batches() const {
    std::vector<Told> all;
    for (const auto& delivery : deliveries) all.push_back(delivery.batch);
    return all;
  }
  [[nodiscard]] const std::vector<catalogue::Definition>& definitions() const { return defined_; }

  std::vector<Delivery> deliveries;
  std::vector<std::pair<Position, std::string>> corrections;  // and why; they are among the deliveries, too
  std::vector<Deletion> deletions;
  std::size_t passed_over = 0;

 private:
  void see(Position position) {
    EXPECT_EQ(position, next(last_)) << "positions are dense, and each is delivered once";
    last_ = position;
  }
  [[nodiscard]] bool was_defined(SeriesId series) const {
    return series.value() < known_ || heard_of_.contains(series);
  }

  catalogue::Catalogue& catalogue_;
  std::vector<catalogue::Definition> defined_;
  std::set<SeriesId> heard_of_;
  std::size_t known_ = 0;
  Position last_;
  std::shared_ptr<Gate> gate_;
  std::function<bool()> durable_;
};

}  // namespace temperature::journal
