// What we ask Prometheus: the two query calls, and the one query that shows traffic and its witnesses
// together.
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/prometheus_api.h"

namespace placer {
namespace {

// Seconds, with milliseconds where there are any: what both servers read as a time and as a step.
std::string FormatSeconds(std::int64_t milliseconds) {
  const char* sign = milliseconds < 0 ? "-" : "";
  const std::uint64_t magnitude = milliseconds < 0 ? 0 - static_cast<std::uint64_t>(milliseconds)
                                                   : static_cast<std::uint64_t>(milliseconds);
  if (magnitude % 1000 == 0) return absl::StrCat(sign, magnitude / 1000);
  return absl::StrFormat("%s%d.%03d", sign, magnitude / 1000, magnitude % 1000);
}

std::string FormatPromQlDuration(absl::Duration duration) {
  const std::int64_t milliseconds = absl::ToInt64Milliseconds(duration);
  if (milliseconds % 1000 == 0) return absl::StrCat(milliseconds / 1000, "s");
  return absl::StrCat(milliseconds, "ms");
}

// The inside of a double-quoted PromQL string.
std::string EscapePromQl(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') {
      escaped += '\\';
      escaped += c;
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      escaped += absl::StrFormat("\\x%02x", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// Replaces $app and $resolution where they stand as whole words; any other dollar is the query's own, as in
// the regular expression "a$".
std::string ExpandQuery(absl::string_view query, absl::string_view app, absl::string_view resolution) {
  std::string expanded;
  for (std::size_t i = 0; i < query.size();) {
    if (query[i] != '$') {
      expanded += query[i++];
      continue;
    }
    std::size_t end = i + 1;
    while (end < query.size() &&
           (absl::ascii_isalnum(static_cast<unsigned char>(query[end])) || query[end] == '_')) {
      ++end;
    }
    const absl::string_view name = query.substr(i + 1, end - i - 1);
    absl::StrAppend(&expanded, name == "app"          ? app
                               : name == "resolution" ? resolution
                                                      : query.substr(i, end - i));
    i = end;
  }
  return expanded;
}

// `expression`, each of its series marked with a label of its own.
std::string Mark(absl::string_view expression, absl::string_view label, absl::string_view value) {
  return absl::StrCat("label_replace(", expression, ", \"", label, "\", \"", value, "\", \"\", \"\")");
}

// Where requests were answered: series that the traffic's own cannot hide, as no label set is the same.
std::string MakeServedQuery(TrafficSource source, absl::string_view app, absl::string_view resolution) {
  const auto select = [&](absl::string_view metric, absl::string_view more) {
    return absl::StrCat(metric, "{app=\"", app, "\"", more, "}[", resolution, "]");
  };
  std::string concurrency =
      Mark(absl::StrCat("sum by (region) (avg_over_time(", select("fly_app_concurrency", ""), "))"), "of",
           "concurrency");
  if (source == TrafficSource::kEdgeTcp) return concurrency;
  const auto count = [&](absl::string_view more) {
    return absl::StrCat("sum by (region) (increase(", select("fly_app_http_responses_count", more), "))");
  };
  return absl::StrCat(Mark(count(""), "of", "served"), " or ",
                      Mark(count(",status=~\"5..\""), "of", "served_errors"), " or ", concurrency);
}

HttpRequest BuildQuery(absl::string_view path_prefix, absl::string_view call, absl::string_view token,
                       std::string form) {
  HttpRequest request;
  request.method = "POST";
  request.target = absl::StrCat(path_prefix, "/api/v1/", call);
  request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
  if (std::string authorization = MakeAuthorization(token); !authorization.empty()) {
    request.headers.emplace_back("Authorization", std::move(authorization));
  }
  request.body = std::move(form);
  request.repeatable = true;  // a POST only since queries are long
  return request;
}

}  // namespace

HttpRequest BuildRangeQuery(absl::string_view path_prefix, absl::string_view token, absl::string_view query,
                            absl::Time start, absl::Time end, absl::Duration step) {
  // nocache: VictoriaMetrics otherwise answers from a cache that misses samples which arrived late.
  // Prometheus ignores parameters that it does not know.
  return BuildQuery(
      path_prefix, "query_range", token,
      absl::StrCat("query=", PercentEncode(query), "&start=", FormatSeconds(absl::ToUnixMillis(start)),
                   "&end=", FormatSeconds(absl::ToUnixMillis(end)),
                   "&step=", FormatSeconds(absl::ToInt64Milliseconds(step)), "&nocache=1"));
}

HttpRequest BuildInstantQuery(absl::string_view path_prefix, absl::string_view token, absl::string_view query,
                              absl::Time time) {
  return BuildQuery(
      path_prefix, "query", token,
      absl::StrCat("query=", PercentEncode(query), "&time=", FormatSeconds(absl::ToUnixMillis(time))));
}

std::string MakeTrafficQuery(const PlacementPolicy& policy) {
  const std::string app = EscapePromQl(policy.app);
  const std::string resolution = FormatPromQlDuration(policy.traffic.resolution);
  const std::string rest = absl::StrCat(
      Mark(absl::StrFormat("sum(count_over_time(fly_instance_up{app=\"%s\"}[%s]))", app, resolution),
           "witness", "instance"),
      " or ", MakeServedQuery(policy.traffic.source, app, resolution));
  if (policy.traffic.source == TrafficSource::kQuery) {
    // The newline ends a comment on the query's last line, which would swallow the parenthesis.
    return absl::StrCat("(", ExpandQuery(policy.traffic.query, app, resolution), "\n) or ", rest);
  }
  const char* metric = policy.traffic.source == TrafficSource::kEdge ? "fly_edge_http_responses_count"
                                                                     : "fly_edge_tcp_connects_count";
  const std::string samples = absl::StrFormat("%s{app=\"%s\"}[%s]", metric, app, resolution);
  // increase() needs two samples of a series, so one alone witnesses nothing: at the edge of an outage, or
  // where the resolution is no longer than the scrape interval, it would turn blindness into zeros.
  return absl::StrCat("sum by (region) (increase(", samples, ")) or ",
                      Mark(absl::StrCat("sum(count_over_time(", samples, ") > 1)"), "witness", "traffic"),
                      " or ", rest);
}

}  // namespace placer
