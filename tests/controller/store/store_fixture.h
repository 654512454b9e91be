// A data directory of its own, a log that remembers, and builders with defaults for the store's tests.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/store/sqlite_store.h"
#include "tests/simulated/capturing_log.h"
#include "tests/simulated/temporary_folder.h"

namespace placer {

// 2026-11-24T22:46:12Z
inline absl::Time At(double seconds = 0) {
  return absl::FromUnixSeconds(1795560372) + absl::Seconds(seconds);
}

inline PassRecord MakeRecord(std::string policy = "web", Mode mode = Mode::kDryRun) {
  PassRecord record;
  record.policy = std::move(policy);
  record.mode = mode;
  record.decision.time = At();
  return record;
}

inline RegionDecision MakeRegionDecision(std::string region, Reason reason, Action action = Action::kNone,
                                         int target = 0) {
  RegionDecision decision;
  decision.region = std::move(region);
  decision.action = action;
  decision.reason = reason;
  decision.target = target;
  return decision;
}

// No file may grow as long as it lives.
class FullDisk {
 public:
  explicit FullDisk(std::uintmax_t bytes) : previous_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &unlimited_);
    const rlimit full{.rlim_cur = bytes, .rlim_max = unlimited_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &unlimited_);
    std::signal(SIGXFSZ, previous_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit unlimited_{};
  void (*previous_)(int);
};

class StoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> Open(std::string flat_policy = "") {
    auto store =
        SqliteStore::Open(folder_.path(), log_, {.flat_policy = flat_policy, .now = [] { return At(); }});
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  absl::Status Await(Task<absl::Status> task) {
    std::optional<absl::Status> result;
    asio::io_context io(1);
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, absl::Status status) {
      ASSERT_FALSE(error);
      result = std::move(status);
    });
    io.run();
    return result.value_or(absl::InternalError("the task did not end"));
  }
  absl::Status Commit(SqliteStore& store, PassRecord record) {
    return Await(store.Commit(std::move(record)));
  }

  std::string Path(const std::string& file) const { return folder_.PathOf(file); }
  void WriteFile(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(Path(file)).parent_path());
    std::ofstream(Path(file), std::ios::binary) << text;
  }
  std::string ReadFile(const std::string& file) const {
    std::ifstream in(Path(file), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  // File names in the data directory that begin like this, sorted.
  std::vector<std::string> FilesLike(const std::string& prefix) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (name.rfind(prefix, 0) == 0) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  void Sql(const std::string& statements) const {
    auto database = SqliteDatabase::Open(Path("autoplacer.db"));
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status done = database->Execute(statements);
    ASSERT_TRUE(done.ok()) << done;
  }

  // Of the dry run of "web"; an empty region means all.
  absl::StatusOr<std::vector<StoredDecision>> StoredDecisions(const std::string& region = "") const {
    auto database = SqliteDatabase::Open(Path("autoplacer.db"));
    if (!database.ok()) return database.status();
    return ReadRecentDecisions(*database, {.policy = "web", .mode = Mode::kDryRun}, region, 10);
  }
  absl::StatusOr<TrafficPoints> StoredTraffic(const std::string& policy = "web") const {
    auto database = SqliteDatabase::Open(Path("autoplacer.db"));
    if (!database.ok()) return database.status();
    return ReadRecentTraffic(*database, {.policy = policy, .mode = Mode::kDryRun}, 10);
  }

  TemporaryFolder folder_;
  CapturingLog log_;
};

}  // namespace placer
