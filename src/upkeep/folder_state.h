#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/ids.h"

// What is known of a data folder from the last time that it was in use: the file STATE (docs/formats/state.md). Some
// damage looks like a folder of before: a log or a manifest that was cut, a format that is another. With this file it
// is told from that.
namespace temperature::upkeep {

inline constexpr const char* kStateFile = "STATE";

struct FolderState {
  enum class Moment : std::uint8_t {
    stopped,  // nothing has written to the folder since
    serving,  // the service went on: files have grown, and others have come
  };
  Moment moment = Moment::stopped;
  std::string format;  // the first line of FORMAT
  Position history;    // everything up to here at least was in the history,
  Position journal;    // and this record at least in the journal

  // Of a file: all of its bytes when the folder was stopped, else its beginning. Names are relative to the folder.
  struct File {
    std::string name;
    std::uint64_t bytes = 0;
    std::uint32_t crc = 0;  // CRC-32C
    bool operator==(const File&) const = default;
  };
  std::vector<File> files;
  // Of each RocksDB instance: its folder, the manifest that was in use, and the newest write-ahead log.
  struct Store {
    std::string folder;
    std::uint64_t manifest = 0;
    std::uint64_t log = 0;
    bool operator==(const Store&) const = default;
  };
  std::vector<Store> stores;

  bool operator==(const FolderState&) const = default;
};

// Takes a folder's state, and syncs every file that it tells of. `stores`: folders of RocksDB instances below
// `data_dir`; when the moment is `stopped` nobody may write to them. `more`: other files of which every byte is to
// stay. Error startup: a file cannot be read.
Result<FolderState> take_state(const std::filesystem::path& data_dir, FolderState::Moment moment,
                               const std::vector<std::string>& stores, const std::vector<std::string>& more);

// Whether a program that does not know STATE, an older one, used the folder since: then it says nothing of it.
bool is_of_another_use(const std::filesystem::path& data_dir, const FolderState& state);

// In words, each with the name of its file: where the folder is not what it was. Files that may differ without harm are
// not looked at. Nothing when the state is of another use.
std::vector<std::string> differences(const std::filesystem::path& data_dir, const FolderState& state);
// In the first line of FORMAT alone; empty: there is none.
std::string format_difference(const std::filesystem::path& data_dir, const FolderState& state);

// nullopt: there is none. Error startup: it is damaged.
Result<std::optional<FolderState>> read_state(const std::filesystem::path& data_dir);
// It is written aside and renamed, and durable: whole or not there. Error startup or disk_full.
Result<void> write_state(const std::filesystem::path& data_dir, const FolderState& state);
// Durably. Error startup.
Result<void> remove_state(const std::filesystem::path& data_dir);

std::string encode_state(const FolderState& state);
std::optional<FolderState> decode_state(std::string_view text);

}  // namespace temperature::upkeep
