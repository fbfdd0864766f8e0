#include "access/rocks_registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "testing/read_file.h"
#include "testing/temporary_folder.h"

// What becomes of a registry whose files were damaged.
namespace temperature::access {
namespace {

namespace fs = std::filesystem;
using testing::read_file;

ApiKey key_of(std::string id) {
  ApiKey key;
  key.id = std::move(id);
  key.name = "a test";
  key.role = Role::admin;
  return key;
}

// A registry with a key, and with one that was revoked last.
class RocksRegistryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto registry = RocksRegistry::open(folder());
    ASSERT_TRUE(registry) << registry.error().detail;
    ASSERT_TRUE((*registry)->put_key(key_of("abcdefghijkl")));
    (*registry)->note_use("abcdefghijkl", timestamp_from_ms(1));
    ASSERT_TRUE((*registry)->put_key(key_of("revoked-soon")));
    ASSERT_TRUE((*registry)->remove_key("revoked-soon"));
  }
  [[nodiscard]] fs::path folder() const { return place.path() / "registry"; }
  [[nodiscard]] fs::path log() const {
    for (const auto& file : fs::directory_iterator(folder())) {
      if (file.path().extension() == ".log") return file.path();
    }
    return {};
  }

  testing::TemporaryFolder place;
};

TEST_F(RocksRegistryTest, revives_no_revoked_key_because_of_a_flipped_bit) {
  const fs::path file = log();
  const std::string whole = read_file(file);
  ASSERT_GT(whole.size(), 100U);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    const auto opened = RocksRegistry::open(folder());
    ASSERT_FALSE(opened) << "byte " << at;
    ASSERT_EQ(opened.error().code, ErrorCode::registry_failed);
    ASSERT_NE(opened.error().detail.find(file.string() + " is damaged"), std::string::npos) << opened.error().detail;
    ASSERT_FALSE(RocksRegistry::inspect(folder())) << "byte " << at;
  }
  std::ofstream(file, std::ios::binary | std::ios::trunc) << whole + whole;
  EXPECT_FALSE(RocksRegistry::open(folder())) << "everything stands there twice";
  std::ofstream(file, std::ios::binary | std::ios::trunc) << whole;
  const auto opened = RocksRegistry::open(folder());
  ASSERT_TRUE(opened) << opened.error().detail;
  const auto found = (*opened)->find_key("revoked-soon");
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
}

// A note of a use is not synced: a power cut may take it, and what was noted behind it.
TEST_F(RocksRegistryTest, opens_after_a_power_cut_that_took_notes_of_uses) {
  const auto bytes_before = fs::file_size(log());
  {
    const auto registry = RocksRegistry::open(folder());  // what was in the log is in a table now
    ASSERT_TRUE(registry);
    ASSERT_TRUE((*registry)->put_key(key_of("another-one!")));
    for (int i = 0; i < 3; ++i) (*registry)->note_use("abcdefghijkl", timestamp_from_ms(i));
  }
  ASSERT_GT(bytes_before, 0U);
  const fs::path file = log();
  std::string bytes = read_file(file);
  const std::size_t note = 7 + 12 + 2 + 13 + 1 + 8;  // of the log's fragment, the batch, and one put
  bytes.replace(bytes.size() - 2 * note, note, note, '\0');
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  const auto opened = RocksRegistry::open(folder());
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_TRUE((*opened)->find_key("another-one!").value());
}

}  // namespace
}  // namespace temperature::access
