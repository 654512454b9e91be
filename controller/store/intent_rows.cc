#include "controller/store/intent_rows.h"

#include <memory>
#include <utility>

#include "controller/store/stored_words.h"

namespace placer {
namespace {

absl::StatusOr<Intent> ReadIntent(const SqliteStatement& row) {
  const auto kind = ParseStoredWord(row.Text(1), Intent::Kind::kUpdate, "kind of intent");
  if (!kind.ok()) return kind.status();
  const auto phase = ParseStoredWord(row.Text(2), Intent::Phase::kUpdating, "phase");
  if (!phase.ok()) return phase.status();
  const auto reason = ParseStoredWord(row.Text(6), Reason::kPaused, "reason");
  if (!reason.ok()) return reason.status();
  const auto attempts = ParseStoredCount(row.Integer(10), "attempts");
  if (!attempts.ok()) return attempts.status();
  const auto served = ParseStoredFlag(row.Integer(14), "served");
  if (!served.ok()) return served.status();
  const auto more_to_come = ParseStoredFlag(row.Integer(15), "more_to_come");
  if (!more_to_come.ok()) return more_to_come.status();
  const auto failed = ParseStoredFlag(row.Integer(16), "failed");
  if (!failed.ok()) return failed.status();
  if (row.Text(0).empty()) return absl::DataLossError("the store holds an intent without an id");
  return Intent{.id = row.Text(0),
                .kind = *kind,
                .phase = *phase,
                .region = row.Text(3),
                .machine_id = row.Text(4),
                .machine_name = row.Text(5),
                .reason = *reason,
                .started = row.Time(7),
                .phase_since = row.Time(8),
                .not_before = row.Time(9),
                .attempts = *attempts,
                .last_error = row.Text(11),
                .lease_nonce = row.Text(12),
                .lease_expires = row.Time(13),
                .served = *served,
                .more_to_come = *more_to_come,
                .failed = *failed};
}

}  // namespace

absl::Status WriteIntents(SqliteDatabase& database, const SetKey& key, const History& history) {
  absl::StatusOr<SqliteStatement> insert = database.Prepare(
      "INSERT INTO intents(policy, mode, position, id, kind, phase, region, machine_id, machine_name, "
      "reason, started_us, phase_since_us, not_before_us, attempts, last_error, lease_nonce, "
      "lease_expires_us, served, more_to_come, failed) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  std::int64_t position = 0;
  for (const Intent& intent : history.intents) {
    insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindInteger(position++).BindText(intent.id);
    insert->BindText(ToString(intent.kind)).BindText(ToString(intent.phase)).BindText(intent.region);
    insert->BindText(intent.machine_id).BindText(intent.machine_name).BindText(ToString(intent.reason));
    insert->BindTime(intent.started).BindTime(intent.phase_since).BindTime(intent.not_before);
    insert->BindInteger(intent.attempts).BindText(intent.last_error).BindText(intent.lease_nonce);
    insert->BindTime(intent.lease_expires).BindInteger(intent.served).BindInteger(intent.more_to_come);
    insert->BindInteger(intent.failed);
    if (absl::Status done = insert->Run(); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status WriteTemplate(SqliteDatabase& database, const SetKey& key, const History& history) {
  if (history.machine_template == nullptr) return absl::OkStatus();
  absl::StatusOr<SqliteStatement> insert = database.Prepare(
      "INSERT INTO machine_templates(policy, mode, machine_id, instance_id, image, image_ref, release, "
      "config, has_volumes) VALUES(?,?,?,?,?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  const MachineTemplate& source = *history.machine_template;
  insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindText(source.machine_id);
  insert->BindText(source.instance_id).BindText(source.image).BindText(source.image_ref);
  return insert->BindText(source.release).BindText(source.config).BindInteger(source.has_volumes).Run();
}

absl::Status WriteFlips(SqliteDatabase& database, const SetKey& key, const History& history) {
  absl::StatusOr<SqliteStatement> insert =
      database.Prepare("INSERT INTO region_flips(policy, mode, region, position, time_us) VALUES(?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  for (const auto& [code, region] : history.regions) {
    std::int64_t position = 0;
    for (const absl::Time flip : region.flips) {
      insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindText(code).BindInteger(position++);
      if (absl::Status done = insert->BindTime(flip).Run(); !done.ok()) return done;
    }
  }
  return absl::OkStatus();
}

absl::Status ReadIntents(SqliteDatabase& database, const SetKey& key, History& history) {
  return ForEachRow(database, key,
                    "SELECT id, kind, phase, region, machine_id, machine_name, reason, started_us, "
                    "phase_since_us, not_before_us, attempts, last_error, lease_nonce, lease_expires_us, "
                    "served, more_to_come, failed FROM intents WHERE policy=? AND mode=? ORDER BY position",
                    [&](const SqliteStatement& row) -> absl::Status {
                      absl::StatusOr<Intent> intent = ReadIntent(row);
                      if (!intent.ok()) return intent.status();
                      history.intents.push_back(*std::move(intent));
                      return absl::OkStatus();
                    });
}

absl::Status ReadTemplate(SqliteDatabase& database, const SetKey& key, History& history) {
  return ForEachRow(database, key,
                    "SELECT machine_id, instance_id, image, image_ref, release, config, has_volumes "
                    "FROM machine_templates WHERE policy=? AND mode=?",
                    [&](const SqliteStatement& row) -> absl::Status {
                      const auto has_volumes = ParseStoredFlag(row.Integer(6), "has_volumes");
                      if (!has_volumes.ok()) return has_volumes.status();
                      history.machine_template = std::make_shared<const MachineTemplate>(
                          MachineTemplate{.machine_id = row.Text(0),
                                          .instance_id = row.Text(1),
                                          .image = row.Text(2),
                                          .image_ref = row.Text(3),
                                          .release = row.Text(4),
                                          .config = row.Text(5),
                                          .has_volumes = *has_volumes});
                      return absl::OkStatus();
                    });
}

absl::Status ReadFlips(SqliteDatabase& database, const SetKey& key, History& history) {
  return ForEachRow(
      database, key,
      "SELECT region, time_us FROM region_flips WHERE policy=? AND mode=? ORDER BY region, position",
      [&](const SqliteStatement& row) -> absl::Status {
        const auto region = history.regions.find(row.Text(0));
        if (region == history.regions.end()) {
          return absl::DataLossError("the store holds a flip of an unknown region: " + row.Text(0));
        }
        region->second.flips.push_back(row.Time(1));
        return absl::OkStatus();
      });
}

}  // namespace placer
