#include "controller/store/state_rows.h"

#include "absl/strings/str_cat.h"
#include "controller/store/intent_rows.h"
#include "controller/store/stored_words.h"

namespace placer {
namespace {

absl::Status WriteHead(SqliteDatabase& database, const SetKey& key, const PolicyState& state) {
  absl::StatusOr<SqliteStatement> insert = database.Prepare(
      "INSERT INTO policy_state(policy, mode, decided_point_us, next_shadow_id, target, blocked_until_us, "
      "blocked_message) VALUES(?,?,?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindTime(state.history.decided_point);
  insert->BindInteger(state.shadow.next_id).BindText(state.target);
  return insert->BindTime(state.history.blocked_until).BindText(state.history.blocked_message).Run();
}

absl::Status WriteRegions(SqliteDatabase& database, const SetKey& key, const History& history) {
  absl::StatusOr<SqliteStatement> insert = database.Prepare(
      "INSERT INTO region_state(policy, mode, region, placed, machines, failed_creates, retry_at_us, "
      "failure, "
      "failure_message, stands_in_for, last_action, last_action_us, last_action_complete) "
      "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  for (const auto& [code, region] : history.regions) {
    insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindText(code);
    region.placed.has_value() ? insert->BindInteger(*region.placed) : insert->BindNull();
    insert->BindInteger(region.machines).BindInteger(region.failed_creates).BindTime(region.retry_at);
    insert->BindText(ToString(region.failure)).BindText(region.failure_message);
    insert->BindText(region.stands_in_for);
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
  absl::Status read =
      ForEachRow(database, key,
                 "SELECT decided_point_us, next_shadow_id, target, blocked_until_us, blocked_message "
                 "FROM policy_state WHERE policy=? AND mode=?",
                 [&](const SqliteStatement& row) -> absl::Status {
                   found = true;
                   state.history.decided_point = row.Time(0);
                   const auto next_id = ParseStoredCount(row.Integer(1), "shadow machines");
                   if (!next_id.ok()) return next_id.status();
                   state.shadow.next_id = *next_id;
                   state.target = row.Text(2);
                   state.history.blocked_until = row.Time(3);
                   state.history.blocked_message = row.Text(4);
                   return absl::OkStatus();
                 });
  if (!read.ok()) return read;
  return found ? absl::OkStatus()
               : absl::NotFoundError(absl::StrCat("nothing is stored yet for policy ", key.policy, " (",
                                                  ToString(key.mode), ")"));
}

absl::Status ReadRegion(const SqliteStatement& row, RegionHistory& region) {
  if (!row.IsNull(1)) {
    const auto placed = ParseStoredFlag(row.Integer(1), "a placed region");
    if (!placed.ok()) return placed.status();
    region.placed = *placed;
  }
  const auto machines = ParseStoredCount(row.Integer(2), "machines");
  if (!machines.ok()) return machines.status();
  region.machines = *machines;
  const auto failed_creates = ParseStoredCount(row.Integer(3), "failed creates");
  if (!failed_creates.ok()) return failed_creates.status();
  region.failed_creates = *failed_creates;
  region.retry_at = row.Time(4);
  const auto failure = ParseStoredWord(row.Text(5), ErrorScope::kRefused, "failure");
  if (!failure.ok()) return failure.status();
  region.failure = *failure;
  region.failure_message = row.Text(6);
  region.stands_in_for = row.Text(7);
  if (row.IsNull(8)) return absl::OkStatus();
  const auto action = ParseStoredWord(row.Text(8), Action::kRemove, "action");
  if (!action.ok()) return action.status();
  const auto complete = ParseStoredFlag(row.Integer(10), "a complete action");
  if (!complete.ok()) return complete.status();
  region.last_action = LastAction{.action = *action, .ended = row.Time(9), .complete = *complete};
  return absl::OkStatus();
}

absl::Status ReadRegions(SqliteDatabase& database, const SetKey& key, History& history) {
  return ForEachRow(
      database, key,
      "SELECT region, placed, machines, failed_creates, retry_at_us, failure, failure_message, "
      "stands_in_for, "
      "last_action, last_action_us, last_action_complete FROM region_state WHERE policy=? AND mode=?",
      [&](const SqliteStatement& row) { return ReadRegion(row, history.regions[row.Text(0)]); });
}

absl::Status ReadActions(SqliteDatabase& database, const SetKey& key, History& history) {
  return ForEachRow(database, key,
                    "SELECT time_us, action, region, failed FROM action_records WHERE policy=? AND mode=? "
                    "ORDER BY position",
                    [&](const SqliteStatement& row) -> absl::Status {
                      const absl::StatusOr<Action> action =
                          ParseStoredWord(row.Text(1), Action::kRemove, "action");
                      if (!action.ok()) return action.status();
                      const absl::StatusOr<bool> failed = ParseStoredFlag(row.Integer(3), "a failed action");
                      if (!failed.ok()) return failed.status();
                      history.actions.push_back(
                          {.time = row.Time(0), .action = *action, .region = row.Text(2), .failed = *failed});
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

absl::Status DeleteRows(SqliteDatabase& database, const SetKey& key, const char* table) {
  absl::StatusOr<SqliteStatement> remove =
      database.Prepare(absl::StrCat("DELETE FROM ", table, " WHERE policy=? AND mode=?"));
  if (!remove.ok()) return remove.status();
  return remove->BindText(key.policy).BindText(ModeKey(key.mode)).Run();
}

// Tables of a set that are replaced together, and what of a state they hold.
struct Part {
  const char* tables[2];
  bool (*is_same)(const PolicyState& a, const PolicyState& b);
  absl::Status (*write)(SqliteDatabase& database, const SetKey& key, const PolicyState& state);
};

bool HasSameHead(const PolicyState& a, const PolicyState& b) {
  return a.target == b.target && a.shadow.next_id == b.shadow.next_id &&
         a.history.decided_point == b.history.decided_point &&
         a.history.blocked_until == b.history.blocked_until &&
         a.history.blocked_message == b.history.blocked_message;
}

constexpr Part kParts[] = {
    {{"policy_state"}, HasSameHead, WriteHead},
    {{"region_state", "region_flips"},
     [](const PolicyState& a, const PolicyState& b) { return a.history.regions == b.history.regions; },
     [](SqliteDatabase& database, const SetKey& key, const PolicyState& state) {
       absl::Status regions = WriteRegions(database, key, state.history);
       return regions.ok() ? WriteFlips(database, key, state.history) : regions;
     }},
    {{"action_records"},
     [](const PolicyState& a, const PolicyState& b) { return a.history.actions == b.history.actions; },
     [](SqliteDatabase& database, const SetKey& key, const PolicyState& state) {
       return WriteActions(database, key, state.history);
     }},
    {{"intents"},
     [](const PolicyState& a, const PolicyState& b) { return a.history.intents == b.history.intents; },
     [](SqliteDatabase& database, const SetKey& key, const PolicyState& state) {
       return WriteIntents(database, key, state.history);
     }},
    {{"machine_templates"},  // never changed, only replaced
     [](const PolicyState& a, const PolicyState& b) {
       return a.history.machine_template == b.history.machine_template;
     },
     [](SqliteDatabase& database, const SetKey& key, const PolicyState& state) {
       return WriteTemplate(database, key, state.history);
     }},
    {{"shadow_created", "shadow_removed"},
     [](const PolicyState& a, const PolicyState& b) {
       return a.shadow.created == b.shadow.created && a.shadow.removed == b.shadow.removed;
     },
     [](SqliteDatabase& database, const SetKey& key, const PolicyState& state) {
       return WriteShadow(database, key, state.shadow);
     }},
    {{"last_seen"},
     [](const PolicyState& a, const PolicyState& b) { return a.last_seen == b.last_seen; },
     WriteLastSeen},
};

}  // namespace

const char* ModeKey(Mode mode) {
  return mode == Mode::kActive ? "active" : "dry_run";
}

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

absl::Status WritePolicyState(SqliteDatabase& database, const SetKey& key, const PolicyState& state,
                              const PolicyState* known) {
  for (const Part& part : kParts) {
    if (known != nullptr && part.is_same(*known, state)) continue;
    for (const char* table : part.tables) {
      if (table == nullptr) continue;
      if (absl::Status done = DeleteRows(database, key, table); !done.ok()) return done;
    }
    if (absl::Status done = part.write(database, key, state); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::StatusOr<PolicyState> ReadPolicyState(SqliteDatabase& database, const SetKey& key) {
  // One snapshot of all tables, while a commit may be under way on the other connection.
  absl::StatusOr<SqliteTransaction> transaction = SqliteTransaction::Begin(database);
  if (!transaction.ok()) return transaction.status();
  PolicyState state;
  if (absl::Status read = ReadHead(database, key, state); !read.ok()) return read;
  if (absl::Status read = ReadRegions(database, key, state.history); !read.ok()) return read;
  if (absl::Status read = ReadFlips(database, key, state.history); !read.ok()) return read;
  if (absl::Status read = ReadActions(database, key, state.history); !read.ok()) return read;
  if (absl::Status read = ReadIntents(database, key, state.history); !read.ok()) return read;
  if (absl::Status read = ReadTemplate(database, key, state.history); !read.ok()) return read;
  if (absl::Status read = ReadShadow(database, key, state.shadow); !read.ok()) return read;
  if (absl::Status read = ReadLastSeen(database, key, state); !read.ok()) return read;
  return state;
}

absl::Status DeletePolicyState(SqliteDatabase& database, const SetKey& key) {
  for (const Part& part : kParts) {
    for (const char* table : part.tables) {
      if (table == nullptr) continue;
      if (absl::Status done = DeleteRows(database, key, table); !done.ok()) return done;
    }
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
