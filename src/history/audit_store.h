#pragma once

#include <rocksdb/write_batch.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "audit/entry.h"
#include "base/error.h"
#include "history/history.h"
#include "history/rocks_store.h"

// The audit and the tallies of judgements in a RocksDB instance. docs/formats/audit.md draws their keys and values.
namespace temperature::history {

// Errors of all: history_failed.
Result<std::optional<Tally>> find_tally(const RocksStore& store, Position position);
void put_tally(const RocksStore& store, const Tally& tally, rocksdb::WriteBatch& batch);

// What is stored of the chain's end; nullopt: nothing is.
Result<std::optional<audit::Head>> find_audit_head(const RocksStore& store);
// Appends those of the entries that are not there yet, and takes all of their tallies away; `head` is their end then.
void append_audit(const RocksStore& store, std::map<Position, audit::Entry>& entries, audit::Head& head,
                  rocksdb::WriteBatch& batch);
// Those behind a position, until `take` returns false.
Result<void> read_audit(const RocksStore& store, Position after,
                        const std::function<bool(Position position, std::string_view bytes)>& take);

// Holds the chain against its hashes, and tells of the first entry that does not fit. Returns the chain's end as its
// entries have it.
audit::Head verify_audit(const RocksStore& store, const std::function<void(const std::string&)>& damaged);

}  // namespace temperature::history
