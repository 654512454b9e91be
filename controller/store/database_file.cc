#include "controller/store/database_file.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "controller/store/identity.h"
#include "controller/store/record_rows.h"
#include "controller/store/schema.h"
#include "controller/store/state_rows.h"

namespace placer {
namespace {

absl::Status CheckTables(SqliteDatabase& database) {
  const absl::StatusOr<std::vector<SetKey>> keys = ReadSetKeys(database);
  if (!keys.ok()) return keys.status();
  for (const SetKey& key : *keys) {
    if (const auto state = ReadPolicyState(database, key); !state.ok()) return state.status();
    if (const auto imported = ReadImported(database, key); !imported.ok()) return imported.status();
    if (const auto decisions = ReadRecentDecisions(database, key, "", 1); !decisions.ok())
      return decisions.status();
    if (const auto traffic = ReadRecentTraffic(database, key, 1); !traffic.ok()) return traffic.status();
  }
  if (const auto owner = ReadOwnerId(database); !owner.ok() && !absl::IsNotFound(owner.status()))
    return owner.status();
  return ReadRecentEvents(database, "", 1).status();
}

}  // namespace

absl::StatusOr<SqliteDatabase> OpenChecked(const std::string& path) {
  absl::StatusOr<SqliteDatabase> database = SqliteDatabase::Open(path);
  if (!database.ok()) return database.status();
  if (absl::Status migrated = MigrateSchema(*database); !migrated.ok()) return migrated;
  if (absl::Status checked = CheckTables(*database); !checked.ok()) {
    // A table or a column that is not there: our version number on somebody else's file.
    if (absl::IsInternal(checked)) return absl::FailedPreconditionError(checked.message());
    return checked;
  }
  return database;
}

bool IsUnusable(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsFailedPrecondition(status);
}

absl::StatusOr<std::string> MoveAside(const std::string& path, absl::Time now) {
  const std::string stem =
      absl::StrCat(path, ".corrupt-", absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()));
  std::string target = stem;
  std::error_code error;
  for (int attempt = 2; std::filesystem::exists(target, error); ++attempt) {
    target = absl::StrCat(stem, "-", attempt);
  }
  std::string kept;
  for (const char* ending : {"", "-wal", "-shm"}) {
    if (!std::filesystem::exists(path + ending, error)) continue;
    std::filesystem::rename(path + ending, target + ending, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat("cannot move ", path, ending, " aside: ", error.message()));
    }
    if (kept.empty()) kept = target + ending;
  }
  return kept;
}

}  // namespace placer
