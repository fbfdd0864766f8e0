#include "testing/served_database.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/check.h"

namespace temperature::testing {

ServedDatabase::ServedDatabase(const std::string& script) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  CHECK(::pipe2(input.data(), O_CLOEXEC) == 0 && ::pipe2(output.data(), O_CLOEXEC) == 0);
  const std::string path = TEMPERATURE_SYSTEM_TESTS "/" + script;
  process_ = ::fork();
  CHECK(process_ >= 0);
  if (process_ == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::execl("/usr/bin/python3", "python3", "-B", path.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  char c = 0;
  while (::read(output[0], &c, 1) == 1 && c != '\n') url_ += c;
  ::close(output[0]);
  CHECK(url_.starts_with("postgresql://"));
}

ServedDatabase::~ServedDatabase() {
  ::close(input_);
  int status = 0;
  ::waitpid(process_, &status, 0);
}

}  // namespace temperature::testing
