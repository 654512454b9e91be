#include "controller/store/state_rows.h"

#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

// Prepares `sql`, whose first two parameters are the set's policy and mode, and calls `visit` for each row.
absl::Status ForEachRow(SqliteDatabase& database, const SetKey& key, const std::string& sql,
                        const std::function<absl::Status(const SqliteStatement&)>& visit) {
  absl::StatusOr<SqliteStatement> query = database.Prepare(sql);
  if (!query.ok()) return query.status();
  query->BindText(key.policy).BindText(ModeKey(key.mode));
  for (;;) {
    const absl::StatusOr<bool> row = query->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    if (absl::Status visited = visit(*query); !visited.ok()) return visited;
  }
}

absl::StatusOr<Action> ParseAction(const std::string& text) {
  for (const Action action : {Action::kNone, Action::kDeploy, Action::kRemove}) {
    if (text == ToString(action)) return action;
  }
  return absl::DataLossError(absl::StrCat("the store holds an unknown action: ", text));
}

absl::Status WriteHead(SqliteDatabase& database, const SetKey& key, const PolicyState& state) {
  absl::StatusOr<SqliteStatement> insert = database.Prepare("INSERT INTO policy_state VALUES(?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindTime(state.history.decided_point);
  return insert->BindInteger(state.shadow.next_id).BindText(state.target).Run();
}

absl::Status WriteRegions(SqliteDatabase& database, const SetKey& key, const History& history) {
  absl::StatusOr<SqliteStatement> insert =
      database.Prepare("INSERT INTO region_state VALUES(?,?,?,?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  for (const auto& [code, region] : history.regions) {
    insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindText(code);
    region.placed.has_value() ? insert->BindInteger(*region.placed) : insert->BindNull();
    insert->BindInteger(region.machines);
    if (region.last_action.has_value()) {
      insert->BindText(ToString(region.last_action->action)).BindTime(region.last_action->ended);
      insert->BindInteger(region.last_action->complete);
    }
    if (absl::Status done = insert->Run(); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status WriteActions(SqliteDatabase& database, const SetKey& key, const History& history) {
  absl::StatusOr<SqliteStatement> insert =
      database.Prepare("INSERT INTO action_records VALUES(?,?,?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  std::int64_t position = 0;
  for (const ActionRecord& record : history.actions) {
    insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindInteger(position++).BindTime(record.time);
    insert->BindText(ToString(record.action)).BindText(record.region).BindInteger(record.failed);
    if (absl::Status done = insert->Run(); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status WriteShadow(SqliteDatabase& database, const SetKey& key, const Shadow& shadow) {
  absl::StatusOr<SqliteStatement> created =
      database.Prepare("INSERT INTO shadow_created VALUES(?,?,?,?,?,?)");
  if (!created.ok()) return created.status();
  std::int64_t position = 0;
  for (const Shadow::Created& machine : shadow.created) {
    created->BindText(key.policy).BindText(ModeKey(key.mode)).BindInteger(position++);
    created->BindText(machine.id).BindText(machine.region).BindTime(machine.created_at);
    if (absl::Status done = created->Run(); !done.ok()) return done;
  }
  absl::StatusOr<SqliteStatement> removed = database.Prepare("INSERT INTO shadow_removed VALUES(?,?,?,?)");
  if (!removed.ok()) return removed.status();
  position = 0;
  for (const std::string& id : shadow.removed) {
    removed->BindText(key.policy).BindText(ModeKey(key.mode)).BindInteger(position++).BindText(id);
    if (absl::Status done = removed->Run(); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status WriteLastSeen(SqliteDatabase& database, const SetKey& key, const PolicyState& state) {
  absl::StatusOr<SqliteStatement> insert = database.Prepare("INSERT INTO last_seen VALUES(?,?,?,?)");
  if (!insert.ok()) return insert.status();
  for (const auto& [id, region] : state.last_seen) {
    insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindText(id).BindText(region);
    if (absl::Status done = insert->Run(); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status ReadHead(SqliteDatabase& database, const SetKey& key, PolicyState& state) {
  bool found = false;
  absl::Status read = ForEachRow(
      database, key,
      "SELECT decided_point_us, next_shadow_id, target FROM policy_state WHERE policy=? AND mode=?",
      [&](const SqliteStatement& row) {
        found = true;
        state.history.decided_point = row.Time(0);
        state.shadow.next_id = static_cast<int>(row.Integer(1));
        state.target = row.Text(2);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return found ? absl::OkStatus()
               : absl::NotFoundError(absl::StrCat("nothing is stored yet for policy ", key.policy, " (",
                                                  ToString(key.mode), ")"));
}

absl::Status ReadRegions(SqliteDatabase& database, const SetKey& key, History& history) {
  return ForEachRow(database, key,
                    "SELECT region, placed, machines, last_action, last_action_us, last_action_complete "
                    "FROM region_state WHERE policy=? AND mode=?",
                    [&](const SqliteStatement& row) -> absl::Status {
                      RegionHistory& region = history.regions[row.Text(0)];
                      if (!row.IsNull(1)) region.placed = row.Integer(1) != 0;
                      region.machines = static_cast<int>(row.Integer(2));
                      if (row.IsNull(3)) return absl::OkStatus();
                      const absl::StatusOr<Action> action = ParseAction(row.Text(3));
                      if (!action.ok()) return action.status();
                      region.last_action = LastAction{
                          .action = *action, .ended = row.Time(4), .complete = row.Integer(5) != 0};
                      return absl::OkStatus();
                    });
}

absl::Status ReadActions(SqliteDatabase& database, const SetKey& key, History& history) {
  return ForEachRow(
      database, key,
      "SELECT time_us, action, region, failed FROM action_records WHERE policy=? AND mode=? "
      "ORDER BY position",
      [&](const SqliteStatement& row) -> absl::Status {
        const absl::StatusOr<Action> action = ParseAction(row.Text(1));
        if (!action.ok()) return action.status();
        history.actions.push_back(
            {.time = row.Time(0), .action = *action, .region = row.Text(2), .failed = row.Integer(3) != 0});
        return absl::OkStatus();
      });
}

absl::Status ReadShadow(SqliteDatabase& database, const SetKey& key, Shadow& shadow) {
  absl::Status read = ForEachRow(
      database, key,
      "SELECT machine_id, region, created_us FROM shadow_created WHERE policy=? AND mode=? ORDER BY position",
      [&](const SqliteStatement& row) {
        shadow.created.push_back({.id = row.Text(0), .region = row.Text(1), .created_at = row.Time(2)});
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return ForEachRow(database, key,
                    "SELECT machine_id FROM shadow_removed WHERE policy=? AND mode=? ORDER BY position",
                    [&](const SqliteStatement& row) {
                      shadow.removed.push_back(row.Text(0));
                      return absl::OkStatus();
                    });
}

absl::Status ReadLastSeen(SqliteDatabase& database, const SetKey& key, PolicyState& state) {
  return ForEachRow(database, key, "SELECT machine_id, region FROM last_seen WHERE policy=? AND mode=?",
                    [&](const SqliteStatement& row) {
                      state.last_seen[row.Text(0)] = row.Text(1);
                      return absl::OkStatus();
                    });
}

}  // namespace

const char* ModeKey(Mode mode) {
  return mode == Mode::kActive ? "active" : "dry_run";
}

absl::Status WritePolicyState(SqliteDatabase& database, const SetKey& key, const PolicyState& state) {
  if (absl::Status done = DeletePolicyState(database, key); !done.ok()) return done;
  if (absl::Status done = WriteHead(database, key, state); !done.ok()) return done;
  if (absl::Status done = WriteRegions(database, key, state.history); !done.ok()) return done;
  if (absl::Status done = WriteActions(database, key, state.history); !done.ok()) return done;
  if (absl::Status done = WriteShadow(database, key, state.shadow); !done.ok()) return done;
  return WriteLastSeen(database, key, state);
}

absl::StatusOr<PolicyState> ReadPolicyState(SqliteDatabase& database, const SetKey& key) {
  // One snapshot of all tables, while a commit may be under way on the other connection.
  absl::StatusOr<SqliteTransaction> transaction =
      SqliteTransaction::Begin(database, SqliteTransaction::Kind::kRead);
  if (!transaction.ok()) return transaction.status();
  PolicyState state;
  if (absl::Status read = ReadHead(database, key, state); !read.ok()) return read;
  if (absl::Status read = ReadRegions(database, key, state.history); !read.ok()) return read;
  if (absl::Status read = ReadActions(database, key, state.history); !read.ok()) return read;
  if (absl::Status read = ReadShadow(database, key, state.shadow); !read.ok()) return read;
  if (absl::Status read = ReadLastSeen(database, key, state); !read.ok()) return read;
  return state;
}

absl::Status DeletePolicyState(SqliteDatabase& database, const SetKey& key) {
  for (const char* table :
       {"policy_state", "region_state", "action_records", "shadow_created", "shadow_removed", "last_seen"}) {
    absl::StatusOr<SqliteStatement> remove =
        database.Prepare(absl::StrCat("DELETE FROM ", table, " WHERE policy=? AND mode=?"));
    if (!remove.ok()) return remove.status();
    absl::Status done = remove->BindText(key.policy).BindText(ModeKey(key.mode)).Run();
    if (!done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SetKey>> ReadSetKeys(SqliteDatabase& database) {
  absl::StatusOr<SqliteStatement> query = database.Prepare("SELECT policy, mode FROM policy_state");
  if (!query.ok()) return query.status();
  std::vector<SetKey> keys;
  for (;;) {
    const absl::StatusOr<bool> row = query->Step();
    if (!row.ok()) return row.status();
    if (!*row) return keys;
    const Mode mode = query->Text(1) == ModeKey(Mode::kActive) ? Mode::kActive : Mode::kDryRun;
    keys.push_back({.policy = query->Text(0), .mode = mode});
  }
}

absl::StatusOr<bool> ReadImported(SqliteDatabase& database, const SetKey& key) {
  bool found = false;
  absl::Status read = ForEachRow(database, key, "SELECT 1 FROM imports WHERE policy=? AND mode=?",
                                 [&](const SqliteStatement&) {
                                   found = true;
                                   return absl::OkStatus();
                                 });
  if (!read.ok()) return read;
  return found;
}

absl::Status WriteImported(SqliteDatabase& database, const SetKey& key) {
  absl::StatusOr<SqliteStatement> insert = database.Prepare("INSERT OR IGNORE INTO imports VALUES(?,?)");
  if (!insert.ok()) return insert.status();
  return insert->BindText(key.policy).BindText(ModeKey(key.mode)).Run();
}

}  // namespace placer
