#include "base/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <string>
#include <thread>

namespace temperature {
namespace {

std::string name_of_this_thread() {
  std::array<char, 16> name{};  // as pthread_getname_np(3) wants it
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

std::string name_after(const char* name) {
  std::string read;
  std::thread named([&] {
    name_thread(name);
    read = name_of_this_thread();
  });
  named.join();
  return read;
}

TEST(Thread, is_called_what_it_was_named) {
  EXPECT_EQ(name_after("flusher"), "flusher");
}

TEST(Thread, has_a_name_of_15_bytes_at_most) {
  EXPECT_EQ(name_after("a-name-that-is-too-long"), "a-name-that-is-");
}

TEST(Thread, does_not_name_the_one_that_began_it) {
  const std::string before = name_of_this_thread();
  EXPECT_EQ(name_after("another"), "another");
  EXPECT_EQ(name_of_this_thread(), before);
}

}  // namespace
}  // namespace temperature
