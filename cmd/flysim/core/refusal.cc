#include "cmd/flysim/core/refusal.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "api/json_writer.h"
#include "api/machines_api.h"

namespace placer::flysim {
namespace {

constexpr char kStatusPayload[] = "autoplacer.dev/flysim-http-status";
constexpr char kBodyPayload[] = "autoplacer.dev/flysim-http-body";
constexpr char kRetryAfterPayload[] = "autoplacer.dev/flysim-retry-after";

std::string MakeErrorBody(absl::string_view text, absl::string_view code) {
  std::string body = absl::StrCat("{\"error\":", FormatJsonString(text));
  if (!code.empty()) absl::StrAppend(&body, ",\"status\":", FormatJsonString(code));
  return body + "}";
}

HttpResponse MakeAnswer(int http_status, std::string body, const std::string& retry_after) {
  HttpResponse answer{
      .status = http_status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
  if (!retry_after.empty()) answer.headers.emplace_back("Retry-After", retry_after);
  return answer;
}

absl::Status ToStatus(int http_status, const std::string& body, const std::string& retry_after) {
  absl::Status status = MakeMachinesApiError(MakeAnswer(http_status, body, retry_after));
  status.SetPayload(kStatusPayload, absl::Cord(absl::string_view(absl::StrCat(http_status))));
  status.SetPayload(kBodyPayload, absl::Cord(absl::string_view(body)));
  if (!retry_after.empty()) status.SetPayload(kRetryAfterPayload, absl::Cord(absl::string_view(retry_after)));
  return status;
}

std::string ReadPayload(const absl::Status& status, const char* name) {
  const auto payload = status.GetPayload(name);
  return payload ? std::string(*payload) : "";
}

}  // namespace

absl::Status MakeRefusal(int http_status, const std::string& body) {
  return ToStatus(http_status, body, "");
}

absl::Status MakeRefusal(int http_status, absl::string_view text, absl::string_view code) {
  return ToStatus(http_status, MakeErrorBody(text, code), "");
}

HttpResponse MakeRefusalAnswer(const absl::Status& refusal) {
  int http_status = 0;
  if (!absl::SimpleAtoi(ReadPayload(refusal, kStatusPayload), &http_status)) {
    return MakeAnswer(500, MakeErrorBody(refusal.message(), "unknown"), "");
  }
  return MakeAnswer(http_status, ReadPayload(refusal, kBodyPayload),
                    ReadPayload(refusal, kRetryAfterPayload));
}

absl::Status RefuseUnknownMachine() {
  return MakeRefusal(404, "machine not found", "unknown");
}

absl::Status RefuseBadRequest(absl::string_view text) {
  return MakeRefusal(400, text, "unknown");
}

absl::Status RefuseState(absl::string_view verb, absl::string_view state) {
  if (state == "replacing") {
    return MakeRefusal(412, absl::StrCat("failed_precondition: machine getting replaced, refusing to ", verb),
                       "");
  }
  return MakeRefusal(
      412,
      absl::StrCat("failed_precondition: unable to ", verb, " machine from current state: '", state, "'"),
      "");
}

absl::Status RefuseRate(absl::Duration retry_after) {
  const absl::Duration whole = absl::Ceil(retry_after, absl::Seconds(1));
  return ToStatus(429, MakeErrorBody("rate limit exceeded", "unknown"),
                  absl::StrCat(absl::ToInt64Seconds(whole)));
}

absl::Status MakeLostReply() {
  absl::Status lost = absl::DeadlineExceededError("no answer from the platform in time");
  lost.SetPayload(kStatusPayload, absl::Cord("408"));
  lost.SetPayload(kBodyPayload, absl::Cord(absl::string_view(MakeErrorBody("request timeout", "unknown"))));
  return lost;
}

}  // namespace placer::flysim
