// The one query that the controller asks Prometheus, answered from the world itself: `query_range` for the
// app and the resolution that the query names. No PromQL: whatever else the query says is not looked at. For
// runs without a Prometheus beside them, with all the past that the world remembers at hand at once.
#pragma once

#include <string>

#include "api/http_message.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

// The app that the query asks about; "" if it names none.
std::string FindQueriedApp(const HttpRequest& request);

// Traffic, what was served and both witnesses, as MakeTrafficQuery names them (api/prometheus_api.h), counted
// exactly where a real Prometheus would extrapolate. An app that the world does not run has no series. 400:
// a time, step or range is missing or makes no sense.
HttpResponse AnswerRangeQuery(const World& world, const HttpRequest& request);

}  // namespace placer::flysim
