#pragma once

#include "doors/readers.h"
#include "http/message.h"
#include "pipeline/pipeline.h"
#include "upkeep/backup_desk.h"

namespace temperature::doors {

// POST /v1/admin/backup {"directory":"..."}: begins a backup. 202, or why not.
class BackupDoor final : public http::Door {
 public:
  // All outlive the door. The folder is looked at on a thread of `readers`.
  BackupDoor(const pipeline::Pipeline& pipeline, upkeep::BackupDesk& desk, Readers& readers)
      : pipeline_(pipeline), desk_(desk), readers_(readers) {}
  void handle(http::Exchange& exchange) override;

 private:
  const pipeline::Pipeline& pipeline_;
  upkeep::BackupDesk& desk_;
  Readers& readers_;
};

// GET /v1/admin/backup: how far the latest one is.
class BackupStatusDoor final : public http::Door {
 public:
  // Both outlive the door. What was copied already is counted on a thread of `readers`.
  BackupStatusDoor(const upkeep::BackupDesk& desk, Readers& readers) : desk_(desk), readers_(readers) {}
  void handle(http::Exchange& exchange) override;

 private:
  const upkeep::BackupDesk& desk_;
  Readers& readers_;
};

}  // namespace temperature::doors
