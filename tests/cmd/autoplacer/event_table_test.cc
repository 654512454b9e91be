#include "cmd/autoplacer/event_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/status_codec.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

absl::Time At(int second) {
  return absl::FromUnixSeconds(1'790'000'000 + second);
}

std::vector<EventView> MakeEvents() {
  return {{At(100), "web", "Warning", "CreateFailed", "no capacity in fra"},
          {At(40), "web", "Normal", "MachineCreated", "Created a machine in ams"}};
}

TEST(EventViews, ReadBackWhatTheApiSays) {
  const std::string event =
      FormatEventJson({.time = At(0), .policy = "web", .warning = true, .reason = "Why", .message = "a\nb"});
  const auto views = ParseEventViews(R"({"kind":"EventList","items":[)" + event + "]}");
  ASSERT_TRUE(views.ok()) << views.status();
  ASSERT_EQ(views->size(), 1u);
  EXPECT_EQ(views->at(0).time, At(0));
  EXPECT_EQ(views->at(0).policy, "web");
  EXPECT_EQ(views->at(0).type, "Warning");
  EXPECT_EQ(views->at(0).reason, "Why");
  EXPECT_EQ(views->at(0).message, "a\nb");
}

TEST(EventViews, OfAnotherServerAreAnError) {
  for (const char* body : {"", "[]", "{}", R"({"kind":"Status"})"}) {
    EXPECT_FALSE(ParseEventViews(body).ok()) << body;
  }
}

struct AgeCase {
  absl::Duration age;
  const char* text;
};

TEST(EventAge, HasTwoUnitsAtMost) {
  const AgeCase cases[] = {
      {absl::Seconds(-5), "0s"},      {absl::Seconds(119), "119s"}, {absl::Seconds(120), "2m"},
      {absl::Seconds(150), "2m30s"},  {absl::Minutes(10), "10m"},   {absl::Minutes(179), "179m"},
      {absl::Minutes(200), "3h20m"},  {absl::Hours(8), "8h"},       {absl::Hours(47), "47h"},
      {absl::Hours(48), "2d"},        {absl::Hours(53), "2d5h"},    {absl::Hours(24 * 8), "8d"},
      {absl::Hours(24 * 400), "400d"}};
  for (const AgeCase& each : cases) EXPECT_EQ(FormatAge(each.age), each.text);
}

TEST(EventTable, TheNewestStandsLast) {
  const std::string text = RenderEvents(MakeEvents(), At(160), {});
  EXPECT_THAT(text, HasSubstr("LAST SEEN  TYPE"));
  EXPECT_LT(text.find("MachineCreated"), text.find("CreateFailed"));
  EXPECT_THAT(text, ::testing::ContainsRegex("2m +Normal +MachineCreated +web +Created a machine in ams\n"));
  EXPECT_THAT(text, ::testing::ContainsRegex("60s +Warning +CreateFailed +web +no capacity in fra\n"));
}

TEST(EventTable, AControllerAheadOfOurClockIsMeasuredByItsNewestEvent) {
  const std::string text = RenderEvents(MakeEvents(), At(0), {});
  EXPECT_THAT(text, ::testing::ContainsRegex("60s +Normal"));
  EXPECT_THAT(text, ::testing::ContainsRegex("0s +Warning"));
}

TEST(EventTable, ATextFromOutsideStaysOnItsLine) {
  const std::string text = RenderEvents({{At(0), "web", "Normal", "R", "one\ntwo\x1b[31m"}}, At(0), {});
  EXPECT_THAT(text, HasSubstr("one two"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(EventTable, NoEventIsSaid) {
  EXPECT_EQ(RenderEvents({}, At(0), {}), "No event is stored.\n");
}

}  // namespace
}  // namespace placer
