// Whether another controller runs beside us, as the observer sees it when the policy turns to another app.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/effects/forwarding_machines.h"
#include "controller/observer.h"
#include "tests/simulated/fake_machines.h"
#include "tests/simulated/fake_traffic.h"
#include "tests/simulated/virtual_run.h"

namespace placer {
namespace {

// Lists of several apps; any other app may not be asked for.
class MachinesOfApps final : public ForwardingMachines {
 public:
  using ForwardingMachines::ForwardingMachines;
  std::map<std::string, std::vector<Machine>> apps;

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override {
    const auto found = apps.find(app);
    if (found == apps.end()) co_return absl::PermissionDeniedError("this token may not ask");
    co_return found->second;
  }

 private:
  Task<absl::Status> Intercept(MachinesCall, Forward forward) override { co_return co_await forward(); }
};

class SiblingTest : public ::testing::Test {
 protected:
  SiblingTest() {
    machines_.apps["demo"] = {MakeMachine("self1", "fra"), MakeMachine("self2", "fra")};
    machines_.apps["shop"] = {MakeMachine("a", "fra")};
    machines_.apps["blog"] = {MakeMachine("b", "fra")};
  }
  std::string SiblingBeside(const std::string& app) {
    PlacementPolicy policy = MakePolicy();
    policy.app = app;
    std::map<std::string, std::string> last_seen;
    time_.Await(observer_.Observe(policy, last_seen));
    return observer_.seen().self.sibling;
  }

  FakeMachines none_;
  MachinesOfApps machines_{none_};
  FakeTraffic traffic_;
  NullLog log_;
  VirtualTime time_;
  PlatformSource platform_{time_.clock(), machines_, log_, {}};
  Observer observer_{time_.clock(), machines_, traffic_, platform_, {.machine_id = "self1"}, "demo"};
};

TEST_F(SiblingTest, OfAnotherAppIsForgottenWithIt) {
  EXPECT_EQ(SiblingBeside("demo"), "self2");
  machines_.apps.erase("demo");  // whether it still runs is not known any more
  EXPECT_EQ(SiblingBeside("shop"), "");
}

TEST_F(SiblingTest, IsLookedForAtOnceWhereTheAppChanges) {
  EXPECT_EQ(SiblingBeside("shop"), "self2");
  EXPECT_EQ(SiblingBeside("blog"), "self2");
}

TEST_F(SiblingTest, IsNotLookedForInEveryPass) {
  EXPECT_EQ(SiblingBeside("shop"), "self2");
  machines_.apps["demo"].pop_back();
  EXPECT_EQ(SiblingBeside("shop"), "self2");
  time_.RunFor(absl::Minutes(5));
  EXPECT_EQ(SiblingBeside("shop"), "");
}

}  // namespace
}  // namespace placer
