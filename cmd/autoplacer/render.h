// Render: views to text for people. Pure functions; the width, the colours and the number of rows are the
// caller's.
#pragma once

#include <string>
#include <vector>

#include "cmd/autoplacer/table.h"
#include "cmd/autoplacer/view.h"

namespace placer {

// One row per policy.
std::string RenderPolicies(const std::vector<PolicyView>& policies, const Style& style);
// One or more lines: what the policy steers, the evidence, and what is wrong.
std::string RenderHeader(const PolicyView& policy, const Style& style);
// One row per region: those with machines first, then by short average. At most `max_rows` (0: all), and a
// line that says how many more there are.
std::string RenderRegions(const PolicyView& policy, const Style& style, int max_rows);
// The newest `count` actions; "" if there are none.
std::string RenderRecentActions(const PolicyView& policy, const Style& style, int count);
// Header, regions and recent actions, fitted to `height` lines (0: no limit).
std::string RenderPolicy(const PolicyView& policy, const Style& style, int height);
// Everything about one region: measured, thresholds, the rule that bound, what would have to change.
std::string RenderExplanation(const PolicyView& policy, const RegionView& region, const Style& style);

}  // namespace placer
