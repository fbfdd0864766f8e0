#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "client/batch.h"
#include "client/http_client.h"
#include "client/pause.h"
#include "client/progress.h"
#include "client/sender.h"

namespace temperature::client {

// Where a run's readings go, and how.
struct Destination {
  HttpTarget target;
  std::size_t batch_readings = 1'000;  // 1..kBatchReadingsMax
  std::size_t connections = 1;         // 1..kConnectionsMax; one keeps the order
  std::string building;                // for readings that name none; empty: the service's default
  bool replaces = false;               // readings take the places of those with other values
  std::string reason;                  // why, if they do; empty: none is given
};

// What a run has around it. All outlive it.
struct Surroundings {
  const Clock& clock;
  Pause& pause;
  std::ostream& out;  // the summary
  std::ostream& err;  // progress and errors
  bool terminal;      // whether `err` is one
  bool json = false;  // the summary is to be JSON
};

// One run: readings go in one by one and leave in batches; progress shows meanwhile; a summary ends it.
class Run {
 public:
  // `origin` is the word before the numbers that readings are named by ("line"). An error when the
  // destination cannot be used.
  static Result<std::unique_ptr<Run>> begin(const Destination& destination, std::string_view origin,
                                            const Surroundings& surroundings);

  // The share of the input that is done, asked when progress is shown. Without it none is.
  void measure_by(std::function<std::optional<double>()> share) { share_ = std::move(share); }

  // Each returns false when the run is to end: the service failed, or somebody wants it to.
  bool add(OutgoingReading reading, std::uint64_t origin);
  bool wait_until(Timestamp moment);  // before a wait, what was added is sent
  bool flush();

  // What a summary in JSON has besides: "NAME":VALUE and a comma, for each.
  void put_before_summary(std::string members) { before_summary_ = std::move(members); }

  // Something that never became a reading.
  void reject(std::uint64_t origin, std::string_view reason) { sender_.reject(origin, reason); }

  // Readings that were not stored: refused, or in conflict with what is there. All of them after finish().
  [[nodiscard]] std::uint64_t not_stored() const;

  // After a finish() that failed: the origin from which on readings may be missing.
  [[nodiscard]] std::optional<std::uint64_t> first_missing() const { return sender_.first_missing(); }

  // Those that were refused alone. A recording may well have another value for a moment than an earlier one.
  [[nodiscard]] std::uint64_t rejected() const;

  // Sends the rest and writes the summary. The error is the first failure of the service.
  Result<void> finish();

 private:
  Run(const Destination& destination, std::string_view origin, const Surroundings& surroundings,
      std::vector<SendBatch> connections);
  void show_progress();

  Destination destination_;
  std::string origin_;
  Surroundings surroundings_;
  std::chrono::steady_clock::time_point start_;
  ProgressLine progress_;
  std::function<std::optional<double>()> share_;
  std::string before_summary_;
  Batch batch_;
  Sender sender_;
};

// Writes "temperature-service: ..." and returns the exit code of a run that failed.
int report(const Surroundings& surroundings, const Error& error);

// The same of a run after which `readings` of `origin` were refused or in conflict; 0: nothing is written, and 0
// returned.
int report_not_stored(const Surroundings& surroundings, std::string_view origin, std::uint64_t readings);

}  // namespace temperature::client
