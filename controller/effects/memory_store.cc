#include <utility>

#include "controller/effects/store.h"

namespace placer {
namespace {

constexpr std::size_t kMaxEvents = 1000;

}  // namespace

absl::StatusOr<PolicyState> MemoryStore::Load(const std::string& policy, Mode mode) {
  const auto found = states_.find({policy, mode});
  if (found == states_.end()) return absl::NotFoundError("nothing is stored yet for policy " + policy);
  return found->second;
}

Task<absl::Status> MemoryStore::Commit(PassRecord record) {
  states_.insert_or_assign({record.policy, record.mode}, std::move(record.state));
  events_.insert(events_.end(), record.events.begin(), record.events.end());
  if (events_.size() > kMaxEvents) {
    events_.erase(events_.begin(),
                  events_.begin() + static_cast<std::ptrdiff_t>(events_.size() - kMaxEvents));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> MemoryStore::Save(std::string policy, Mode mode, PolicyState state) {
  states_.insert_or_assign({std::move(policy), mode}, std::move(state));
  co_return absl::OkStatus();
}

Task<absl::Status> MemoryStore::Forget(std::string policy, Mode mode) {
  states_.erase({policy, mode});
  co_return absl::OkStatus();
}

absl::StatusOr<std::vector<Event>> MemoryStore::RecentEvents(const std::string& policy, int limit) {
  std::vector<Event> newest;
  for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
    if (std::ssize(newest) >= limit) break;
    if (policy.empty() || event->policy == policy) newest.push_back(*event);
  }
  return newest;
}

}  // namespace placer
