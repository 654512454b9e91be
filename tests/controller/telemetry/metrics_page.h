// Reads a page in Prometheus' text format into series, strictly: what it cannot read is a test failure.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace placer {

struct PageSeries {
  std::string name;  // as written, e.g. with _bucket
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct MetricsPage {
  std::map<std::string, std::string> types;  // family -> type
  std::map<std::string, std::string> helps;
  std::vector<PageSeries> series;

  // The value of the only series of this name whose labels include `labels`; a failure if there is another
  // number.
  double Value(const std::string& name, const std::map<std::string, std::string>& labels) const {
    double value = 0;
    int found = 0;
    for (const PageSeries& entry : series) {
      if (entry.name != name) continue;
      bool matches = true;
      for (const auto& [key, wanted] : labels) {
        const auto label = entry.labels.find(key);
        matches = matches && label != entry.labels.end() && label->second == wanted;
      }
      if (!matches) continue;
      value = entry.value;
      ++found;
    }
    EXPECT_EQ(found, 1) << "series of " << name;
    return value;
  }

  int CountWithLabelValue(const std::string& value) const {
    int found = 0;
    for (const PageSeries& entry : series) {
      for (const auto& [name, label] : entry.labels) found += label == value ? 1 : 0;
    }
    return found;
  }
};

inline PageSeries ParsePageSeries(const std::string& line) {
  PageSeries series;
  std::size_t at = line.find_first_of("{ ");
  EXPECT_NE(at, std::string::npos) << line;
  if (at == std::string::npos) return series;
  series.name = line.substr(0, at);
  while (line[at] == '{' || line[at] == ',') {
    const std::size_t equals = line.find("=\"", at);
    EXPECT_NE(equals, std::string::npos) << line;
    if (equals == std::string::npos) return series;
    const std::string name = line.substr(at + 1, equals - at - 1);
    std::string value;
    for (at = equals + 2; at < line.size() && line[at] != '"'; ++at) {
      if (line[at] == '\\') {
        ++at;
        value += line[at] == 'n' ? '\n' : line[at];
      } else {
        value += line[at];
      }
    }
    EXPECT_TRUE(series.labels.emplace(name, value).second) << line;
    ++at;
  }
  if (line[at] == '}') ++at;
  std::size_t end = 0;
  series.value = std::stod(line.substr(at), &end);
  EXPECT_EQ(at + end, line.size()) << line;
  return series;
}

inline MetricsPage ParseMetricsPage(const std::string& text) {
  MetricsPage page;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, kind, name, rest;
    if (line.rfind("# ", 0) == 0) {
      words >> hash >> kind >> name;
      std::getline(words >> std::ws, rest);
      auto& into = kind == "TYPE" ? page.types : page.helps;
      EXPECT_TRUE(into.emplace(name, rest).second) << "twice: " << line;
    } else {
      page.series.push_back(ParsePageSeries(line));
    }
  }
  return page;
}

}  // namespace placer
