#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "api/prometheus_api.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<QueryAnswer> ParseBody(const std::string& body, int status = 200) {
  return ParseQueryAnswer(HttpResponse{.status = status, .body = body});
}
std::string Success(const std::string& type, const std::string& result) {
  return absl::StrCat(R"({"status":"success","data":{"resultType":")", type, R"(","result":)", result, "}}");
}

TEST(PrometheusAnswerTest, MatrixKeepsLabelsTimesAndValues) {
  const auto answer =
      ParseBody(Success("matrix", R"([{"metric":{"region":"fra"},"values":[[1,"2"],[1.25,"-3.5e-3"]]}])"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->series.size(), 1);
  EXPECT_EQ(answer->type, QueryAnswer::Type::kMatrix);
  EXPECT_EQ(answer->series[0].labels.at("region"), "fra");
  EXPECT_EQ(answer->series[0].samples[1].time, absl::FromUnixMillis(1250));
  EXPECT_EQ(answer->series[0].samples[1].value, -3.5e-3);
}

TEST(PrometheusAnswerTest, ScalarIsOneSeriesWithoutLabels) {
  const auto answer = ParseBody(Success("scalar", R"([5,"+Inf"])"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->series.size(), 1);
  EXPECT_TRUE(answer->series[0].labels.empty());
  EXPECT_EQ(answer->series[0].samples[0].value, std::numeric_limits<double>::infinity());
}

TEST(PrometheusAnswerTest, StringIsText) {
  const auto answer = ParseBody(Success("string", R"([5,"x\"y"])"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text, "x\"y");
  EXPECT_TRUE(answer->series.empty());
}

TEST(PrometheusAnswerTest, PartialAnswersAndWarningsAreKept) {
  const auto answer = ParseBody(
      R"({"status":"success","isPartial":true,"warnings":["w\n1",2,null],"data":{"resultType":"vector","result":[]}})");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->partial);
  EXPECT_THAT(answer->warnings, ElementsAre("w 1"));
}

struct ValueCase {
  const char* name;
  const char* text;
  double want;
};
class SampleValueTest : public testing::TestWithParam<ValueCase> {};

TEST_P(SampleValueTest, IsReadAsWritten) {
  const auto answer = ParseBody(Success("scalar", absl::StrCat("[0,\"", GetParam().text, "\"]")));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const double value = answer->series[0].samples[0].value;
  if (std::isnan(GetParam().want)) {
    EXPECT_TRUE(std::isnan(value));
  } else {
    EXPECT_EQ(value, GetParam().want);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Texts, SampleValueTest,
    testing::Values(ValueCase{"Zero", "0", 0}, ValueCase{"NotANumber", "NaN", std::nan("")},
                    ValueCase{"NegativeInfinity", "-Inf", -std::numeric_limits<double>::infinity()},
                    ValueCase{"Largest", "1.7976931348623157e+308", 1.7976931348623157e+308},
                    ValueCase{"Denormal", "5e-324", 5e-324}, ValueCase{"TooSmallIsZero", "1e-400", 0}),
    [](const auto& info) { return info.param.name; });

struct BadBodyCase {
  const char* name;
  std::string body;
  const char* words;
};
class BadBodyTest : public testing::TestWithParam<BadBodyCase> {};

TEST_P(BadBodyTest, IsInternalAndSaysWhere) {
  const auto answer = ParseBody(GetParam().body);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(answer.status().message(), HasSubstr(GetParam().words));
}

std::string Deep(int levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, BadBodyTest,
    testing::Values(
        BadBodyCase{"Empty", "", "the body is empty"}, BadBodyCase{"Html", "<html>login</html>", "not JSON"},
        BadBodyCase{"TruncatedJson", R"({"status":"success","data":{"resu)", "not JSON"},
        BadBodyCase{"TooDeep", Deep(40), "not JSON"}, BadBodyCase{"Array", "[]", "the body is array"},
        BadBodyCase{"UnknownStatus", R"({"status":"unknown"})", "status is \"unknown\""},
        BadBodyCase{"StatusOfWrongType", R"({"status":1})", "status is \"\""},
        BadBodyCase{"NoData", R"({"status":"success"})", "data is missing"},
        BadBodyCase{"NullData", R"({"status":"success","data":null})", "data is missing"},
        BadBodyCase{"ListData", R"({"status":"success","data":["a"]})", "data is array"},
        BadBodyCase{"NoType", R"({"status":"success","data":{"result":[]}})", "data.resultType is missing"},
        BadBodyCase{"UnknownType", Success("tensor", "[]"), "data.resultType is string, want matrix"},
        BadBodyCase{"NullResult", Success("vector", "null"), "data.result is missing"},
        BadBodyCase{"ObjectResult", Success("vector", "{}"), "data.result is object"},
        BadBodyCase{"SeriesOfWrongType", Success("vector", "[7]"), "data.result[0] is number"},
        BadBodyCase{"NoMetric", Success("vector", R"([{"value":[1,"1"]}])"),
                    "data.result[0].metric is missing"},
        BadBodyCase{"LabelOfWrongType", Success("vector", R"([{"metric":{"a":1},"value":[1,"1"]}])"),
                    "data.result[0].metric.a is number"},
        BadBodyCase{"NoValue", Success("vector", R"([{"metric":{}}])"), "data.result[0].value is missing"},
        BadBodyCase{"ValuesInAVector", Success("vector", R"([{"metric":{},"values":[[1,"1"]]}])"),
                    "data.result[0].value is missing"},
        BadBodyCase{"NumberAsValue", Success("scalar", "[1,1]"), "data.result's value is number"},
        BadBodyCase{"EmptyValue", Success("scalar", R"([1,""])"), "want a number in a string"},
        BadBodyCase{"WordAsValue", Success("scalar", R"([1,"infinity"])"), "want a number in a string"},
        BadBodyCase{"HexValue", Success("scalar", R"([1,"0x10"])"), "want a number in a string"},
        BadBodyCase{"TextAfterValue", Success("scalar", R"([1,"1 "])"), "want a number in a string"},
        BadBodyCase{"ValueTooLargeForADouble", Success("scalar", R"([1,"1e400"])"),
                    "want a number in a string"},
        BadBodyCase{"TimeTooLargeForADouble", Success("scalar", R"([1e400,"1"])"), "a time in seconds"},
        BadBodyCase{"TimeAsText", Success("scalar", R"(["1","1"])"), "a time in seconds"},
        BadBodyCase{"ThreeInAPair", Success("scalar", R"([1,"1",2])"), "a pair of time and value"},
        BadBodyCase{"TimesStandStill", Success("matrix", R"([{"metric":{},"values":[[1,"1"],[1,"2"]]}])"),
                    "data.result[0].values[1] is not later"},
        BadBodyCase{"BadSampleIsNamed", Success("matrix", R"([{"metric":{},"values":[[1,"1"],[2,null]]}])"),
                    "data.result[0].values[1]'s value is null"},
        BadBodyCase{"DuplicateLabels",
                    Success("vector",
                            R"([{"metric":{"a":"b"},"value":[1,"1"]},{"metric":{"a":"b"},"value":[1,"1"]}])"),
                    "data.result[1] has the labels of an earlier series"},
        BadBodyCase{"NativeHistogram", Success("matrix", R"([{"metric":{},"histograms":[[1,{}]]}])"),
                    "native histogram"},
        BadBodyCase{"ErrorOfUnknownTypeIn200", R"({"status":"error","errorType":"type:","error":"some"})",
                    "(type:): some"}),
    [](const auto& info) { return info.param.name; });

struct ErrorCase {
  const char* name;
  int status;
  const char* body;
  absl::StatusCode want;
};
class ErrorAnswerTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(ErrorAnswerTest, SaysWhatToDoNext) {
  EXPECT_EQ(ParseBody(GetParam().body, GetParam().status).status().code(), GetParam().want);
}

using absl::StatusCode;
INSTANTIATE_TEST_SUITE_P(
    Answers, ErrorAnswerTest,
    testing::Values(ErrorCase{"Unauthorized", 401, "no", StatusCode::kPermissionDenied},
                    ErrorCase{"Forbidden", 403, R"({"status":"error"})", StatusCode::kPermissionDenied},
                    ErrorCase{"NotFound", 404, "404 page not found\n", StatusCode::kNotFound},
                    ErrorCase{"TooMany", 429, "", StatusCode::kUnavailable},
                    ErrorCase{"ClientClosed", 499, "", StatusCode::kUnavailable},
                    ErrorCase{"ServerError", 500, "oops", StatusCode::kUnavailable},
                    ErrorCase{"BadGateway", 502, "<html>", StatusCode::kUnavailable},
                    ErrorCase{"Redirect", 302, "", StatusCode::kInternal},
                    ErrorCase{"TimeoutIn422", 422, R"({"status":"error","errorType":"timeout","error":"x"})",
                              StatusCode::kUnavailable},
                    ErrorCase{"BadDataIn200", 200, R"({"status":"error","errorType":"bad_data","error":"x"})",
                              StatusCode::kInvalidArgument},
                    ErrorCase{"NumericTypeIn200", 200, R"({"status":"error","errorType":"422","error":"x"})",
                              StatusCode::kInvalidArgument},
                    ErrorCase{"NumericServerErrorIn200", 200,
                              R"({"status":"error","errorType":"503","error":"x"})",
                              StatusCode::kUnavailable},
                    ErrorCase{"TimeoutIn200", 200, R"({"status":"error","errorType":"timeout","error":"x"})",
                              StatusCode::kUnavailable}),
    [](const auto& info) { return info.param.name; });

TEST(PrometheusAnswerTest, LongErrorTextsAreCut) {
  const std::string body =
      absl::StrCat(R"({"status":"error","errorType":"execution","error":")", std::string(5000, 'x'), "\"}");
  EXPECT_LT(ParseBody(body, 422).status().message().size(), 400u);
}

TEST(PrometheusAnswerTest, ErrorTextsOfForeignBytesBecomeOneCleanLine) {
  EXPECT_EQ(ParseBody("a\r\n\x1b[31m\xff b", 500).status().message(),
            "Prometheus answered HTTP 500: a [31m? b");
}

}  // namespace
}  // namespace placer
