// Plan report: what one pass would do to an app, for someone who has not let us near it yet. Which machines
// would be managed and which not, then the actions and what they would cost, then every region with its
// reason.
#pragma once

#include <string>

#include "cmd/autoplacer/table.h"
#include "cmd/autoplacer/wiring.h"

namespace placer {

std::string RenderPlan(const OnePass& pass, const std::string& self_machine_id, const Style& style);
// {"policies":[{"policy":{...object with status...}, "machines":[...],
//               "price":{"usdPerMonth" (null: unknown), "message"}, "report":{...}}]}
std::string FormatPlanJson(const OnePass& pass, const std::string& self_machine_id);

}  // namespace placer
