#include "client/backup.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <ostream>

#include "base/json_text.h"
#include "base/size_text.h"
#include "client/printable.h"
#include "client/problem.h"

namespace temperature::client {
namespace {

constexpr const char* kAddress = "/v1/admin/backup";
constexpr Duration kBetweenLooks{200};

std::uint64_t number_at(simdjson::dom::object object, std::string_view member) {
  std::uint64_t number = 0;
  if (object[member].get(number) != simdjson::SUCCESS) return 0;
  return number;
}

Result<void> run(const BackupOptions& options, const Surroundings& surroundings) {
  auto client = HttpClient::create(options.target, surroundings.pause);
  if (!client) return std::unexpected(std::move(client.error()));
  std::string order = R"({"directory":)";
  append_json_string(order, options.directory);
  order.push_back('}');
  auto answer = (*client)->post_json(kAddress, order);
  if (!answer) return std::unexpected(std::move(answer.error()));
  if (answer->status != 202) return std::unexpected(problem_of(*answer, "the service makes no backup"));
  ProgressLine progress(surroundings.err, surroundings.terminal, std::chrono::steady_clock::now());
  simdjson::dom::parser parser;
  while (true) {
    answer = (*client)->request("GET", kAddress, "");
    if (!answer) return std::unexpected(std::move(answer.error()));
    const auto read = object_of(parser, *answer, "the service does not say how far the backup is");
    if (!read) return std::unexpected(read.error());
    const simdjson::dom::object status = *read;
    const std::string_view state = text_at(status, "state");
    if (text_at(status, "directory") != options.directory) {
      return failure(ErrorCode::startup, "the service was restarted, or makes another backup by now");
    }
    if (state == "done") {
      progress.clear();
      if (surroundings.json) {
        surroundings.out << printable_json(simdjson::minify(status)) << '\n' << std::flush;
        return {};
      }
      surroundings.out << fmt::format("a backup in {}: {}, taken {}, journal position {}\n", options.directory,
                                      format_size(number_at(status, "bytes")), printable(text_at(status, "taken")),
                                      number_at(status, "journal_position"))
                       << std::flush;
      return {};
    }
    if (state == "failed") return failure(ErrorCode::startup, printable(text_at(status, "detail")));
    if (state != "running") return not_understood("it does not say what state the backup is in");
    const auto now = std::chrono::steady_clock::now();
    if (progress.due(now)) {
      progress.show(fmt::format("{} of about {}", format_size(number_at(status, "bytes")),
                                format_size(number_at(status, "bytes_total"))),
                    now);
    }
    if (!surroundings.pause.wait(kBetweenLooks)) {
      return failure(ErrorCode::startup, "interrupted; the service goes on with the backup");
    }
  }
}

}  // namespace

int backup(const BackupOptions& options, const Surroundings& surroundings) {
  const auto done = run(options, surroundings);
  return done ? 0 : report(surroundings, done.error());
}

}  // namespace temperature::client
