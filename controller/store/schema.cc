#include "controller/store/schema.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

// Entry n leads from version n to n + 1. Times are microseconds since the Unix epoch. STRICT: a value of a
// wrong type is refused when it is written, so that reading needs no second check.
constexpr const char* kSteps[] = {
    R"sql(
CREATE TABLE policy_state(
  policy TEXT NOT NULL, mode TEXT NOT NULL, decided_point_us INTEGER, next_shadow_id INTEGER NOT NULL,
  PRIMARY KEY(policy, mode)) STRICT, WITHOUT ROWID;
CREATE TABLE region_state(
  policy TEXT NOT NULL, mode TEXT NOT NULL, region TEXT NOT NULL, placed INTEGER, machines INTEGER NOT NULL,
  last_action TEXT, last_action_us INTEGER, last_action_complete INTEGER,
  PRIMARY KEY(policy, mode, region)) STRICT, WITHOUT ROWID;
CREATE TABLE action_records(
  policy TEXT NOT NULL, mode TEXT NOT NULL, position INTEGER NOT NULL, time_us INTEGER, action TEXT NOT NULL,
  region TEXT NOT NULL, failed INTEGER NOT NULL,
  PRIMARY KEY(policy, mode, position)) STRICT, WITHOUT ROWID;
CREATE TABLE shadow_created(
  policy TEXT NOT NULL, mode TEXT NOT NULL, position INTEGER NOT NULL, machine_id TEXT NOT NULL,
  region TEXT NOT NULL, created_us INTEGER,
  PRIMARY KEY(policy, mode, position)) STRICT, WITHOUT ROWID;
CREATE TABLE shadow_removed(
  policy TEXT NOT NULL, mode TEXT NOT NULL, position INTEGER NOT NULL, machine_id TEXT NOT NULL,
  PRIMARY KEY(policy, mode, position)) STRICT, WITHOUT ROWID;
CREATE TABLE last_seen(
  policy TEXT NOT NULL, mode TEXT NOT NULL, machine_id TEXT NOT NULL, region TEXT NOT NULL,
  PRIMARY KEY(policy, mode, machine_id)) STRICT, WITHOUT ROWID;
CREATE TABLE imports(
  policy TEXT NOT NULL, mode TEXT NOT NULL, PRIMARY KEY(policy, mode)) STRICT, WITHOUT ROWID;
CREATE TABLE decisions(
  id INTEGER PRIMARY KEY AUTOINCREMENT, policy TEXT NOT NULL, mode TEXT NOT NULL, region TEXT NOT NULL,
  time_us INTEGER NOT NULL, action TEXT NOT NULL, reason TEXT NOT NULL, observed INTEGER NOT NULL,
  target INTEGER NOT NULL, message TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE INDEX decisions_by_region ON decisions(policy, mode, region, id);
CREATE INDEX decisions_by_time ON decisions(time_us);
CREATE TABLE events(
  id INTEGER PRIMARY KEY AUTOINCREMENT, time_us INTEGER NOT NULL, policy TEXT NOT NULL, warning INTEGER NOT NULL,
  reason TEXT NOT NULL, message TEXT NOT NULL) STRICT;
CREATE INDEX events_by_policy ON events(policy, id);
CREATE TABLE traffic(
  policy TEXT NOT NULL, mode TEXT NOT NULL, end_us INTEGER NOT NULL, region TEXT NOT NULL, requests REAL NOT NULL,
  PRIMARY KEY(policy, mode, end_us, region)) STRICT, WITHOUT ROWID;
CREATE INDEX traffic_by_time ON traffic(end_us);
)sql",
    "ALTER TABLE policy_state ADD COLUMN target TEXT NOT NULL DEFAULT ''",
    R"sql(
ALTER TABLE policy_state ADD COLUMN blocked_until_us INTEGER;
ALTER TABLE policy_state ADD COLUMN blocked_message TEXT NOT NULL DEFAULT '';
ALTER TABLE region_state ADD COLUMN failed_creates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE region_state ADD COLUMN retry_at_us INTEGER;
ALTER TABLE region_state ADD COLUMN failure TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE region_state ADD COLUMN failure_message TEXT NOT NULL DEFAULT '';
ALTER TABLE region_state ADD COLUMN stands_in_for TEXT NOT NULL DEFAULT '';
CREATE TABLE region_flips(
  policy TEXT NOT NULL, mode TEXT NOT NULL, region TEXT NOT NULL, position INTEGER NOT NULL,
  time_us INTEGER,
  PRIMARY KEY(policy, mode, region, position)) STRICT, WITHOUT ROWID;
CREATE TABLE intents(
  policy TEXT NOT NULL, mode TEXT NOT NULL, position INTEGER NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
  phase TEXT NOT NULL, region TEXT NOT NULL, machine_id TEXT NOT NULL, machine_name TEXT NOT NULL,
  reason TEXT NOT NULL, started_us INTEGER, phase_since_us INTEGER, not_before_us INTEGER,
  attempts INTEGER NOT NULL, last_error TEXT NOT NULL, lease_nonce TEXT NOT NULL, lease_expires_us INTEGER,
  served INTEGER NOT NULL, more_to_come INTEGER NOT NULL, failed INTEGER NOT NULL,
  PRIMARY KEY(policy, mode, position), UNIQUE(policy, mode, id)) STRICT, WITHOUT ROWID;
CREATE TABLE machine_templates(
  policy TEXT NOT NULL, mode TEXT NOT NULL, machine_id TEXT NOT NULL, instance_id TEXT NOT NULL,
  image TEXT NOT NULL, image_ref TEXT NOT NULL, release TEXT NOT NULL, config TEXT NOT NULL,
  has_volumes INTEGER NOT NULL,
  PRIMARY KEY(policy, mode)) STRICT, WITHOUT ROWID;
CREATE TABLE identity(
  only_row INTEGER PRIMARY KEY CHECK(only_row = 1), owner_id TEXT NOT NULL) STRICT;
)sql",
};
constexpr int kNewestVersion = static_cast<int>(std::size(kSteps));

}  // namespace

absl::Status MigrateSchema(SqliteDatabase& database) {
  absl::StatusOr<SqliteTransaction> transaction = SqliteTransaction::Begin(database);
  if (!transaction.ok()) return transaction.status();
  const absl::StatusOr<std::int64_t> version = database.QueryInteger("PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*version == kNewestVersion) return absl::OkStatus();
  if (*version < 0 || *version > kNewestVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("schema version ", *version,
                     " was written by a newer program; this one knows versions up to ", kNewestVersion));
  }
  if (*version == 0) {
    const absl::StatusOr<std::int64_t> tables = database.QueryInteger("SELECT count(*) FROM sqlite_master");
    if (!tables.ok()) return tables.status();
    if (*tables > 0) return absl::FailedPreconditionError("it holds tables of another program");
  }
  for (std::int64_t step = *version; step < kNewestVersion; ++step) {
    const absl::Status done = database.Execute(kSteps[step]);
    if (!done.ok()) return done;
  }
  const absl::Status marked = database.Execute(absl::StrCat("PRAGMA user_version=", kNewestVersion));
  if (!marked.ok()) return marked;
  return transaction->Commit();
}

}  // namespace placer
