#include "rocks/rocks.h"

#include <rocksdb/env.h>

#include <string>

#include "base/sizes.h"
#include "rocks/pace.h"

namespace temperature::rocks {
namespace {

class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

void set_common(rocksdb::DBOptions& options, rocksdb::Env* env) {
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  options.allow_fallocate = false;  // or a log takes its whole buffer of disk before its first record
  options.max_manifest_file_size = limits::kMiB;
  options.info_log = std::make_shared<NoLog>();
  options.rate_limiter = std::make_shared<RestLimiter>();
  options.sst_file_manager = small_deletions(env);
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
}

rocksdb::Status sync_name(rocksdb::Env& env, const std::filesystem::path& folder) {
  std::unique_ptr<rocksdb::Directory> above;
  const rocksdb::Status status = env.NewDirectory(std::filesystem::absolute(folder).parent_path().string(), &above);
  return status.ok() ? above->Fsync() : status;
}

bool is_disk_full(const rocksdb::Status& status) {
  return status.IsNoSpace() || status.subcode() == rocksdb::Status::SubCode::kNoSpace ||
         status.ToString().find("No space left") != std::string::npos;
}

}  // namespace temperature::rocks
