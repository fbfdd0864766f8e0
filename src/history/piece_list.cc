#include "history/piece_list.h"

#include <rocksdb/merge_operator.h>

#include <string>

#include "base/bytes.h"

namespace temperature::history {
namespace {

constexpr std::uint8_t kList = 0xff;  // no chunk begins so

void append_element(std::string& list, const rocksdb::Slice& piece) {
  ByteWriter(list).text({piece.data(), piece.size()});
}

class PieceList final : public rocksdb::MergeOperator {
 public:
  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    out->new_value.clear();
    out->new_value.push_back(static_cast<char>(kList));
    if (in.existing_value != nullptr) append_element(out->new_value, *in.existing_value);
    for (const rocksdb::Slice& operand : in.operand_list) append_element(out->new_value, operand);
    return true;
  }
  [[nodiscard]] const char* Name() const override {
    return "temperature-service.volume";
  }  // the one that it stands for
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> make_piece_list() {
  return std::make_shared<PieceList>();
}

std::vector<std::string_view> pieces_of(std::string_view value) {
  if (value.empty() || static_cast<std::uint8_t>(value.front()) != kList) return {value};
  std::vector<std::string_view> pieces;
  ByteReader in(value.substr(1));
  while (in.ok() && in.left() > 0) pieces.push_back(in.text(in.left()));
  return in.ok() ? pieces : std::vector{value};
}

}  // namespace temperature::history
