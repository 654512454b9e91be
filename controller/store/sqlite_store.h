// SqliteStore: the Store that survives restarts, in <data directory>/autoplacer.db. A pass is one
// transaction: after a kill at any moment the file holds the last whole pass. Commits run on one thread of
// their own, reads on the loop's thread over a second connection. Easy to get wrong: destroy the store before
// the io_context that awaits it.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "controller/effects/store.h"
#include "controller/store/directory_lock.h"
#include "controller/store/mirror.h"
#include "controller/store/record_rows.h"
#include "controller/store/sqlite.h"
#include "controller/store/state_rows.h"
#include "controller/telemetry/log.h"

namespace placer {

struct SqliteStoreOptions {
  // Name of the policy that was read from the proof of concept's flat config; empty: none. Its mirror files
  // stand in the data directory itself, and that program's files are imported for it.
  std::string flat_policy;
  // To judge the times of imported files, and to name a database that was moved aside.
  std::function<absl::Time()> now = absl::Now;
};

class SqliteStore final : public Store {
 public:
  // Makes the directory and the database where they are missing. A file that cannot be used (damaged, of a
  // newer program, or somebody else's) is kept as autoplacer.db.corrupt-<time>, with a warning, and a fresh
  // one begun. AlreadyExists: another process uses the directory; nothing may be done in its place. Any other
  // error: the directory or the disk does not let us (FallbackStore goes on without). `log` outlives the
  // store.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(std::string data_dir, Log& log,
                                                           SqliteStoreOptions options);
  // Waits for the commit in flight.
  ~SqliteStore() override;

  absl::StatusOr<PolicyState> Load(const std::string& policy, Mode mode) override;
  // Unavailable: the disk or a lock does not let us now. ResourceExhausted: the disk is full. Logged when it
  // begins and when it ends. A file that was damaged or removed while we ran is moved aside, loudly, and the
  // pass goes into a fresh one.
  Task<absl::Status> Commit(PassRecord record) override;
  Task<absl::Status> Save(std::string policy, Mode mode, PolicyState state) override;
  // Decisions, events and traffic stay: they are a record of what happened.
  Task<absl::Status> Forget(std::string policy, Mode mode) override;
  absl::StatusOr<std::vector<Event>> RecentEvents(const std::string& policy, int limit) override;

  // 16 hex digits, the same for this data directory across restarts.
  const std::string& owner_id() const { return owner_id_; }

 private:
  // A file that was damaged or removed while it was open.
  struct Loss {
    std::string why;
    std::string kept_as;  // "": nothing of it was left
  };
  struct Written {
    absl::Status stored;
    absl::Status mirrored = absl::OkStatus();
    std::optional<Loss> replaced;  // by a fresh file, into which this was written
  };
  // What the rows of a set are known to say, so that only changes are written.
  struct Known {
    PolicyState state;
    std::map<std::string, DecisionKey> decisions;  // by region
    bool is_mirrored = false;
  };
  SqliteStore(std::string data_dir, Log& log, SqliteStoreOptions options, DirectoryLock lock,
              std::string owner_id, SqliteDatabase writer, SqliteDatabase reader);

  absl::StatusOr<PolicyState> Import(const SetKey& key, absl::Status nothing_stored);
  // After each write, back on the loop's thread: says what changed, and reads from where was written.
  void Settle(const Written& written);
  // Of each set once, until its mirror is written again.
  void WarnOfMirror(const SetKey& key, const absl::Status& mirrored);
  // On the pool's thread. Where the file turns out to be damaged, writes once more into a fresh one; where
  // none can be begun, nothing is written until one can.
  Written WriteOrReplace(const std::function<Written()>& write);
  absl::Status BeginAfresh();
  Written WritePass(PassRecord& record);
  absl::Status StoreState(const SetKey& key, const PolicyState& state);
  absl::Status StorePass(PassRecord& record);
  Written DeleteSet(const SetKey& key);

  DirectoryLock lock_;
  std::string data_dir_;
  std::string path_;
  Log& log_;
  SqliteStoreOptions options_;
  std::string owner_id_;
  std::map<SetKey, TrafficPoints> imported_traffic_;  // waits for the first commit of its set
  absl::StatusCode stored_ = absl::StatusCode::kOk;   // of the last write
  std::map<SetKey, std::string> mirror_warnings_;     // the last one logged
  bool reads_lost_file_ = false;
  SqliteDatabase reader_;          // of the loop's thread
  SqliteDatabase writer_;          // of the pool's thread
  std::optional<Loss> lost_;       // of the pool's thread; while set, writer_ is no longer the file at path_
  Mirror mirror_;                  // of the pool's thread
  std::map<SetKey, Known> known_;  // of the pool's thread; a failed write knows nothing
  absl::Time pruned_ = absl::InfinitePast();  // of the pool's thread
  asio::thread_pool pool_{1};                 // last: joined before what it uses goes away
};

}  // namespace placer
