// What Prometheus and VictoriaMetrics answer to a query: values, or the status that an error means.
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/json_reading.h"
#include "api/prometheus_api.h"

namespace placer {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxTextBytes = 300;
constexpr std::size_t kMaxWarnings = 10;
constexpr double kMaxUnixSeconds = 1e13;  // far outside any answer, and milliseconds still fit an int64

absl::Status MakeShapeError(absl::string_view where, absl::string_view want, const json::value& found) {
  std::string message = absl::StrCat("Prometheus' answer: ", where, " is ", KindName(found), ", want ", want);
  // A whole array or object could be megabytes.
  if (found.is_primitive()) absl::StrAppend(&message, "; found ", MakeExcerpt(json::serialize(found), 80));
  return absl::InternalError(message);
}

absl::Status MakeMissingError(absl::string_view where) {
  return absl::InternalError(absl::StrCat("Prometheus' answer: ", where, " is missing"));
}

// Sample values are texts: decimal numbers, "NaN", "+Inf", "-Inf". A number too large for a double is
// refused; it would read as an infinity that the server never meant.
bool ParseSampleValue(json::string_view text, double& value) {
  if (text == "NaN") {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  if (text == "+Inf" || text == "Inf" || text == "-Inf") {
    value = std::numeric_limits<double>::infinity() * (text[0] == '-' ? -1 : 1);
    return true;
  }
  const std::size_t first = !text.empty() && text[0] == '-' ? 1 : 0;
  if (first == text.size() || text[first] < '0' || text[first] > '9') return false;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end) return false;
  if (error == std::errc()) return true;
  value = std::strtod(ToStdString(text).c_str(), nullptr);  // out of range: tells too large from too small
  return std::isfinite(value);
}

bool ReadTime(const json::value& value, absl::Time& time) {
  if (!value.is_number()) return false;
  const double seconds = value.to_number<double>();
  if (!std::isfinite(seconds) || std::abs(seconds) > kMaxUnixSeconds) return false;
  time = absl::FromUnixMillis(std::llround(seconds * 1000));
  return true;
}

absl::Status CheckTime(const json::value& value, absl::string_view where) {
  absl::Time time;
  if (ReadTime(value, time)) return absl::OkStatus();
  if (!value.is_number()) return MakeShapeError(where, "a time in seconds", value);
  return MakeShapeError(where, "a time in seconds within 300,000 years", value);
}

// [seconds, "value"]; false where it is none. There are thousands in an answer: why not is told by
// CheckSample.
bool ReadSample(const json::value& value, Sample& sample) {
  const json::array* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2) return false;
  const json::string* text = (*pair)[1].if_string();
  return ReadTime((*pair)[0], sample.time) && text != nullptr && ParseSampleValue(*text, sample.value);
}

absl::Status CheckSample(const json::value& value, absl::string_view where) {
  const json::array* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2) return MakeShapeError(where, "a pair of time and value", value);
  if (absl::Status status = CheckTime((*pair)[0], where); !status.ok()) return status;
  return MakeShapeError(absl::StrCat(where, "'s value"), "a number in a string", (*pair)[1]);
}

absl::StatusOr<Sample> ParseSample(const json::value& value, absl::string_view where) {
  Sample sample;
  if (!ReadSample(value, sample)) return CheckSample(value, where);
  return sample;
}

absl::Status ParseLabels(const json::object& entry, const std::string& where, Series& series) {
  const json::value* metric = FindField(entry, "metric");
  if (metric == nullptr) return MakeMissingError(absl::StrCat(where, ".metric"));
  if (!metric->is_object())
    return MakeShapeError(absl::StrCat(where, ".metric"), "an object of labels", *metric);
  for (const auto& label : metric->get_object()) {
    if (!label.value().is_string()) {
      return MakeShapeError(absl::StrCat(where, ".metric.", MakeExcerpt(ToStdString(label.key()), 80)),
                            "a string", label.value());
    }
    series.labels.emplace(ToStdString(label.key()), ToStdString(label.value().get_string()));
  }
  return absl::OkStatus();
}

absl::Status ParseSamples(const json::value& values, const std::string& where, Series& series) {
  const json::array* list = values.if_array();
  if (list == nullptr) return MakeShapeError(where, "an array of samples", values);
  series.samples.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    Sample sample;
    if (!ReadSample((*list)[i], sample)) return CheckSample((*list)[i], absl::StrCat(where, "[", i, "]"));
    if (!series.samples.empty() && sample.time <= series.samples.back().time) {
      return absl::InternalError(
          absl::StrCat("Prometheus' answer: ", where, "[", i, "] is not later than the sample before it"));
    }
    series.samples.push_back(sample);
  }
  return absl::OkStatus();
}

absl::StatusOr<Series> ParseSeries(const json::value& value, bool is_matrix, const std::string& where) {
  const json::object* entry = value.if_object();
  if (entry == nullptr) return MakeShapeError(where, "an object", value);
  Series series;
  if (absl::Status status = ParseLabels(*entry, where, series); !status.ok()) return status;
  if (FindField(*entry, "histogram") != nullptr || FindField(*entry, "histograms") != nullptr) {
    return absl::InternalError(
        absl::StrCat("Prometheus' answer: ", where, " holds a native histogram, want plain numbers"));
  }
  const std::string field = absl::StrCat(where, is_matrix ? ".values" : ".value");
  const json::value* values = FindField(*entry, is_matrix ? "values" : "value");
  if (values == nullptr) return MakeMissingError(field);
  if (is_matrix) {
    if (absl::Status status = ParseSamples(*values, field, series); !status.ok()) return status;
    return series;
  }
  const absl::StatusOr<Sample> sample = ParseSample(*values, field);
  if (!sample.ok()) return sample.status();
  series.samples.push_back(*sample);
  return series;
}

absl::Status ParseSeriesList(const json::value& result, bool is_matrix, QueryAnswer& answer) {
  const json::array* list = result.if_array();
  if (list == nullptr) return MakeShapeError("data.result", "an array of series", result);
  std::set<std::map<std::string, std::string>> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string where = absl::StrCat("data.result[", i, "]");
    absl::StatusOr<Series> series = ParseSeries((*list)[i], is_matrix, where);
    if (!series.ok()) return series.status();
    if (!seen.insert(series->labels).second) {
      return absl::InternalError(
          absl::StrCat("Prometheus' answer: ", where, " has the labels of an earlier series"));
    }
    answer.series.push_back(*std::move(series));
  }
  return absl::OkStatus();
}

absl::Status ParseScalar(const json::value& result, QueryAnswer& answer) {
  const absl::StatusOr<Sample> sample = ParseSample(result, "data.result");
  if (!sample.ok()) return sample.status();
  answer.series.push_back(Series{.samples = {*sample}});
  return absl::OkStatus();
}

absl::Status ParseString(const json::value& result, QueryAnswer& answer) {
  const json::array* pair = result.if_array();
  if (pair == nullptr || pair->size() != 2 || !(*pair)[1].is_string()) {
    return MakeShapeError("data.result", "a pair of time and string", result);
  }
  answer.text = ToStdString((*pair)[1].get_string());
  return CheckTime((*pair)[0], "data.result");
}

absl::Status ParseResult(const json::object& root, QueryAnswer& answer) {
  const json::value* data = FindField(root, "data");
  if (data == nullptr) return MakeMissingError("data");
  if (!data->is_object()) return MakeShapeError("data", "an object", *data);
  const json::value* result = FindField(data->get_object(), "result");
  const json::value* type = FindField(data->get_object(), "resultType");
  if (type == nullptr) return MakeMissingError("data.resultType");
  if (!type->is_string()) return MakeShapeError("data.resultType", "a string", *type);
  if (result == nullptr) return MakeMissingError("data.result");
  const json::string& name = type->get_string();
  if (name == "matrix" || name == "vector") {
    answer.type = name == "matrix" ? QueryAnswer::Type::kMatrix : QueryAnswer::Type::kVector;
    return ParseSeriesList(*result, name == "matrix", answer);
  }
  if (name == "scalar") {
    answer.type = QueryAnswer::Type::kScalar;
    return ParseScalar(*result, answer);
  }
  if (name == "string") {
    answer.type = QueryAnswer::Type::kString;
    return ParseString(*result, answer);
  }
  return MakeShapeError("data.resultType", "matrix, vector, scalar or string", *type);
}

void ReadWarnings(const json::object& root, QueryAnswer& answer) {
  const json::value* partial = FindField(root, "isPartial");
  answer.partial = partial != nullptr && partial->is_bool() && partial->get_bool();
  const json::value* warnings = FindField(root, "warnings");
  if (warnings == nullptr || !warnings->is_array()) return;
  for (const json::value& warning : warnings->get_array()) {
    if (answer.warnings.size() == kMaxWarnings) break;
    if (warning.is_string())
      answer.warnings.push_back(MakeExcerpt(ToStdString(warning.get_string()), kMaxTextBytes));
  }
}

// Prometheus names a type, VictoriaMetrics repeats the HTTP status in words.
absl::StatusCode ToStatusCode(int http_status, absl::string_view error_type) {
  if (error_type == "timeout" || error_type == "canceled" || error_type == "unavailable") {
    return absl::StatusCode::kUnavailable;
  }
  if (http_status == 401 || http_status == 403) return absl::StatusCode::kPermissionDenied;
  if (http_status == 404) return absl::StatusCode::kNotFound;
  if (http_status == 408 || http_status == 429 || http_status == 499 || http_status >= 500) {
    return absl::StatusCode::kUnavailable;
  }
  if (http_status >= 400) return absl::StatusCode::kInvalidArgument;
  if (error_type == "bad_data" || error_type == "execution") return absl::StatusCode::kInvalidArgument;
  if (error_type == "not_found") return absl::StatusCode::kNotFound;
  if (error_type == "internal") return absl::StatusCode::kUnavailable;
  return absl::StatusCode::kInternal;
}

absl::Status MakeError(int http_status, absl::string_view error_type, absl::string_view text) {
  // VictoriaMetrics within an HTTP 200: errorType is the status that it meant.
  int meant = http_status;
  if (http_status / 100 == 2 && error_type.size() == 3) {
    const int typed = std::atoi(std::string(error_type).c_str());
    if (typed >= 400) meant = typed;
  }
  absl::StatusCode code = ToStatusCode(meant, error_type);
  // VictoriaMetrics answers an unknown path with 400 and a plain text.
  if (code == absl::StatusCode::kInvalidArgument && error_type.empty() &&
      absl::StrContains(text, "unsupported path")) {
    code = absl::StatusCode::kNotFound;
  }
  std::string message = absl::StrCat("Prometheus answered HTTP ", http_status);
  if (!error_type.empty()) absl::StrAppend(&message, " (", MakeExcerpt(error_type, 40), ")");
  if (std::string words = MakeExcerpt(text, kMaxTextBytes); !words.empty())
    absl::StrAppend(&message, ": ", words);
  if (code == absl::StatusCode::kNotFound) absl::StrAppend(&message, "; is the Prometheus URL right?");
  return absl::Status(code, message);
}

}  // namespace

absl::StatusOr<QueryAnswer> ParseQueryAnswer(const HttpResponse& response) {
  const bool is_success = response.status / 100 == 2;
  json::monotonic_resource memory;
  const absl::StatusOr<json::value> body = ParseJsonBody(response.body, &memory);
  const json::object* root = body.ok() ? body->if_object() : nullptr;
  if (root == nullptr) {
    if (!is_success) return MakeError(response.status, "", response.body);
    if (!body.ok()) return absl::InternalError(absl::StrCat("Prometheus' answer: ", body.status().message()));
    return MakeShapeError("the body", "an object", *body);
  }
  const std::string status = ReadStringOrEmpty(*root, "status");
  if (!is_success || status == "error") {
    const std::string text = ReadStringOrEmpty(*root, "error");
    return MakeError(response.status, ReadStringOrEmpty(*root, "errorType"),
                     text.empty() ? response.body : text);
  }
  if (status != "success") {
    return absl::InternalError(absl::StrCat("Prometheus' answer: status is \"", MakeExcerpt(status, 40),
                                            "\", want \"success\" or \"error\""));
  }
  QueryAnswer answer;
  ReadWarnings(*root, answer);
  if (absl::Status parsed = ParseResult(*root, answer); !parsed.ok()) return parsed;
  return answer;
}

}  // namespace placer
