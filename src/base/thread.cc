#include "base/thread.h"

#include <sys/mman.h>
#include <sys/prctl.h>

#include <csignal>
#include <thread>

namespace temperature {
namespace {

class SignalStack {
 public:
  SignalStack() {
    stack_t before{};
    if (::sigaltstack(nullptr, &before) != 0 || (before.ss_flags & SS_DISABLE) == 0) return;
    bytes_ = ::mmap(nullptr, limits::kSignalStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes_ == MAP_FAILED) return;
    stack_t stack{};
    stack.ss_sp = bytes_;
    stack.ss_size = limits::kSignalStackBytes;
    ::sigaltstack(&stack, nullptr);
  }
  ~SignalStack() {
    if (bytes_ == MAP_FAILED) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
    ::munmap(bytes_, limits::kSignalStackBytes);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  void* bytes_ = MAP_FAILED;
};

}  // namespace

void use_signal_stack() {
  static thread_local const SignalStack stack;
}

void name_thread(const char* name) {
  prctl(PR_SET_NAME, name);
  use_signal_stack();
}

void make_way() {
  std::this_thread::yield();
}

}  // namespace temperature
