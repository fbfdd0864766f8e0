#include "reports/crash_handler.h"

#include <execinfo.h>
#include <fcntl.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>
#include <span>
#include <string_view>

#include "base/crash_file.h"
#include "base/descriptor.h"
#include "base/last_words.h"
#include "base/thread.h"
#include "reports/crash_record.h"
#include "reports/loaded_images.h"

namespace temperature::reports {
namespace {

constexpr std::array kSignals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
constexpr int kOfTheHandler = 4;  // calls that it adds itself, at most
constexpr std::uint64_t kNearNull = 64 * 1'024;

// What the handler needs, made before. Never destroyed: a signal may come at any time.
struct Prepared {
  int folder = -1;
  std::string release;
  std::string environment;
  std::array<std::string, limits::kCrashRecordsMax> names;
  LoadedImages images;
};

std::atomic<const Prepared*> prepared{nullptr};
std::atomic<bool> crashing{false};

std::uint64_t address_of(const void* pointer) {
  return reinterpret_cast<std::uint64_t>(pointer);
}

// Where the signal met the thread; 0: not known on this machine.
std::uint64_t interrupted_at(const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uint64_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine.pc;
#else
  static_cast<void>(machine);
  return 0;
#endif
}

// Where a call goes back to that led to no code: it was kept right before. 0: not known on this machine.
std::uint64_t caller_of_no_code(const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a register
  return *reinterpret_cast<const std::uint64_t*>(machine.gregs[REG_RSP]);
#elif defined(__aarch64__)
  return machine.regs[30];
#else
  static_cast<void>(machine);
  return 0;
#endif
}

FaultAddress kind_of_address(const siginfo_t& signal) {
  const bool of_access = signal.si_signo == SIGSEGV || signal.si_signo == SIGBUS;
  if (!of_access || signal.si_code <= 0) return FaultAddress::none;  // somebody sent it
  return address_of(signal.si_addr) < kNearNull ? FaultAddress::near_null : FaultAddress::other;
}

void add_calls(CrashRecordWriter& record, const Prepared& known, const void* context) {
  std::array<std::uint64_t, limits::kCrashFramesMax> noted{};
  std::size_t count = 0;
  const auto note = [&](std::uint64_t address) {
    if (count == noted.size()) return;
    noted[count++] = address;
    record.frame(address);
  };
  std::array<void*, limits::kCrashFramesMax + kOfTheHandler> calls{};
  const int found = ::backtrace(calls.data(), static_cast<int>(calls.size()));
  std::span<void* const> of_thread(calls.data(), static_cast<std::size_t>(std::max(found, 0)));
  const std::uint64_t at = interrupted_at(context);
  // Those of the handler come first. When the call that the signal met is not among them, its address leads nowhere.
  const auto met = std::ranges::find(of_thread, at, address_of);
  if (met != of_thread.end()) {
    of_thread = of_thread.subspan(static_cast<std::size_t>(met - of_thread.begin()));
  } else {
    note(at);
    if (at < kNearNull) note(caller_of_no_code(context));
    of_thread = of_thread.subspan(std::min<std::size_t>(of_thread.size(), kOfTheHandler));
  }
  for (const void* call : of_thread) note(address_of(call));
  std::array<const LoadedImages::Entry*, limits::kCrashFramesMax> named{};
  std::size_t names = 0;
  const auto name = [&](const LoadedImages::Entry* image) {
    const std::span already(named.data(), names);
    if (names == named.size() || std::ranges::find(already, image) != already.end()) return;
    named[names++] = image;
    record.image(image->name.data(), image->begin, image->size, image->build_id.data());
  };
  name(&known.images.program());
  for (const std::uint64_t address : std::span(noted.data(), count)) {
    if (const LoadedImages::Entry* image = known.images.find(address)) name(image);
  }
}

// False: there is no room for another one, or none on the disk.
bool write_record(const Prepared& known, std::string_view bytes) {
  for (const std::string& name : known.names) {
    const int file = ::openat(known.folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) continue;
    const bool written = write_all(file, bytes);
    ::close(file);
    return written;
  }
  return false;
}

void leave_record(const Prepared& known, const siginfo_t& signal, const void* context) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  CrashRecordWriter record;
  record.text("release", known.release);
  record.text("environment", known.environment);
  record.number("time", std::int64_t{now.tv_sec} * 1'000 + now.tv_nsec / 1'000'000);
  record.number("signal", signal.si_signo);
  record.number("code", signal.si_code);
  record.address(kind_of_address(signal));
  record.text("reason", broken_rule());
  add_calls(record, known, context);
  const bool written = write_record(known, record.finished());
  say_last_words(name_of_signal(signal.si_signo),
                 written ? " ends the process; the next start reports it"
                         : " ends the process, and no record of it could be left in the data folder");
}

// The mask of the handler ends the process when this thread crashes once more. When it comes to no end, the alarm does.
void limit_handler() {
  std::signal(SIGALRM, SIG_DFL);
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  ::pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
  ::alarm(limits::kCrashHandlerSecondsMax);
}

void handle(int number, siginfo_t* signal, void* context) {
  // A second thread that crashes waits for the end that the first one brings.
  while (crashing.exchange(true)) ::pause();
  const int before = errno;
  limit_handler();
  if (const Prepared* known = prepared.load()) leave_record(*known, *signal, context);
  ::alarm(0);
  std::signal(number, SIG_DFL);
  errno = before;
  // One that the processor raised comes again when this returns: where it happened, as a core shall show it.
  if (signal->si_code <= 0) static_cast<void>(::raise(number));
}

}  // namespace

std::string crash_file_name(std::size_t number) {
  std::string name(kCrashFile);
  if (number > 0) name += '.' + std::to_string(number + 1);
  return name;
}

bool handle_crashes(const CrashHandling& handling) {
  const int folder = ::open(handling.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  auto made = std::make_unique<Prepared>();
  made->folder = folder;
  made->release = handling.release;
  made->environment = handling.environment;
  for (std::size_t i = 0; i < made->names.size(); ++i) made->names[i] = crash_file_name(i);
  prepared.store(made.release());
  void* call = nullptr;
  ::backtrace(&call, 1);  // loads what it needs, which allocates
  use_signal_stack();
  struct sigaction ours{};
  ours.sa_sigaction = handle;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&ours.sa_mask);
  for (const int signal : kSignals) {
    struct sigaction theirs{};
    if (::sigaction(signal, nullptr, &theirs) != 0 || theirs.sa_handler != SIG_DFL) continue;
    ::sigaction(signal, &ours, nullptr);
  }
  return true;
}

}  // namespace temperature::reports
