#pragma once

#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "pipeline/brute_force.h"
#include "pipeline/way_under_test.h"

namespace temperature::pipeline {

// One random life of a way: writes of every kind, questions, flushes, restarts and crashes, each answer
// held against brute force. The seed decides everything but how the flusher's thread is scheduled. For tests.
class Life {
 public:
  Life(std::unique_ptr<Stores> stores, std::uint32_t seed);

  // Stops at the first answer that is wrong; the failure names seed and operation.
  void live(int operations);

 private:
  void step();

  [[nodiscard]] std::int64_t below(std::int64_t bound);
  [[nodiscard]] bool chance(int in) { return below(in) == 0; }
  [[nodiscard]] Timestamp now() { return way_.clock().now(); }
  [[nodiscard]] Timestamp random_moment();
  [[nodiscard]] double random_value();
  [[nodiscard]] NamedReading random_reading();
  [[nodiscard]] std::vector<NamedReading> random_batch();

  [[nodiscard]] answer::HistoryQuery random_history_query();

  [[nodiscard]] bool inadmissible(const NamedReading& reading);
  void pass_time();
  void write_batch();
  void write_batches_at_once();
  void write_and_crash();
  struct Removal {
    Scope scope;
    Timestamp from;
    Timestamp to;
  };
  [[nodiscard]] Removal random_removal();
  [[nodiscard]] Deletion deletion_of(const Removal& removal) {
    return {.origin = {now(), "test"}, .scope = removal.scope, .from = removal.from, .to = removal.to};
  }
  void remove();
  void remove_among_writes();
  void remove_and_crash();
  void expect_removed(const Removal& removal, const DeletionOutcome& outcome);
  void send_again();
  [[nodiscard]] std::vector<NamedReading> random_correction();
  void replace();
  void replace_among_writes();
  void replace_and_crash();
  void expect_corrected(const std::vector<NamedReading>& batch, const WriteOutcome& outcome);
  void check_room(const std::string& building, const std::string& room);
  void check_all();
  void check_audit();
  void expect_room(const answer::RoomState& state, const BruteForce::Quantities& quantities);
  void check_counts();
  void expect_outcome(const std::vector<NamedReading>& batch, const WriteOutcome& outcome);
  void ask_average();
  void ask_readings();
  void ask_history();
  void ask_lists();
  void ask_sensors();
  void flush();
  void crash_while_flushing();
  void restart(bool crash);

  std::mt19937_64 random_;
  int sensors_;
  int rooms_;
  bool odd_values_;
  bool flushes_by_itself_;
  Retention retention_;
  WayUnderTest way_;
  BruteForce all_;
  std::deque<NamedReading> recent_;  // for repeats
  bool commits_fail_ = false;        // then what went may not be counted
  int operation_ = 0;
  std::map<Position, std::uint64_t> removed_;  // how many, by the position of what deleted or replaced them
};

}  // namespace temperature::pipeline
