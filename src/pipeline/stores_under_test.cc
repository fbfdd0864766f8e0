#include "pipeline/stores_under_test.h"

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <unistd.h>

#include <cstdlib>

#include "base/check.h"
#include "history/rocks_history.h"
#include "journal/rocks_journal.h"

namespace temperature::pipeline {
namespace {

// Counts down the writes that still reach the disk.
class Frost {
 public:
  void after(int writes) { left_.store(writes); }
  void thaw() { left_.store(kNever); }
  [[nodiscard]] rocksdb::Status pass() {
    int left = left_.load();
    while (left > 0 && left != kNever && !left_.compare_exchange_weak(left, left - 1)) {
    }
    return left > 0 ? rocksdb::Status::OK() : rocksdb::Status::IOError("frozen");
  }

 private:
  static constexpr int kNever = 1 << 30;
  std::atomic<int> left_{kNever};
};

class FreezingFile final : public rocksdb::WritableFileWrapper {
 public:
  FreezingFile(std::unique_ptr<rocksdb::WritableFile> file, Frost& frost)
      : WritableFileWrapper(file.get()), file_(std::move(file)), frost_(frost) {}

  rocksdb::Status Append(const rocksdb::Slice& bytes) override {
    const rocksdb::Status may = frost_.pass();
    return may.ok() ? file_->Append(bytes) : may;
  }
  rocksdb::Status Append(const rocksdb::Slice& bytes, const rocksdb::DataVerificationInfo& verification) override {
    const rocksdb::Status may = frost_.pass();
    return may.ok() ? file_->Append(bytes, verification) : may;
  }
  rocksdb::Status Sync() override {
    const rocksdb::Status may = frost_.pass();
    return may.ok() ? file_->Sync() : may;
  }
  rocksdb::Status Fsync() override {
    const rocksdb::Status may = frost_.pass();
    return may.ok() ? file_->Fsync() : may;
  }

 private:
  std::unique_ptr<rocksdb::WritableFile> file_;
  Frost& frost_;
};

class FreezingEnv final : public rocksdb::EnvWrapper {
 public:
  explicit FreezingEnv(Frost& frost) : EnvWrapper(rocksdb::Env::Default()), frost_(frost) {}

  rocksdb::Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override {
    rocksdb::Status status = frost_.pass();
    if (status.ok()) status = target()->NewWritableFile(name, file, options);
    if (status.ok()) *file = std::make_unique<FreezingFile>(std::move(*file), frost_);
    return status;
  }
  rocksdb::Status DeleteFile(const std::string& name) override {
    const rocksdb::Status may = frost_.pass();
    return may.ok() ? target()->DeleteFile(name) : may;
  }
  rocksdb::Status RenameFile(const std::string& from, const std::string& to) override {
    const rocksdb::Status may = frost_.pass();
    return may.ok() ? target()->RenameFile(from, to) : may;
  }

 private:
  Frost& frost_;
};

class RocksStores final : public Stores {
 public:
  RocksStores() {
    std::string folder = (std::filesystem::temp_directory_path() / "way-XXXXXX").string();
    CHECK(mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
  }
  ~RocksStores() override {
    close();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string_view name() const override { return "rocks"; }
  void open(const catalogue::Catalogue& catalogue) override {
    frost_.thaw();
    auto journal = journal::RocksJournal::open({folder_ / "journal", &env_, {}}, catalogue);
    CHECK(journal || complain(journal.error()));
    journal_ = std::move(*journal);
    auto history = history::RocksHistory::open({folder_ / "history", &env_});
    CHECK(history || complain(history.error()));
    history_ = std::move(*history);
    failing_ = std::make_unique<FailingHistory>(*history_);
  }
  void crash() override {
    frost_.after(0);
    close();
  }
  void close() override {
    failing_.reset();
    journal_.reset();
    history_.reset();
  }
  void freeze_after(int writes) override { frost_.after(writes); }
  void tear_next_write(int writes) override { frost_.after(writes); }
  [[nodiscard]] journal::Journal& journal() override { return *journal_; }
  [[nodiscard]] FailingHistory& history() override { return *failing_; }
  [[nodiscard]] std::filesystem::path folder() const override { return folder_; }

 private:
  static bool complain(const Error& error) {
    std::fprintf(stderr, "%s\n", error.detail.c_str());
    return false;
  }

  std::filesystem::path folder_;
  Frost frost_;
  FreezingEnv env_{frost_};
  std::unique_ptr<journal::RocksJournal> journal_;
  std::unique_ptr<history::RocksHistory> history_;
  std::unique_ptr<FailingHistory> failing_;
};

}  // namespace

Result<void> FailingHistory::commit(Position safe, std::uint64_t definitions_from,
                                    std::span<const catalogue::Definition> definitions) {
  if (next_passes_.exchange(false)) return inner_.commit(safe, definitions_from, definitions);
  int left = failing_.load();
  while (left > 0 && !failing_.compare_exchange_weak(left, left - 1)) {
  }
  if (left > 0) return failure(ErrorCode::history_failed, "told to fail");
  return inner_.commit(safe, definitions_from, definitions);
}

Result<void> FailingHistory::write(std::span<const history::Run> runs) {
  if (writes_fail_.load()) return failure(ErrorCode::history_failed, "told to fail");
  return inner_.write(runs);
}

Result<void> FailingHistory::put_tally(const history::Tally& tally) {
  if (writes_fail_.load()) return failure(ErrorCode::history_failed, "told to fail");
  return inner_.put_tally(tally);
}

Result<history::Erased> FailingHistory::erase(SeriesId series, Timestamp from, Timestamp to, history::Tally* tally) {
  if (writes_fail_.load() || erasures_left_.fetch_sub(1) <= 0) {
    return failure(ErrorCode::history_failed, "told to fail");
  }
  auto erased = inner_.erase(series, from, to, tally);
  if (at_erasures_) at_erasures_();
  return erased;
}

Result<void> FailingHistory::replace(SeriesId series, std::span<const Sample> samples) {
  if (writes_fail_.load()) return failure(ErrorCode::history_failed, "told to fail");
  return inner_.replace(series, samples);
}

// A view that fails.
class BrokenView final : public history::HistoryView {
 public:
  Result<void> read(SeriesId, Timestamp, Timestamp, std::size_t, std::vector<Sample>&) override { return refused(); }
  Result<void> fold(SeriesId, const history::Steps&, std::span<summary::Summary>) override { return refused(); }
  Result<history::Found> find(SeriesId, Timestamp) override { return refused(); }
  Result<std::optional<Sample>> last_at(SeriesId, Timestamp) override { return refused(); }
  [[nodiscard]] std::uint64_t decoded() const override { return 0; }

 private:
  static std::unexpected<Error> refused() { return failure(ErrorCode::history_failed, "told to fail"); }
};

std::unique_ptr<history::HistoryView> FailingHistory::view() const {
  if (reads_fail_.load()) return std::make_unique<BrokenView>();
  return inner_.view();
}

void MemoryStores::open(const catalogue::Catalogue& catalogue) {
  journal_ = std::make_unique<journal::MemoryJournal>(catalogue, std::move(journalled_));
  history_ = std::make_unique<history::MemoryHistory>(std::move(stored_));
  failing_ = std::make_unique<FailingHistory>(*history_);
}

void MemoryStores::crash() {
  if (!journal_) return;
  journalled_ = journal_->contents();
  stored_ = history_->contents();
  failing_.reset();
  journal_.reset();
  history_.reset();
}

void MemoryStores::tear_next_write(int) {
  journal_->fail_next({ErrorCode::journal_failed, "told to fail"});
}

std::unique_ptr<Stores> make_rocks_stores() {
  return std::make_unique<RocksStores>();
}

}  // namespace temperature::pipeline
