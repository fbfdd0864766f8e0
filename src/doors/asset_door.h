#pragma once

#include "http/message.h"
#include "web/assets.h"

namespace temperature::doors {

// Gives out one embedded file of the page or the docs page.
class AssetDoor final : public http::Door {
 public:
  explicit AssetDoor(const web::Asset& asset) : asset_(asset) {}
  void handle(http::Exchange& exchange) override;

 private:
  const web::Asset& asset_;
};

}  // namespace temperature::doors
