#include "controller/store/record_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

// Times of these tables are finite; an infinite one would be a programming error upstream and is stored as 0.
std::int64_t ToMicros(absl::Time time) {
  const bool finite = time != absl::InfinitePast() && time != absl::InfiniteFuture();
  return finite ? absl::ToUnixMicros(time) : 0;
}

absl::StatusOr<bool> RepeatsLast(SqliteStatement& last, const SetKey& key, const RegionDecision& region) {
  last.BindText(key.policy).BindText(ModeKey(key.mode)).BindText(region.region);
  const absl::StatusOr<bool> row = last.Step();
  if (!row.ok() || !*row) return row;
  const bool same = last.Text(0) == ToString(region.action) && last.Text(1) == ToString(region.reason) &&
                    last.Integer(2) == region.target;
  if (absl::Status rest = last.Run(); !rest.ok()) return rest;
  return same;
}

// Deletes by id where there are more than `keep` rows: ids only grow.
absl::Status PruneById(SqliteDatabase& database, const char* table, int keep) {
  return database.Execute(
      absl::StrCat("DELETE FROM ", table, " WHERE id <= (SELECT max(id) FROM ", table, ") - ", keep));
}

absl::Status PruneByTime(SqliteDatabase& database, const char* table, const char* column, absl::Time oldest) {
  return database.Execute(absl::StrCat("DELETE FROM ", table, " WHERE ", column, " < ", ToMicros(oldest)));
}

}  // namespace

absl::Status WriteDecision(SqliteDatabase& database, const SetKey& key, const Decision& decision,
                           std::map<std::string, DecisionKey>& stored) {
  std::vector<const RegionDecision*> changed;
  std::vector<const RegionDecision*> unknown;
  for (const RegionDecision& region : decision.regions) {
    const DecisionKey now{region.action, region.reason, region.target};
    const auto [known, is_new] = stored.try_emplace(region.region, now);
    const bool is_same = !is_new && std::exchange(known->second, now) == now;
    if (region.action == Action::kNone && is_same) continue;
    (region.action == Action::kNone && is_new ? unknown : changed).push_back(&region);
  }
  if (!unknown.empty()) {
    absl::StatusOr<SqliteStatement> last = database.Prepare(
        "SELECT action, reason, target FROM decisions WHERE policy=? AND mode=? AND region=? "
        "ORDER BY id DESC LIMIT 1");
    if (!last.ok()) return last.status();
    for (const RegionDecision* region : unknown) {
      const absl::StatusOr<bool> repeats = RepeatsLast(*last, key, *region);
      if (!repeats.ok()) return repeats.status();
      if (!*repeats) changed.push_back(region);
    }
  }
  if (changed.empty()) return absl::OkStatus();
  absl::StatusOr<SqliteStatement> insert = database.Prepare(
      "INSERT INTO decisions(policy, mode, region, time_us, action, reason, observed, target, message, "
      "detail) "
      "VALUES(?,?,?,?,?,?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  for (const RegionDecision* region : changed) {
    insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindText(region->region);
    insert->BindInteger(ToMicros(decision.time)).BindText(ToString(region->action));
    insert->BindText(ToString(region->reason)).BindInteger(region->observed).BindInteger(region->target);
    if (absl::Status done = insert->BindText(region->message).BindText(region->detail).Run(); !done.ok()) {
      return done;
    }
  }
  return absl::OkStatus();
}

absl::Status WriteEvents(SqliteDatabase& database, const std::vector<Event>& events) {
  if (events.empty()) return absl::OkStatus();
  absl::StatusOr<SqliteStatement> insert =
      database.Prepare("INSERT INTO events(time_us, policy, warning, reason, message) VALUES(?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  for (const Event& event : events) {
    insert->BindInteger(ToMicros(event.time)).BindText(event.policy).BindInteger(event.warning);
    if (absl::Status done = insert->BindText(event.reason).BindText(event.message).Run(); !done.ok())
      return done;
  }
  return absl::OkStatus();
}

absl::Status WriteTraffic(SqliteDatabase& database, const SetKey& key, const TrafficPoints& points) {
  if (points.empty()) return absl::OkStatus();
  absl::StatusOr<SqliteStatement> insert =
      database.Prepare("INSERT OR REPLACE INTO traffic VALUES(?,?,?,?,?)");
  if (!insert.ok()) return insert.status();
  for (const auto& [end, regions] : points) {
    for (const auto& [region, requests] : regions) {
      if (!std::isfinite(requests)) continue;
      insert->BindText(key.policy).BindText(ModeKey(key.mode)).BindInteger(ToMicros(end)).BindText(region);
      if (absl::Status done = insert->BindReal(requests).Run(); !done.ok()) return done;
    }
  }
  return absl::OkStatus();
}

absl::Status PruneRecords(SqliteDatabase& database, absl::Time now) {
  if (absl::Status done = PruneById(database, "events", kKeptEvents); !done.ok()) return done;
  if (absl::Status done = PruneById(database, "decisions", kKeptDecisions); !done.ok()) return done;
  absl::Status done = PruneByTime(database, "decisions", "time_us", now - kKeptDecisionsFor);
  if (!done.ok()) return done;
  return PruneByTime(database, "traffic", "end_us", now - kKeptTrafficFor);
}

absl::StatusOr<std::vector<Event>> ReadRecentEvents(SqliteDatabase& database, const std::string& policy,
                                                    int limit) {
  absl::StatusOr<SqliteStatement> query =
      database.Prepare(absl::StrCat("SELECT time_us, policy, warning, reason, message FROM events ",
                                    policy.empty() ? "" : "WHERE policy=?2 ", "ORDER BY id DESC LIMIT ?1"));
  if (!query.ok()) return query.status();
  query->BindInteger(std::max(limit, 0));
  if (!policy.empty()) query->BindText(policy);
  std::vector<Event> events;
  for (;;) {
    const absl::StatusOr<bool> row = query->Step();
    if (!row.ok()) return row.status();
    if (!*row) return events;
    events.push_back({.time = query->Time(0),
                      .policy = query->Text(1),
                      .warning = query->Integer(2) != 0,
                      .reason = query->Text(3),
                      .message = query->Text(4)});
  }
}

absl::StatusOr<std::vector<StoredDecision>> ReadRecentDecisions(SqliteDatabase& database, const SetKey& key,
                                                                const std::string& region, int limit) {
  absl::StatusOr<SqliteStatement> query = database.Prepare(
      absl::StrCat("SELECT time_us, region, action, reason, observed, target, message, detail FROM decisions "
                   "WHERE policy=?1 AND mode=?2 ",
                   region.empty() ? "" : "AND region=?4 ", "ORDER BY id DESC LIMIT ?3"));
  if (!query.ok()) return query.status();
  query->BindText(key.policy).BindText(ModeKey(key.mode)).BindInteger(std::max(limit, 0));
  if (!region.empty()) query->BindText(region);
  std::vector<StoredDecision> decisions;
  for (;;) {
    const absl::StatusOr<bool> row = query->Step();
    if (!row.ok()) return row.status();
    if (!*row) return decisions;
    decisions.push_back({.time = query->Time(0),
                         .region = query->Text(1),
                         .action = query->Text(2),
                         .reason = query->Text(3),
                         .observed = static_cast<int>(query->Integer(4)),
                         .target = static_cast<int>(query->Integer(5)),
                         .message = query->Text(6),
                         .detail = query->Text(7)});
  }
}

absl::StatusOr<TrafficPoints> ReadRecentTraffic(SqliteDatabase& database, const SetKey& key, int limit) {
  absl::StatusOr<SqliteStatement> query = database.Prepare(
      "SELECT end_us, region, requests FROM traffic WHERE policy=?1 AND mode=?2 AND end_us IN "
      "(SELECT DISTINCT end_us FROM traffic WHERE policy=?1 AND mode=?2 ORDER BY end_us DESC LIMIT ?3)");
  if (!query.ok()) return query.status();
  query->BindText(key.policy).BindText(ModeKey(key.mode)).BindInteger(std::max(limit, 0));
  TrafficPoints points;
  for (;;) {
    const absl::StatusOr<bool> row = query->Step();
    if (!row.ok()) return row.status();
    if (!*row) return points;
    points[query->Time(0)][query->Text(1)] = query->Real(2);
  }
}

}  // namespace placer
