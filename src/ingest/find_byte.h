#pragma once

#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Searching text for one of a few bytes, sixteen bytes at a time where the processor can.
namespace temperature::ingest {

namespace portable {

template <char... wanted>
const char* find_byte(const char* at, const char* end) {
  while (at != end && !((*at == wanted) || ...)) ++at;
  return at;
}

}  // namespace portable

// The first of the wanted bytes in [at, end), or `end`. Every x86-64 has SSE2; others take the portable way.
template <char... wanted>
[[gnu::always_inline]] inline const char* find_byte(const char* at, const char* end) {
#if defined(__SSE2__)
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i found = _mm_setzero_si128();
    ((found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted)))), ...);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(found));
    if (mask != 0) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  return portable::find_byte<wanted...>(at, end);
}

}  // namespace temperature::ingest
