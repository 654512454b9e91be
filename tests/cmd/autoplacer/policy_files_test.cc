#include "cmd/autoplacer/policy_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PolicyFile MakeFile(const std::string& path, const std::string& name, const std::string& group,
                    const std::string& traffic = "{}") {
  return {path, absl::StrCat("apiVersion: autoplacer.dev/v1\nkind: PlacementPolicy\nmetadata: {name: ", name,
                             "}\nspec: {app: shop, processGroup: ", group, ", traffic: ", traffic, "}\n")};
}

PolicyContext MakeContext() {
  PolicyContext context;
  context.platform.regions = EmbeddedRegions();
  return context;
}

TEST(PolicyFilesTest, TwoFilesMayNotDefineTheSameName) {
  const ParsedPolicies parsed = ParsePolicyFiles(
      {MakeFile("a.yaml", "web", "app"), MakeFile("b.yaml", "web", "worker")}, MakeContext());
  EXPECT_THAT(parsed.policies, IsEmpty());
  ASSERT_TRUE(HasErrors(parsed.diagnostics));
  EXPECT_THAT(FormatDiagnostic(parsed.diagnostics[0]), HasSubstr("b.yaml"));
  EXPECT_THAT(FormatDiagnostic(parsed.diagnostics[0]), HasSubstr("a.yaml"));
}

TEST(PolicyFilesTest, TwoFilesMayNotSteerTheSameProcessGroup) {
  const ParsedPolicies parsed =
      ParsePolicyFiles({MakeFile("a.yaml", "one", "app"), MakeFile("b.yaml", "two", "app")}, MakeContext());
  EXPECT_THAT(parsed.policies, IsEmpty());
  EXPECT_TRUE(HasErrors(parsed.diagnostics));
}

TEST(PolicyFilesTest, TwoGroupsOnTheSameEdgeTrafficAreAWarning) {
  const ParsedPolicies parsed = ParsePolicyFiles(
      {MakeFile("a.yaml", "one", "app"), MakeFile("b.yaml", "two", "worker")}, MakeContext());
  EXPECT_THAT(parsed.policies, SizeIs(2));
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_EQ(parsed.diagnostics[0].severity, Diagnostic::Severity::kWarning);
  EXPECT_THAT(parsed.diagnostics[0].message, HasSubstr("use source Query"));
}

TEST(PolicyFilesTest, AGroupWithItsOwnQueryIsNoReasonToWarn) {
  const std::string query = "{source: Query, query: 'sum by (region) (increase(work_done[$resolution]))'}";
  const ParsedPolicies parsed = ParsePolicyFiles(
      {MakeFile("a.yaml", "one", "app"), MakeFile("b.yaml", "two", "worker", query)}, MakeContext());
  EXPECT_THAT(parsed.policies, SizeIs(2));
  EXPECT_THAT(parsed.diagnostics, IsEmpty());
}

}  // namespace
}  // namespace placer
