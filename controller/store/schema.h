// The tables of autoplacer.db and how an older file becomes the newest form. Every version is one step in
// schema.cc; a step that was ever released is never edited, a new one is added behind it.
#pragma once

#include "absl/status/status.h"
#include "controller/store/sqlite.h"

namespace placer {

// Brings the database to the newest schema, in one transaction. FailedPrecondition: it was written by a newer
// version, or it is somebody else's database. DataLoss: it cannot be read.
absl::Status MigrateSchema(SqliteDatabase& database);

}  // namespace placer
