#pragma once

#include <filesystem>
#include <optional>

#include "base/error.h"
#include "model/keeping.h"
#include "pipeline/keeper.h"
#include "telemetry/log.h"

namespace temperature::app {

// What a data folder knows of how its readings are kept (KEEPING, upkeep/keeping_file.h), for the pipeline.
class FolderKeeping final : public pipeline::KeepingNotes {
 public:
  // Reads it. A file that is damaged counts as none: the newest reading then says what time it was, and what is to be
  // forgotten is said first; `log` is told. Changes nothing.
  FolderKeeping(std::filesystem::path data_dir, const telemetry::Log& log);

  // Error startup: the retention has a length below a day, shorter than any with which the folder has run: it was meant
  // otherwise, perhaps, and all that is older would go.
  [[nodiscard]] Result<void> check(const Retention& retention) const;

  [[nodiscard]] std::optional<Keeping> found() const override { return found_; }
  Result<void> note(const Keeping& keeping) override;

 private:
  const std::filesystem::path data_dir_;
  std::optional<Keeping> found_;
};

}  // namespace temperature::app
