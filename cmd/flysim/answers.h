// Answers: flysim's HTTP interface as a function of the world, without a socket: the Fly Machines API and
// Fly's metrics as they answer, /health, the controller's own query of Prometheus, and /_control, which makes
// the world go wrong. Easy to get wrong: a wait is answered at once, by the state as it is; patience is the
// shell's.
#pragma once

#include <optional>
#include <string>

#include "api/http_message.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

struct AnswerOptions {
  bool needs_token = true;  // of the calls under /v1
  std::string token;        // the one that is accepted; "" = any
};

// The app that a request is about, by its path, its query of Prometheus, or ?app=NAME; "" if it names none.
std::string FindApp(const HttpRequest& request);
// The answer to one request by the world as it stands; the caller moves the world's time first.
HttpResponse MakeAnswer(World& world, const AnswerOptions& options, const HttpRequest& request);
// What the request waits for; no value: it is no wait, or may not be made.
std::optional<WaitForState> FindWait(const World& world, const AnswerOptions& options,
                                     const HttpRequest& request);

}  // namespace placer::flysim
