#pragma once

#include <string>

#include "catalogue/catalogue.h"
#include "journal/journal.h"
#include "journal/record.h"

namespace temperature::journal {

// Hands one stored record to the subscriber: definitions as they are, readings with the places that
// the catalogue gives their series. Error journal_damaged when a series was never defined.
Result<void> deliver(const Stamp& stamp, Record& record, const catalogue::Catalogue& catalogue, Subscriber& subscriber);

// The same of a submission that is durable now.
void deliver(const Stamp& stamp, Position position, Submission& submission, Subscriber& subscriber);

// Its record, but for its position, in place of what `record` held.
void encode_record(const Submission& submission, std::string& record);

}  // namespace temperature::journal
