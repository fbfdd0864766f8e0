#include "journal/memory_journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "journal/delivery.h"
#include "journal/record.h"

namespace temperature::journal {

Result<Recovery> MemoryJournal::start(Position after, Subscriber& subscriber) {
  const std::lock_guard lock(mutex_);
  subscriber_ = &subscriber;
  if (next(after) < contents_.first) {
    return failure(ErrorCode::journal_damaged, fmt::format("the journal's records {} to {} are missing",
                                                           after.value() + 1, contents_.first.value() - 1));
  }
  if (after > last()) {
    return failure(ErrorCode::journal_damaged,
                   fmt::format("the journal ends at record {}, but the store was written up to record {}",
                               last().value(), after.value()));
  }
  Recovery recovery{.last = last()};
  Record record;
  for (Position position = next(after); position <= last(); position = next(position)) {
    if (auto decoded = decode(position, record); !decoded) return std::unexpected(std::move(decoded.error()));
    if (auto delivered = deliver(Stamp(), record, catalogue_, subscriber); !delivered) {
      return std::unexpected(std::move(delivered.error()));
    }
    ++recovery.records;
    recovery.readings += record.readings.size();
  }
  definitions_ = catalogue_.definitions();
  return recovery;
}

Result<void> MemoryJournal::decode(Position position, Record& record) const {
  const std::string& bytes = contents_.records[position.value() - contents_.first.value()];
  const std::string group = encode_group_header(position, 1) + encode_record_header(position, bytes) + bytes;
  auto reader = GroupReader::open(group);
  if (!reader) return std::unexpected(std::move(reader.error()));
  return reader->next(record);
}

Result<std::optional<Position>> MemoryJournal::read(Position after, Position upto, const TakeRecord& take) const {
  const std::lock_guard lock(mutex_);
  if (next(after) < contents_.first) return std::optional<Position>();
  Record record;
  Position taken = after;
  for (bool wanted = true; wanted && taken < std::min(upto, last()); taken = next(taken)) {
    if (auto decoded = decode(next(taken), record); !decoded) return std::unexpected(std::move(decoded.error()));
    wanted = take(record);
  }
  return taken;
}

void MemoryJournal::append(Submission& submission) {
  Result<Position> outcome = [&] {
    const std::lock_guard lock(mutex_);
    return commit(submission);
  }();
  submission.finished(std::move(outcome));  // unlocked: it may append again
}

Result<Position> MemoryJournal::commit(Submission& submission) {
  if (stopped_) return failure(ErrorCode::shutting_down, "the journal is closed");
  if (failing_) failed_ = std::exchange(failing_, std::nullopt);
  if (failed_) return std::unexpected(*failed_);
  if (submission.definitions() > definitions_) {
    const auto definitions = catalogue_.definitions(definitions_, submission.definitions());
    contents_.records.push_back(encode_definitions(submission.received(), definitions));
    definitions_ = submission.definitions();
    if (auto defined = subscriber_->defined(last(), definitions); !defined) return std::unexpected(defined.error());
  }
  encode_record(submission, contents_.records.emplace_back());
  figures_.groups.fetch_add(1, std::memory_order_relaxed);
  figures_.batches.fetch_add(1, std::memory_order_relaxed);
  figures_.bytes.fetch_add(contents_.records.back().size(), std::memory_order_relaxed);
  deliver(Stamp(), last(), submission, *subscriber_);
  return last();
}

Result<void> MemoryJournal::release(Position position) {
  const std::lock_guard lock(mutex_);
  while (!contents_.records.empty() && contents_.first <= position) {
    contents_.records.erase(contents_.records.begin());
    contents_.first = next(contents_.first);
  }
  return {};
}

void MemoryJournal::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

JournalStatus MemoryJournal::status() const {
  const std::lock_guard lock(mutex_);
  return {.last = last(),
          .released = Position(contents_.first.value() - 1),
          .writable = !failed_ && !stopped_,
          .queue_bytes = 0};
}

MemoryJournal::Contents MemoryJournal::contents() const {
  const std::lock_guard lock(mutex_);
  return contents_;
}

void MemoryJournal::fail_next(Error error) {
  const std::lock_guard lock(mutex_);
  failing_ = std::move(error);
}

}  // namespace temperature::journal
