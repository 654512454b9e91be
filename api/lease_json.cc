#include "api/lease_json.h"

#include "absl/time/time.h"
#include "api/json_reading.h"

namespace placer {

std::optional<Lease> ReadLeaseJson(const boost::json::object& object) {
  Lease lease{.nonce = ReadStringOrEmpty(object, "nonce"),
              .owner = ReadStringOrEmpty(object, "owner"),
              .description = ReadStringOrEmpty(object, "description"),
              .expires_at = absl::InfiniteFuture()};
  if (lease.nonce.empty() && lease.owner.empty()) return std::nullopt;
  const boost::json::value* expiry = FindField(object, "expires_at");
  if (expiry != nullptr && expiry->is_int64()) lease.expires_at = absl::FromUnixSeconds(expiry->get_int64());
  return lease;
}

}  // namespace placer
