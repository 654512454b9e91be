#include "api/status.h"

#include <utility>

namespace placer {

void AddRecentAction(PolicyStatus& status, RecentAction action) {
  constexpr std::size_t kMost = 50;
  status.recent_actions.insert(status.recent_actions.begin(), std::move(action));
  if (status.recent_actions.size() > kMost) status.recent_actions.resize(kMost);
}

void SetCondition(std::vector<Condition>& conditions, Condition condition) {
  for (Condition& existing : conditions) {
    if (existing.type != condition.type) continue;
    if (existing.status == condition.status) condition.last_transition = existing.last_transition;
    existing = std::move(condition);
    return;
  }
  conditions.push_back(std::move(condition));
}

const Condition* FindCondition(const std::vector<Condition>& conditions, const std::string& type) {
  for (const Condition& condition : conditions) {
    if (condition.type == type) return &condition;
  }
  return nullptr;
}

}  // namespace placer
