// PolicyState as rows, one set per policy and mode. Writing replaces whole tables of the set, those that
// changed: the caller's transaction makes that atomic.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/effects/store.h"
#include "controller/store/sqlite.h"

namespace placer {

// "active" or "dry_run", as the rows and file names say it.
const char* ModeKey(Mode mode);

struct SetKey {
  std::string policy;
  Mode mode = Mode::kDryRun;
  auto operator<=>(const SetKey&) const = default;
};

// Prepares `sql`, whose first two parameters are the set's policy and mode, and calls `visit` for each row.
absl::Status ForEachRow(SqliteDatabase& database, const SetKey& key, const std::string& sql,
                        const std::function<absl::Status(const SqliteStatement&)>& visit);

// `known` is what the rows say now; null: not known, so every table of the set is written.
absl::Status WritePolicyState(SqliteDatabase& database, const SetKey& key, const PolicyState& state,
                              const PolicyState* known);
// NotFound: no such set. DataLoss: a row makes no sense or cannot be read.
absl::StatusOr<PolicyState> ReadPolicyState(SqliteDatabase& database, const SetKey& key);
absl::Status DeletePolicyState(SqliteDatabase& database, const SetKey& key);
absl::StatusOr<std::vector<SetKey>> ReadSetKeys(SqliteDatabase& database);

// Whether the proof of concept's files were taken over for this set already.
absl::StatusOr<bool> ReadImported(SqliteDatabase& database, const SetKey& key);
absl::Status WriteImported(SqliteDatabase& database, const SetKey& key);

}  // namespace placer
