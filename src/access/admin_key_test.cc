#include "access/admin_key.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "testing/temporary_folder.h"

namespace temperature::access {
namespace {

TEST(AdminKey, IsNotTooWeak) {
  EXPECT_FALSE(check_admin_key(std::string(kAdminKeyCharactersMin - 1, 'x')));
  EXPECT_TRUE(check_admin_key(std::string(kAdminKeyCharactersMin, 'x')));
  EXPECT_FALSE(check_admin_key("spaces are not for a key"));
}

TEST(AdminKey, IsMadeOnceAndKept) {
  const testing::TemporaryFolder folder;
  const auto made = read_or_make_admin_key(folder.path() / "admin.key");
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->made);
  EXPECT_GE(made->key.size(), 64U);
  EXPECT_TRUE(check_admin_key(made->key));
  const auto status = std::filesystem::status(folder.path() / "admin.key");
  EXPECT_EQ(status.permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto kept = read_or_make_admin_key(folder.path() / "admin.key");
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->made);
  EXPECT_EQ(kept->key, made->key);
}

TEST(Secret, ThatOthersCanReadOrChangeIsKnown) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "secret";
  EXPECT_FALSE(is_open_to_others(file));  // there is none
  ASSERT_TRUE(write_secret(file, "secret\n"));
  for (const auto& [mode, open] :
       {std::pair(0600, false), std::pair(0640, false), std::pair(0400, false), std::pair(0644, true),
        std::pair(0604, true), std::pair(0620, true), std::pair(0602, true)}) {
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    EXPECT_EQ(is_open_to_others(file), open) << mode;
  }
}

TEST(Secret, IsTheFirstLineOfItsFile) {
  const testing::TemporaryFolder folder;
  EXPECT_FALSE(read_secret(folder.path() / "nothing"));
  const std::ofstream empty(folder.path() / "empty");
  EXPECT_FALSE(read_secret(folder.path() / "empty"));
  ASSERT_TRUE(write_secret(folder.path() / "secret", "first\r\nsecond\n"));
  EXPECT_EQ(read_secret(folder.path() / "secret"), "first");
}

TEST(Secret, IsNeverWrittenOverAnother) {
  const testing::TemporaryFolder folder;
  ASSERT_TRUE(write_secret(folder.path() / "secret", "one\n"));
  EXPECT_FALSE(write_secret(folder.path() / "secret", "another\n"));
  EXPECT_EQ(read_secret(folder.path() / "secret"), "one");
}

}  // namespace
}  // namespace temperature::access
