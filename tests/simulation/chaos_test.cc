// Everything at once: answers that are lost, lists that are old, errors, slow calls, stock-outs, traffic that
// changes its mind, two controllers where there must be one, and kills at random moments. First safety: under
// all of it none of the zeros is broken. Then liveness: the faults stop, and the placement gets to its
// target.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_join.h"
#include "tests/simulation/stage.h"

namespace placer {
namespace {

#ifdef NDEBUG
constexpr int kSeeds = 20;
#else
constexpr int kSeeds = 4;  // builds without optimization take too long for all
#endif
constexpr std::size_t kWritesPerSeed = 1000;

class Chaos {
 public:
  explicit Chaos(int seed) : bits_(static_cast<std::uint64_t>(seed) * 104729 + 7), stage_(MakeOptions(seed)) {
    stage_.Add("controller-1");
    stage_.Add("controller-2");
  }

  std::string Play() {
    SetTraffic();
    flysim::Faults faults{.lost_replies = 0.3,
                          .errors = 0.1,
                          .delay_max = absl::Seconds(Between(0, 3)),
                          .list_age_min = absl::Seconds(2),
                          .list_age_max = absl::Seconds(60)};
    stage_.world().SetFaults(faults);
    stage_.RunFor(absl::Minutes(2));
    for (std::size_t i = 0; i < 2; ++i) stage_.Start(stage_.actor(i));
    const absl::Time begun = stage_.now();
    while (CountWrites() < kWritesPerSeed) {
      if (stage_.now() - begun > absl::Hours(72)) return Fail("too few writes in three days");
      Stir();
      stage_.RunFor(absl::Seconds(Between(1, 20)));
      if (!stage_.judge().crimes().empty()) return Fail("under faults");
    }
    hours_ = absl::ToDoubleHours(stage_.now() - begun);
    return Calm();
  }

  std::size_t CountWrites() { return stage_.world().writes().size(); }
  double hours() const { return hours_; }
  absl::Duration calmed_in() const { return calmed_in_; }

 private:
  bool Chance(double probability) { return static_cast<double>(bits_() >> 11) * 0x1.0p-53 < probability; }
  int Between(int low, int high) { return low + static_cast<int>(bits_() % (high - low + 1)); }

  StageOptions MakeOptions(int seed) {
    StageOptions options{.seed = static_cast<std::uint64_t>(seed) + 1};
    PlacementPolicy& policy = options.policy;
    policy.adopt = seed % 4 == 3 ? Adopt::kAll : Adopt::kCreated;
    policy.capacity.total_max = Between(3, 5);
    policy.capacity.total_min = Between(1, 2);
    policy.capacity.per_region_max = 1;
    policy.behavior.method = seed % 5 == 4 ? RemovalMethod::kStop : RemovalMethod::kDestroy;
    if (seed % 3 == 0) policy.regions.always_running = {"fra"};
    options.initial_regions = {"fra", "ams"};
    return options;
  }
  void SetTraffic() {
    levels_.clear();
    for (const char* region : {"ams", "fra", "iad", "nrt", "syd", "gru"}) {
      if (Chance(0.4)) levels_[region] = 100 * Between(1, 9);
    }
    stage_.SetTraffic(levels_);
  }
  void Stir() {
    if (Chance(0.15)) SetTraffic();
    for (std::size_t i = 0; i < 2; ++i) {
      Actor& actor = stage_.actor(i);
      if (actor.run.is_running()) {
        if (!Chance(0.04)) continue;
        actor.run.Kill();
        up_at_[i] = stage_.now() + (Chance(0.2) ? absl::Minutes(12) : absl::Seconds(Between(0, 60)));
      } else if (stage_.now() >= up_at_[i]) {
        stage_.Start(actor);
      }
    }
    if (Chance(0.02)) stage_.world().SetCapacity("iad", Chance(0.5) ? std::optional<int>(0) : std::nullopt);
  }

  // Liveness.
  std::string Calm() {
    stage_.world().SetFaults({});
    stage_.world().SetCapacity("iad", std::nullopt);
    levels_ = {{"fra", 300}, {"nrt", 900}};
    stage_.SetTraffic(levels_);
    for (std::size_t i = 0; i < 2; ++i) {
      if (!stage_.actor(i).run.is_running()) stage_.Start(stage_.actor(i));
    }
    const absl::Time since = stage_.now();
    int calm = 0;
    std::size_t writes = 0;
    while (calm < 150) {
      if (stage_.now() - since > absl::Hours(3)) return Fail("no rest within three hours without faults");
      stage_.RunFor(absl::Seconds(5));
      const bool quiet = CountWrites() == writes && IsInPlace();
      writes = CountWrites();
      calm = quiet ? calm + 1 : 0;
    }
    calmed_in_ = stage_.now() - since;
    stage_.judge().LookAtRest();
    return stage_.judge().crimes().empty() ? "" : Fail("at rest");
  }
  // What must serve serves, and nothing of ours is anywhere else.
  bool IsInPlace() {
    const std::map<std::string, int> serving = stage_.Serving();
    if (!serving.contains("fra") || !serving.contains("nrt")) return false;
    for (const Machine& machine : stage_.world().machines()) {
      if (IsMadeBy(machine, stage_.policy().name) && !IsParked(machine) &&
          !levels_.contains(machine.region) &&
          static_cast<int>(serving.size()) > stage_.policy().capacity.total_min) {
        return false;
      }
    }
    for (std::size_t i = 0; i < 2; ++i) {
      if (!stage_.actor(i).run.StatusOf().intents.empty()) return false;
    }
    return true;
  }
  std::string Fail(const std::string& what) {
    const PlacementPolicy& policy = stage_.policy();
    return absl::StrCat(what, ": ", absl::StrJoin(stage_.judge().crimes(), "; "),
                        "\noptions: ", ToString(policy.adopt), " ", ToString(policy.behavior.method),
                        " total ", policy.capacity.total_min, "..", policy.capacity.total_max, " writes ",
                        CountWrites(), "\n", stage_.Story());
  }

  std::mt19937_64 bits_;
  Stage stage_;
  std::map<std::string, double> levels_;
  absl::Time up_at_[2] = {absl::InfinitePast(), absl::InfinitePast()};
  double hours_ = 0;
  absl::Duration calmed_in_;
};

class ChaosTest : public testing::TestWithParam<int> {};

TEST_P(ChaosTest, BreaksNoRuleAndComesToRestAfterwards) {
  Chaos chaos(GetParam());
  EXPECT_EQ(chaos.Play(), "") << "seed " << GetParam();
  std::cout << "seed " << GetParam() << ": " << chaos.CountWrites() << " writes in " << chaos.hours()
            << " hours, at rest after " << absl::FormatDuration(chaos.calmed_in()) << "\n";
}

INSTANTIATE_TEST_SUITE_P(Seeds, ChaosTest, testing::Range(0, kSeeds));

}  // namespace
}  // namespace placer
