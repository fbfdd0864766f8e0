#include "base/standard_descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace temperature {
namespace {

// In a process of its own, which ends with 0 when the next file gets a number above 2, and what was closed is there and
// takes nothing.
void close_and_open(int mask) {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if ((mask & (1 << descriptor)) != 0) ::close(descriptor);
  }
  open_standard_descriptors();
  const int next = ::open("/dev/null", O_WRONLY);
  bool good = next > 2;
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    char byte = 'x';
    good = good && ::fcntl(descriptor, F_GETFD) == 0;
    if ((mask & (1 << descriptor)) == 0) continue;
    good = good && (descriptor == 0 ? ::read(descriptor, &byte, 1) : ::write(descriptor, &byte, 1)) == -1;
  }
  std::_Exit(good ? 0 : 1);
}

TEST(StandardDescriptorsDeathTest, no_other_file_gets_their_numbers) {
  for (int mask = 0; mask < 8; ++mask) EXPECT_EXIT(close_and_open(mask), ::testing::ExitedWithCode(0), "") << mask;
}

}  // namespace
}  // namespace temperature
