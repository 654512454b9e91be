// What acting needs after a restart, as rows: the open intents, the template of clones, and how often a
// region's last target changed. Part of the set that state_rows.h writes and reads as a whole.
#pragma once

#include "absl/status/status.h"
#include "api/history.h"
#include "controller/store/sqlite.h"
#include "controller/store/state_rows.h"

namespace placer {

absl::Status WriteIntents(SqliteDatabase& database, const SetKey& key, const History& history);
absl::Status WriteTemplate(SqliteDatabase& database, const SetKey& key, const History& history);
absl::Status WriteFlips(SqliteDatabase& database, const SetKey& key, const History& history);

// DataLoss: a row makes no sense.
absl::Status ReadIntents(SqliteDatabase& database, const SetKey& key, History& history);
absl::Status ReadTemplate(SqliteDatabase& database, const SetKey& key, History& history);
absl::Status ReadFlips(SqliteDatabase& database, const SetKey& key, History& history);

}  // namespace placer
