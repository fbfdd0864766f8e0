#include "journal/delivery.h"

#include <fmt/format.h>

namespace temperature::journal {

Result<void> deliver(const Stamp& stamp, Record& record, const catalogue::Catalogue& catalogue,
                     Subscriber& subscriber) {
  if (record.kind == RecordKind::definitions) return subscriber.defined(record.position, record.definitions);
  if (record.kind == RecordKind::passed_over) {
    subscriber.pass_over(record.position);
    return {};
  }
  if (record.kind == RecordKind::deletion) {
    subscriber.remove(JournalledDeletion(stamp, record.position, record.deletion), nullptr);
    return {};
  }
  if (const auto unknown = catalogue.set_places(record.readings)) {
    return failure(ErrorCode::journal_damaged,
                   fmt::format("the journal's record {} has readings of series {}, which is "
                               "defined neither in the store nor before it",
                               record.position.value(), unknown->value()));
  }
  const Journalled batch(stamp, record.position, record.origin, record.readings);
  if (record.kind == RecordKind::correction) {
    subscriber.replace(JournalledCorrection(batch, record.reason), nullptr);
  } else {
    subscriber.apply(batch, nullptr);
  }
  return {};
}

void deliver(const Stamp& stamp, Position position, Submission& submission, Subscriber& subscriber) {
  if (submission.is_mark()) [[unlikely]]
    return subscriber.pass_over(position);
  if (const Deletion* const deletion = submission.deletion()) [[unlikely]]
    return subscriber.remove(JournalledDeletion(stamp, position, *deletion), &submission);
  const Accepted& batch = submission.batch();
  const Journalled journalled(stamp, position, batch.origin(), batch.readings());
  if (const std::string* const reason = submission.correction()) [[unlikely]]
    return subscriber.replace(JournalledCorrection(journalled, *reason), &submission);
  subscriber.apply(journalled, &submission);
}

void encode_record(const Submission& submission, std::string& record) {
  if (submission.is_mark()) [[unlikely]] {
    record = encode_mark(submission.received());
  } else if (const Deletion* const deletion = submission.deletion()) [[unlikely]] {
    record = encode_deletion(*deletion);
  } else if (const std::string* const reason = submission.correction()) [[unlikely]] {
    encode_correction(submission.batch(), *reason, record);
  } else {
    encode_readings(submission.batch(), record);
  }
}

}  // namespace temperature::journal
