// The file autoplacer.db as a whole: opened only if every table can be read, and moved aside where it cannot
// be used, so that nothing of it is lost and a fresh one can begin.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/store/sqlite.h"

namespace placer {

// Opens or creates the file, brings it to the newest schema and reads a little of every table: damage is then
// found now, while starting afresh is still possible. DataLoss or FailedPrecondition: unusable (damaged, of a
// newer program, somebody else's). Unavailable, ResourceExhausted: not now.
absl::StatusOr<SqliteDatabase> OpenChecked(const std::string& path);
bool IsUnusable(const absl::Status& status);

// Renames the database and its journals to <path>.corrupt-<time>; the new name of the first that was there,
// "" if none was. Unavailable: the directory does not let us.
absl::StatusOr<std::string> MoveAside(const std::string& path, absl::Time now);

}  // namespace placer
