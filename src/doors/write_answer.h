#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "http/message.h"
#include "model/ids.h"
#include "pipeline/write_path.h"

namespace temperature::doors {

// What a door answers to a write. It is told what became of that on the journal's thread, keeps it, and finishes the
// exchange; the words are found on a thread of the connection's. The exchange owns it.
class WriteAnswer : public pipeline::WriteListener, public http::Wording {
 public:
  // Both outlive it.
  WriteAnswer(http::Exchange& exchange, const pipeline::WritePath& write_path)
      : exchange_(exchange), write_path_(write_path) {}

  void written(Result<pipeline::WriteOutcome> outcome) final {
    outcome_ = std::move(outcome);
    exchange_.finish();
  }
  void word(http::Exchange& exchange) final {
    if (*outcome_) write_path_.name_conflicts(**outcome_);
    if (*outcome_) add_position(exchange.response, (*outcome_)->position);
    word_outcome(exchange, *outcome_);
  }

 protected:
  // Fills the response, and notes what was refused.
  virtual void word_outcome(http::Exchange& exchange, Result<pipeline::WriteOutcome>& outcome) = 0;
  // REQUIRES: it was told.
  [[nodiscard]] const Result<pipeline::WriteOutcome>& outcome() const { return *outcome_; }

 private:
  // Where the readings stand in the journal, so that another answer's position can be held against it. A batch of which
  // nothing was admissible stands nowhere.
  void add_position(http::Response& response, Position position) const {
    const std::string& journal = write_path_.journal_id();
    if (journal.empty() || position == Position()) return;
    response.headers.emplace_back("Temperature-Position", fmt::format("{}:{}", journal, position.value()));
  }

  http::Exchange& exchange_;
  const pipeline::WritePath& write_path_;
  std::optional<Result<pipeline::WriteOutcome>> outcome_;
};

// Gives the answer to the exchange. The reference is valid until the exchange is finished.
inline WriteAnswer& answer_with(http::Exchange& exchange, std::unique_ptr<WriteAnswer> answer) {
  WriteAnswer& given = *answer;
  exchange.wording = std::move(answer);
  return given;
}

}  // namespace temperature::doors
