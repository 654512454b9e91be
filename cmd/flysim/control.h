// Control: the endpoint /_control, through which a test or a curious person makes the world go wrong. GET
// answers the faults in force and what happened so far; POST changes what its JSON object names, all of it
// or, where anything in it is wrong, nothing. README.md says what may be in it.
#pragma once

#include "api/http_message.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

HttpResponse AnswerControl(World& world, const HttpRequest& request);
// What GET answers.
std::string RenderControl(const World& world);

}  // namespace placer::flysim
