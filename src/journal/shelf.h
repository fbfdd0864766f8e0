#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "journal/memory_journal.h"
#include "journal/rocks_journal.h"
#include "journal/rocks_options.h"
#include "journal/witness.h"
#include "testing/power_cut_env.h"
#include "testing/temporary_folder.h"

// Where a journal stands between two runs of the program, one class for each kind of journal.
namespace temperature::journal {

class MemoryShelf {
 public:
  Result<std::unique_ptr<Journal>> open(const catalogue::Catalogue& catalogue) {
    auto journal = std::make_unique<MemoryJournal>(catalogue, contents_);
    open_ = journal.get();
    return journal;
  }
  void put_back(std::unique_ptr<Journal> journal) {
    journal->stop();
    contents_ = open_->contents();
  }
  // The first records, up to `position`, are lost.
  void lose_beginning(Position position) {
    auto& records = contents_.records;
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(position.value()));
    contents_.first = next(position);
  }
  void fail_next_write() const { open_->fail_next({ErrorCode::journal_failed, "told to fail"}); }
  [[nodiscard]] bool durable() const { return true; }

 private:
  MemoryJournal::Contents contents_;
  MemoryJournal* open_ = nullptr;
};

class RocksShelf {
 public:
  RocksShelf() {
    std::filesystem::create_directory(path());
    std::filesystem::create_directory(place_.path() / "trash");
  }

  Result<std::unique_ptr<Journal>> open(const catalogue::Catalogue& catalogue) {
    env = std::make_unique<testing::PowerCutEnv>(place_.path() / "trash");
    return open_on(catalogue);
  }
  // Opens the journal on a machine whose power is cut at this step, if there are so many, and settles.
  void cut_while_opening(std::uint64_t step, std::mt19937_64& random) {
    env = std::make_unique<testing::PowerCutEnv>(place_.path() / "trash");
    env->cut_at(step);
    {
      const House house;
      const auto opened = open_on(house.catalogue);
    }
    if (env->is_cut()) env->settle(random);
  }
  Result<std::unique_ptr<Journal>> open_on(const catalogue::Catalogue& catalogue) {
    auto opened = RocksJournal::open({.path = path(),
                                      .env = env.get(),
                                      .log = [this](const std::string& line) { log.push_back(line); },
                                      .closed =
                                          [this](const Error& why) {
                                            const std::lock_guard lock(closed_mutex_);
                                            closed_.push_back(why);
                                          },
                                      .queue_bytes_max = queue_bytes_max,
                                      .write_buffer_bytes = write_buffer_bytes},
                                     catalogue);
    if (!opened) return std::unexpected(std::move(opened.error()));
    return std::move(*opened);
  }
  void put_back(std::unique_ptr<Journal> journal) { journal.reset(); }
  void lose_beginning(Position position) {
    change([position](rocksdb::DB& db) {
      for (Position each(1); each <= position; each = next(each)) EXPECT_TRUE(db.Delete({}, key_of(each)).ok());
    });
  }
  void fail_next_write() const {
    env->fail(testing::PowerCutEnv::Operation::sync, 1, ".log", rocksdb::Status::IOError("told to fail"));
  }
  [[nodiscard]] bool durable() const { return env->unsynced_bytes(".log") == 0; }

  // Changes the journal behind its back, while it is closed.
  template <class Change>
  void change(Change how) {
    std::atomic<Background> background{Background::fine};
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocks_options(nullptr, background), path().string(), &db).ok());
    const std::unique_ptr<rocksdb::DB> owned(db);
    how(*db);
  }

  [[nodiscard]] std::filesystem::path path() const { return place_.path() / "journal"; }
  // The files whose names end so, in order of their names.
  [[nodiscard]] std::vector<std::filesystem::path> files(const std::string& suffix) const {
    std::vector<std::filesystem::path> found;
    for (const auto& file : std::filesystem::directory_iterator(path())) {
      if (file.path().string().ends_with(suffix)) found.push_back(file.path());
    }
    std::ranges::sort(found);
    return found;
  }

  std::unique_ptr<testing::PowerCutEnv> env;
  std::vector<std::string> log;
  // What was told of journals that take nothing more.
  [[nodiscard]] std::vector<Error> closed() {
    const std::lock_guard lock(closed_mutex_);
    return closed_;
  }
  std::size_t queue_bytes_max = limits::kQueueBytesMax;
  std::size_t write_buffer_bytes = 0;

 private:
  testing::TemporaryFolder place_;
  std::mutex closed_mutex_;
  std::vector<Error> closed_;  // guarded by closed_mutex_
};

// One run of the program over a shelf, from opening the journal to closing it.
template <class Shelf>
class ProgramRun {
 public:
  explicit ProgramRun(Shelf& shelf, Position after = Position(), const std::vector<catalogue::Definition>& stored = {})
      : shelf_(shelf) {
    for (const auto& definition : stored) EXPECT_TRUE(house.catalogue.restore(definition));
    witness.knows_series(house.catalogue.series_count());
    witness.expects_from(next(after));
    witness.must_be([this] { return recovering_ || shelf_.durable(); });
    auto opened = shelf.open(house.catalogue);
    if (!opened) {
      recovery = std::unexpected(std::move(opened.error()));
      return;
    }
    journal_ = std::move(*opened);
    recovery = journal_->start(after, witness);
    recovering_ = false;
  }
  ~ProgramRun() { close(); }
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;

  void close() {
    if (journal_) shelf_.put_back(std::move(journal_));
  }

  [[nodiscard]] Journal& journal() { return *journal_; }

  std::unique_ptr<Letter> send(Accepted batch) {
    auto letter = std::make_unique<Letter>(std::move(batch));
    journal_->append(*letter);
    return letter;
  }
  // Sends a batch and waits for the answer.
  Result<Position> write(Accepted batch) { return send(std::move(batch))->wait(); }

  House house;
  Witness witness{house.catalogue};
  Result<Recovery> recovery;

 private:
  Shelf& shelf_;
  std::unique_ptr<Journal> journal_;
  std::atomic<bool> recovering_{true};
};

}  // namespace temperature::journal
