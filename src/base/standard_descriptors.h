#pragma once

namespace temperature {

// Opens descriptors 0, 1 and 2 on /dev/null where the caller closed them: otherwise the next file to be opened gets
// such a number, and what is meant for standard error is written into it. Reading and writing them fails as before:
// what is lost is noticed. The first thing that a program does.
void open_standard_descriptors();

}  // namespace temperature
