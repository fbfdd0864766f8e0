#include "journal/delivery.h"

#include <fmt/format.h>

namespace temperature::journal {

Result<void> deliver(const Stamp& stamp, Record& record, const catalogue::Catalogue& catalogue,
                     Subscriber& subscriber) {
  if (record.kind == RecordKind::definitions) return subscriber.defined(record.position, record.definitions);
  if (const auto unknown = catalogue.set_places(record.readings)) {
    return failure(ErrorCode::journal_damaged,
                   fmt::format("the journal's record {} has readings of series {}, which is "
                               "defined neither in the store nor before it",
                               record.position.value(), unknown->value()));
  }
  subscriber.apply(Journalled(stamp, record.position, record.origin, record.readings), nullptr);
  return {};
}

}  // namespace temperature::journal
