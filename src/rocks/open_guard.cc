#include "rocks/open_guard.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <string>

#include "base/last_words.h"

namespace temperature::rocks {
namespace {

std::string last_words;  // written before the handler is there, and read by it alone

// Only what a signal handler may do.
void say_and_exit(int /*signal*/) {
  say_last_words(last_words);
  ::_exit(1);
}

// While it lives SIGABRT, which a failed assertion raises, ends the process in order.
class AbortHandler {
 public:
  AbortHandler() {
    struct sigaction action{};
    action.sa_handler = say_and_exit;
    ::sigaction(SIGABRT, &action, &before_);
  }
  AbortHandler(const AbortHandler&) = delete;
  AbortHandler& operator=(const AbortHandler&) = delete;
  ~AbortHandler() { ::sigaction(SIGABRT, &before_, nullptr); }

 private:
  struct sigaction before_{};
};

}  // namespace

rocksdb::Status guarded(std::string_view whose, const std::filesystem::path& folder,
                        const std::function<rocksdb::Status()>& open) {
  last_words = fmt::format("cannot open {}: a file in it is damaged (path={})", whose, folder.string());
  const AbortHandler handler;
  try {
    return open();
  } catch (const std::exception& error) {
    return rocksdb::Status::Corruption("a file is damaged", error.what());
  }
}

}  // namespace temperature::rocks
