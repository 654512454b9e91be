// FallbackStore: what `run` goes on with where the data directory does not let it store anything. Everything
// is kept in memory, so that passes decide and act as ever, and every Commit answers why nothing was stored:
// the condition StateStored stays False for as long as the program runs. After a restart the facts are
// rebuilt from the platform, as with any lost store.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/effects/store.h"

namespace placer {

class FallbackStore final : public Store {
 public:
  // `problem` is not ok: why nothing can be stored.
  explicit FallbackStore(absl::Status problem) : problem_(std::move(problem)) {}

  absl::StatusOr<PolicyState> Load(const std::string& policy, Mode mode) override;
  // Never ok, though the state is kept.
  Task<absl::Status> Commit(PassRecord record) override;
  // Ok: the pass may act, as memory holds its intents as safely as anything here can.
  Task<absl::Status> Save(std::string policy, Mode mode, PolicyState state) override;
  Task<absl::Status> Forget(std::string policy, Mode mode) override;
  absl::StatusOr<std::vector<Event>> RecentEvents(const std::string& policy, int limit) override;

 private:
  absl::Status problem_;
  MemoryStore memory_;
  // A caller whose pass was not stored hands all of its events over again: the last ones of each policy are
  // all there are.
  std::map<std::string, std::vector<Event>> events_;
};

}  // namespace placer
