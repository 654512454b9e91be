#include "cmd/flysim/query_answers.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "api/json_writer.h"
#include "cmd/flysim/api_call.h"
#include "cmd/flysim/target.h"

namespace placer::flysim {
namespace {

constexpr int kMaxPoints = 11'000;  // Prometheus' own limit

// Parameters come in the query of a GET or in the form of a POST.
Target ReadParameters(const HttpRequest& request) {
  return ParseTarget(request.method == "POST" ? absl::StrCat("?", request.body) : request.target);
}

// What stands between the first `open` and the next `close` behind it; "" if there is none.
std::string FindBetween(const std::string& text, const std::string& open, const std::string& close) {
  const std::size_t begin = text.find(open);
  if (begin == std::string::npos) return "";
  const std::size_t end = text.find(close, begin + open.size());
  return end == std::string::npos ? "" : text.substr(begin + open.size(), end - begin - open.size());
}

struct Range {
  absl::Time start;
  absl::Duration step;
  int points = 0;
  absl::Duration resolution;
};

bool ReadRange(const Target& parameters, Range& range) {
  double start = 0;
  double end = 0;
  double step = 0;
  absl::Duration resolution;
  if (!absl::SimpleAtod(parameters.Find("start"), &start) ||
      !absl::SimpleAtod(parameters.Find("end"), &end) || !absl::SimpleAtod(parameters.Find("step"), &step) ||
      !absl::ParseDuration(FindBetween(parameters.Find("query"), "[", "]"), &resolution)) {
    return false;
  }
  const bool makes_sense = step > 0 && step < 1e6 && resolution > absl::ZeroDuration() && end >= start &&
                           (end - start) / step < kMaxPoints;
  if (!makes_sense) return false;
  range = {.start = absl::FromUnixSeconds(0) + absl::Seconds(start),
           .step = absl::Seconds(step),
           .points = static_cast<int>((end - start) / step) + 1,
           .resolution = resolution};
  return true;
}

using Samples = std::vector<std::pair<absl::Time, double>>;

struct Answer {
  std::map<std::string, Samples> traffic;  // by region, as all of these
  std::map<std::string, Samples> served;
  std::map<std::string, Samples> served_errors;
  std::map<std::string, Samples> concurrency;
  Samples witness;
  Samples instance;
};

Answer Count(const World& world, const Range& range) {
  Answer answer;
  for (int i = 0; i < range.points; ++i) {
    const absl::Time to = range.start + i * range.step;
    const absl::Time from = to - range.resolution;
    const std::map<std::string, double> entered = world.CountEdgeRequests(from, to);
    for (const auto& [region, requests] : entered) answer.traffic[region].emplace_back(to, requests);
    if (!entered.empty()) answer.witness.emplace_back(to, 1);
    for (const auto& [region, served] : world.CountServed(from, to)) {
      answer.served[region].emplace_back(to, served.requests);
      answer.served_errors[region].emplace_back(to, served.errors);
      answer.concurrency[region].emplace_back(to, served.concurrency);
    }
    if (world.HadMachineUp(from, to)) answer.instance.emplace_back(to, 1);
  }
  return answer;
}

void WriteSeries(JsonWriter& json, const std::vector<std::pair<std::string, std::string>>& labels,
                 const Samples& samples) {
  if (samples.empty()) return;
  json.BeginObject();
  json.Key("metric");
  json.BeginObject();
  for (const auto& [name, value] : labels) json.String(name, value);
  json.EndObject();
  json.Key("values");
  json.BeginArray();
  for (const auto& [time, value] : samples) {
    json.BeginArray();
    json.Number(absl::ToDoubleSeconds(time - absl::UnixEpoch()));
    json.String(FormatJsonNumber(value));
    json.EndArray();
  }
  json.EndArray();
  json.EndObject();
}

std::string Render(const Answer& answer) {
  JsonWriter json(/*pretty=*/false);
  json.BeginObject();
  json.String("status", "success");
  json.Key("data");
  json.BeginObject();
  json.String("resultType", "matrix");
  json.Key("result");
  json.BeginArray();
  for (const auto& [region, samples] : answer.traffic) WriteSeries(json, {{"region", region}}, samples);
  WriteSeries(json, {{"witness", "traffic"}}, answer.witness);
  WriteSeries(json, {{"witness", "instance"}}, answer.instance);
  for (const auto& [of, rows] : {std::pair("served", &answer.served),
                                 {"served_errors", &answer.served_errors},
                                 {"concurrency", &answer.concurrency}}) {
    for (const auto& [region, samples] : *rows) WriteSeries(json, {{"of", of}, {"region", region}}, samples);
  }
  json.EndArray();
  json.EndObject();
  json.EndObject();
  return json.text();
}

}  // namespace

std::string FindQueriedApp(const HttpRequest& request) {
  return FindBetween(ReadParameters(request).Find("query"), "app=\"", "\"");
}

HttpResponse AnswerRangeQuery(const World& world, const HttpRequest& request) {
  Range range;
  if (!ReadRange(ReadParameters(request), range)) {
    return MakeJson(
        400, R"({"status":"error","errorType":"bad_data","error":"want query, start, end and step, )"
             R"(and a range such as [60s] in the query; flysim understands no more PromQL than that"})");
  }
  const bool is_ours = FindQueriedApp(request) == world.options().app;
  return MakeJson(200, Render(is_ours ? Count(world, range) : Answer{}));
}

}  // namespace placer::flysim
