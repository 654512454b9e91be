// Everything that can go wrong with the measuring, in apps of every size: nothing of it removes a machine,
// neither while it lasts nor while it heals. True silence does, in time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "tests/simulation/faulty_traffic.h"
#include "tests/simulation/scene.h"

namespace placer {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

enum class Load {
  kIdle,  // its traffic placed the regions an hour ago and lies within the band now
  kBusy,
};

// Of the last pass before the fault ends.
struct Expected {
  Evidence whole;
  Evidence region;  // of the first region that traffic placed
};

struct FaultRow {
  Fault fault;
  std::string name;
  Expected briefly;    // half a long window
  Expected at_length;  // longer than the long window and stabilization together
  Evidence after;      // of the whole, three data points after the end
};

constexpr Evidence kFresh = Evidence::kFresh;
constexpr Evidence kMissing = Evidence::kMissing;
constexpr Evidence kStale = Evidence::kStale;
constexpr Evidence kRecovering = Evidence::kRecovering;
constexpr Evidence kCollapsed = Evidence::kCollapsed;

const std::array kFaults = {
    FaultRow{Fault::kNone, "Nothing", {kFresh, kFresh}, {kFresh, kFresh}, kFresh},
    FaultRow{Fault::kServerError, "ServerError", {kMissing, kMissing}, {kMissing, kMissing}, kFresh},
    FaultRow{Fault::kUnauthorized, "Unauthorized", {kMissing, kMissing}, {kMissing, kMissing}, kFresh},
    FaultRow{Fault::kTimeout, "Timeout", {kMissing, kMissing}, {kMissing, kMissing}, kFresh},
    FaultRow{Fault::kEmpty, "Empty", {kMissing, kMissing}, {kMissing, kMissing}, kFresh},
    FaultRow{Fault::kNan, "Nan", {kFresh, kMissing}, {kFresh, kMissing}, kFresh},
    FaultRow{Fault::kFrozen, "AllZero", {kCollapsed, kCollapsed}, {kCollapsed, kCollapsed}, kRecovering},
    FaultRow{Fault::kHalfGone, "HalfTheRegions", {kFresh, kCollapsed}, {kFresh, kCollapsed}, kFresh},
    FaultRow{Fault::kStale, "Stale", {kStale, kStale}, {kMissing, kMissing}, kFresh},
    FaultRow{Fault::kCounterReset, "CounterReset", {kFresh, kFresh}, {kFresh, kFresh}, kFresh},
    FaultRow{Fault::kProxyFlip, "ProxyFlip", {kFresh, kFresh}, {kFresh, kFresh}, kFresh},
    FaultRow{Fault::kRamp, "RecoveryRamp", {kStale, kStale}, {kMissing, kMissing}, kRecovering},
};

// fra always runs and has a little traffic of its own, so that every region that traffic placed is free to
// leave.
class FaultyApp {
 public:
  FaultyApp(int regions, Load load) : scene_(Options(regions)), traffic_(Regions(regions), LevelOf(load)) {
    scene_.platform().alter_traffic = [this](const Traffic& grid) {
      return traffic_.Answer(grid, scene_.run().now());
    };
    scene_.on_pass = [this](const PassRecord& record) {
      last_ = record.decision;
      for (const RegionDecision& region : record.decision.regions) {
        if (region.action == Action::kRemove) removals_.emplace_back(record.decision.time);
      }
    };
    scene_.run().RunUntil(Onset() - absl::Seconds(1));
  }

  static absl::Time Onset() { return VirtualStart() + absl::Minutes(80); }

  void Break(Fault fault, absl::Duration length) { traffic_.Break(fault, Onset(), length); }
  void RunUntil(absl::Time until) { scene_.run().RunUntil(until); }

  Evidence whole() const { return last_.evidence; }
  Evidence EvidenceOf(const std::string& code) const {
    for (const RegionDecision& region : last_.regions) {
      if (region.region == code) return region.evidence;
    }
    return Evidence::kMissing;
  }
  const std::vector<absl::Time>& removals() const { return removals_; }
  Placement Shadow() { return scene_.run().StatusOf().shadow; }
  const PlacementPolicy& policy() const { return scene_.policy(); }

 private:
  static std::vector<std::string> Regions(int count) {
    std::vector<std::string> regions = {"fra", "iad", "nrt", "syd", "gru", "sin"};
    regions.resize(count + 1);
    return regions;
  }
  static SceneOptions Options(int regions) {
    SceneOptions options{.policy = MakePolicy(), .requests_per_second = 0.01};
    options.policy.adopt = Adopt::kAll;
    options.policy.regions.allowed = Regions(regions);
    options.policy.regions.allowed.erase(options.policy.regions.allowed.begin());
    options.policy.regions.always_running = {"fra"};
    options.initial_regions = Regions(regions);
    return options;
  }
  // Per minute, where 10 place a region and 2 leave it.
  static FaultyTraffic::Level LevelOf(Load load) {
    return [load](const std::string& region, absl::Time end) {
      if (region == "fra") return 2.0;
      return load == Load::kBusy || end < VirtualStart() + absl::Minutes(20) ? 60.0 : 5.5;
    };
  }

  Scene scene_;
  FaultyTraffic traffic_;
  Decision last_;
  std::vector<absl::Time> removals_;
};

std::string NameOf(int regions, Load load) {
  return absl::StrCat(regions, regions == 1 ? "Region" : "Regions", load == Load::kIdle ? "Idle" : "Busy");
}

using Cell = std::tuple<FaultRow, int, Load, int>;  // fault, regions, load, minutes

class FaultMatrix : public ::testing::TestWithParam<Cell> {};

TEST_P(FaultMatrix, RemovesNothingWhileItLastsNorWhileItHeals) {
  const auto& [row, regions, load, minutes] = GetParam();
  FaultyApp app(regions, load);
  app.Break(row.fault, absl::Minutes(minutes));
  const absl::Time end = FaultyApp::Onset() + absl::Minutes(minutes);
  app.RunUntil(end - absl::Seconds(1));
  const Expected& expected = minutes == 10 ? row.briefly : row.at_length;
  EXPECT_EQ(app.whole(), expected.whole) << ToString(app.whole());
  EXPECT_EQ(app.EvidenceOf("iad"), expected.region) << ToString(app.EvidenceOf("iad"));
  app.RunUntil(end + app.policy().traffic.delay + absl::Minutes(3));
  EXPECT_EQ(app.whole(), row.after) << ToString(app.whole());
  app.RunUntil(end + absl::Minutes(70));
  EXPECT_THAT(app.removals(), IsEmpty());
  EXPECT_THAT(app.Shadow(), SizeIs(regions + 1));
  EXPECT_EQ(app.whole(), Evidence::kFresh);
  EXPECT_EQ(app.EvidenceOf("iad"), Evidence::kFresh);
}

std::string NameOfCell(const ::testing::TestParamInfo<Cell>& cell) {
  const auto& [row, regions, load, minutes] = cell.param;
  return absl::StrCat(row.name, NameOf(regions, load), minutes, "Minutes");
}

INSTANTIATE_TEST_SUITE_P(Cells, FaultMatrix,
                         ::testing::Combine(::testing::ValuesIn(kFaults), ::testing::Values(1, 2, 5),
                                            ::testing::Values(Load::kIdle, Load::kBusy),
                                            ::testing::Values(10, 30)),
                         NameOfCell);

using SilentCell = std::tuple<Fault, int, Load>;

class TrueSilence : public ::testing::TestWithParam<SilentCell> {
 protected:
  TrueSilence() : app_(std::get<1>(GetParam()), std::get<2>(GetParam())) {
    app_.Break(std::get<0>(GetParam()), absl::Hours(24));
  }

  FaultyApp app_;
};

TEST_P(TrueSilence, RemovesTheFirstInTimeAndTheOthersOneByOne) {
  app_.RunUntil(FaultyApp::Onset() + absl::Hours(1));
  const PlacementPolicy& policy = app_.policy();
  const ScalingBehavior& down = policy.behavior.scale_down;
  const absl::Duration resolution = policy.traffic.resolution;
  ASSERT_THAT(app_.removals(), SizeIs(std::get<1>(GetParam())));
  EXPECT_EQ(app_.Shadow(), (Placement{{"fra", 1}}));
  EXPECT_LE(app_.removals()[0] - FaultyApp::Onset(), resolution * policy.threshold.long_window +
                                                         down.stabilization_window + policy.traffic.delay +
                                                         2 * resolution + policy.interval);
  EXPECT_GE(app_.removals()[0] - FaultyApp::Onset(), down.stabilization_window);
  for (std::size_t i = 1; i < app_.removals().size(); ++i) {
    EXPECT_GE(app_.removals()[i] - app_.removals()[i - 1], down.per);
    EXPECT_LE(app_.removals()[i] - app_.removals()[i - 1], down.per + resolution + 2 * policy.interval);
  }
}

TEST_P(TrueSilence, EverythingAtOnceIsDoubtedForTwoShortWindowsWhereThreeRegionsFell) {
  const bool doubted = std::get<1>(GetParam()) + 1 >= 3;  // fra fell too
  const absl::Time seen = FaultyApp::Onset() + app_.policy().traffic.delay + absl::Seconds(20);
  app_.RunUntil(seen + absl::Minutes(5));
  EXPECT_EQ(app_.whole(), doubted ? Evidence::kCollapsed : Evidence::kFresh) << ToString(app_.whole());
  app_.RunUntil(seen + absl::Minutes(2 * app_.policy().threshold.short_window + 1));
  EXPECT_EQ(app_.whole(), Evidence::kFresh) << ToString(app_.whole());
}

std::string NameOfSilentCell(const ::testing::TestParamInfo<SilentCell>& cell) {
  const auto& [fault, regions, load] = cell.param;
  return absl::StrCat(fault == Fault::kSilence ? "Silent" : "Unheard", NameOf(regions, load));
}

// The second row is a fault that nothing gives away: without the machines' own word it cannot be told from
// silence.
INSTANTIATE_TEST_SUITE_P(Cells, TrueSilence,
                         ::testing::Combine(::testing::Values(Fault::kSilence, Fault::kFrozenUnheard),
                                            ::testing::Values(1, 2, 5),
                                            ::testing::Values(Load::kIdle, Load::kBusy)),
                         NameOfSilentCell);

}  // namespace
}  // namespace placer
