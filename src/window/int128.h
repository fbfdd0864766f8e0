#pragma once

namespace temperature::window {

// 128-bit integers: an extension of g++ and clang++.
__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

}  // namespace temperature::window
