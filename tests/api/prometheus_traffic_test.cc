#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "api/prometheus_api.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kNone = -1e300;  // no sample at this point

// Four points of a minute, ending at 04:00.
class TrafficTest : public testing::Test {
 protected:
  TrafficTest() {
    policy_.app = "web";
    policy_.threshold.short_window = 2;
    policy_.threshold.long_window = 20;
    answer_.type = QueryAnswer::Type::kMatrix;
  }

  void Add(std::map<std::string, std::string> labels, const std::vector<double>& values) {
    Series series{.labels = std::move(labels)};
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != kNone)
        series.samples.push_back({.time = PointAt(static_cast<int>(i), values.size()), .value = values[i]});
    }
    answer_.series.push_back(series);
  }
  absl::Time PointAt(int index, std::size_t points) const {
    return end_ - (static_cast<int>(points) - 1 - index) * policy_.traffic.resolution;
  }
  absl::StatusOr<Traffic> Make(int points = 4) const { return MakeTraffic(policy_, answer_, end_, points); }

  absl::Time end_ = absl::FromUnixSeconds(240);
  PlacementPolicy policy_;
  QueryAnswer answer_;
};

TEST_F(TrafficTest, ValuesLieOnTheirPointsAndAbsentOnesAreNoZero) {
  Add({{"region", "fra"}}, {kNone, 5, kNone, 7});
  Add({{"witness", "traffic"}}, {4, 4, 4, 4});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->regions.at("fra"), ElementsAre(std::nullopt, 5, std::nullopt, 7));
  EXPECT_EQ(traffic->points, 4);
  EXPECT_EQ(traffic->end, end_);
}

TEST_F(TrafficTest, APointIsWitnessedOnlyWhereSamplesWereCounted) {
  Add({{"witness", "traffic"}}, {3, kNone, 0, std::nan("")});
  Add({{"witness", "instance"}}, {kNone, 1, 2, 0});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->witnessed, ElementsAre(true, false, false, false));
  EXPECT_THAT(traffic->instance_up, ElementsAre(false, true, true, false));
}

TEST_F(TrafficTest, AFalseZeroAtAGapsEdgeIsDropped) {
  Add({{"region", "syd"}}, {8, 0, kNone, 9});
  Add({{"witness", "traffic"}}, {4, kNone, kNone, 4});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->regions.at("syd"), ElementsAre(8, std::nullopt, std::nullopt, 9));
}

TEST_F(TrafficTest, NanAndInfinityAreKept) {
  Add({{"region", "fra"}}, {std::nan(""), std::numeric_limits<double>::infinity(), 1, 1});
  Add({{"witness", "traffic"}}, {1, 1, 1, 1});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_TRUE(std::isnan(*traffic->regions.at("fra")[0]));
  EXPECT_TRUE(std::isinf(*traffic->regions.at("fra")[1]));
}

TEST_F(TrafficTest, TrafficWithoutARegionIsIgnoredWithAWarning) {
  Add({}, {1, 1, 1, 1});
  Add({{"region", ""}, {"x", "y"}}, {1, 1, 1, 1});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->regions, IsEmpty());
  EXPECT_THAT(traffic->warnings, testing::Contains(HasSubstr("without a `region` label")));
}

TEST_F(TrafficTest, PartialAnswersAndWarningsPassThrough) {
  answer_.partial = true;
  answer_.warnings = {"remote read failed"};
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_TRUE(traffic->partial_answer);
  EXPECT_THAT(traffic->warnings, ElementsAre("remote read failed"));
}

TEST_F(TrafficTest, AQueryWitnessesNothingWhereItHasNoNumber) {
  policy_.traffic.source = TrafficSource::kQuery;
  Add({{"region", "fra"}}, {1, std::nan(""), std::numeric_limits<double>::infinity(), std::nan("")});
  Add({{"region", "iad"}}, {kNone, kNone, kNone, 0});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->witnessed, ElementsAre(true, false, false, true));
}

TEST_F(TrafficTest, AQueryWitnessesWhereverAnyRegionHasAValue) {
  policy_.traffic.source = TrafficSource::kQuery;
  Add({{"region", "fra"}}, {1, kNone, kNone, kNone});
  Add({{"region", "iad"}}, {kNone, kNone, 0, kNone});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->witnessed, ElementsAre(true, false, true, false));
  EXPECT_THAT(traffic->regions.at("iad"), ElementsAre(std::nullopt, std::nullopt, 0, std::nullopt));
}

TEST_F(TrafficTest, AQueryWithoutARegionLabelIsRefused) {
  policy_.traffic.source = TrafficSource::kQuery;
  Add({{"host", "a"}}, {1, 1, 1, 1});
  EXPECT_EQ(Make().status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Make().status().message(), HasSubstr("a Query must return one series per `region` label"));
}

TEST_F(TrafficTest, ARegionThatComesTwiceIsRefused) {
  Add({{"region", "fra"}, {"status", "200"}}, {1, 1, 1, 1});
  Add({{"region", "fra"}, {"status", "500"}}, {1, 1, 1, 1});
  EXPECT_EQ(Make().status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Make().status().message(), HasSubstr("two series for the region \"fra\""));
}

TEST_F(TrafficTest, NegativeTrafficIsRefused) {
  Add({{"region", "fra"}}, {1, -0.5, 1, 1});
  EXPECT_EQ(Make().status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Make().status().message(), HasSubstr("-0.5"));
}

TEST_F(TrafficTest, SamplesOffTheGridAreRefused) {
  for (const absl::Duration offset :
       {absl::Seconds(1), absl::Minutes(1), -absl::Minutes(4), -absl::Milliseconds(1)}) {
    answer_.series = {
        Series{.labels = {{"region", "fra"}}, .samples = {{.time = end_ + offset, .value = 1}}}};
    EXPECT_EQ(Make().status().code(), absl::StatusCode::kInternal) << offset;
  }
}

TEST_F(TrafficTest, OnlyAMatrixIsTraffic) {
  answer_.type = QueryAnswer::Type::kVector;
  EXPECT_EQ(Make().status().code(), absl::StatusCode::kInternal);
}

TEST_F(TrafficTest, AGridWithoutPointsIsRefused) {
  EXPECT_EQ(Make(0).status().code(), absl::StatusCode::kInvalidArgument);
}

// Where requests were answered. Four points of traffic in fra come along.
class ServedTest : public TrafficTest {
 protected:
  ServedTest() {
    Add({{"region", "fra"}}, {8, 8, 8, 8});
    Add({{"witness", "traffic"}}, {4, 4, 4, 4});
  }
};

TEST_F(ServedTest, IsToldApartByItsLabel) {
  Add({{"region", "fra"}, {"of", "served"}}, {5, 6, kNone, 7});
  Add({{"region", "fra"}, {"of", "served_errors"}}, {kNone, 1, kNone, kNone});
  Add({{"region", "fra"}, {"of", "concurrency"}}, {0.5, 0.25, 0, kNone});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->regions.at("fra"), ElementsAre(8, 8, 8, 8));
  EXPECT_THAT(traffic->served.at("fra"), ElementsAre(5, 6, std::nullopt, 7));
  EXPECT_THAT(traffic->served_errors.at("fra"), ElementsAre(std::nullopt, 1, std::nullopt, std::nullopt));
  EXPECT_THAT(traffic->concurrency.at("fra"), ElementsAre(0.5, 0.25, 0, std::nullopt));
}

TEST_F(ServedTest, IsEmptyWhereTheAppHasNone) {
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->served, IsEmpty());
  EXPECT_THAT(traffic->served_errors, IsEmpty());
  EXPECT_THAT(traffic->concurrency, IsEmpty());
}

TEST_F(ServedTest, ARegionThatOnlyAnswersHasNoTraffic) {
  Add({{"region", "iad"}, {"of", "served"}}, {5, 5, 5, 5});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_FALSE(traffic->regions.contains("iad"));
}

TEST_F(ServedTest, WitnessesNothing) {
  answer_.series.clear();
  Add({{"region", "fra"}, {"of", "served"}}, {5, 5, 5, 5});
  for (const TrafficSource source : {TrafficSource::kEdge, TrafficSource::kQuery}) {
    policy_.traffic.source = source;
    const absl::StatusOr<Traffic> traffic = Make();
    ASSERT_TRUE(traffic.ok()) << traffic.status();
    EXPECT_THAT(traffic->witnessed, ElementsAre(false, false, false, false));
  }
}

TEST_F(ServedTest, WithoutARegionItIsNotKnown) {
  answer_.series.clear();
  for (const char* of : {"served", "served_errors", "concurrency"}) Add({{"of", of}}, {5, 5, 5, 5});
  for (const TrafficSource source : {TrafficSource::kEdge, TrafficSource::kQuery}) {
    policy_.traffic.source = source;
    const absl::StatusOr<Traffic> traffic = Make();
    ASSERT_TRUE(traffic.ok()) << traffic.status();
    EXPECT_THAT(traffic->served, IsEmpty());
    EXPECT_THAT(traffic->warnings, IsEmpty());
  }
}

TEST_F(ServedTest, AnotherWordInTheLabelIsTheUsersOwn) {
  policy_.traffic.source = TrafficSource::kQuery;
  answer_.series.clear();
  Add({{"region", "iad"}, {"of", "requests"}}, {5, 5, 5, 5});
  const absl::StatusOr<Traffic> traffic = Make();
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->regions.at("iad"), ElementsAre(5, 5, 5, 5));
}

TEST_F(ServedTest, HostileAnswersAreRefused) {
  const std::size_t good = answer_.series.size();
  for (const char* of : {"served", "served_errors", "concurrency"}) {
    answer_.series.resize(good);
    Add({{"region", "fra"}, {"of", of}}, {5, 5, 5, 5});
    Add({{"region", "fra"}, {"of", of}, {"x", "y"}}, {5, 5, 5, 5});
    EXPECT_THAT(Make().status().message(), HasSubstr("two series for the region \"fra\"")) << of;

    answer_.series.resize(good);
    Add({{"region", "fra"}, {"of", of}}, {5, -5, 5, 5});
    EXPECT_THAT(Make().status().message(), HasSubstr("cannot be negative")) << of;

    answer_.series.resize(good);
    answer_.series.push_back(Series{.labels = {{"region", "fra"}, {"of", of}},
                                    .samples = {{.time = end_ + absl::Seconds(1), .value = 1}}});
    EXPECT_THAT(Make().status().message(), HasSubstr("none of the 4 points")) << of;
  }
}

// Twelve points, long window 4: exactly three long windows.
class LongSilenceTest : public TrafficTest {
 protected:
  LongSilenceTest() {
    policy_.threshold.long_window = 4;
    Add({{"witness", "instance"}}, std::vector<double>(12, 1));
  }
  int CountWitnessed(int points) const {
    const absl::StatusOr<Traffic> traffic = Make(points);
    EXPECT_TRUE(traffic.ok()) << traffic.status();
    return static_cast<int>(std::count(traffic->witnessed.begin(), traffic->witnessed.end(), true));
  }
};

TEST_F(LongSilenceTest, ThreeLongWindowsWithMachinesUpAreSilence) {
  EXPECT_EQ(CountWitnessed(12), 12);
}

TEST_F(LongSilenceTest, FewerPointsProveNothing) {
  answer_.series[0].samples.erase(answer_.series[0].samples.begin());
  EXPECT_EQ(CountWitnessed(11), 0);
}

TEST_F(LongSilenceTest, OnePointWithoutMachinesProvesNothing) {
  answer_.series[0].samples.erase(answer_.series[0].samples.begin() + 5);
  EXPECT_EQ(CountWitnessed(12), 0);
}

TEST_F(LongSilenceTest, OneWitnessedPointMakesTheRestBlindness) {
  Add({{"witness", "traffic"}},
      {1, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone});
  EXPECT_EQ(CountWitnessed(12), 1);
}

TEST_F(LongSilenceTest, OlderTrafficDoesNotHideIt) {
  std::vector<double> older(20, kNone);
  older[7] = 4;
  Add({{"witness", "traffic"}}, older);
  EXPECT_EQ(CountWitnessed(20), 13);
}

TEST_F(LongSilenceTest, APartialAnswerProvesNothing) {
  answer_.partial = true;
  EXPECT_EQ(CountWitnessed(12), 0);
}

}  // namespace
}  // namespace placer
