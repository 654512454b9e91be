// The page as a whole: well formed, free of labels that Fly overwrites, and listed in docs/metrics.md.
#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <tuple>

#include "tests/controller/telemetry/metrics_fixture.h"

namespace placer {
namespace {

TEST_F(FullMetricsTest, PromtoolFindsNothing) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  std::FILE* promtool = popen("promtool check metrics", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string page = metrics_.Render();
  std::fwrite(page.data(), 1, page.size(), promtool);
  EXPECT_EQ(pclose(promtool), 0);
}

TEST_F(FullMetricsTest, NoSeriesComesTwice) {
  std::set<std::pair<std::string, std::map<std::string, std::string>>> seen;
  for (const PageSeries& series : Page().series) {
    EXPECT_TRUE(seen.emplace(series.name, series.labels).second) << series.name;
  }
}

TEST_F(FullMetricsTest, NoLabelThatFlyOverwrites) {
  for (const PageSeries& series : Page().series) {
    for (const char* forbidden : {"app", "region", "host", "instance"}) {
      EXPECT_FALSE(series.labels.contains(forbidden)) << series.name;
    }
  }
}

TEST_F(FullMetricsTest, EveryFamilyHasHelpAndAType) {
  const MetricsPage page = Page();
  EXPECT_EQ(page.helps.size(), page.types.size());
  for (const auto& [name, help] : page.helps) EXPECT_THAT(help, testing::EndsWith(".")) << name;
}

TEST_F(FullMetricsTest, TwoRendersAreTheSameButForTheProcess) {
  using Series = std::tuple<std::string, std::map<std::string, std::string>, double>;
  const auto without_process = [](const MetricsPage& page) {
    std::vector<Series> rest;
    for (const PageSeries& series : page.series) {
      if (series.name.rfind("process_", 0) != 0) rest.emplace_back(series.name, series.labels, series.value);
    }
    return rest;
  };
  const std::vector<Series> first = without_process(Page());
  EXPECT_THAT(first, testing::Not(testing::IsEmpty()));
  EXPECT_EQ(first, without_process(Page()));
}

// The build tree holds a link to the folder of the tests, beside which the documents stand.
std::string ReadMetricsDocument() {
  std::filesystem::path folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  while (!std::filesystem::exists(folder / "rooms/tests/tests")) {
    if (folder == folder.parent_path()) return "";
    folder = folder.parent_path();
  }
  std::ifstream file(std::filesystem::canonical(folder / "rooms/tests/tests").parent_path() /
                     "docs/metrics.md");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// "name type label label", labels sorted.
std::set<std::string> ListDocumented(const std::string& document) {
  std::set<std::string> lines;
  std::istringstream text(document);
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    std::istringstream columns(line);
    std::string skipped, name, type, labels;
    std::getline(std::getline(std::getline(std::getline(columns, skipped, '|'), name, '|'), type, '|'),
                 labels, '|');
    std::set<std::string> sorted;
    for (std::size_t at = labels.find('`'); at != std::string::npos;) {
      const std::size_t end = labels.find('`', at + 1);
      sorted.insert(labels.substr(at + 1, end - at - 1));
      at = labels.find('`', end + 1);
    }
    std::string entry = name.substr(2, name.rfind('`') - 2) + " " + type.substr(1, type.size() - 2);
    for (const std::string& label : sorted) entry += " " + label;
    lines.insert(entry);
  }
  return lines;
}

std::set<std::string> ListRendered(const MetricsPage& page) {
  std::set<std::string> lines;
  for (const auto& [family, type] : page.types) {
    std::set<std::string> labels;
    for (const PageSeries& series : page.series) {
      const bool belongs =
          series.name == family ||
          (type == "histogram" && (series.name == family + "_bucket" || series.name == family + "_count"));
      if (!belongs) continue;
      for (const auto& [name, value] : series.labels) {
        if (type != "histogram" || name != "le") labels.insert(name);
      }
    }
    std::string entry = family + " " + type;
    for (const std::string& label : labels) entry += " " + label;
    lines.insert(entry);
  }
  return lines;
}

TEST_F(FullMetricsTest, TheDocumentListsEveryMetricAndNoOther) {
  EXPECT_EQ(ListDocumented(ReadMetricsDocument()), ListRendered(Page()));
}

}  // namespace
}  // namespace placer
