// RecordingStore: a MemoryStore that shows each committed pass, and refuses on demand.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "controller/effects/store.h"

namespace placer {

class RecordingStore final : public Store {
 public:
  absl::Status commit_error;
  absl::Status load_error;
  std::function<void(const PassRecord&)> on_commit;  // of passes that are stored
  int commits = 0;                                   // attempts

  absl::StatusOr<PolicyState> Load(const std::string& policy, Mode mode) override {
    if (!load_error.ok()) return load_error;
    return memory_.Load(policy, mode);
  }
  Task<absl::Status> Commit(PassRecord record) override {
    ++commits;
    if (!commit_error.ok()) co_return commit_error;
    if (on_commit) on_commit(record);
    co_return co_await memory_.Commit(std::move(record));
  }
  Task<absl::Status> Forget(std::string policy, Mode mode) override {
    return memory_.Forget(std::move(policy), mode);
  }
  absl::StatusOr<std::vector<Event>> RecentEvents(const std::string& policy, int limit) override {
    return memory_.RecentEvents(policy, limit);
  }

 private:
  MemoryStore memory_;
};

}  // namespace placer
