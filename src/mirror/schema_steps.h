#pragma once

#include <span>
#include <string_view>

namespace temperature::mirror {

// The schema of the tables. Views in it may be moved to another (SchemaOptions).
inline constexpr std::string_view kSchema = "temperature_service";

// One step of the tables' history. Forward only: what a step says is never changed once it was published, and a table
// that a later step no longer wants is dropped by that step.
struct SchemaStep {
  int version;
  std::string_view name;
  std::string_view sql;                      // several statements, with the tables' schema as the search path
  std::span<const std::string_view> tables;  // that it makes
};

// All of them: versions 1, 2, 3 and so on.
std::span<const SchemaStep> schema_steps();

// The number of the last one.
int newest_schema_version();

}  // namespace temperature::mirror
