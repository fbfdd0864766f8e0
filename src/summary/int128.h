#pragma once

namespace temperature::summary {

// 128-bit integers: an extension of g++ and clang++.
__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

}  // namespace temperature::summary
