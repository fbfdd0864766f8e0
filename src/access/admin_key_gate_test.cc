#include "access/admin_key_gate.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace temperature::access {
namespace {

constexpr std::string_view kKey = "a-key-with-enough-characters";

TEST(AdminKeyGate, TakesItsKeyAlone) {
  const auto gate = AdminKeyGate::make(std::string(kKey));
  ASSERT_TRUE(gate);
  const auto code = [&gate](const std::string& authorization) {
    const auto admitted = gate->admit(authorization, Need::read);
    return admitted ? std::string("admitted") : std::string(traits(admitted.error().code).code);
  };
  const std::string key(kKey);
  EXPECT_EQ(code("Bearer " + key), "admitted");
  EXPECT_EQ(code("bEARER  " + key), "admitted");
  EXPECT_EQ(code(""), "credential_missing");
  for (const std::string& wrong : {key, std::string("Bearer"), "Bearer " + key + "x", "Bearer " + key.substr(1),
                                   "Basic " + key, "Bearer\t" + key}) {
    EXPECT_EQ(code(wrong), "credential_invalid") << wrong;
  }
  EXPECT_TRUE(gate->admit("", Need::nothing));
}

TEST(AdminKeyGate, RefusesAWeakKey) {
  EXPECT_FALSE(AdminKeyGate::make(std::string(AdminKeyGate::kKeyCharactersMin - 1, 'x')));
  EXPECT_TRUE(AdminKeyGate::make(std::string(AdminKeyGate::kKeyCharactersMin, 'x')));
  EXPECT_FALSE(AdminKeyGate::make("spaces are not for a key"));
}

TEST(AdminKey, IsMadeOnceAndKept) {
  const auto folder = std::filesystem::temp_directory_path() / "admin-key-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto made = read_or_make_admin_key(folder / "admin.key");
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->made);
  EXPECT_GE(made->key.size(), 64U);
  const auto kept = read_or_make_admin_key(folder / "admin.key");
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->made);
  EXPECT_EQ(kept->key, made->key);
  EXPECT_FALSE(read_secret(folder / "nothing"));
  const std::ofstream empty(folder / "empty");
  EXPECT_FALSE(read_secret(folder / "empty"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace temperature::access
