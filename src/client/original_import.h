#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "client/run.h"
#include "postgres/url.h"

namespace temperature::client {

struct OriginalImportOptions {
  Destination destination;
  std::string table = "temperature_readings";
  std::optional<Timestamp> from;  // the first moment that counts
  std::optional<Timestamp> to;    // the first that does not
};

// Sends the readings of the original service's database, in order of time, as fast as it goes. Rows that are no
// readings are counted as rejected and named. When it ends early it says from which time on to go on; repeating more is
// safe: what is there already counts as duplicate. Returns the exit code: 0 when every row is stored, 1 when the
// service or the database failed, or rows were refused.
int import_from_original(const postgres::Url& url, const OriginalImportOptions& options,
                         const Surroundings& surroundings);

}  // namespace temperature::client
