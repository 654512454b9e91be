// ReadOnlyMachines: the platform as a pass of our own may see it. It reads, remembers each app's list for the
// adoption report, and refuses every change: whatever a pass decides, `plan` touches nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/effects/forwarding_machines.h"

namespace placer {

class ReadOnlyMachines final : public ForwardingMachines {
 public:
  using ForwardingMachines::ForwardingMachines;

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override {
    absl::StatusOr<std::vector<Machine>> list = co_await ForwardingMachines::List(app);
    if (list.ok()) lists_[app] = *list;
    co_return list;
  }

  // As last listed; empty before.
  const std::vector<Machine>& list(const std::string& app) { return lists_[app]; }

 private:
  // FailedPrecondition for all but reads.
  Task<absl::Status> Intercept(MachinesCall call, Forward forward) override {
    if (call.kind == MachinesCall::Kind::kRead) co_return co_await forward();
    co_return WithScope(absl::FailedPreconditionError("a single pass changes nothing"), ErrorScope::kRefused);
  }

  std::map<std::string, std::vector<Machine>> lists_;
};

}  // namespace placer
