#include "controller/store/sqlite_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/store/import.h"
#include "controller/store/pool_task.h"
#include "controller/store/schema.h"

namespace placer {
namespace {

constexpr char kDatabaseFile[] = "autoplacer.db";

// Reads a little of every table: damage is then found now, while starting afresh is still possible.
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
  return ReadRecentEvents(database, "", 1).status();
}

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

// Renames the database and its journals; the new name of the database.
absl::StatusOr<std::string> MoveAside(const std::string& path, absl::Time now) {
  const std::string stem =
      absl::StrCat(path, ".corrupt-", absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()));
  std::string target = stem;
  std::error_code error;
  for (int attempt = 2; std::filesystem::exists(target, error); ++attempt) {
    target = absl::StrCat(stem, "-", attempt);
  }
  for (const char* ending : {"", "-wal", "-shm"}) {
    if (!std::filesystem::exists(path + ending, error)) continue;
    std::filesystem::rename(path + ending, target + ending, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat("cannot move ", path, ending, " aside: ", error.message()));
    }
  }
  return target;
}

absl::Status Annotate(const absl::Status& status, const std::string& what) {
  return absl::Status(status.code(), absl::StrCat(what, ": ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(std::string data_dir, Log& log,
                                                               SqliteStoreOptions options) {
  std::error_code error;
  std::filesystem::create_directories(data_dir, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot make the data directory ", data_dir, ": ", error.message()));
  }
  absl::StatusOr<DirectoryLock> lock = DirectoryLock::Take(data_dir);
  if (!lock.ok()) return lock.status();
  const std::string path = (std::filesystem::path(data_dir) / kDatabaseFile).string();
  absl::StatusOr<SqliteDatabase> writer = OpenChecked(path);
  if (absl::IsDataLoss(writer.status()) || absl::IsFailedPrecondition(writer.status())) {
    const absl::StatusOr<std::string> kept = MoveAside(path, options.now());
    if (!kept.ok()) return kept.status();
    log.Warning("the database cannot be used; it was moved aside and a fresh one begun",
                {{"file", path}, {"kept_as", *kept}, {"error", std::string(writer.status().message())}});
    writer = OpenChecked(path);
  }
  if (!writer.ok()) return Annotate(writer.status(), path);
  absl::StatusOr<SqliteDatabase> reader = SqliteDatabase::Open(path);
  if (!reader.ok()) return Annotate(reader.status(), path);
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(data_dir), log, std::move(options),
                                                      *std::move(lock), *std::move(writer),
                                                      *std::move(reader)));
}

SqliteStore::SqliteStore(std::string data_dir, Log& log, SqliteStoreOptions options, DirectoryLock lock,
                         SqliteDatabase writer, SqliteDatabase reader)
    : lock_(std::move(lock)),
      data_dir_(std::move(data_dir)),
      log_(log),
      options_(std::move(options)),
      reader_(std::move(reader)),
      writer_(std::move(writer)),
      mirror_(data_dir_, options_.flat_policy) {}

SqliteStore::~SqliteStore() {
  pool_.join();
}

absl::StatusOr<PolicyState> SqliteStore::Load(const std::string& policy, Mode mode) {
  const SetKey key{.policy = policy, .mode = mode};
  absl::StatusOr<PolicyState> state = ReadPolicyState(reader_, key);
  if (!absl::IsNotFound(state.status())) return state;
  return Import(key, state.status());
}

absl::StatusOr<PolicyState> SqliteStore::Import(const SetKey& key, absl::Status nothing_stored) {
  if (key.policy.empty() || key.policy != options_.flat_policy) return nothing_stored;
  const absl::StatusOr<bool> imported = ReadImported(reader_, key);
  if (!imported.ok()) return imported.status();
  if (*imported) return nothing_stored;
  ImportedFiles files =
      ReadProofOfConceptFiles(ComputeMirrorPaths(data_dir_, options_.flat_policy, key), options_.now());
  for (const std::string& warning : files.warnings) {
    log_.Warning("importing the proof of concept's state", {{"policy", key.policy}, {"warning", warning}});
  }
  if (files.history.regions.empty() && files.traffic.empty()) return nothing_stored;
  log_.Info("imported the proof of concept's state", {{"policy", key.policy},
                                                      {"regions", absl::StrCat(files.history.regions.size())},
                                                      {"data_points", absl::StrCat(files.traffic.size())}});
  imported_traffic_[key] = std::move(files.traffic);
  if (files.history.regions.empty()) return nothing_stored;
  return PolicyState{.history = std::move(files.history)};
}

Task<absl::Status> SqliteStore::Commit(PassRecord record) {
  const SetKey key{.policy = record.policy, .mode = record.mode};
  if (const auto imported = imported_traffic_.find(key); imported != imported_traffic_.end()) {
    record.traffic.insert(imported->second.begin(), imported->second.end());
  }
  const Written written = co_await RunOnPool<Written>(pool_, [this, &record] { return WritePass(record); });
  if (written.stored.ok()) imported_traffic_.erase(key);
  WarnOfMirror(written.mirrored);
  co_return written.stored;
}

Task<absl::Status> SqliteStore::Forget(std::string policy, Mode mode) {
  const SetKey key{.policy = std::move(policy), .mode = mode};
  const Written written = co_await RunOnPool<Written>(pool_, [this, &key] { return DeleteSet(key); });
  WarnOfMirror(written.mirrored);
  co_return written.stored;
}

absl::StatusOr<std::vector<Event>> SqliteStore::RecentEvents(const std::string& policy, int limit) {
  return ReadRecentEvents(reader_, policy, limit);
}

absl::StatusOr<std::vector<StoredDecision>> SqliteStore::RecentDecisions(const std::string& policy, Mode mode,
                                                                         const std::string& region,
                                                                         int limit) {
  return ReadRecentDecisions(reader_, {.policy = policy, .mode = mode}, region, limit);
}

absl::StatusOr<TrafficPoints> SqliteStore::RecentTraffic(const std::string& policy, Mode mode, int limit) {
  return ReadRecentTraffic(reader_, {.policy = policy, .mode = mode}, limit);
}

// Once per reason, not once per pass.
void SqliteStore::WarnOfMirror(const absl::Status& mirrored) {
  const std::string warning(mirrored.message());
  if (!mirrored.ok() && warning != mirror_warning_) {
    log_.Warning("the mirror files are out of date", {{"error", warning}});
  }
  mirror_warning_ = warning;
}

SqliteStore::Written SqliteStore::WritePass(const PassRecord& record) {
  Written written{.stored = StorePass(record), .mirrored = absl::OkStatus()};
  if (!written.stored.ok()) return written;
  const SetKey key{.policy = record.policy, .mode = record.mode};
  const absl::StatusOr<TrafficPoints> points = ReadRecentTraffic(writer_, key, kMirroredPoints);
  written.mirrored = points.ok() ? mirror_.Write(key, record.state.history, *points) : points.status();
  return written;
}

absl::Status SqliteStore::StorePass(const PassRecord& record) {
  const SetKey key{.policy = record.policy, .mode = record.mode};
  absl::StatusOr<SqliteTransaction> transaction =
      SqliteTransaction::Begin(writer_, SqliteTransaction::Kind::kWrite);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status done = WritePolicyState(writer_, key, record.state); !done.ok()) return done;
  if (absl::Status done = WriteDecision(writer_, key, record.decision); !done.ok()) return done;
  if (absl::Status done = WriteEvents(writer_, record.events); !done.ok()) return done;
  if (absl::Status done = WriteTraffic(writer_, key, record.traffic); !done.ok()) return done;
  // From here on the files in the data directory are our mirrors.
  if (absl::Status done = WriteImported(writer_, key); !done.ok()) return done;
  if (absl::Status done = PruneRecords(writer_, record.decision.time); !done.ok()) return done;
  return transaction->Commit();
}

SqliteStore::Written SqliteStore::DeleteSet(const SetKey& key) {
  Written written;
  const absl::Status stored = ReadPolicyState(writer_, key).status();
  // Nothing was ever stored: what stands in the data directory is not ours to remove.
  if (absl::IsNotFound(stored)) return written;
  absl::StatusOr<SqliteTransaction> transaction =
      SqliteTransaction::Begin(writer_, SqliteTransaction::Kind::kWrite);
  written.stored = transaction.status();
  if (written.stored.ok()) written.stored = DeletePolicyState(writer_, key);
  if (written.stored.ok()) written.stored = transaction->Commit();
  if (written.stored.ok()) written.mirrored = mirror_.Remove(key);
  return written;
}

}  // namespace placer
