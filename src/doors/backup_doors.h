#pragma once

#include "http/message.h"
#include "pipeline/pipeline.h"
#include "upkeep/backup_desk.h"

namespace temperature::doors {

// POST /v1/admin/backup {"directory":"..."}: begins a backup. 202, or why not.
class BackupDoor final : public http::Door {
 public:
  BackupDoor(const pipeline::Pipeline& pipeline, upkeep::BackupDesk& desk) : pipeline_(pipeline), desk_(desk) {}
  void handle(http::Exchange& exchange) override;

 private:
  const pipeline::Pipeline& pipeline_;
  upkeep::BackupDesk& desk_;
};

// GET /v1/admin/backup: how far the latest one is.
class BackupStatusDoor final : public http::Door {
 public:
  explicit BackupStatusDoor(const upkeep::BackupDesk& desk) : desk_(desk) {}
  void handle(http::Exchange& exchange) override;

 private:
  const upkeep::BackupDesk& desk_;
};

}  // namespace temperature::doors
