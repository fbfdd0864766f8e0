#pragma once

#include "base/last_words.h"

#define CHECK_AS_TEXT(number) #number
#define CHECK_LINE_AS_TEXT(number) CHECK_AS_TEXT(number)

// CHECK(condition): ends the process when the condition is false. For our own bugs only, on in
// release builds too; never for what a client, a disk or a network can cause.
#define CHECK(condition)                                                                      \
  do {                                                                                        \
    if (!(condition)) [[unlikely]] {                                                          \
      ::temperature::end_with_last_words("CHECK failed: " #condition,                         \
                                         " (" __FILE__ ":" CHECK_LINE_AS_TEXT(__LINE__) ")"); \
    }                                                                                         \
  } while (false)
