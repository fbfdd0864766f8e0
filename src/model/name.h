#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

// Names of buildings, rooms, sensors and quantities, as ReadingRules::current has them: what looks the same to people
// is one name, and what nobody can see is in none.
namespace temperature::limits {

// Bytes of a name as it is sent, before blanks around it go and it is composed; a longer one is refused (id_invalid).
inline constexpr std::size_t kNameSentBytesMax = 4'096;

}  // namespace temperature::limits

namespace temperature {

// The name that is meant by `sent`. Blanks around it go (Unicode's White_Space, PropList.txt), then double quotes
// around it, and blanks inside these; what is left is put in Normalization Form C (UAX #15). Normalising again changes
// nothing. The view is into `sent` or into `made`; plain ASCII is neither copied nor allocated for. Error id_invalid,
// which begins with `what`: nothing is left; not UTF-8; longer than limits::kNameSentBytesMax; or a character that
// nobody sees, which is named (U+200B): controls (C0, DEL, C1), zero width space, word joiner, byte order mark, and the
// embeddings, overrides and isolates of writing directions (UAX #9). Joiners and variation selectors stay: Persian,
// Hindi and emoji are written with them.
Result<std::string_view> normalise_name(std::string_view what, std::string_view sent, std::string& made);

// Whether normalise_name() gives back the same bytes.
bool is_normal_name(std::string_view name);

// Equal for names that differ in case alone (Unicode's full case folding). REQUIRES: is_normal_name(name).
std::string case_folded(std::string_view name);

}  // namespace temperature
