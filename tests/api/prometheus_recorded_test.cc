// Every recorded answer of Prometheus 2.42 and VictoriaMetrics 1.79 parses to the value it means or to a
// clear error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "api/prometheus_api.h"
#include "tests/api/recorded_answers.h"

namespace placer {
namespace {

using absl::StatusCode;

constexpr char kPrometheus[] = "prometheus/prometheus-2.42.0/";
constexpr char kVictoria[] = "prometheus/victoriametrics-1.79.5/";

struct ErrorRow {
  const char* file;
  StatusCode prometheus;
  StatusCode victoria;  // kOk: it answers a value where Prometheus refuses
};

constexpr ErrorRow kErrors[] = {
    {"error_aggregate_scalar.json", StatusCode::kInvalidArgument, StatusCode::kOk},
    {"error_bad_step_text.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_bad_step_zero.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_bad_time.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_bad_timeout.json", StatusCode::kInvalidArgument, StatusCode::kOk},
    {"error_duplicate_labelset.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_end_before_start.json", StatusCode::kInvalidArgument, StatusCode::kOk},
    {"error_many_to_many.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_method.json", StatusCode::kInvalidArgument, StatusCode::kOk},
    {"error_missing_end.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_missing_query.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_not_found_path.json", StatusCode::kNotFound, StatusCode::kNotFound},
    {"error_parse.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_parse_empty.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_range_of_matrix.json", StatusCode::kInvalidArgument, StatusCode::kOk},
    {"error_range_of_string.json", StatusCode::kInvalidArgument, StatusCode::kOk},
    {"error_timeout.json", StatusCode::kUnavailable, StatusCode::kOk},
    {"error_too_many_points.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
    {"error_too_many_samples.json", StatusCode::kInvalidArgument, StatusCode::kOk},
    {"error_unknown_function.json", StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
};

std::vector<std::string> ListFiles(const std::string& folder, const std::string& prefix) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(RecordedFolder() + "/" + folder)) {
    const std::string name = entry.path().filename();
    if (absl::StartsWith(name, prefix)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

QueryAnswer ParseRecorded(const std::string& name) {
  absl::StatusOr<QueryAnswer> answer = ParseQueryAnswer(ReadRecordedAnswer(name));
  EXPECT_TRUE(answer.ok()) << name << ": " << answer.status();
  return answer.ok() ? *std::move(answer) : QueryAnswer{};
}

std::map<std::string, std::vector<Sample>> ByRegion(const QueryAnswer& answer) {
  std::map<std::string, std::vector<Sample>> regions;
  for (const Series& series : answer.series) regions[series.labels.at("region")] = series.samples;
  return regions;
}

TEST(PrometheusRecordedTest, EachErrorMeansItsStatus) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  for (const ErrorRow& row : kErrors) {
    EXPECT_EQ(ParseQueryAnswer(ReadRecordedAnswer(std::string(kPrometheus) + row.file)).status().code(),
              row.prometheus)
        << row.file;
    EXPECT_EQ(ParseQueryAnswer(ReadRecordedAnswer(std::string(kVictoria) + row.file)).status().code(),
              row.victoria)
        << row.file;
  }
}

TEST(PrometheusRecordedTest, TheTableOfErrorsNamesEveryErrorFile) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  std::vector<std::string> named;
  for (const ErrorRow& row : kErrors) named.push_back(row.file);
  EXPECT_EQ(ListFiles(kPrometheus, "error_"), named);
  EXPECT_EQ(ListFiles(kVictoria, "error_"), named);
}

TEST(PrometheusRecordedTest, EveryErrorRepeatsTheServersWords) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  for (const char* folder : {kPrometheus, kVictoria}) {
    for (const std::string& name : ListFiles(folder, "error_")) {
      const HttpResponse response = ReadRecordedAnswer(folder + name);
      const absl::Status status = ParseQueryAnswer(response).status();
      if (status.ok()) continue;
      std::string words = response.body;
      if (words[0] == '{') words = boost::json::parse(words).at("error").as_string().c_str();
      EXPECT_TRUE(absl::StrContains(status.message(), words.substr(0, 18))) << name << ": " << status;
    }
  }
}

// What is no answer to a query (labels, series, buildinfo, metadata) is refused with the field that is
// missing.
TEST(PrometheusRecordedTest, AnswersOfOtherCallsAreAClearError) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  for (const char* folder : {kPrometheus, kVictoria}) {
    for (const char* name : {"buildinfo", "labels", "label_values_region", "metadata", "series"}) {
      const absl::Status status =
          ParseQueryAnswer(ReadRecordedAnswer(folder + std::string(name) + ".json")).status();
      EXPECT_EQ(status.code(), StatusCode::kInternal) << name;
      EXPECT_TRUE(absl::StrContains(status.message(), "data")) << status;
    }
  }
}

// Every value, compared with the text of the answer read in another way: by its own words, not through our
// types.
TEST(PrometheusRecordedTest, EveryValueIsTheOneInTheText) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  int files = 0;
  for (const char* folder : {kPrometheus, kVictoria}) {
    for (const char* prefix : {"instant_", "range_", "warnings_"}) {
      for (const std::string& name : ListFiles(folder, prefix)) {
        ++files;
        const QueryAnswer answer = ParseRecorded(folder + name);
        const boost::json::value body = boost::json::parse(ReadRecordedAnswer(folder + name).body);
        const boost::json::value& data = body.at("data");
        if (data.at("resultType") == "scalar" || data.at("resultType") == "string") continue;
        const boost::json::array& result = data.at("result").as_array();
        ASSERT_EQ(answer.series.size(), result.size()) << name;
        for (std::size_t i = 0; i < result.size(); ++i) {
          const bool is_matrix = data.at("resultType") == "matrix";
          const boost::json::array samples =
              is_matrix ? result[i].at("values").as_array() : boost::json::array{result[i].at("value")};
          ASSERT_EQ(answer.series[i].samples.size(), samples.size()) << name;
          ASSERT_EQ(answer.series[i].labels.size(), result[i].at("metric").as_object().size()) << name;
          for (std::size_t k = 0; k < samples.size(); ++k) {
            const double want = std::strtod(samples[k].at(1).as_string().c_str(), nullptr);
            const Sample& got = answer.series[i].samples[k];
            EXPECT_TRUE(got.value == want || (std::isnan(got.value) && std::isnan(want)))
                << name << ": " << got.value;
            EXPECT_NEAR(absl::ToUnixMicros(got.time) / 1e6, samples[k].at(0).to_number<double>(), 5e-4)
                << name;
          }
        }
      }
    }
  }
  EXPECT_EQ(files, 74);
}

TEST(PrometheusRecordedTest, SpecialValuesAreRead) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  const std::string folder = kPrometheus;
  EXPECT_EQ(ParseRecorded(folder + "instant_scalar_inf.json").series[0].samples[0].value, INFINITY);
  EXPECT_EQ(ParseRecorded(folder + "instant_scalar_neg_inf.json").series[0].samples[0].value, -INFINITY);
  EXPECT_TRUE(std::isnan(ParseRecorded(folder + "instant_scalar_nan.json").series[0].samples[0].value));
  EXPECT_EQ(ParseRecorded(folder + "instant_scalar_inf.json").type, QueryAnswer::Type::kScalar);
  EXPECT_EQ(ParseRecorded(std::string(kVictoria) + "instant_scalar_inf.json").type,
            QueryAnswer::Type::kVector);
  EXPECT_EQ(ParseRecorded(folder + "instant_string.json").text, "hello \"world\" \xc3\xa9");
  EXPECT_EQ(ParseRecorded(folder + "instant_big_small_values.json").series[0].samples[0].value, 1e21);
}

TEST(PrometheusRecordedTest, WarningsOfAFailedRemoteReadAreKept) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  const QueryAnswer answer = ParseRecorded(std::string(kPrometheus) + "warnings_instant_by_region.json");
  ASSERT_EQ(answer.warnings.size(), 1);
  EXPECT_TRUE(absl::StrContains(answer.warnings[0], "connection refused"));
  EXPECT_EQ(answer.series.size(), 6);
}

TEST(PrometheusRecordedTest, BothServersAgreeAcrossACounterReset) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  const auto prometheus = ByRegion(ParseRecorded(std::string(kPrometheus) + "range_reset_fra.json"));
  const auto victoria = ByRegion(ParseRecorded(std::string(kVictoria) + "range_reset_fra.json"));
  ASSERT_EQ(prometheus.at("fra").size(), 16);
  ASSERT_EQ(victoria.at("fra").size(), 16);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(prometheus.at("fra")[i].time, victoria.at("fra")[i].time);
    EXPECT_NEAR(prometheus.at("fra")[i].value, victoria.at("fra")[i].value, 1e-9);
  }
}

// The counters that both servers were fed: series -> time -> value.
std::map<std::string, std::map<std::int64_t, double>> ReadCounters() {
  std::map<std::string, std::map<std::int64_t, double>> counters;
  std::istringstream lines(ReadRecordedFile("prometheus/input.om"));
  for (std::string line; std::getline(lines, line);) {
    if (!absl::StartsWith(line, "fly_edge_http_responses_count{")) continue;
    const std::vector<std::string> fields = absl::StrSplit(line, ' ');
    counters[fields[0]][std::stoll(fields[2])] = std::stod(fields[1]);
  }
  return counters;
}

std::string RegionOf(const std::string& series) {
  return series.substr(series.find("region=\"") + 8, 3);
}

// Requests counted in (from, to], a falling counter having begun again at zero.
std::map<std::string, double> CountRequests(std::int64_t from, std::int64_t to) {
  std::map<std::string, double> requests;
  for (const auto& [series, samples] : ReadCounters()) {
    const double* previous = nullptr;
    for (const auto& [time, value] : samples) {
      if (time < from || time > to) continue;
      if (previous != nullptr) requests[RegionOf(series)] += value < *previous ? value : value - *previous;
      previous = &value;
    }
  }
  return requests;
}

TEST(PrometheusRecordedTest, AnHoursIncreaseIsWhatTheCountersSay) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  const std::map<std::string, double> counted = CountRequests(1788226185 - 3600, 1788226185);
  for (const char* folder : {kPrometheus, kVictoria}) {
    const auto answered = ByRegion(ParseRecorded(std::string(folder) + "instant_increase_1h_by_region.json"));
    for (const char* region : {"fra", "iad", "nrt", "syd"}) {
      EXPECT_EQ(answered.at(region)[0].value, counted.at(region)) << folder << region;
    }
  }
}

TEST(PrometheusRecordedTest, RawSeriesAreTheCountersOfThatMoment) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  const auto counters = ReadCounters();
  for (const char* folder : {kPrometheus, kVictoria}) {
    std::map<std::string, double> totals;
    std::map<std::string, double> want;
    for (const Series& series : ParseRecorded(std::string(folder) + "instant_raw_series.json").series) {
      totals[series.labels.at("region")] += series.samples[0].value;
    }
    for (const auto& [series, samples] : counters) {
      const auto found = samples.find(1788223800);
      if (found != samples.end()) want[RegionOf(series)] += found->second;
    }
    EXPECT_EQ(totals, want) << folder;
  }
}

TEST(PrometheusRecordedTest, MinutesOfTheGridHoldTheCountersRequests) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  PlacementPolicy policy;
  policy.app = "web";
  const absl::Time end = absl::FromUnixSeconds(1788226140);
  const int points = 89;
  for (const char* folder : {kPrometheus, kVictoria}) {
    QueryAnswer answer = ParseRecorded(std::string(folder) + "range_increase_60s.json");
    Series witness{.labels = {{"witness", "traffic"}}};
    for (int i = points - 1; i >= 0; --i)
      witness.samples.push_back({.time = end - i * absl::Minutes(1), .value = 4});
    answer.series.push_back(witness);
    const absl::StatusOr<Traffic> traffic = MakeTraffic(policy, answer, end, points);
    ASSERT_TRUE(traffic.ok()) << traffic.status();
    for (const int i : {5, 30, 88}) {
      const std::int64_t point = absl::ToUnixSeconds(end) - (points - 1 - i) * 60;
      const std::map<std::string, double> counted = CountRequests(point - 60, point);
      for (const char* region : {"fra", "iad", "nrt"}) {
        EXPECT_NEAR(*traffic->regions.at(region)[i], counted.at(region), 1e-9) << folder << region << i;
      }
    }
  }
}

TEST(PrometheusRecordedTest, BodiesRecordedElsewhereParseOrAreRefusedWithAReason) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  for (const char* name : {"prometheus-json-codec-expected.json", "vmalert-client-test-bodies.json"}) {
    const boost::json::value bodies =
        boost::json::parse(ReadRecordedFile(std::string("prometheus/recorded-elsewhere/") + name));
    for (const boost::json::value& body : bodies.as_array()) {
      const std::string text = body.as_string().c_str();
      const auto answer = ParseQueryAnswer(HttpResponse{.status = 200, .body = text});
      const bool is_plain =
          absl::StrContains(text, "\"result\":[{\"metric\"") && !absl::StrContains(text, "histograms");
      const bool is_scalar = absl::StrContains(text, "\"scalar\"");
      EXPECT_EQ(answer.ok(), is_plain || is_scalar) << text << ": " << answer.status();
      if (!answer.ok()) {
        EXPECT_FALSE(answer.status().message().empty());
      } else {
        EXPECT_EQ(answer->partial, absl::StrContains(text, "\"isPartial\":true"));
      }
    }
  }
}

TEST(PrometheusRecordedTest, FlysOwnAnswerOf2023Parses) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  const auto answer = ParseQueryAnswer(HttpResponse{
      .body = ReadRecordedFile("prometheus/recorded-elsewhere/fly-vector-by-region-2023-07-20.json")});
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto regions = ByRegion(*answer);
  EXPECT_EQ(regions.size(), 16);
  EXPECT_EQ(regions.at("fra")[0].value, 85);
  EXPECT_EQ(regions.at("fra")[0].time, absl::FromUnixSeconds(1689867197));
}

TEST(PrometheusRecordedTest, ABigVectorParsesWhole) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  const std::string list = ReadRecordedFile("prometheus/recorded-elsewhere/vm-instant-result-array.json");
  const auto answer = ParseQueryAnswer(
      HttpResponse{.body = R"({"status":"success","data":{"resultType":"vector","result":)" + list + "}}"});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->series.size(), boost::json::parse(list).as_array().size());
  const auto millis = ParseQueryAnswer(
      HttpResponse{.body = ReadRecordedFile("prometheus/recorded-elsewhere/vm-expected-response.json")});
  ASSERT_TRUE(millis.ok()) << millis.status();
  EXPECT_EQ(millis->series[0].samples[0].time, absl::FromUnixMillis(1748897918112));
}

}  // namespace
}  // namespace placer
