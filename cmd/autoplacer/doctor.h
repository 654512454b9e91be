// Doctor: what the controller will read, tried one by one, and what to do about each that fails; and whether
// the token may write, without writing. The checks see the world through DoctorWorld, so that each is tested
// without a network or a disk.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/http_message.h"
#include "cmd/autoplacer/environment.h"
#include "cmd/autoplacer/options.h"
#include "cmd/autoplacer/table.h"
#include "controller/policy_watcher.h"

namespace placer {

struct CheckResult {
  enum class Level { kOk, kWarn, kFail };
  std::string name;  // what was tried
  Level level = Level::kOk;
  std::string message;  // what was found
  std::string advice;   // what to do; "" where all is well
};

struct DoctorWorld {
  // One call to the Machines API or to Prometheus; the path prefixes are those of the URLs in RunOptions.
  std::function<absl::StatusOr<HttpResponse>(HttpRequest)> machines;
  std::function<absl::StatusOr<HttpResponse>(HttpRequest)> prometheus;
  std::function<absl::StatusOr<std::vector<PolicyFile>>(const std::string& path)> read_policies;
  std::function<absl::Status(const std::string& directory)> try_write;
  std::function<bool(const std::string& directory)> is_on_volume;  // a file system other than that of "/"
  std::function<absl::Status(const std::string& address)> try_listen;
  std::function<absl::Status(const std::string& path)> check_ca_file;
  absl::Time now;
};

// In the order in which a failure explains the ones after it.
std::vector<CheckResult> RunChecks(const RunOptions& options, const Environment& environment,
                                   const DoctorWorld& world);

bool AnyFailed(const std::vector<CheckResult>& results);
std::string RenderChecks(const std::vector<CheckResult>& results, const Style& style);
// {"ok": bool, "checks":[{"name","level","message","advice"}]}
std::string FormatChecksJson(const std::vector<CheckResult>& results);

}  // namespace placer
