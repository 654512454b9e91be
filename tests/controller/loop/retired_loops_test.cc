// Loops whose policy is gone: what they held is given back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/loop/loop_fixture.h"

namespace placer {
namespace {

class RetiredLoopsTest : public LoopFixture {
 protected:
  // How many hold m1's config, which whoever knows the machine shares: the loops, but not what the test
  // keeps.
  long CountHolders() const {
    const std::shared_ptr<const std::string>& config = machines_.machines.at("m1").config;
    long holders = config.use_count();
    for (const ScriptedReconciler::Question& question : reconciler_.questions()) {
      for (const Machine& machine : question.seen.machines) holders -= machine.config == config;
    }
    return holders;
  }
  // Brings the loop into a pass that takes two seconds.
  void BeginLongPass() {
    machines_.Add("m2", "ams");
    run_.RunUntil(run_.StatusOf().next_reconcile);
    machines_.hidden = {"m2"};
    machines_.before_get = [this]() -> Task<void> {
      co_await run_.clock().SleepUntil(run_.now() + absl::Seconds(2));
    };
    run_.RunUntil(run_.StatusOf().next_reconcile);
  }
};

TEST_F(RetiredLoopsTest, ALoopThatEndsAtOnceIsFreedThoughNoOtherEnds) {
  Apply({MakePolicy()});
  const long one = CountHolders();
  Apply({});
  EXPECT_LT(CountHolders(), one);
}

TEST_F(RetiredLoopsTest, ALoopThatEndsLaterIsFreedThen) {
  Apply({MakePolicy()});
  const long one = CountHolders();
  BeginLongPass();
  Apply({});
  EXPECT_GE(CountHolders(), one);
  run_.RunFor(absl::Seconds(3));
  EXPECT_LT(CountHolders(), one);
}

TEST_F(RetiredLoopsTest, ALoopThatItsSuccessorWaitedForIsFreedToo) {
  Apply({MakePolicy()});
  const long one = CountHolders();
  BeginLongPass();
  Apply({});
  Apply({MakePolicy()});
  machines_.hidden.clear();
  run_.RunFor(absl::Seconds(3));
  EXPECT_GE(run_.StatusOf().passes, 1);
  EXPECT_EQ(CountHolders(), one);
}

}  // namespace
}  // namespace placer
