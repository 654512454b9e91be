// Answers: flysim's HTTP interface as a function of the world, without a socket. It answers as the Fly
// Machines API and Fly's metrics do: /metrics, the machine list, one machine, the platform's regions, and
// /health.
#pragma once

#include <string>

#include "api/http_message.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

struct AnswerOptions {
  bool needs_token = true;  // of the calls under /v1
  std::string token;        // the one that is accepted; "" = any
};

// The answer to one request by the world as it stands; the caller moves the world's time first.
HttpResponse MakeAnswer(const World& world, const AnswerOptions& options, const HttpRequest& request);

}  // namespace placer::flysim
