// RecordingStore: a MemoryStore that shows each committed pass and each saved state, and refuses on demand.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "controller/effects/store.h"

namespace placer {

class RecordingStore final : public Store {
 public:
  absl::Status commit_error;  // also of Save
  absl::Status load_error;
  std::function<void(const PassRecord&)> on_commit;  // of passes that are stored
  std::function<void(const std::string& policy, Mode mode, const PolicyState&)>
      on_save;  // of states that are stored before a pass acts
  // Run before and after each attempt, if set; one that never comes back is a kill at that moment.
  std::function<Task<void>()> before_write;
  std::function<Task<void>()> after_write;
  int commits = 0;  // attempts

  absl::StatusOr<PolicyState> Load(const std::string& policy, Mode mode) override {
    if (!load_error.ok()) return load_error;
    return memory_.Load(policy, mode);
  }
  Task<absl::Status> Commit(PassRecord record) override {
    ++commits;
    if (before_write) co_await before_write();
    if (!commit_error.ok()) co_return commit_error;
    if (on_commit) on_commit(record);
    const absl::Status stored = co_await memory_.Commit(std::move(record));
    if (after_write) co_await after_write();
    co_return stored;
  }
  Task<absl::Status> Save(std::string policy, Mode mode, PolicyState state) override {
    if (before_write) co_await before_write();
    if (!commit_error.ok()) co_return commit_error;
    if (on_save) on_save(policy, mode, state);
    const absl::Status stored = co_await memory_.Save(std::move(policy), mode, std::move(state));
    if (after_write) co_await after_write();
    co_return stored;
  }
  Task<absl::Status> Forget(std::string policy, Mode mode) override {
    return memory_.Forget(std::move(policy), mode);
  }
  absl::StatusOr<std::vector<Event>> RecentEvents(const std::string& policy, int limit) override {
    return memory_.RecentEvents(policy, limit);
  }
  // The disk is gone; an empty one takes its place.
  void Lose() { memory_ = MemoryStore(); }

 private:
  MemoryStore memory_;
};

}  // namespace placer
