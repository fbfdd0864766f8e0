#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace temperature::testing {

// A machine whose power can be cut, for RocksDB instances in one folder. It writes real files and
// remembers which bytes and which names were synced. After a cut every write fails, as if the process
// were gone; settle() then takes from the files what a disk may forget:
//   - of a file's bytes behind its last sync, a random number of the last ones; and of those that were written over
//     what it was filled with ahead (all that NewRandomRWFile() is good for), any sectors;
//   - of the creations, renames and deletions behind the folder's last sync, a random number of the
//     last ones (file systems keep such operations in their order).
// It can also fail a chosen write or sync. RocksDB's own LOG files pass by untouched. Thread-safe.
class PowerCutEnv final : public rocksdb::EnvWrapper {
 public:
  // `trash`: a folder on the same file system, for deleted files that may have to come back.
  explicit PowerCutEnv(std::filesystem::path trash);
  ~PowerCutEnv() override;

  // Cuts the power at once, or at the n-th write, sync or name operation from now on (from 1).
  void cut();
  void cut_at(std::uint64_t operation);
  [[nodiscard]] bool is_cut() const;

  // What is left after the cut. Call once, when the RocksDB instance is closed.
  void settle(std::mt19937_64& random);

  enum class Operation : std::uint8_t { write, sync };
  // The n-th operation of this kind from now on (from 1) on a file whose name ends with `suffix` fails with
  // `status`. A write that fails has written half of its bytes. Operations after it succeed again.
  void fail(Operation operation, std::uint64_t nth, std::string suffix, rocksdb::Status status);
  [[nodiscard]] bool has_failed() const;

  // How many sectors of what was written over a filling settle() forgot.
  [[nodiscard]] std::uint64_t forgotten_sectors() const;

  // How many bytes of files whose name ends with `suffix` are written, but not synced.
  [[nodiscard]] std::uint64_t unsynced_bytes(const std::string& suffix) const;

  rocksdb::Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewRandomRWFile(const std::string& name, std::unique_ptr<rocksdb::RandomRWFile>* file,
                                  const rocksdb::EnvOptions& options) override;
  rocksdb::Status ReopenWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                     const rocksdb::EnvOptions& options) override;
  rocksdb::Status ReuseWritableFile(const std::string& name, const std::string& old_name,
                                    std::unique_ptr<rocksdb::WritableFile>* file,
                                    const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewDirectory(const std::string& name, std::unique_ptr<rocksdb::Directory>* directory) override;
  rocksdb::Status DeleteFile(const std::string& name) override;
  rocksdb::Status RenameFile(const std::string& from, const std::string& to) override;
  rocksdb::Status LinkFile(const std::string& from, const std::string& to) override;
  rocksdb::Status Truncate(const std::string& name, std::size_t size) override;
  // A thousandth of it: RocksDB rests for a second when a flush failed, and this machine gets no better meanwhile.
  void SleepForMicroseconds(int micros) override;

 private:
  class File;
  class Filler;
  class Folder;

  struct Extent {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
    std::uint64_t length = 0;  // with the filling behind what is written
    std::uint64_t length_synced = 0;
    std::string filling;  // what was filled in ahead, each byte in its place
  };
  struct NameChange {
    std::string from;   // empty: a creation
    std::string to;     // empty: a deletion
    std::string trash;  // where the file lies that `to` (or, deleted, `from`) named before; empty: none
    std::shared_ptr<Extent> before;
  };
  struct Fault {
    Operation operation;
    std::uint64_t left;
    std::string suffix;
    rocksdb::Status status;
  };

  // Counts an operation towards the cut. Not OK once the power is cut. Needs mutex_.
  rocksdb::Status step();
  // The status that the fault in waiting has for this operation, if it is its turn. Needs mutex_.
  std::optional<rocksdb::Status> fault(Operation operation, const std::string& name);
  // Moves what `name` names to the trash; needs mutex_.
  std::string discard(const std::string& name);
  void undo(const NameChange& change);
  void forget_some(const std::string& name, const Extent& extent, std::mt19937_64& random);

  std::filesystem::path trash_;
  mutable std::mutex mutex_;
  bool cut_ = false;
  bool failed_ = false;
  std::optional<std::uint64_t> steps_left_;
  std::optional<Fault> fault_;
  std::uint64_t discarded_ = 0;
  std::uint64_t forgotten_sectors_ = 0;
  std::map<std::string, std::shared_ptr<Extent>> files_;
  std::vector<NameChange> changes_;  // behind the folder's last sync
};

}  // namespace temperature::testing
