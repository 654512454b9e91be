// Pass report: what POST /trigger answered, read back and shown.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "api/status_codec.h"
#include "cmd/autoplacer/table.h"

namespace placer {

// Internal: the body is not what /trigger promises.
absl::StatusOr<PassReport> ParsePassReport(absl::string_view body);
std::string RenderPassReport(const PassReport& report, const Style& style);

}  // namespace placer
