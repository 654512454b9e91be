// What a refusal of the Machines API means for the next step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/machine_calls.h"
#include "api/machines_api.h"
#include "tests/api/recorded_answers.h"

namespace placer {
namespace {

using testing::HasSubstr;

std::string Error(const std::string& text, const std::string& status = "") {
  return status.empty() ? absl::StrCat(R"({"error":")", text, R"("})")
                        : absl::StrCat(R"({"error":")", text, R"(","status":")", status, R"("})");
}

ErrorScope ScopeOfAnswer(int http_status, const std::string& body) {
  return ScopeOf(MakeMachinesApiError({.status = http_status, .body = body}));
}

struct ScopeCase {
  const char* what;
  int http_status;
  std::string body;
  ErrorScope want;
};

void ExpectScopes(const std::vector<ScopeCase>& cases) {
  for (const ScopeCase& c : cases) {
    EXPECT_STREQ(ToString(ScopeOfAnswer(c.http_status, c.body)), ToString(c.want))
        << c.what << ": " << c.http_status << " " << c.body;
  }
}

TEST(MachinesApiErrorTest, TheBodysStatusRulesWhateverTheHttpStatusSays) {
  for (const int http_status : {400, 403, 409, 412, 422, 500, 503}) {
    ExpectScopes({{"region", http_status, Error("x", "insufficient_capacity"), ErrorScope::kRegion},
                  {"volume", http_status, Error("x", "volume_placement_capacity"), ErrorScope::kVolume},
                  {"name", http_status, Error("x", "name_taken"), ErrorScope::kNameTaken}});
  }
}

TEST(MachinesApiErrorTest, WhereTheBodyHasAStatusItsTextSaysNothingAboutCapacity) {
  const std::string full = "insufficient memory available to fulfill request";
  ExpectScopes({
      {"unknown, 409", 409, Error(full, "unknown"), ErrorScope::kConflict},
      {"unknown, 422", 422, Error(full, "unknown"), ErrorScope::kRefused},
      {"a status of tomorrow", 409, Error("no capacity", "sunspots"), ErrorScope::kConflict},
      {"region before the host's words", 409, Error(full, "insufficient_capacity"), ErrorScope::kRegion},
      {"unknown, volume", 412, Error("new machine with existing volume 'v'", "unknown"),
       ErrorScope::kRefused},
      {"unknown, 400", 400, Error("no capacity", "unknown"), ErrorScope::kRefused},
  });
}

TEST(MachinesApiErrorTest, TextSaysWhereThereIsNoRoom) {
  ExpectScopes({
      {"CPUs", 409, Error("aborted: insufficient CPUs available to fulfill request"), ErrorScope::kHost},
      {"memory", 409, Error("insufficient memory available to fulfill request here"), ErrorScope::kHost},
      {"addresses", 409, Error("insufficient IPs available to fulfill request"), ErrorScope::kHost},
      {"any", 409, Error("insufficient resources available to fulfill request: x"), ErrorScope::kHost},
      {"no JSON", 409, "insufficient CPUs available to fulfill request", ErrorScope::kHost},
      {"region", 409, Error("aborted: no capacity"), ErrorScope::kRegion},
      {"only at the end", 409, Error("no capacity left in the queue of updates"), ErrorScope::kConflict},
      {"a volume's region", 400, Error("no capacity"), ErrorScope::kRegion},
      {"beside a volume", 412, Error("insufficient resources to create new machine with existing volume 'v'"),
       ErrorScope::kVolume},
      {"only of a 409", 500, Error("insufficient CPUs available to fulfill request"), ErrorScope::kUnknown},
      {"only of a 409", 422, Error("insufficient CPUs available to fulfill request"), ErrorScope::kRefused},
      {"only of a 409 or 400", 503, Error("no capacity"), ErrorScope::kUnknown},
  });
}

TEST(MachinesApiErrorTest, AConflictIsALeaseAnUpdateOrAName) {
  ExpectScopes({
      {"lease", 409, Error("lease currently held by x"), ErrorScope::kConflict},
      {"lease, enveloped", 409, R"({"status":"error","message":"lease currently held"})",
       ErrorScope::kConflict},
      {"update", 409, Error("machine update failed due to concurrent update"), ErrorScope::kConflict},
      {"nothing said", 409, "", ErrorScope::kConflict},
      {"version", 412, Error("precondition failed: machine version is not 01J"), ErrorScope::kConflict},
      {"name", 409, Error("already_exists: unique machine name violation"), ErrorScope::kNameTaken},
      {"name, other words", 409, Error("unique machine name violation"), ErrorScope::kNameTaken},
      {"name, unknown", 409, Error("already_exists: x", "unknown"), ErrorScope::kNameTaken},
  });
}

TEST(MachinesApiErrorTest, AStateInBetweenIsWorthAnotherTryWhateverTheHttpStatus) {
  for (const int http_status : {400, 409, 412, 422}) {
    for (const char* text : {"failed_precondition: machine getting replaced, refusing to start",
                             "failed_precondition: unable to start machine from current state: 'created'",
                             "machine still attempting to start"}) {
      ExpectScopes({{text, http_status, Error(text), ErrorScope::kRetry},
                    {text, http_status, Error(text, "unknown"), ErrorScope::kRetry}});
    }
  }
}

TEST(MachinesApiErrorTest, AQuotaIsNoQuestionOfTheToken) {
  const std::string text =
      "organization 'x' is using 9 MB in dfw which is over the allowed quota. please go away";
  ExpectScopes({
      {"quota", 403, Error(text), ErrorScope::kQuota},
      {"quota, unknown", 403, Error(text, "unknown"), ErrorScope::kQuota},
      {"token", 403, Error("unauthorized"), ErrorScope::kAuth},
      {"not of a 422", 422, Error(text), ErrorScope::kRefused},
  });
}

TEST(MachinesApiErrorTest, WhereNothingElseIsSaidTheHttpStatusIsAllThereIs) {
  for (const auto& [http_status, want] :
       std::vector<std::pair<int, ErrorScope>>{{302, ErrorScope::kRefused},
                                               {400, ErrorScope::kRefused},
                                               {401, ErrorScope::kAuth},
                                               {403, ErrorScope::kAuth},
                                               {404, ErrorScope::kGone},
                                               {405, ErrorScope::kRefused},
                                               {408, ErrorScope::kUnknown},
                                               {409, ErrorScope::kConflict},
                                               {412, ErrorScope::kRefused},
                                               {422, ErrorScope::kRefused},
                                               {429, ErrorScope::kRetry},
                                               {500, ErrorScope::kUnknown},
                                               {502, ErrorScope::kUnknown},
                                               {504, ErrorScope::kUnknown}}) {
    for (const char* body : {"", "x", "{}", "[1]", "{\"error\":7,\"status\":7}", "{\"error\":\"x\"}"}) {
      ExpectScopes({{"bare", http_status, body, want}});
    }
  }
}

TEST(MachinesApiErrorTest, RetryAfterIsCarriedWhereItIsANumberOfSeconds) {
  const auto pause = [](const std::string& value) {
    return RetryAfterOf(MakeMachinesApiError({.status = 429, .headers = {{"retry-after", value}}}));
  };
  EXPECT_EQ(pause("7"), absl::Seconds(7));
  EXPECT_EQ(pause("0"), absl::ZeroDuration());
  EXPECT_EQ(pause("4000000000"), absl::Seconds(4000000000));
  for (const char* odd : {"", "soon", "-1", "1.5", "99999999999", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_EQ(pause(odd), std::nullopt) << odd;
  }
}

TEST(MachinesApiErrorTest, TheScopeTravelsBesideTheMessageNotInIt) {
  const absl::Status status = MakeMachinesApiError({.status = 409, .body = Error("no capacity")});
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), "the Machines API answered HTTP 409: no capacity");
}

// The platform's client library names the capacity scopes; what it calls none has one of our others.
ErrorScope WantedOfRecorded(const std::string& scope, const std::string& body) {
  if (absl::StartsWith(scope, "host")) return ErrorScope::kHost;
  if (absl::StartsWith(scope, "region")) return ErrorScope::kRegion;
  if (absl::StartsWith(scope, "volume_placement")) return ErrorScope::kVolume;
  if (absl::StartsWith(scope, "org quota")) return ErrorScope::kQuota;
  if (absl::StartsWith(scope, "none (transient")) return ErrorScope::kRetry;
  if (absl::StartsWith(scope, "none (wait timed out")) return ErrorScope::kUnknown;
  if (absl::StrContains(body, "unique machine name") || absl::StrContains(body, "name_taken")) {
    return ErrorScope::kNameTaken;
  }
  if (absl::StrContains(body, "\"unknown\"")) return ErrorScope::kRefused;
  return absl::StrContains(body, "insufficient") ? ErrorScope::kUnknown : ErrorScope::kConflict;
}

TEST(MachinesApiErrorTest, EveryRecordedErrorHasItsScope) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  const boost::json::value vectors = boost::json::parse(ReadRecordedFile("fly/fly-error-vectors.json"));
  for (const boost::json::value& vector : vectors.as_array()) {
    const std::string body = vector.at("body").as_string().c_str();
    const std::string scope = vector.at("capacity_scope").as_string().c_str();
    ExpectScopes({{scope.c_str(), static_cast<int>(vector.at("http_status").as_int64()), body,
                   WantedOfRecorded(scope, body)}});
  }
  EXPECT_GE(vectors.as_array().size(), 22u);
}

}  // namespace
}  // namespace placer
