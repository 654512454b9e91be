// Environment: what the process environment and the .env file say, in our words. The real environment wins
// over the file. Holds secrets: no function prints one, and `Secrets()` is what a log must redact. Easy to
// get wrong: on a Fly machine FLY_APP_NAME is the app that *we* run in, set by Fly, and so never the app to
// place.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/diagnostic.h"

namespace placer {

struct Environment {
  std::string api_token;         // FLY_API_TOKEN: Machines API
  std::string prometheus_token;  // AUTOPLACER_PROMETHEUS_TOKEN, else FLY_API_TOKEN
  std::string autoplacer_token;  // AUTOPLACER_TOKEN: bearer of mutating calls on our own API
  std::string prometheus_url;    // FLY_PROMETHEUS_URL; already merged into RunOptions
  std::string flaps_base_url;    // FLY_FLAPS_BASE_URL; already merged into RunOptions
  std::string server;            // AUTOPLACER_SERVER; already merged into ClientOptions
  std::string default_app;  // target of a flat config: AUTOPLACER_APP, else FLY_APP_NAME where not on Fly
  std::string own_app;      // FLY_APP_NAME where on Fly
  std::string private_ip;   // FLY_PRIVATE_IP, from the real environment only; "" = not on Fly
  std::string machine_id;   // FLY_MACHINE_ID, from the real environment only; "" = not on Fly
  std::vector<Diagnostic> diagnostics;  // warnings of the .env file; never contain a value
};

// A variable of the process, or nothing. An empty value counts as not set.
using ReadVariable = std::function<std::optional<std::string>(const std::string& name)>;

Environment MakeEnvironment(const ReadVariable& process, const std::map<std::string, std::string>& dotenv);

// The process environment over `env_file` ("" = no file). NotFound: no such file; InvalidArgument: it is
// broken, with every error in the message.
absl::StatusOr<Environment> LoadEnvironment(const std::string& env_file);

// Every token that is set, each once.
std::vector<std::string> Secrets(const Environment& environment);

}  // namespace placer
