// Refusals: how the platform says no. A refusal is a status that carries the HTTP answer it stands for, and
// that reads exactly as our own client would read that answer: one source of truth for callers in process and
// over HTTP. The texts are Fly's, as recorded from its clients.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "api/http_message.h"

namespace placer::flysim {

// Any answer that is no success, as a status.
absl::Status MakeRefusal(int http_status, const std::string& body);
// With the body {"error": text, "status": code}; "" leaves the code out, as Fly does mostly.
absl::Status MakeRefusal(int http_status, absl::string_view text, absl::string_view code);
// The answer behind a refusal; of a status that is none: a 500.
HttpResponse MakeRefusalAnswer(const absl::Status& refusal);

absl::Status RefuseUnknownMachine();
absl::Status RefuseBadRequest(absl::string_view text);
absl::Status RefuseState(absl::string_view verb, absl::string_view state);  // "start", "created"
absl::Status RefuseRate(absl::Duration retry_after);
// The write happened, and its answer never arrives: what a caller sees is no answer of the platform.
absl::Status MakeLostReply();

}  // namespace placer::flysim
