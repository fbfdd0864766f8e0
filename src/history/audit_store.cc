#include "history/audit_store.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "audit/chain.h"
#include "base/bytes.h"

namespace temperature::history {
namespace {

constexpr std::string_view kAudit = "audit ";
constexpr std::string_view kAuditHead = "audit-head";
constexpr std::string_view kTally = "tally ";
constexpr std::uint8_t kTallyVersion = 1;

enum TallyBits : std::uint8_t { kBegun = 1, kComplete = 2, kFinished = 4 };

// Big-endian, so that keys sort by position.
std::string position_key(std::string_view prefix, Position position) {
  std::string key(prefix);
  ByteWriter(key).fixed(__builtin_bswap64(position.value()));
  return key;
}

std::optional<Position> position_in(std::string_view key) {
  if (key.size() != kAudit.size() + sizeof(std::uint64_t)) return std::nullopt;
  return Position(__builtin_bswap64(ByteReader(key.substr(kAudit.size())).fixed<std::uint64_t>()));
}

std::optional<Tally> decode_tally(Position position, std::string_view bytes) {
  ByteReader in(bytes);
  Tally tally{.position = position};
  const auto version = in.fixed<std::uint8_t>();
  const auto bits = in.fixed<std::uint8_t>();
  const SeriesId upto(in.fixed<std::uint32_t>());
  tally.readings = in.fixed<std::uint64_t>();
  if (!in.ok() || in.left() > 0 || version != kTallyVersion) return std::nullopt;
  if ((bits & kBegun) != 0) tally.upto = upto;
  tally.complete = (bits & kComplete) != 0;
  tally.finished = (bits & kFinished) != 0;
  return tally;
}

}  // namespace

void put_tally(const RocksStore& store, const Tally& tally, rocksdb::WriteBatch& batch) {
  std::string bytes;
  ByteWriter out(bytes);
  out.fixed(kTallyVersion);
  out.fixed(static_cast<std::uint8_t>((tally.upto ? kBegun : 0) | (tally.complete ? kComplete : 0) |
                                      (tally.finished ? kFinished : 0)));
  out.fixed(tally.upto.value_or(SeriesId(0)).value());
  out.fixed(tally.readings);
  batch.Put(store.numbers(), position_key(kTally, tally.position), bytes);
}

Result<std::optional<Tally>> find_tally(const RocksStore& store, Position position) {
  std::string bytes;
  const rocksdb::Status status = store.db().Get({}, store.numbers(), position_key(kTally, position), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return store.error(status, "read how far a deletion was counted");
  auto tally = decode_tally(position, bytes);
  if (tally) return tally;
  return failure(ErrorCode::history_failed,
                 fmt::format("how far the deletion at position {} was counted cannot be decoded", position.value()));
}

Result<std::optional<audit::Head>> find_audit_head(const RocksStore& store) {
  std::string bytes;
  const rocksdb::Status status = store.db().Get({}, store.numbers(), slice_of(kAuditHead), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return store.error(status, "read the end of the audit");
  auto head = audit::decode_head(bytes);
  if (head) return head;
  return failure(ErrorCode::history_failed,
                 fmt::format("the end of the audit's chain cannot be decoded (path={})", store.path().string()));
}

void append_audit(const RocksStore& store, std::map<Position, audit::Entry>& entries, audit::Head& head,
                  rocksdb::WriteBatch& batch) {
  for (const auto& [position, entry] : entries) {
    batch.Delete(store.numbers(), position_key(kTally, position));
    if (position <= head.position) continue;
    batch.Put(store.numbers(), position_key(kAudit, position), audit::encode(audit::append(head, entry)));
    batch.Put(store.numbers(), slice_of(kAuditHead), audit::encode(head));
  }
}

Result<void> read_audit(const RocksStore& store, Position after,
                        const std::function<bool(Position position, std::string_view bytes)>& take) {
  if (after.value() == UINT64_MAX) return {};
  const std::unique_ptr<rocksdb::Iterator> at(store.db().NewIterator({}, store.numbers()));
  for (at->Seek(position_key(kAudit, next(after))); at->Valid(); at->Next()) {
    const auto position = position_in(view_of(at->key()));
    if (!at->key().starts_with(slice_of(kAudit)) || !position) break;
    if (!take(*position, view_of(at->value()))) return {};
  }
  if (!at->status().ok()) return store.error(at->status(), "read the audit");
  return {};
}

audit::Head verify_audit(const RocksStore& store, const std::function<void(const std::string&)>& damaged) {
  audit::ChainCheck chain;
  const auto tell = [&damaged](const std::optional<std::string>& trouble) {
    if (trouble) damaged(*trouble);
  };
  const auto read = read_audit(store, Position(), [&](Position position, std::string_view bytes) {
    tell(chain.take(position, bytes));
    return true;
  });
  if (!read) {
    damaged(read.error().detail);
    return chain.end();
  }
  const auto head = find_audit_head(store);
  if (head) {
    tell(chain.finish(*head));
  } else {
    damaged(head.error().detail);
  }
  return chain.end();
}

}  // namespace temperature::history
