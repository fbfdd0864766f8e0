#include <gtest/gtest.h>

#include <map>
#include <random>

#include "journal/shelf.h"
#include "testing/effort.h"

// Power cuts and failing disks at random moments: what was answered is there afterwards, exactly once
// and in its place; what was not answered is there whole or not at all.
namespace temperature::journal {
namespace {

using Operation = testing::PowerCutEnv::Operation;

// A house through many runs of the program. The store beside the journal is played by `stored_` and
// `definitions_`: what it holds is never asked of the journal again.
class Story {
 public:
  explicit Story(std::uint64_t seed) : random_(seed) {}

  void live_through_one_run() {
    std::vector<std::unique_ptr<Letter>> letters;
    std::mt19937_64 disk(random_());
    {
      ProgramRun run(shelf_, stored_, definitions_);
      if (!run.recovery) {
        FAIL() << run.recovery.error().detail;
      }
      check(run);
      if (::testing::Test::HasFailure()) return;
      plan_trouble();
      small_ = up_to(2) == 1;
      for (int burst = 0; burst < 12 && run.journal().status().writable; ++burst) send_burst(run, letters);
      end(run);
    }
    for (const auto& letter : letters) remember(*letter);
    if (!shelf_.env->is_cut()) return;
    shelf_.env->settle(disk);
    forgotten_sectors_ += shelf_.env->forgotten_sectors();
  }

  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  [[nodiscard]] std::uint64_t unanswered_but_kept() const { return unanswered_but_kept_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] std::uint64_t forgotten_sectors() const { return forgotten_sectors_; }

 private:
  std::uint64_t up_to(std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>(1, most)(random_); }

  void plan_trouble() {
    const bool of_space = up_to(2) == 1;
    const rocksdb::Status status = of_space ? rocksdb::Status::NoSpace() : rocksdb::Status::IOError("told to fail");
    switch (up_to(5)) {
      case 1:
        shelf_.env->fail(Operation::write, up_to(20), ".log", status);
        break;
      case 2:
        shelf_.env->fail(Operation::sync, up_to(20), ".log", status);
        break;
      case 3:
        break;  // none, until the end
      default:
        shelf_.env->cut_at(up_to(60));
        break;
    }
  }

  void send_burst(ProgramRun<RocksShelf>& run, std::vector<std::unique_ptr<Letter>>& letters) {
    const std::size_t before = letters.size();
    for (std::uint64_t i = up_to(5); i > 0; --i) {
      const std::size_t readings = !small_ && up_to(8) == 1 ? 4000 : up_to(20);
      ++number_;
      letters.push_back(run.send(run.house.batch(number_, readings, up_to(3) == 1 ? number_ % 500 : 0)));
      sent_.emplace(number_, letters.back()->says());
    }
    if (up_to(4) == 1) return;  // does not wait
    for (std::size_t i = before; i < letters.size(); ++i) (void)letters[i]->wait();
    if (up_to(6) > 1) return;
    // A flush: the store takes all that was delivered, and the journal may let it go.
    const Position last = run.journal().status().last;
    if (!run.journal().status().writable || last <= stored_) return;
    stored_ = last;
    definitions_ = run.house.catalogue.definitions(0, run.house.catalogue.definitions());
    (void)run.journal().release(last);
  }

  void end(ProgramRun<RocksShelf>& run) {
    if (up_to(2) == 1) shelf_.env->cut();
    run.journal().stop();
    run.close();
  }

  void remember(const Letter& letter) {
    const auto position = letter.wait();
    if (!position) return;
    ++answered_;
    EXPECT_TRUE(kept_.emplace(*position, letter.says()).second)
        << "position " << position->value() << " is given twice";
  }

  // What a restart delivers, against what is known.
  void check(const ProgramRun<RocksShelf>& run) {
    std::map<Position, Told> delivered;
    for (const auto& delivery : run.witness.deliveries) delivered.emplace(delivery.position, delivery.batch);
    for (auto kept = kept_.upper_bound(stored_); kept != kept_.end(); ++kept) {
      ASSERT_TRUE(delivered.contains(kept->first)) << "record " << kept->first.value() << " was answered and is lost";
      ASSERT_EQ(delivered[kept->first], kept->second);
    }
    for (const auto& [position, batch] : delivered) {
      ASSERT_TRUE(std::ranges::any_of(sent_, [&](const auto& each) { return each.second == batch; }))
          << "record " << position.value() << " was never sent";
      if (kept_.emplace(position, batch).second) ++unanswered_but_kept_;
    }
    std::set<std::string> senders;
    for (const auto& [position, batch] : kept_) {
      ASSERT_TRUE(senders.insert(batch.sender).second) << batch.sender << " is there twice";
    }
    lost_ = sent_.size() - kept_.size();
  }

  std::mt19937_64 random_;
  RocksShelf shelf_;
  std::uint64_t number_ = 0;
  std::map<std::uint64_t, Told> sent_;
  std::map<Position, Told> kept_;  // answered, or found after a restart
  Position stored_;
  std::vector<catalogue::Definition> definitions_;
  std::uint64_t answered_ = 0;
  std::uint64_t unanswered_but_kept_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t forgotten_sectors_ = 0;
  bool small_ = false;  // this run's batches: its log is filled ahead
};

TEST(JournalPowerCut, loses_nothing_that_was_answered) {
  std::uint64_t answered = 0;
  std::uint64_t unanswered_but_kept = 0;
  std::uint64_t lost = 0;
  std::uint64_t forgotten_sectors = 0;
  std::uint64_t seeds = 0;
  for (std::uint64_t seed = 1; seed <= 30; seed += testing::power_cut_stride()) {
    ++seeds;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Story story(seed);
    for (int run = 0; run < 6; ++run) {
      story.live_through_one_run();
      ASSERT_FALSE(::testing::Test::HasFailure()) << "in run " << run;
    }
    answered += story.answered();
    unanswered_but_kept += story.unanswered_but_kept();
    lost += story.lost();
    forgotten_sectors += story.forgotten_sectors();
  }
  EXPECT_GT(answered, 33 * seeds);
  if (seeds < 30) return;
  // The cuts fell where they matter, each kind in some of all the seeds.
  EXPECT_GT(unanswered_but_kept, 0U);
  EXPECT_GT(lost, 0U);
  EXPECT_GT(forgotten_sectors, 0U);
}

TEST(JournalPowerCut, at_any_step_of_opening_loses_nothing) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 disk(seed);
    RocksShelf shelf;
    std::vector<Told> written;
    {
      ProgramRun run(shelf);
      for (std::uint64_t number = 1; number <= 3; ++number) ASSERT_TRUE(run.write(run.house.batch(number)));
      written = run.witness.batches();
    }
    bool opened = false;
    for (std::uint64_t step = 1; !opened; step += testing::power_cut_stride()) {
      SCOPED_TRACE("the power is cut at step " + std::to_string(step));
      ASSERT_LT(step, 500U);
      shelf.cut_while_opening(step, disk);
      opened = !shelf.env->is_cut();
      ProgramRun run(shelf);
      ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
      ASSERT_EQ(run.witness.batches(), written);
      const auto letter = run.send(run.house.batch(100 + step));
      ASSERT_TRUE(letter->wait());
      written.push_back(letter->says());
    }
  }
}

}  // namespace
}  // namespace temperature::journal
