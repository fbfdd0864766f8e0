#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "doors/readers.h"
#include "http/message.h"
#include "http/query.h"
#include "pipeline/pipeline.h"

namespace temperature::doors {

// What a door to read through needs. All outlive the door.
struct Reading {
  const pipeline::Pipeline& pipeline;
  const Clock& clock;
  std::string default_building;
  Readers& readers;
};

// What is left of an answer that takes a while: fills the response, or tells what is wrong.
using Later = std::function<Result<void>(http::Response& response)>;

// Has it done by the readers, and finishes the exchange, which must not be touched any more.
// Error overloaded: they do not take it; the exchange is as it was.
Result<void> answer_later(Readers& readers, http::Exchange& exchange, Later later);

// The same, and words the refusal as problem+json where they do not take it.
void answer_on(Readers& readers, http::Exchange& exchange, Later later);

// Whether a building may be asked about. By the current rules one that may not is normalised, and looked at again.
// Error forbidden_building.
Result<void> check_building(const Permit& permit, ReadingRules rules, std::string& building);

// A door that answers a query, at once or by way of the readers, or says what is wrong with it as problem+json.
class QueryDoor : public http::Door {
 public:
  explicit QueryDoor(Reading reading) : reading_(std::move(reading)) {}
  void handle(http::Exchange& exchange) final;

 protected:
  // Fills the response and returns nothing to do later, or says how to fill it. On error the response is written anew.
  // What is done later must not look at the principal.
  virtual Result<Later> answer(const http::Query& query, const access::Principal& principal,
                               http::Response& response) = 0;
  // The parameters that are lists: they may be given more than once.
  [[nodiscard]] virtual std::span<const std::string_view> lists() const { return {}; }

  [[nodiscard]] const pipeline::ReadPath& read_path() const { return reading_.pipeline.read_path(); }
  [[nodiscard]] Readers& readers() const { return reading_.readers; }
  [[nodiscard]] Timestamp now() const { return reading_.clock.now(); }
  // The building that is asked about. Error forbidden_building: the principal may not see it.
  [[nodiscard]] Result<std::string> building(const http::Query& query, const access::Principal& principal) const;
  // The same where none need be named: then it is every one that the principal may see.
  [[nodiscard]] Result<std::optional<std::string>> any_building(const http::Query& query,
                                                                const access::Principal& principal) const;

 private:
  Reading reading_;
};

}  // namespace temperature::doors
