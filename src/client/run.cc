#include "client/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "base/check.h"
#include "client/bounds.h"
#include "client/printable.h"
#include "client/problem.h"

namespace temperature::client {

Result<std::unique_ptr<Run>> Run::begin(const Destination& destination, std::string_view origin,
                                        const Surroundings& surroundings) {
  CHECK(destination.batch_readings > 0 && destination.batch_readings <= kBatchReadingsMax);
  CHECK(destination.connections > 0 && destination.connections <= kConnectionsMax);
  std::vector<std::pair<std::string_view, std::string>> parameters;
  if (destination.replaces) parameters.emplace_back("on_conflict", "replace");
  if (!destination.reason.empty()) parameters.emplace_back("reason", destination.reason);
  const std::string path = address("/v1/readings", parameters);
  std::vector<SendBatch> connections;
  for (std::size_t i = 0; i < destination.connections; ++i) {
    auto created = HttpClient::create(destination.target, surroundings.pause);
    if (!created) return std::unexpected(std::move(created.error()));
    const std::shared_ptr<HttpClient> client = std::move(*created);
    connections.emplace_back([client, path](const Batch& batch) -> Result<WriteAnswer> {
      const auto answer = client->post_json(path, batch.json());
      if (!answer) return std::unexpected(answer.error());
      return read_write_answer(*answer, batch.size());
    });
  }
  return std::unique_ptr<Run>(new Run(destination, origin, surroundings, std::move(connections)));
}

Run::Run(const Destination& destination, std::string_view origin, const Surroundings& surroundings,
         std::vector<SendBatch> connections)
    : destination_(destination),
      origin_(origin),
      surroundings_(surroundings),
      start_(std::chrono::steady_clock::now()),
      progress_(surroundings.err, surroundings.terminal, start_),
      sender_(std::move(connections)) {}

bool Run::add(OutgoingReading reading, std::uint64_t origin) {
  if (reading.building.empty()) reading.building = destination_.building;
  batch_.add(reading, origin);
  if (batch_.size() < destination_.batch_readings && batch_.json().size() < kBatchBytesMax) return true;
  return flush();
}

bool Run::flush() {
  show_progress();
  if (surroundings_.pause.interrupted()) return false;
  return batch_.empty() || sender_.submit(std::exchange(batch_, Batch()));
}

bool Run::wait_until(Timestamp moment) {
  if (moment <= surroundings_.clock.now()) return !surroundings_.pause.interrupted();
  if (!flush()) return false;
  for (;;) {
    const Duration left = moment - surroundings_.clock.now();
    if (left <= Duration(0)) return true;
    if (!surroundings_.pause.wait(std::min(left, kPauseSliceMax))) return false;
    show_progress();
  }
}

void Run::show_progress() {
  const auto now = std::chrono::steady_clock::now();
  if (!progress_.due(now)) return;
  progress_.show({sender_.readings_done(), now - start_, share_ ? share_() : std::nullopt}, now);
}

Result<void> Run::finish() {
  if (!batch_.empty()) sender_.submit(std::exchange(batch_, Batch()));
  auto finished = sender_.finish(origin_);
  progress_.clear();
  const auto elapsed = std::chrono::floor<Duration>(std::chrono::steady_clock::now() - start_);
  if (surroundings_.json) {
    surroundings_.out << '{' << before_summary_ << sender_.summary().json_members(origin_, elapsed) << "}\n";
  } else {
    surroundings_.out << sender_.summary().text(origin_, elapsed);
  }
  surroundings_.out << std::flush;
  return finished;
}

std::uint64_t Run::not_stored() const {
  const Summary summary = sender_.summary();
  return summary.conflicts() + summary.rejected();
}

std::uint64_t Run::rejected() const {
  return sender_.summary().rejected();
}

int report(const Surroundings& surroundings, const Error& error) {
  surroundings.err << "temperature-service: " << printable(error.detail) << '\n' << std::flush;
  return error.code == ErrorCode::usage ? 2 : 1;
}

int report_not_stored(const Surroundings& surroundings, std::string_view origin, std::uint64_t readings) {
  if (readings == 0) return 0;
  return report(surroundings, {ErrorCode::startup, fmt::format("{}: readings refused: {}, see \"rejected\" and "
                                                               "\"conflicts\" above; the others are stored",
                                                               origin, readings)});
}

}  // namespace temperature::client
