#pragma once

#include "catalogue/catalogue.h"
#include "journal/journal.h"
#include "journal/record.h"

namespace temperature::journal {

// Hands one stored record to the subscriber: definitions as they are, readings with the places that
// the catalogue gives their series. Error journal_damaged when a series was never defined.
Result<void> deliver(const Stamp& stamp, Record& record, const catalogue::Catalogue& catalogue, Subscriber& subscriber);

}  // namespace temperature::journal
