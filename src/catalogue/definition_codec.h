#pragma once

#include "base/bytes.h"
#include "catalogue/definition.h"

// A definition as bytes, the same in the journal and in the store: docs/formats/journal.md.
namespace temperature::catalogue {

void encode_definition(ByteWriter& out, const Definition& definition);

// False when the bytes are not a definition. Names longer than limits allow are refused.
bool decode_definition(ByteReader& in, Definition& definition);

}  // namespace temperature::catalogue
