#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace temperature::limits {

// Fields of lines that are no readings, noted for each HTTP thread; more are only counted.
inline constexpr std::size_t kPassedOverKept = 1'024;

}  // namespace temperature::limits

namespace temperature::mapping {

// Why a field of a line is no reading.
enum class PassedOverReason : std::uint8_t {
  text,       // a string
  boolean,    // true or false
  attribute,  // a number that Home Assistant sends beside `value`
  no_number,  // a string where a number belongs, which is none
  left_out,   // a number that LineRules::fields does not take
};
inline constexpr std::array<std::string_view, 5> kPassedOverReasons{"string", "boolean", "attribute", "no_number",
                                                                    "left_out"};
constexpr std::string_view name_of(PassedOverReason reason) {
  return kPassedOverReasons[std::to_underlying(reason)];
}

// A field that is no reading: where it was met first, how often since, and when last.
struct PassedOverField {
  PassedOverReason reason = PassedOverReason::text;
  std::string key = {};  // as it is written
  std::string building = {};
  std::string room = {};
  std::string sensor = {};
  std::string_view door = {};  // static text
  std::string sender = {};
  std::uint32_t line = 0;  // in the body in which it was met first, from 1
  std::string text = {};   // that line, shortened to limits::kRejectTextBytesMax
  std::uint64_t count = 0;
  Timestamp last = kTimestampMin;
};

// The fields that one mapper passes over: what there is to say of each is noted when it is seen first; after that it
// costs two stores. One thread notes and counts; any thread may ask for all of them.
class PassedOver {
 public:
  class Noted {
   public:
    // For the noting thread alone.
    void count(std::int64_t at_ms) {
      count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      last_ms_.store(at_ms, std::memory_order_relaxed);
    }

   private:
    friend class PassedOver;
    PassedOverField field_;  // but count and last
    std::atomic<std::uint64_t> count_{0};
    std::atomic<std::int64_t> last_ms_{0};
  };

  // What the next body's fields are noted with. `door` is static text.
  void begin_body(std::string_view door, std::string_view sender, Timestamp at) {
    door_ = door;
    sender_ = sender;
    at_ms_ = to_ms(at);
  }
  [[nodiscard]] std::int64_t at_ms() const { return at_ms_; }

  // The note on a field, which stays where it is: the one that there is for that series as it is written, or a new one
  // made of `field`. nullptr: there are limits::kPassedOverKept already.
  Noted* note(std::string_view series, PassedOverField field);

  [[nodiscard]] std::vector<PassedOverField> all() const;

 private:
  std::string_view door_;
  std::string_view sender_;  // valid during the body
  std::int64_t at_ms_ = 0;
  mutable std::mutex mutex_;  // guards the map; the notes' counts are atomic, and the rest of a note never changes
  std::map<std::string, std::unique_ptr<Noted>, std::less<>> noted_;  // ordered: its keys are outsiders' bytes
};

}  // namespace temperature::mapping
