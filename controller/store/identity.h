// Who this controller is, across restarts: an id that is drawn once per data directory. It stands in the
// metadata of the machines that the controller makes and claims (api/ownership.h).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "controller/store/sqlite.h"

namespace placer {

// 16 hex digits, another one each time.
std::string DrawOwnerId();
// NotFound: none was drawn yet. DataLoss: what is stored is no owner id.
absl::StatusOr<std::string> ReadOwnerId(SqliteDatabase& database);
// The stored one; where there is none, `drawn`, stored from now on.
absl::StatusOr<std::string> KeepOwnerId(SqliteDatabase& database, const std::string& drawn);

}  // namespace placer
