// A real process, killed a hundred times at random moments while machines come and go: no machine twice, none
// left behind, nobody else's touched, never above a ceiling, never without a machine that serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/lab.h"

namespace placer::testing {
namespace {

using ::testing::IsEmpty;

constexpr int kKills = 100;
constexpr int kTotalMax = 4;
constexpr char kPolicy[] = R"(apiVersion: autoplacer.dev/v1
kind: PlacementPolicy
metadata: {name: web}
spec:
  app: demo
  mode: Active
  interval: 1s
  traffic: {resolution: 3s, delay: 2s, maxAge: 12s}
  threshold: {per: 3s, deploy: 20, remove: 4, shortWindow: 2, longWindow: 3, attribution: None}
  capacity: {maxCreatesPerHour: 1000, total: {max: 4}}
  behavior:
    scaleUp: {cooldown: 1s, maxActions: 4, per: 5s}
    scaleDown: {cooldown: 1s, stabilizationWindow: 0s, maxActions: 4, per: 5s, drainTimeout: 1s}
)";

class KillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Lab::HasServer(MetricsServer::kPrometheus)) GTEST_SKIP() << "prometheus is not installed";
    lab_ = std::make_unique<Lab>(MetricsServer::kPrometheus);
    const std::vector<std::string> busiest = lab_->FindBusiestRegions();
    ASSERT_GE(busiest.size(), 2u);
    here_ = busiest[0];
    there_ = busiest[1];
    for (const Machine& machine : lab_->world().machines()) foreign_.insert(machine.id);
    lab_->WriteFile("policy.yaml", kPolicy);
    lab_->StartMetricsServer();
  }

  void Judge() {
    std::set<std::string> names;
    int machines = 0;
    int healthy = 0;
    for (const Machine& machine : lab_->world().machines()) {
      if (!Exists(machine)) continue;
      ++machines;
      healthy += IsHealthy(machine);
      if (!names.insert(machine.name).second) Charge(absl::StrCat("twice: ", machine.name));
    }
    if (machines > kTotalMax) Charge(absl::StrCat(machines, " machines"));
    if (healthy < 1) Charge("no machine serves");
    const auto& writes = lab_->world().writes();
    for (; judged_ < writes.size(); ++judged_) {
      const flysim::WriteRecord& write = writes[judged_];
      if (write.ok && write.kind != "set_metadata" && foreign_.contains(write.machine_id)) {
        Charge(absl::StrCat(write.kind, " of a foreign machine"));
      }
    }
  }
  void Charge(std::string crime) {
    if (crimes_.size() < 10) crimes_.push_back(std::move(crime));
  }
  bool WaitFor(const std::function<bool()>& condition) {
    return lab_->WaitFor([&] {
      Judge();
      return condition();
    });
  }
  int CountMachines(const std::string& region) {
    int count = 0;
    for (const Machine& machine : lab_->world().machines())
      count += machine.region == region && IsHealthy(machine);
    return count;
  }
  // Ours that are there and do not serve.
  int CountIdle() {
    int count = 0;
    for (const Machine& machine : lab_->world().machines()) {
      count += IsMadeBy(machine, "web") && Exists(machine) && !IsHealthy(machine);
    }
    return count;
  }

  std::unique_ptr<Lab> lab_;
  std::string here_;
  std::string there_;
  std::set<std::string> foreign_;
  std::vector<std::string> crimes_;
  std::size_t judged_ = 0;
};

TEST_F(KillTest, AHundredKillsAtRandomMomentsLeaveNothingWrong) {
  std::mt19937 random(20260707);
  lab_->OnlyTrafficIn({here_});
  lab_->StartController(lab_->PathOf("policy.yaml"));
  ASSERT_TRUE(WaitFor([&] { return CountMachines(here_) == 1; })) << lab_->Describe();

  int created = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    // Every few kills the traffic moves, so that there is always something under way.
    if (kill % 20 == 0) lab_->OnlyTrafficIn({kill % 40 == 0 ? there_ : here_});
    const absl::Time moment = absl::Now() + absl::Milliseconds(100 + static_cast<int>(random() % 1800));
    WaitFor([&] { return absl::Now() >= moment; });
    lab_->controller().Signal(SIGKILL);
    ASSERT_TRUE(WaitFor([&] { return !lab_->controller().IsRunning(); }));
    lab_->StartController(lab_->PathOf("policy.yaml"));
  }
  lab_->OnlyTrafficIn({there_});
  EXPECT_TRUE(WaitFor([&] {
    return CountMachines(there_) == 1 && CountMachines(here_) == 0 && CountIdle() == 0;
  })) << lab_->Describe();
  for (const flysim::WriteRecord& write : lab_->world().writes())
    created += write.kind == "create" && write.ok;
  std::cout << kKills << " kills, " << created << " machines made, " << lab_->world().writes().size()
            << " writes, " << lab_->world().totals().dropped << " requests dropped\n";
  EXPECT_GE(created, 2);
  EXPECT_GE(lab_->world().writes().size(), 20u);
  EXPECT_THAT(crimes_, IsEmpty()) << lab_->Describe();
  EXPECT_EQ(lab_->world().totals().dropped, 0);
}

}  // namespace
}  // namespace placer::testing
