#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answer/answer.h"
#include "answer/history.h"
#include "base/time.h"
#include "model/deletion.h"
#include "model/retention.h"

// What the way must answer, worked out in the plainest way: every accepted reading in a map, every
// question a walk over it. For tests.
namespace temperature::pipeline {

// A reading with its names spelled out.
struct NamedReading {
  std::string building;
  std::string room;
  std::string sensor;
  std::string quantity;
  Timestamp timestamp;
  double value = 0;
};

class BruteForce {
 public:
  enum class Verdict : std::uint8_t { fresh, duplicate, conflict };
  struct Judged {
    Verdict verdict;
    double stored;
  };

  // The first reading of an identity wins.
  Judged write(const NamedReading& reading);

  // The last reading of an identity wins.
  enum class Corrected : std::uint8_t { fresh, duplicate, replaced };
  Corrected replace(const NamedReading& reading);

  // Takes away what the scope has from `from` to before `to`; tells how many those were.
  std::uint64_t remove(const Scope& scope, Timestamp from, Timestamp to);

  // Forgets what is older than the retention.
  void forget(const Retention& retention, Timestamp now);

  // Empty when `answer` is what the readings say, else what is wrong with it. The mean must be the double
  // nearest to the true mean.
  [[nodiscard]] std::string check(const answer::AverageQuery& query, const answer::Average& answer) const;

  struct Row {
    std::string sensor;
    Timestamp timestamp;
    double value = 0;
    bool operator==(const Row&) const = default;
  };
  // All pages' rows of a query, in order.
  [[nodiscard]] std::vector<Row> readings(const answer::ReadingsQuery& query) const;

  // The same for the buckets of all pages together. A standard deviation may be off by 1e-12 of itself.
  [[nodiscard]] std::string check(const answer::HistoryQuery& query,
                                  const std::vector<answer::HistoryBucket>& buckets) const;

  // (building, room) -> quantity -> (moment, sensor) -> value; nothing that has no readings.
  using Readings = std::map<std::pair<Timestamp, std::string>, double>;
  using Quantities = std::map<std::string, Readings>;
  [[nodiscard]] const std::map<std::pair<std::string, std::string>, Quantities>& rooms() const { return rooms_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  void drop_empty();
  [[nodiscard]] const Readings* find(const std::string& building, const std::string& room,
                                     const std::string& quantity) const;

  std::map<std::pair<std::string, std::string>, Quantities> rooms_;
  std::uint64_t count_ = 0;
};

// The exact sum of doubles between 2^-240 and 2^1000, or 0.
class TrueSum {
 public:
  TrueSum();
  ~TrueSum();
  TrueSum(const TrueSum&) = delete;
  TrueSum& operator=(const TrueSum&) = delete;

  void add(double value);
  // Whether no double is nearer to sum / count than `mean`.
  [[nodiscard]] bool nearest_mean(double mean, std::uint64_t count) const;

 private:
  struct Parts;
  Parts* parts_;
};

}  // namespace temperature::pipeline
