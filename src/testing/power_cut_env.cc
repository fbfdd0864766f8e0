#include "testing/power_cut_env.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/check.h"

namespace temperature::testing {
namespace {

// RocksDB's own diary: LOG, LOG.old.1700000000.
bool is_diary(const std::string& name) {
  return std::filesystem::path(name).filename().string().starts_with("LOG");
}

constexpr std::uint64_t kSectorBytes = 512;

// All or nothing are likelier than what lies between.
std::uint64_t up_to(std::uint64_t most, std::mt19937_64& random) {
  const std::uint64_t kind = std::uniform_int_distribution<std::uint64_t>(0, 3)(random);
  if (kind < 2) return kind == 0 ? 0 : most;
  return std::uniform_int_distribution<std::uint64_t>(0, most)(random);
}

rocksdb::Status power_is_cut() {
  return rocksdb::Status::IOError("the power is cut");
}

}  // namespace

class PowerCutEnv::File final : public rocksdb::WritableFileWrapper {
 public:
  File(PowerCutEnv& env, std::string name, std::unique_ptr<rocksdb::WritableFile> file, std::shared_ptr<Extent> extent)
      : WritableFileWrapper(file.get()),
        env_(env),
        name_(std::move(name)),
        file_(std::move(file)),
        extent_(std::move(extent)) {}

  rocksdb::Status Append(const rocksdb::Slice& data) override {
    const std::lock_guard lock(env_.mutex_);
    if (auto stopped = env_.step(); !stopped.ok()) return stopped;
    auto failed = env_.fault(Operation::write, name_);
    const rocksdb::Slice part(data.data(), failed ? data.size() / 2 : data.size());
    if (auto appended = file_->Append(part); !appended.ok()) return appended;
    extent_->written += part.size();
    extent_->length = std::max(extent_->length, extent_->written);
    return failed.value_or(rocksdb::Status::OK());
  }
  rocksdb::Status Append(const rocksdb::Slice& data, const rocksdb::DataVerificationInfo&) override {
    return Append(data);
  }
  rocksdb::Status PositionedAppend(const rocksdb::Slice&, std::uint64_t) override {
    return rocksdb::Status::NotSupported("direct writes");
  }
  rocksdb::Status PositionedAppend(const rocksdb::Slice&, std::uint64_t,
                                   const rocksdb::DataVerificationInfo&) override {
    return rocksdb::Status::NotSupported("direct writes");
  }
  rocksdb::Status Truncate(std::uint64_t size) override {
    const std::lock_guard lock(env_.mutex_);
    if (env_.cut_) return power_is_cut();
    if (auto truncated = file_->Truncate(size); !truncated.ok()) return truncated;
    extent_->written = std::min(extent_->written, size);
    extent_->synced = std::min(extent_->synced, size);
    extent_->length = size;
    return rocksdb::Status::OK();
  }
  rocksdb::Status Sync() override {
    const std::lock_guard lock(env_.mutex_);
    if (auto stopped = env_.step(); !stopped.ok()) return stopped;
    if (auto failed = env_.fault(Operation::sync, name_)) return *failed;
    // Into the files' cache is enough: this machine's power is cut by settle() alone.
    if (auto flushed = file_->Flush(); !flushed.ok()) return flushed;
    extent_->synced = extent_->written;
    extent_->length_synced = extent_->length;
    return rocksdb::Status::OK();
  }
  rocksdb::Status Fsync() override { return Sync(); }
  // No space is set aside beforehand: it takes time, and tells nothing.
  void PrepareWrite(std::size_t, std::size_t) override {}
  rocksdb::Status Allocate(std::uint64_t, std::uint64_t) override { return rocksdb::Status::OK(); }
  rocksdb::Status RangeSync(std::uint64_t, std::uint64_t) override { return rocksdb::Status::OK(); }  // a hint

 private:
  PowerCutEnv& env_;
  std::string name_;
  std::unique_ptr<rocksdb::WritableFile> file_;
  std::shared_ptr<Extent> extent_;
};

class PowerCutEnv::Filler final : public rocksdb::RandomRWFile {
 public:
  Filler(PowerCutEnv& env, std::unique_ptr<rocksdb::RandomRWFile> file, std::shared_ptr<Extent> extent)
      : env_(env), file_(std::move(file)), extent_(std::move(extent)) {}

  rocksdb::Status Write(std::uint64_t offset, const rocksdb::Slice& filling) override {
    const std::lock_guard lock(env_.mutex_);
    if (auto stopped = env_.step(); !stopped.ok()) return stopped;
    CHECK(offset >= extent_->written && offset <= extent_->length);
    if (auto written = file_->Write(offset, filling); !written.ok()) return written;
    extent_->length = std::max(extent_->length, offset + filling.size());
    extent_->filling.resize(std::max(extent_->filling.size(), offset));
    extent_->filling.replace(offset, filling.size(), filling.data(), filling.size());
    return rocksdb::Status::OK();
  }
  rocksdb::Status Read(std::uint64_t, std::size_t, rocksdb::Slice*, char*) const override {
    return rocksdb::Status::NotSupported("reading");
  }
  rocksdb::Status Flush() override { return rocksdb::Status::OK(); }
  rocksdb::Status Sync() override { return rocksdb::Status::NotSupported("the file itself is synced"); }
  rocksdb::Status Close() override { return file_->Close(); }

 private:
  PowerCutEnv& env_;
  std::unique_ptr<rocksdb::RandomRWFile> file_;
  std::shared_ptr<Extent> extent_;
};

class PowerCutEnv::Folder final : public rocksdb::DirectoryWrapper {
 public:
  Folder(PowerCutEnv& env, std::string name, std::unique_ptr<rocksdb::Directory> folder)
      : DirectoryWrapper(folder.get()), env_(env), name_(std::move(name)), folder_(std::move(folder)) {}

  rocksdb::Status Fsync() override {
    const std::lock_guard lock(env_.mutex_);
    if (auto stopped = env_.step(); !stopped.ok()) return stopped;
    std::erase_if(env_.changes_, [this](const NameChange& change) {
      const std::filesystem::path named = change.to.empty() ? change.from : change.to;
      return std::filesystem::path(named).parent_path() == std::filesystem::path(name_ + "/").parent_path();
    });
    return rocksdb::Status::OK();
  }

 private:
  PowerCutEnv& env_;
  std::string name_;
  std::unique_ptr<rocksdb::Directory> folder_;
};

PowerCutEnv::PowerCutEnv(std::filesystem::path trash) : EnvWrapper(rocksdb::Env::Default()), trash_(std::move(trash)) {}
PowerCutEnv::~PowerCutEnv() = default;

void PowerCutEnv::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
}

void PowerCutEnv::cut_at(std::uint64_t operation) {
  const std::lock_guard lock(mutex_);
  steps_left_ = operation;
}

bool PowerCutEnv::is_cut() const {
  const std::lock_guard lock(mutex_);
  return cut_;
}

void PowerCutEnv::fail(Operation operation, std::uint64_t nth, std::string suffix, rocksdb::Status status) {
  const std::lock_guard lock(mutex_);
  fault_ = Fault{operation, nth, std::move(suffix), std::move(status)};
  failed_ = false;
}

bool PowerCutEnv::has_failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

std::uint64_t PowerCutEnv::unsynced_bytes(const std::string& suffix) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& [name, extent] : files_) {
    if (name.ends_with(suffix)) bytes += extent->written - extent->synced;
  }
  return bytes;
}

std::uint64_t PowerCutEnv::forgotten_sectors() const {
  const std::lock_guard lock(mutex_);
  return forgotten_sectors_;
}

rocksdb::Status PowerCutEnv::step() {
  if (!cut_ && steps_left_ && --*steps_left_ == 0) cut_ = true;
  return cut_ ? power_is_cut() : rocksdb::Status::OK();
}

std::optional<rocksdb::Status> PowerCutEnv::fault(Operation operation, const std::string& name) {
  if (!fault_ || fault_->operation != operation || !name.ends_with(fault_->suffix)) return std::nullopt;
  if (--fault_->left > 0) return std::nullopt;
  failed_ = true;
  rocksdb::Status status = fault_->status;
  fault_.reset();
  return status;
}

rocksdb::Status PowerCutEnv::NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                             const rocksdb::EnvOptions& options) {
  const std::lock_guard lock(mutex_);
  if (auto stopped = step(); !stopped.ok()) return stopped;
  NameChange change{.from = {}, .to = name, .trash = discard(name), .before = files_[name]};
  std::unique_ptr<rocksdb::WritableFile> opened;
  if (auto made = target()->NewWritableFile(name, &opened, options); !made.ok()) return made;
  changes_.push_back(std::move(change));
  files_[name] = std::make_shared<Extent>();
  *file = std::make_unique<File>(*this, name, std::move(opened), files_[name]);
  return rocksdb::Status::OK();
}

rocksdb::Status PowerCutEnv::NewRandomRWFile(const std::string& name, std::unique_ptr<rocksdb::RandomRWFile>* file,
                                             const rocksdb::EnvOptions& options) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<rocksdb::RandomRWFile> opened;
  if (auto status = target()->NewRandomRWFile(name, &opened, options); !status.ok()) return status;
  *file = std::make_unique<Filler>(*this, std::move(opened), files_.at(name));
  return rocksdb::Status::OK();
}

rocksdb::Status PowerCutEnv::ReopenWritableFile(const std::string&, std::unique_ptr<rocksdb::WritableFile>*,
                                                const rocksdb::EnvOptions&) {
  return rocksdb::Status::NotSupported("reopening");
}

rocksdb::Status PowerCutEnv::ReuseWritableFile(const std::string&, const std::string&,
                                               std::unique_ptr<rocksdb::WritableFile>*, const rocksdb::EnvOptions&) {
  return rocksdb::Status::NotSupported("reuse");
}

rocksdb::Status PowerCutEnv::NewDirectory(const std::string& name, std::unique_ptr<rocksdb::Directory>* directory) {
  std::unique_ptr<rocksdb::Directory> opened;
  if (auto status = target()->NewDirectory(name, &opened); !status.ok()) return status;
  *directory = std::make_unique<Folder>(*this, name, std::move(opened));
  return rocksdb::Status::OK();
}

std::string PowerCutEnv::discard(const std::string& name) {
  if (!std::filesystem::exists(name)) return {};
  std::string kept = (trash_ / std::to_string(discarded_++)).string();
  std::filesystem::rename(name, kept);
  return kept;
}

rocksdb::Status PowerCutEnv::DeleteFile(const std::string& name) {
  if (is_diary(name)) return target()->DeleteFile(name);
  const std::lock_guard lock(mutex_);
  if (auto stopped = step(); !stopped.ok()) return stopped;
  if (!std::filesystem::exists(name)) return target()->DeleteFile(name);
  changes_.push_back({.from = name, .to = {}, .trash = discard(name), .before = files_[name]});
  files_.erase(name);
  return rocksdb::Status::OK();
}

rocksdb::Status PowerCutEnv::RenameFile(const std::string& from, const std::string& to) {
  if (is_diary(from)) return target()->RenameFile(from, to);
  const std::lock_guard lock(mutex_);
  if (auto stopped = step(); !stopped.ok()) return stopped;
  NameChange change{.from = from, .to = to, .trash = discard(to), .before = files_[to]};
  if (auto renamed = target()->RenameFile(from, to); !renamed.ok()) return renamed;
  changes_.push_back(std::move(change));
  files_[to] = files_[from];
  files_.erase(from);
  return rocksdb::Status::OK();
}

rocksdb::Status PowerCutEnv::LinkFile(const std::string&, const std::string&) {
  return rocksdb::Status::NotSupported("links");
}

rocksdb::Status PowerCutEnv::Truncate(const std::string&, std::size_t) {
  return rocksdb::Status::NotSupported("truncation by name");
}

void PowerCutEnv::SleepForMicroseconds(int micros) {
  EnvWrapper::SleepForMicroseconds(micros / 1000);
}

void PowerCutEnv::undo(const NameChange& change) {
  const std::string& taken = change.to.empty() ? change.from : change.to;
  if (!change.to.empty() && change.from.empty()) {
    std::filesystem::remove(change.to);
    files_.erase(change.to);
  } else if (!change.to.empty()) {
    std::filesystem::rename(change.to, change.from);
    files_[change.from] = files_[change.to];
    files_.erase(change.to);
  }
  if (change.trash.empty()) return;
  std::filesystem::rename(change.trash, taken);
  files_[taken] = change.before;
}

void PowerCutEnv::forget_some(const std::string& name, const Extent& extent, std::mt19937_64& random) {
  const auto [least, most] = std::minmax(extent.length, extent.length_synced);
  const std::uint64_t length = most - up_to(most - least, random);
  std::filesystem::resize_file(name, length);
  std::fstream file(name, std::ios::binary | std::ios::in | std::ios::out);
  const auto fill = [&](std::uint64_t from, std::uint64_t to) {
    file.seekp(static_cast<std::streamoff>(from))
        .write(&extent.filling.at(from), static_cast<std::streamoff>(to - from));
  };
  // Longer than it was: it had been cut, and that was not synced.
  if (length > extent.length) fill(extent.length, length);
  const std::uint64_t end = std::min({extent.written, extent.length_synced, length});
  const std::uint64_t odds = up_to(4, random);  // of four sectors, so many are forgotten
  for (std::uint64_t at = extent.synced; at < end;) {
    const std::uint64_t next = std::min(at + kSectorBytes - at % kSectorBytes, end);
    if (random() % 4 < odds) {
      fill(at, next);
      ++forgotten_sectors_;
    }
    at = next;
  }
  CHECK(file.good());
}

void PowerCutEnv::settle(std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  CHECK(cut_);
  for (std::uint64_t lost = up_to(changes_.size(), random); lost > 0; --lost) {
    undo(changes_.back());
    changes_.pop_back();
  }
  for (const auto& [name, extent] : files_) {
    if (extent) forget_some(name, *extent, random);  // else it was there before this machine was switched on
  }
}

}  // namespace temperature::testing
