// The proof of concept's config.yml: eleven flat keys, each optional, read as the policy that its rules
// imply. Its two thresholds are named the other way round from what one expects: traffic_threshold places,
// deployment_threshold removes.
#pragma once

#include <string>

#include "api/field_reader.h"
#include "api/policy.h"

namespace placer {

// A mapping without apiVersion, kind and spec that has at least one of the keys.
bool IsFlatConfig(const YamlNode& root);

// `default_app` may be empty in a dry run only: that runs on demo traffic, as the app "demo".
PlacementPolicy ParseFlatConfig(const std::string& default_app, DocumentReport& report);

}  // namespace placer
