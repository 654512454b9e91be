#include "cmd/autoplacer/environment.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/dotenv.h"
#include "cmd/autoplacer/read_file.h"

namespace placer {
namespace {

std::optional<std::string> ReadProcessVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace

Environment MakeEnvironment(const ReadVariable& process, const std::map<std::string, std::string>& dotenv) {
  const auto only_process = [&](const std::string& name) { return process(name).value_or(""); };
  const auto read = [&](const std::string& name) {
    std::string value = only_process(name);
    if (!value.empty()) return value;
    const auto found = dotenv.find(name);
    return found == dotenv.end() ? std::string() : found->second;
  };
  Environment environment;
  environment.api_token = read("FLY_API_TOKEN");
  environment.prometheus_token = read("AUTOPLACER_PROMETHEUS_TOKEN");
  if (environment.prometheus_token.empty()) environment.prometheus_token = environment.api_token;
  environment.autoplacer_token = read("AUTOPLACER_TOKEN");
  environment.prometheus_url = read("FLY_PROMETHEUS_URL");
  environment.flaps_base_url = read("FLY_FLAPS_BASE_URL");
  environment.server = read("AUTOPLACER_SERVER");
  environment.private_ip = only_process("FLY_PRIVATE_IP");
  environment.machine_id = only_process("FLY_MACHINE_ID");
  environment.default_app = read("AUTOPLACER_APP");
  if (!environment.machine_id.empty()) {
    environment.own_app = only_process("FLY_APP_NAME");
  } else if (environment.default_app.empty()) {
    environment.default_app = read("FLY_APP_NAME");
  }
  return environment;
}

absl::StatusOr<Environment> LoadEnvironment(const std::string& env_file) {
  if (env_file.empty()) return MakeEnvironment(ReadProcessVariable, {});
  absl::StatusOr<std::string> text = ReadFile(env_file, "--env-file");
  if (!text.ok()) return text.status();
  ParsedDotenv parsed = ParseDotenv(*text, env_file);
  if (HasErrors(parsed.diagnostics)) {
    std::string message;
    for (const Diagnostic& each : parsed.diagnostics) {
      absl::StrAppend(&message, message.empty() ? "" : "\n", FormatDiagnostic(each));
    }
    return absl::InvalidArgumentError(message);
  }
  Environment environment = MakeEnvironment(ReadProcessVariable, parsed.values);
  environment.diagnostics = std::move(parsed.diagnostics);
  return environment;
}

std::vector<std::string> Secrets(const Environment& environment) {
  std::vector<std::string> secrets;
  for (const std::string& each :
       {environment.api_token, environment.prometheus_token, environment.autoplacer_token}) {
    if (!each.empty() && std::find(secrets.begin(), secrets.end(), each) == secrets.end())
      secrets.push_back(each);
  }
  return secrets;
}

}  // namespace placer
