// The fields of a machine that acting reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "api/machines_api.h"

namespace placer {
namespace {

using testing::HasSubstr;

absl::StatusOr<Machine> Parse(const std::string& fields) {
  return ParseMachine({.body = absl::StrCat(R"({"id":"m1","region":"fra","state":"started")", fields, "}")});
}

Machine ParseOne(const std::string& fields) {
  const auto machine = Parse(fields);
  EXPECT_TRUE(machine.ok()) << machine.status();
  return machine.ok() ? *machine : Machine{};
}

struct LimitCase {
  const char* services;
  int want;
};

TEST(MachineJsonTest, TheHardLimitIsThatOfAllServicesTogetherOrUnknown) {
  const LimitCase cases[] = {
      {"null", 0},
      {"[]", 0},
      {R"([{"concurrency":{"hard_limit":25}}])", 25},
      {R"([{"concurrency":{"hard_limit":25}},{"concurrency":{"hard_limit":5}}])", 30},
      {R"([{"concurrency":{"hard_limit":25}},{"concurrency":{"soft_limit":5}}])", 0},
      {R"([{"concurrency":{"hard_limit":25}},{"concurrency":null}])", 0},
      {R"([{"concurrency":{"hard_limit":25}},{}])", 0},
      {R"([{"concurrency":{"hard_limit":0}}])", 0},
      {R"([{"concurrency":{"hard_limit":-5}}])", 0},
      {R"([{"concurrency":{"hard_limit":"25"}}])", 0},
      {R"([{"concurrency":[]}])", 0},
      {R"([7])", 0},
      {R"([{"concurrency":{"hard_limit":9223372036854775807}},{"concurrency":{"hard_limit":9}}])",
       1'000'000'000},
  };
  for (const LimitCase& c : cases) {
    EXPECT_EQ(ParseOne(absl::StrCat(R"(,"config":{"services":)", c.services, "}")).hard_limit, c.want)
        << c.services;
  }
}

TEST(MachineJsonTest, TheConfigIsKeptAsTheTextItWas) {
  const std::string config =
      R"({"image":"r/x","guest":{"cpus":1,"memory_mb":256},"unknown":[1,null,"\u00e9",true],"big":18446744073709551615})";
  const Machine machine = ParseOne(absl::StrCat(",\"config\":", config));
  ASSERT_NE(machine.config, nullptr);
  EXPECT_EQ(boost::json::parse(*machine.config), boost::json::parse(config));
}

TEST(MachineJsonTest, WithoutAConfigThereIsNoneToKeep) {
  EXPECT_EQ(ParseOne("").config, nullptr);
  EXPECT_EQ(ParseOne(R"(,"config":null,"incomplete_config":{"image":"x"})").config, nullptr);
}

struct ImageCase {
  const char* image_ref;
  const char* want;
};

TEST(MachineJsonTest, TheImageIsPinnedToItsDigestWhereTheReferenceIsWhole) {
  const ImageCase cases[] = {
      {R"({"registry":"registry.fly.io","repository":"web","tag":"t","digest":"sha256:d"})",
       "registry.fly.io/web@sha256:d"},
      {R"({"registry":"registry.fly.io","repository":"web","tag":"t"})", "registry.fly.io/web:t"},
      {R"({"repository":"web","digest":"sha256:d"})", "registry.fly.io/web:t"},
      {R"({"registry":"registry.fly.io","digest":"sha256:d"})", "registry.fly.io/web:t"},
      {"null", "registry.fly.io/web:t"},
  };
  for (const ImageCase& c : cases) {
    EXPECT_EQ(
        ParseOne(absl::StrCat(R"(,"config":{"image":"registry.fly.io/web:t"},"image_ref":)", c.image_ref))
            .image_ref,
        c.want)
        << c.image_ref;
  }
}

TEST(MachineJsonTest, AListedLeaseIsRead) {
  const Machine machine =
      ParseOne(R"(,"lease":{"nonce":"n","owner":"me@x","description":"deploy","expires_at":1788223800})");
  ASSERT_TRUE(machine.lease.has_value());
  EXPECT_EQ(machine.lease->nonce, "n");
  EXPECT_EQ(machine.lease->owner, "me@x");
  EXPECT_EQ(machine.lease->description, "deploy");
  EXPECT_EQ(machine.lease->expires_at, absl::FromUnixSeconds(1788223800));
}

TEST(MachineJsonTest, ALeaseThatDoesNotSayWhenItEndsIsHeld) {
  for (const char* expiry : {"", R"(,"expires_at":null)", R"(,"expires_at":"soon")"}) {
    const Machine machine = ParseOne(absl::StrCat(R"(,"lease":{"owner":"x")", expiry, "}"));
    ASSERT_TRUE(machine.lease.has_value()) << expiry;
    EXPECT_EQ(machine.lease->expires_at, absl::InfiniteFuture()) << expiry;
  }
}

TEST(MachineJsonTest, NoLeaseIsNoLease) {
  for (const char* lease :
       {"", R"(,"lease":null)", R"(,"lease":{})", R"(,"lease":"none")", R"(,"lease":{"expires_at":5})"}) {
    EXPECT_FALSE(ParseOne(lease).lease.has_value()) << lease;
  }
}

struct EventsCase {
  const char* events;
  absl::Time want;
};

TEST(MachineJsonTest, TheConfigChangedWithTheNewestLaunchOrUpdate) {
  const EventsCase cases[] = {
      {"null", absl::InfinitePast()},
      {"[]", absl::InfinitePast()},
      {R"([{"type":"launch","timestamp":1500}])", absl::FromUnixMillis(1500)},
      {R"([{"type":"start","timestamp":9000},{"type":"update","timestamp":2500},{"type":"launch","timestamp":1500}])",
       absl::FromUnixMillis(2500)},
      {R"([{"type":"launch","timestamp":1500},{"type":"update","timestamp":2500}])",
       absl::FromUnixMillis(2500)},
      {R"([{"type":"launch"},{"type":"update","timestamp":"x"},{"timestamp":7}])", absl::InfinitePast()},
  };
  for (const EventsCase& c : cases) {
    EXPECT_EQ(ParseOne(absl::StrCat(",\"events\":", c.events)).config_changed_at, c.want) << c.events;
  }
}

TEST(MachineJsonTest, EventsOfAnotherShapeAreInternal) {
  EXPECT_THAT(Parse(R"(,"events":{})").status().message(),
              HasSubstr("machine.events is object, want an array"));
  EXPECT_THAT(Parse(R"(,"events":[7])").status().message(),
              HasSubstr("machine.events is number, want an array of objects"));
}

}  // namespace
}  // namespace placer
