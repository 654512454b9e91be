#include "controller/store/fallback_store.h"

#include <algorithm>
#include <iterator>

namespace placer {

absl::StatusOr<PolicyState> FallbackStore::Load(const std::string& policy, Mode mode) {
  return memory_.Load(policy, mode);
}

Task<absl::Status> FallbackStore::Commit(PassRecord record) {
  events_[record.policy] = std::exchange(record.events, {});
  const absl::Status kept = co_await memory_.Commit(std::move(record));
  co_return kept.ok() ? problem_ : kept;
}

Task<absl::Status> FallbackStore::Save(std::string policy, Mode mode, PolicyState state) {
  return memory_.Save(std::move(policy), mode, std::move(state));
}

Task<absl::Status> FallbackStore::Forget(std::string policy, Mode mode) {
  return memory_.Forget(std::move(policy), mode);
}

absl::StatusOr<std::vector<Event>> FallbackStore::RecentEvents(const std::string& policy, int limit) {
  std::vector<Event> newest;
  for (const auto& [name, events] : events_) {
    if (!policy.empty() && name != policy) continue;
    std::vector<Event> merged;
    std::merge(newest.begin(), newest.end(), events.rbegin(), events.rend(), std::back_inserter(merged),
               [](const Event& a, const Event& b) { return a.time > b.time; });
    // Each time, or many policies would be merged with all that came before.
    if (std::ssize(merged) > limit) merged.resize(static_cast<std::size_t>(std::max(limit, 0)));
    newest = std::move(merged);
  }
  return newest;
}

}  // namespace placer
