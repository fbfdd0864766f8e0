#include <libpq-fe.h>

#include <utility>

#include "postgres/connection.h"
#include "postgres/copy_rows.h"

namespace temperature::postgres {
namespace {

// Bytes that libpq is handed at once: it keeps a copy of what the operating system has not taken yet.
constexpr std::size_t kCopyPieceBytes = 256 * 1'024;

// What PQgetCopyData() returns when it gives no piece.
constexpr int kNothingYet = 0;
constexpr int kCopyDone = -1;

}  // namespace

Outcome<void> Connection::begin_copy(const std::string& sql, int status) {
  if (lost()) return broken();
  if (PQsendQuery(handle_, sql.c_str()) == 0) return broken();
  if (auto flushed = flush(); !flushed) return flushed;
  auto result = next_result();
  if (!result) return std::unexpected(std::move(result).error());
  if (!*result) return broken();
  if (PQresultStatus(result->get()) == static_cast<ExecStatusType>(status)) return {};
  auto outcome = refused(result->get());
  if (auto rest = last_result(); !rest && rest.error().connection_lost) outcome.error().connection_lost = true;
  return outcome;
}

Outcome<void> Connection::copy_in_begin(const std::string& sql) {
  auto begun = begin_copy(sql, PGRES_COPY_IN);
  copying_in_ = begun.has_value();
  return begun;
}

Outcome<void> Connection::copy_in(std::string_view bytes) {
  if (lost()) return broken();
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kCopyPieceBytes);
    const int taken = PQputCopyData(handle_, piece.data(), static_cast<int>(piece.size()));
    if (taken < 0) return broken();
    if (taken > 0) bytes.remove_prefix(piece.size());
    if (auto flushed = flush(); !flushed) return flushed;
  }
  return {};
}

Outcome<std::uint64_t> Connection::copy_in_end() {
  if (lost()) return broken();
  copying_in_ = false;
  for (;;) {
    const int taken = PQputCopyEnd(handle_, nullptr);
    if (taken < 0) return broken();
    if (auto flushed = flush(); !flushed) return std::unexpected(std::move(flushed).error());
    if (taken > 0) break;
  }
  auto rows = last_result();
  if (!rows) return std::unexpected(std::move(rows).error());
  return rows->affected();
}

void Connection::copy_in_abort() {
  if (!copying_in_ || lost()) return;
  copying_in_ = false;
  if (PQputCopyEnd(handle_, "given up") <= 0) {
    given_up_ = true;
    return;
  }
  if (flush()) static_cast<void>(last_result());
}

Outcome<int> Connection::next_copy_piece(char** piece) {
  for (;;) {
    const int size = PQgetCopyData(handle_, piece, 1);
    if (size != kNothingYet) return size;
    if (auto waited = wait(Wait::read, answer_deadline()); !waited) return std::unexpected(std::move(waited).error());
    if (PQconsumeInput(handle_) == 0) return broken();
  }
}

Outcome<void> Connection::copy_out(const std::string& sql, const std::function<bool(std::string_view row)>& take) {
  if (auto begun = begin_copy(sql, PGRES_COPY_OUT); !begun) return begun;
  CopyReader reader;
  for (;;) {
    char* piece = nullptr;
    auto size = next_copy_piece(&piece);
    if (!size) return std::unexpected(std::move(size).error());
    if (*size == kCopyDone) break;
    if (*size < kCopyDone) return broken();
    const auto next = reader.feed({piece, static_cast<std::size_t>(*size)}, take);
    PQfreemem(piece);
    if (next == CopyReader::Next::stopped) return gave_up("the rest of the rows was not wanted", false);
    if (next == CopyReader::Next::malformed) return gave_up("the rows are not in COPY's binary format", false);
  }
  auto outcome = last_result();
  if (!outcome) return std::unexpected(std::move(outcome).error());
  if (!reader.complete()) return gave_up("the rows ended before their end", false);
  return {};
}

}  // namespace temperature::postgres
