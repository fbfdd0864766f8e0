#include "reports/loaded_images.h"

#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>

namespace temperature::reports {

struct Collecting {
  LoadedImages& images;
  void add(const LoadedImages::Entry& entry) const {
    if (images.count_ < images.entries_.size()) images.entries_[images.count_++] = entry;
  }
};

namespace {

using Entry = LoadedImages::Entry;

// The name of the file at the end of a path.
std::string_view file_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

void set_name(Entry& entry, std::string_view name) {
  name.copy(entry.name.data(), entry.name.size() - 1);
}

// The first image is the program, which has no name there.
void set_name_of_program(Entry& entry) {
  std::array<char, 4'096> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return set_name(entry, "program");
  set_name(entry, file_of({path.data(), static_cast<std::size_t>(size)}));
}

// Notes are a header of three numbers, a name and a description, each padded to 4 bytes (elf(5)).
void set_build_id(Entry& entry, std::span<const unsigned char> notes) {
  constexpr std::size_t kPadding = 4;
  const auto padded = [](std::size_t size) { return (size + kPadding - 1) / kPadding * kPadding; };
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note{};
    std::memcpy(&note, notes.data(), sizeof note);
    const std::size_t name = sizeof note;
    const std::size_t description = name + padded(note.n_namesz);
    if (notes.size() < description + note.n_descsz) return;
    const bool gnu = note.n_namesz == 4 && std::memcmp(notes.data() + name, "GNU", 4) == 0;
    if (gnu && note.n_type == NT_GNU_BUILD_ID) {
      const std::size_t bytes = std::min<std::size_t>(note.n_descsz, (entry.build_id.size() - 1) / 2);
      for (std::size_t i = 0; i < bytes; ++i) {
        const unsigned char byte = notes[description + i];
        entry.build_id[2 * i] = "0123456789abcdef"[byte >> 4U];
        entry.build_id[2 * i + 1] = "0123456789abcdef"[byte & 0xfU];
      }
      return;
    }
    notes = notes.subspan(std::min(notes.size(), description + padded(note.n_descsz)));
  }
}

int add_image(dl_phdr_info* info, size_t, void* to) {
  Entry entry;
  std::uint64_t begin = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t end = 0;
  for (const auto& header : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
    const std::uint64_t address = info->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_LOAD) {
      begin = std::min(begin, address);
      end = std::max<std::uint64_t>(end, address + header.p_memsz);
    } else if (header.p_type == PT_NOTE && entry.build_id[0] == '\0') {
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader says where the notes are by a number
      set_build_id(entry, {reinterpret_cast<const unsigned char*>(address), header.p_memsz});
    }
  }
  if (begin >= end) return 0;
  entry.begin = begin;
  entry.size = end - begin;
  const std::string_view path = info->dlpi_name == nullptr ? "" : info->dlpi_name;
  if (path.empty()) {
    set_name_of_program(entry);
  } else {
    set_name(entry, file_of(path));
  }
  static_cast<Collecting*>(to)->add(entry);
  return 0;
}

}  // namespace

LoadedImages::LoadedImages() {
  Collecting collecting{*this};
  ::dl_iterate_phdr(add_image, &collecting);
}

const LoadedImages::Entry* LoadedImages::find(std::uint64_t address) const {
  for (std::size_t i = 0; i < count_; ++i) {
    const Entry& entry = entries_[i];
    if (address >= entry.begin && address - entry.begin < entry.size) return &entry;
  }
  return nullptr;
}

}  // namespace temperature::reports
