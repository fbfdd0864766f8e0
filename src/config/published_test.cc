#include "config/published.h"

#include <gtest/gtest.h>

#include <fstream>

namespace temperature::config {
namespace {

// Our image, in a container with a network of its own.
class DevPublished : public ::testing::Test {
 public:
  DevPublished() {
    std::filesystem::create_directories(networks() / "lo");
    std::filesystem::create_directories(networks() / "eth0");
    std::ofstream(folder_ / "image") << "image\n";
  }
  ~DevPublished() override { std::filesystem::remove_all(folder_); }
  DevPublished(const DevPublished&) = delete;
  DevPublished& operator=(const DevPublished&) = delete;

 protected:
  [[nodiscard]] std::filesystem::path networks() const { return folder_ / "net"; }

  [[nodiscard]] std::string refusal(const std::string& address, const char* published) const {
    return why_dev_may_not_listen(address, published, {folder_ / "image", networks()}).value_or("");
  }

  std::filesystem::path folder_ = [] {
    std::string name = std::filesystem::temp_directory_path() / "published-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    return name;
  }();
};

constexpr const char* kLoopbackOnly = "so it may listen on loopback only";

TEST_F(DevPublished, InOurImageEveryAddressIsTaken) {
  EXPECT_EQ(refusal("0.0.0.0", "1"), "");
  EXPECT_EQ(refusal("::", "1"), "");
  EXPECT_EQ(refusal("127.0.0.1", nullptr), "");
}

TEST_F(DevPublished, NobodySaidThatThePortIsPublishedOnLoopback) {
  for (const char* said : {static_cast<const char*>(nullptr), "", "0", "true", "11", " 1"}) {
    EXPECT_NE(refusal("0.0.0.0", said).find(kLoopbackOnly), std::string::npos) << (said == nullptr ? "unset" : said);
  }
}

TEST_F(DevPublished, AnAddressOfItsOwnIsNotTaken) {
  EXPECT_NE(refusal("172.17.0.2", "1").find(kLoopbackOnly), std::string::npos);
  EXPECT_NE(refusal("192.0.2.1", "1").find(kLoopbackOnly), std::string::npos);
}

TEST_F(DevPublished, OutsideOurImageTheVariableMeansNothing) {
  std::filesystem::remove(folder_ / "image");
  EXPECT_NE(refusal("0.0.0.0", "1").find("for the image of temperature-service alone"), std::string::npos);
  std::filesystem::create_directory(folder_ / "image");  // what a volume that is mounted there would be
  EXPECT_NE(refusal("0.0.0.0", "1").find("for the image of temperature-service alone"), std::string::npos);
}

TEST_F(DevPublished, InTheMachinesNetworkItIsRefused) {
  std::filesystem::create_directories(networks() / "eth0" / "device");
  EXPECT_NE(refusal("0.0.0.0", "1").find("shares the machine's"), std::string::npos);
  std::filesystem::remove_all(networks());  // nobody can tell
  EXPECT_NE(refusal("0.0.0.0", "1").find("shares the machine's"), std::string::npos);
}

}  // namespace
}  // namespace temperature::config
