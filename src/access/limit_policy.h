#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "access/principal.h"

// How fast somebody may be: token buckets, counted in readings.
namespace temperature::access {

// Time that only goes on; its zero is anywhere. Handed in, so that tests decide how late it is. Thread-safe.
class Stopwatch {
 public:
  virtual ~Stopwatch() = default;
  [[nodiscard]] virtual std::chrono::nanoseconds elapsed() const = 0;
};

class SteadyStopwatch final : public Stopwatch {
 public:
  [[nodiscard]] std::chrono::nanoseconds elapsed() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
};

// A bucket fills at `per_second` up to `burst`. Nothing per second: no limit.
struct Rate {
  double per_second = 0;
  double burst = 0;

  [[nodiscard]] bool limits() const { return per_second > 0; }
  bool operator==(const Rate&) const = default;
};

enum class LimitKind : std::uint8_t {
  sensor,
  key,
  service,
  address,
  trials_of_sensor,  // this and the next one bound what is checked, and are told to nobody
  trials,
};
inline constexpr std::size_t kLimits = 4;  // that are told
std::string_view limit_name(LimitKind kind);

// A limit that was reached: nothing was taken from it.
struct Limited {
  LimitKind kind = LimitKind::service;
  Rate rate;
  std::uint64_t remaining = 0;      // readings that could be taken now
  std::uint64_t retry_after_s = 1;  // when what was asked for can be taken, rounded up; at least 1
};

// Where the buckets are kept.
class Buckets {
 public:
  virtual ~Buckets() = default;

  struct Taken {
    bool taken = false;
    double remaining = 0;                   // in the bucket
    std::chrono::nanoseconds available_in;  // until `cost` could be taken, when it was not
  };
  // Takes `cost` from the owner's bucket when it is there. A cost beyond the burst is taken from a full bucket, which
  // then owes the rest: what was saved up for long can be sent at once, and the rate is kept over time. A cost of 0
  // asks whether 1 is there. An owner that was never seen has a full bucket.
  virtual Taken take(LimitKind kind, std::string_view owner, const Rate& rate, double cost,
                     std::chrono::nanoseconds now) = 0;

  // Puts back what was taken.
  virtual void give_back(LimitKind kind, std::string_view owner, const Rate& rate, double cost) = 0;
};

struct Rates {
  Rate sensor;
  Rate key;
  Rate service;
  Rate address;                // signatures that turn out wrong, from one address
  Rate trials_of_sensor = {};  // for one sensor, besides those
  Rate trials = {};            // for all, besides those
};

// Which limits a principal has, and what happens at them. `buckets` and `stopwatch` outlive the policy. Thread-safe
// when they are.
class LimitPolicy {
 public:
  LimitPolicy(const Rates& rates, Buckets& buckets, const Stopwatch& stopwatch);

  // As Gate::charge().
  [[nodiscard]] std::optional<Limited> charge(const Principal& principal, std::size_t readings);

  // Before a signature is checked: at whose expense that is, for wrong ones are bounded. First the sensor whose token
  // it claims to be, then the address that it came from, and at last all: so that whoever shares an address with
  // somebody who floods it is heard at once (his own sensor has sent nothing wrong), and is heard in the end also when
  // it is his sensor's name that is used. Error: all of these have had too many; the address's limit is told.
  [[nodiscard]] std::expected<LimitKind, Limited> may_try(std::string_view sensor, std::string_view address);
  // It was wrong. `trial`: what may_try() gave.
  void wrong_signature(LimitKind trial, std::string_view sensor, std::string_view address);

 private:
  struct Trial {
    LimitKind kind;
    std::string_view owner;
    const Rate& rate;
  };
  [[nodiscard]] std::array<Trial, 3> trials_of(std::string_view sensor, std::string_view address) const;
  [[nodiscard]] std::optional<Limited> take(LimitKind kind, std::string_view owner, const Rate& rate, double cost);

  Rates rates_;
  Buckets& buckets_;
  const Stopwatch& stopwatch_;
};

}  // namespace temperature::access
