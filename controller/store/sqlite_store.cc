#include "controller/store/sqlite_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/store/database_file.h"
#include "controller/store/identity.h"
#include "controller/store/import.h"
#include "controller/store/pool_task.h"

namespace placer {
namespace {

constexpr char kDatabaseFile[] = "autoplacer.db";
constexpr absl::Duration kPruneEvery = absl::Hours(1);

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
  if (IsUnusable(writer.status())) {
    const absl::StatusOr<std::string> kept = MoveAside(path, options.now());
    if (!kept.ok()) return kept.status();
    log.Warning("the database cannot be used; it was moved aside and a fresh one begun",
                {{"file", path}, {"kept_as", *kept}, {"error", std::string(writer.status().message())}});
    writer = OpenChecked(path);
  }
  if (!writer.ok()) return Annotate(writer.status(), path);
  absl::StatusOr<std::string> owner_id = KeepOwnerId(*writer, DrawOwnerId());
  if (!owner_id.ok()) return Annotate(owner_id.status(), path);
  absl::StatusOr<SqliteDatabase> reader = SqliteDatabase::Open(path);
  if (!reader.ok()) return Annotate(reader.status(), path);
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(data_dir), log, std::move(options),
                                                      *std::move(lock), *std::move(owner_id),
                                                      *std::move(writer), *std::move(reader)));
}

SqliteStore::SqliteStore(std::string data_dir, Log& log, SqliteStoreOptions options, DirectoryLock lock,
                         std::string owner_id, SqliteDatabase writer, SqliteDatabase reader)
    : lock_(std::move(lock)),
      data_dir_(std::move(data_dir)),
      path_((std::filesystem::path(data_dir_) / kDatabaseFile).string()),
      log_(log),
      options_(std::move(options)),
      owner_id_(std::move(owner_id)),
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
  const Written written = co_await RunOnPool<Written>(
      pool_, [this, &record] { return WriteOrReplace([&] { return WritePass(record); }); });
  if (written.stored.ok()) imported_traffic_.erase(key);
  Settle(written);
  if (written.stored.ok()) WarnOfMirror(key, written.mirrored);
  co_return written.stored;
}

Task<absl::Status> SqliteStore::Save(std::string policy, Mode mode, PolicyState state) {
  const SetKey key{.policy = std::move(policy), .mode = mode};
  const Written written = co_await RunOnPool<Written>(pool_, [this, &key, &state] {
    return WriteOrReplace([&] { return Written{.stored = StoreState(key, state)}; });
  });
  Settle(written);
  co_return written.stored;
}

Task<absl::Status> SqliteStore::Forget(std::string policy, Mode mode) {
  const SetKey key{.policy = std::move(policy), .mode = mode};
  const Written written = co_await RunOnPool<Written>(
      pool_, [this, &key] { return WriteOrReplace([&] { return DeleteSet(key); }); });
  Settle(written);
  if (written.stored.ok()) WarnOfMirror(key, written.mirrored);
  co_return written.stored;
}

absl::StatusOr<std::vector<Event>> SqliteStore::RecentEvents(const std::string& policy, int limit) {
  return ReadRecentEvents(reader_, policy, limit);
}

void SqliteStore::Settle(const Written& written) {
  if (written.replaced) {
    log_.Error("the database was lost while it was open; what is left was moved aside, and a fresh one begun",
               {{"file", path_}, {"kept_as", written.replaced->kept_as}, {"error", written.replaced->why}});
    reads_lost_file_ = true;
  }
  if (reads_lost_file_) {
    absl::StatusOr<SqliteDatabase> reader = SqliteDatabase::Open(path_);
    reads_lost_file_ = !reader.ok();  // then once more after the next write
    if (reader.ok()) reader_ = *std::move(reader);
  }
  // Once per reason, not once per pass.
  if (written.stored.code() != stored_) {
    if (written.stored.ok()) {
      log_.Info("passes are stored again", {{"file", path_}});
    } else {
      log_.Error("passes cannot be stored; what they know stands in memory only",
                 {{"file", path_}, {"error", std::string(written.stored.message())}});
    }
    stored_ = written.stored.code();
  }
}

void SqliteStore::WarnOfMirror(const SetKey& key, const absl::Status& mirrored) {
  if (mirrored.ok()) {
    mirror_warnings_.erase(key);
    return;
  }
  std::string& last = mirror_warnings_[key];
  if (last == mirrored.message()) return;
  last = std::string(mirrored.message());
  log_.Warning("the mirror files are out of date", {{"policy", key.policy}, {"error", last}});
}

SqliteStore::Written SqliteStore::WriteOrReplace(const std::function<Written()>& write) {
  if (!lost_) {
    // SQLite itself would go on writing into a file that nobody will ever open again.
    std::error_code error;
    Written written = std::filesystem::exists(path_, error)
                          ? write()
                          : Written{.stored = absl::DataLossError("the file was removed")};
    if (!absl::IsDataLoss(written.stored)) return written;
    absl::StatusOr<std::string> kept = MoveAside(path_, options_.now());
    if (!kept.ok()) return Written{.stored = kept.status()};
    lost_ = Loss{.why = std::string(written.stored.message()), .kept_as = *std::move(kept)};
  }
  // A file at path_ proves nothing here: SQLite makes an empty one before the disk refuses the rest.
  if (absl::Status begun = BeginAfresh(); !begun.ok()) {
    const std::string where = lost_->kept_as.empty()
                                  ? path_
                                  : absl::StrCat(path_, " (what was lost is kept as ", lost_->kept_as, ")");
    return Written{.stored = Annotate(begun, where)};
  }
  std::optional<Loss> replaced = std::exchange(lost_, std::nullopt);
  Written written = write();
  written.replaced = std::move(replaced);
  return written;
}

absl::Status SqliteStore::BeginAfresh() {
  absl::StatusOr<SqliteDatabase> fresh = OpenChecked(path_);
  if (!fresh.ok()) return fresh.status();
  if (absl::Status kept = KeepOwnerId(*fresh, owner_id_).status(); !kept.ok()) return kept;
  writer_ = *std::move(fresh);
  known_.clear();
  return absl::OkStatus();
}

SqliteStore::Written SqliteStore::WritePass(PassRecord& record) {
  const SetKey key{.policy = record.policy, .mode = record.mode};
  const auto before = known_.find(key);
  const bool is_shown = before != known_.end() && before->second.is_mirrored && mirror_.IsThere(key);
  const bool same_state = is_shown && before->second.state.history.regions == record.state.history.regions;
  const bool same_traffic = is_shown && record.traffic.empty();
  Written written{.stored = StorePass(record)};
  if (!written.stored.ok()) return written;
  Known& known = known_[key];
  if (!same_state) written.mirrored = mirror_.WriteDeploymentState(key, known.state.history);
  if (!same_traffic) {
    const absl::StatusOr<TrafficPoints> points = ReadRecentTraffic(writer_, key, kMirroredPoints);
    written.mirrored.Update(points.ok() ? mirror_.WriteTrafficHistory(key, *points) : points.status());
  }
  known.is_mirrored = written.mirrored.ok();
  return written;
}

absl::Status SqliteStore::StoreState(const SetKey& key, const PolicyState& state) {
  auto before = known_.extract(key);
  absl::StatusOr<SqliteTransaction> transaction = SqliteTransaction::Begin(writer_);
  if (!transaction.ok()) return transaction.status();
  const PolicyState* known = before.empty() ? nullptr : &before.mapped().state;
  if (absl::Status done = WritePolicyState(writer_, key, state, known); !done.ok()) return done;
  if (known == nullptr) {
    if (absl::Status done = WriteImported(writer_, key); !done.ok()) return done;
  }
  if (absl::Status done = transaction->Commit(); !done.ok()) return done;
  known_[key] = {.state = state};
  return absl::OkStatus();
}

absl::Status SqliteStore::StorePass(PassRecord& record) {
  const SetKey key{.policy = record.policy, .mode = record.mode};
  auto before = known_.extract(key);
  absl::StatusOr<SqliteTransaction> transaction = SqliteTransaction::Begin(writer_);
  if (!transaction.ok()) return transaction.status();
  const PolicyState* known = before.empty() ? nullptr : &before.mapped().state;
  std::map<std::string, DecisionKey> decisions;
  if (!before.empty()) decisions = std::move(before.mapped().decisions);
  if (absl::Status done = WritePolicyState(writer_, key, record.state, known); !done.ok()) return done;
  if (absl::Status done = WriteDecision(writer_, key, record.decision, decisions); !done.ok()) return done;
  if (absl::Status done = WriteEvents(writer_, record.events); !done.ok()) return done;
  if (absl::Status done = WriteTraffic(writer_, key, record.traffic); !done.ok()) return done;
  // From here on the files in the data directory are our mirrors.
  if (known == nullptr) {
    if (absl::Status done = WriteImported(writer_, key); !done.ok()) return done;
  }
  const absl::Time now = record.decision.time;
  const bool is_pruned = pruned_ <= now && now < pruned_ + kPruneEvery;
  if (!is_pruned) {
    if (absl::Status done = PruneRecords(writer_, now); !done.ok()) return done;
  }
  if (absl::Status done = transaction->Commit(); !done.ok()) return done;
  if (!is_pruned) {
    pruned_ = now;
    known_.clear();  // a decision that was known may be gone
    decisions.clear();
  }
  known_[key] = {.state = std::move(record.state), .decisions = std::move(decisions)};
  return absl::OkStatus();
}

SqliteStore::Written SqliteStore::DeleteSet(const SetKey& key) {
  Written written;
  const absl::Status stored = ReadPolicyState(writer_, key).status();
  // Nothing was ever stored: what stands in the data directory is not ours to remove.
  if (absl::IsNotFound(stored)) return written;
  absl::StatusOr<SqliteTransaction> transaction = SqliteTransaction::Begin(writer_);
  written.stored = transaction.status();
  known_.erase(key);
  if (written.stored.ok()) written.stored = DeletePolicyState(writer_, key);
  if (written.stored.ok()) written.stored = transaction->Commit();
  if (written.stored.ok()) written.mirrored = mirror_.Remove(key);
  return written;
}

}  // namespace placer
