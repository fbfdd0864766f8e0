#include "client/write_answer.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "client/printable.h"
#include "client/problem.h"

namespace temperature::client {
namespace {

std::string number_of(simdjson::dom::element object, std::string_view key) {
  simdjson::dom::element value;
  if (object[key].get(value) != simdjson::SUCCESS) return "?";
  return simdjson::minify(value);
}

// {"index","code","detail"} or {"index","stored","refused"}, without "stored" for who may not read: each is read by
// `reason`.
template <class Reason>
bool read_refusals(simdjson::dom::object answer, std::string_view key, std::size_t sent, const Reason& reason,
                   std::vector<Refusal>& refusals) {
  simdjson::dom::array list;
  const auto outcome = answer[key].get(list);
  if (outcome == simdjson::NO_SUCH_FIELD) return true;
  if (outcome != simdjson::SUCCESS) return false;
  for (const simdjson::dom::element entry : list) {
    std::uint64_t index = 0;
    if (entry["index"].get(index) != simdjson::SUCCESS || index >= sent) return false;
    refusals.push_back({static_cast<std::size_t>(index), reason(entry)});
  }
  return true;
}

bool read_rejections(simdjson::dom::object answer, std::size_t sent, WriteAnswer& into) {
  const auto reason = [](simdjson::dom::element entry) {
    return printable(fmt::format("{}: {}", text_at(entry, "code"), text_at(entry, "detail")));
  };
  return read_refusals(answer, "rejected", sent, reason, into.rejections);
}

Result<WriteAnswer> read_counts(simdjson::dom::object answer, std::size_t sent) {
  WriteAnswer read;
  struct Count {
    std::string_view key;
    std::uint64_t* count;
  };
  std::uint64_t left = sent;
  for (const auto& [key, count] : {Count{"accepted", &read.accepted}, Count{"duplicates", &read.duplicates},
                                   Count{"conflicts", &read.conflicts}}) {
    if (answer[key].get(*count) != simdjson::SUCCESS) return not_understood(fmt::format("it has no \"{}\"", key));
    if (*count > left) return not_understood("it counts more readings than were sent");
    left -= *count;
  }
  std::uint64_t replaced = 0;
  const auto found = answer["replaced"].get(replaced);
  if (found == simdjson::SUCCESS) {
    if (replaced > left) return not_understood("it counts more readings than were sent");
    read.replaced = replaced;
    left -= replaced;
  } else if (found != simdjson::NO_SUCH_FIELD) {
    return not_understood("its \"replaced\" is no count");
  }
  read.rejected = left;  // the list holds only the first
  const auto reason = [](simdjson::dom::element entry) {
    if (entry["stored"].error() == simdjson::NO_SUCH_FIELD) {
      return printable(fmt::format("another value is stored, refused {}", number_of(entry, "refused")));
    }
    return printable(fmt::format("stored {}, refused {}", number_of(entry, "stored"), number_of(entry, "refused")));
  };
  if (!read_rejections(answer, sent, read) ||
      !read_refusals(answer, "conflict_details", sent, reason, read.conflicting)) {
    return not_understood("a list in it is not as it should be");
  }
  if (read.rejections.size() > read.rejected || read.conflicting.size() > read.conflicts) {
    return not_understood("its lists do not fit its counts");
  }
  return read;
}

}  // namespace

Result<WriteAnswer> read_write_answer(const HttpAnswer& answer, std::size_t sent) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  const bool is_json = parser.parse(answer.body).get(document) == simdjson::SUCCESS;
  const simdjson::dom::element* const json = is_json ? &document : nullptr;
  if (answer.status == 200) {
    const auto object = object_of(parser, answer, "");
    if (!object) return std::unexpected(object.error());
    return read_counts(*object, sent);
  }
  simdjson::dom::object refusal;
  if (answer.status == 422 && is_json && document.get(refusal) == simdjson::SUCCESS &&
      text_at(document, "code") == traits(ErrorCode::nothing_admissible).code) {
    WriteAnswer read;
    read.rejected = sent;
    if (!read_rejections(refusal, sent, read)) return not_understood("a list in it is not as it should be");
    // Where it names no reading, its one sentence stands for all of them.
    if (read.rejections.empty()) read.rejections.push_back({0, explanation_of(json, answer.body)});
    return read;
  }
  const std::string_view hint = answer.status == 413   ? " (a smaller --batch may help)"
                                : answer.status == 401 ? " (give a key with --key or --key-file)"
                                                       : "";
  return failure(ErrorCode::malformed_request, fmt::format("the service refused the readings: {} {}{}", answer.status,
                                                           explanation_of(json, answer.body), hint));
}

}  // namespace temperature::client
