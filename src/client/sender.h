#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "client/batch.h"
#include "client/summary.h"
#include "client/write_answer.h"

namespace temperature::client {

// Sends one batch and says what became of its readings.
using SendBatch = std::function<Result<WriteAnswer>(const Batch&)>;

// Sends batches on connections of their own threads and counts what comes back. One connection keeps the order
// of the batches; several do not. Few batches wait (kBatchesWaitingPerConnection); submit() blocks meanwhile.
// After the first failure nothing more is sent. submit() and finish() from one thread, the rest from any.
class Sender {
 public:
  // One thread for each of `connections` (at least one), which is called from that thread alone.
  explicit Sender(std::vector<SendBatch> connections);
  ~Sender();  // finishes
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // Takes the batch, or returns false after a failure: then the batch is dropped.
  bool submit(Batch batch);

  // Counts what never became a reading.
  void reject(std::uint64_t origin, std::string_view reason);

  // Waits until all batches were answered. The error is the first failure, and names the origin from which on
  // readings may be missing, `origin` being the word before its number.
  Result<void> finish(std::string_view origin);

  // That origin, after a failure.
  [[nodiscard]] std::optional<std::uint64_t> first_missing() const;

  [[nodiscard]] Summary summary() const;
  [[nodiscard]] std::uint64_t readings_done() const;

 private:
  struct Failure {
    std::uint64_t origin = 0;
    Error error;
  };

  void run(const SendBatch& send);
  void join();

  const std::size_t waiting_max_;
  mutable std::mutex mutex_;
  std::condition_variable batch_waits_;
  std::condition_variable room_to_wait_;
  std::deque<Batch> waiting_;
  Summary summary_;
  std::optional<Failure> failure_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace temperature::client
