#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace temperature::limits {

// Records of crashes in one data folder; of further crashes none is left until these are gone.
inline constexpr std::size_t kCrashRecordsMax = 8;
// Seconds that the handler of a crash may take; then the process is ended by SIGALRM instead.
inline constexpr unsigned kCrashHandlerSecondsMax = 5;

}  // namespace temperature::limits

namespace temperature::reports {

struct CrashHandling {
  std::filesystem::path folder;  // where records go; is opened now, whatever becomes of its name
  std::string release;           // as the record shall have them
  std::string environment;
};

// From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT leave a record (crash_record.h) in the folder, as the file
// CRASH, CRASH.2, ... that is not there yet, say so in a last line of the log, and then do what they did before: the
// process ends by the signal, with a core where the system makes them. A signal that somebody else handles already, as
// sanitizers do, is left to him. Handlers run on the stack that name_thread() gives a thread, so that also a stack that
// is used up leaves a record. False: the folder cannot be opened, and nothing is handled. Once in a process, from its
// first thread, when all libraries are loaded.
bool handle_crashes(const CrashHandling& handling);

// The name of the record with a number below limits::kCrashRecordsMax.
std::string crash_file_name(std::size_t number);

}  // namespace temperature::reports
