#include "audit/chain.h"

#include <fmt/format.h>

#include <utility>

namespace temperature::audit {

std::optional<std::string> ChainCheck::broken(std::string what) {
  if (std::exchange(broken_, true)) return std::nullopt;
  return what;
}

std::optional<std::string> ChainCheck::take(Position key, std::string_view value) {
  const auto link = decode(value);
  if (!link || link->entry.position != key) {
    ++taken_;
    return broken(fmt::format("the audit's entry at position {}, the {}. of those that are there, {}", key.value(),
                              taken_, link ? "is that of another position" : "cannot be decoded"));
  }
  return take(*link);
}

std::optional<std::string> ChainCheck::take(const Link& link) {
  ++taken_;
  const Position position = link.entry.position;
  const Head before = std::exchange(end_, Head{link.number, position, link.hash});
  if (broken_) return std::nullopt;
  if (link.number != before.count + 1) {
    return broken(fmt::format("the audit's entry at position {} is number {}, and number {} is before it: {}",
                              position.value(), link.number, before.count,
                              link.number > before.count ? "entries are missing" : "entries are there again"));
  }
  if (position <= before.position) {
    return broken(fmt::format("the audit's entry {} is not in order of positions", link.number));
  }
  if (link.previous != before.hash) {
    return broken(
        fmt::format("the audit's entry {} at position {} does not go on from the one before it: "
                    "one of the two was changed",
                    link.number, position.value()));
  }
  if (hash_of(hashed_bytes(link)) == link.hash) return std::nullopt;
  return broken(
      fmt::format("the audit's entry {} at position {} does not have its hash", link.number, position.value()));
}

std::optional<std::string> ChainCheck::finish(const std::optional<Head>& head) {
  if (head ? end_ == *head : end_.count == 0) return std::nullopt;
  if (!head) return broken(fmt::format("the audit has {} entries, and no end of its chain is stored", taken_));
  if (end_.count < head->count) {
    return broken(fmt::format("the audit ends with entry {}, and {} were written: the last are missing", end_.count,
                              head->count));
  }
  return broken(fmt::format("the audit's last entry, {}, is not the end of the chain that is stored (entry {}, {})",
                            end_.count, head->count, text_of(head->hash)));
}

}  // namespace temperature::audit
