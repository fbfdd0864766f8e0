#include "history/audit_store.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "history/rocks_history.h"
#include "history/verify.h"
#include "testing/temporary_folder.h"

// The audit in a store, and somebody who writes to its files.
namespace temperature::history {
namespace {

class AuditStore : public ::testing::Test {
 protected:
  void SetUp() override {
    open();
    for (std::uint64_t i = 1; i <= 4; ++i) {
      history->note({.position = Position(i * 10), .who = "keeper", .building = "main", .room = "hall", .count = i});
      ASSERT_TRUE(history->commit(Position(i * 10), 0, {}));
    }
  }
  void open() {
    auto opened = RocksHistory::open({.path = folder.path() / "history"});
    ASSERT_TRUE(opened) << opened.error().detail;
    history = std::move(*opened);
  }
  static std::string key(std::uint64_t position) {
    std::string key("audit ");
    ByteWriter(key).fixed(__builtin_bswap64(position));
    return key;
  }
  std::string value(const std::string& its_key) {
    std::string bytes;
    EXPECT_TRUE(history->db().Get({}, its_key, &bytes).ok());
    return bytes;
  }
  void put(const std::string& its_key, const std::string& bytes) {
    ASSERT_TRUE(history->db().Put({}, its_key, bytes).ok());
  }
  // What is found, and how many entries there are.
  std::vector<std::string> verify() {
    history.reset();
    std::vector<std::string> found;
    const auto inspection = Inspection::open(folder.path() / "history");
    EXPECT_TRUE(inspection);
    if (inspection) end = inspection->verify_audit([&](const Damage& damage) { found.push_back(damage.what); });
    return found;
  }
  void expect_found(std::string_view words) {
    const auto found = verify();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].find(words), std::string::npos) << found[0];
  }

  testing::TemporaryFolder folder;
  std::unique_ptr<RocksHistory> history;
  audit::Head end;
};

TEST_F(AuditStore, fits_and_goes_on_after_a_restart) {
  EXPECT_TRUE(verify().empty());
  EXPECT_EQ(end.count, 4U);
  open();
  EXPECT_EQ(history->audit_head(), end);
  history->note({.position = Position(50), .who = "another"});
  ASSERT_TRUE(history->commit(Position(50), 0, {}));
  std::vector<Position> read;
  ASSERT_TRUE(history->read_audit(Position(20), [&](Position position, std::string_view) {
    read.push_back(position);
    return read.size() < 2;
  }));
  EXPECT_EQ(read, (std::vector{Position(30), Position(40)}));
  EXPECT_TRUE(verify().empty());
  EXPECT_EQ(end.count, 5U);
}

TEST_F(AuditStore, tells_of_a_flipped_byte) {
  const std::string whole = value(key(20));
  for (const std::size_t at : {std::size_t{0}, std::size_t{50}, whole.size() / 2, whole.size() - 1}) {
    if (!history) open();
    std::string other = whole;
    other[at] = static_cast<char>(other[at] ^ 4);
    put(key(20), other);
    EXPECT_EQ(verify().size(), 1U) << "byte " << at;
  }
}

TEST_F(AuditStore, tells_of_an_entry_that_was_removed) {
  ASSERT_TRUE(history->db().Delete({}, key(20)).ok());
  expect_found("entries are missing");
}

TEST_F(AuditStore, tells_of_a_last_entry_that_was_removed) {
  ASSERT_TRUE(history->db().Delete({}, key(40)).ok());
  expect_found("ends with entry 3, and 4 were written");
}

TEST_F(AuditStore, tells_of_an_end_that_is_gone_or_cannot_be_read) {
  const std::string whole = value("audit-head");
  put("audit-head", whole + "x");
  expect_found("cannot be decoded");
  const auto refused = RocksHistory::open({.path = folder.path() / "history"});
  ASSERT_FALSE(refused) << "a chain that goes on from nothing would hide what was there";
  EXPECT_EQ(refused.error().code, ErrorCode::history_failed);
}

TEST_F(AuditStore, keeps_a_tally_until_its_entry_is_there) {
  const Tally tally{.position = Position(60), .upto = SeriesId(3), .readings = 7, .complete = false, .finished = true};
  ASSERT_TRUE(history->put_tally(tally));
  history.reset();
  open();
  EXPECT_EQ(*history->tally(Position(60)), tally);
  EXPECT_EQ(*history->tally(Position(61)), std::nullopt);
  history->note({.position = Position(60)});
  ASSERT_TRUE(history->commit(Position(60), 0, {}));
  EXPECT_EQ(*history->tally(Position(60)), std::nullopt);
}

}  // namespace
}  // namespace temperature::history
