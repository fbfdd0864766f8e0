#pragma once

namespace temperature::pipeline {

// What makes deletions and corrections exact while flushes, late readings and readers go on. All of it is on; tests
// switch each off, to see that without it an answer is wrong.
struct Remedies {
  bool empty_windows = true;     // memory gives up what a deletion covers or a correction replaces
  bool hide_history = true;      // readers do not see what the history has under a pending deletion
  bool show_corrections = true;  // they do see what a pending correction says
  bool raise_generation = true;  // what was looked up before a deletion is looked up again
  bool tombstones_first = true;  // tombstones are written before the readings that came after them
  bool hold_windows = true;      // nothing is taken from a window behind a deletion that is not written
  bool hold_position = true;     // the safe position does not pass a reading that was held back
};

}  // namespace temperature::pipeline
