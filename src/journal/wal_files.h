#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>

namespace temperature::journal {

// Where logs end: behind the last whole record.
using WalEnds = std::map<std::filesystem::path, std::uint64_t>;

// `env` (nullptr: the machine's), but with write-ahead logs (*.log) that are written over instead of growing.
//
// A sync of a file that grew makes the file system write its own records of it as well: its length, and where its new
// blocks lie. While syncs are small, a log is therefore filled some way ahead, and the syncs that follow write nothing
// but their bytes. Large syncs grow the log: they would write everything twice. A log that is closed is cut to what was
// written; after a crash its filling is still there.
//
// Whoever reads sees none of that: a log that is in `ends` ends there, and one that is being written where its last
// byte was. What cannot be filled ahead, because the disk is full, grows.
//
// `env` must outlive it, and it the RocksDB instance. Thread-safe.
//
// The filling (rocks/log_scan.h) is no zeros, of which records are full, but bytes that differ at each place: what was
// never written can be told from what was.
std::unique_ptr<rocksdb::Env> wal_files(rocksdb::Env* env, WalEnds ends);

}  // namespace temperature::journal
