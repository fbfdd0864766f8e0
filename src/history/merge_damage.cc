#include "history/merge_damage.h"

#include <fmt/format.h>

#include <utility>

namespace temperature::history {

class MergeDamage::Listener final : public rocksdb::EventListener {
 public:
  Listener(MergeDamage& damage, std::function<void(const std::string&)> log) : damage_(damage), log_(std::move(log)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override {
    if (reason == rocksdb::BackgroundErrorReason::kCompaction && status->IsCorruption())
      *status = rocksdb::Status::OK();
  }

  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& info) override {
    if (!info.status.IsCorruption()) return;
    const std::uint32_t before = damage_.met_.fetch_or(bit(info.cf_id));
    if ((before & bit(info.cf_id)) != 0 || !log_) return;
    log_(
        fmt::format("a part of the history ({}) is damaged and is merged no more; everything else goes on. "
                    "`temperature-service verify` says what is lost: {}",
                    info.cf_name, info.status.ToString()));
  }

 private:
  MergeDamage& damage_;
  std::function<void(const std::string&)> log_;
};

std::shared_ptr<rocksdb::EventListener> MergeDamage::listener(std::function<void(const std::string&)> log) {
  return std::make_shared<Listener>(*this, std::move(log));
}

}  // namespace temperature::history
