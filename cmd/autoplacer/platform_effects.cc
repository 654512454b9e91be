#include "cmd/autoplacer/platform_effects.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cmd/autoplacer/demo_platform.h"
#include "controller/fly/machines_client.h"
#include "controller/fly/rate_limited_machines.h"
#include "controller/prometheus/prometheus_client.h"

namespace placer {
namespace {

constexpr absl::Duration kDemoPast = absl::Hours(2);

absl::StatusOr<Url> ParseNamedUrl(const std::string& text, const std::string& how_to_set) {
  if (text.empty()) return absl::InvalidArgumentError(absl::StrCat("no URL: set ", how_to_set));
  absl::StatusOr<Url> url = ParseUrl(text);
  if (url.ok()) return url;
  return absl::InvalidArgumentError(absl::StrCat(how_to_set, ": ", std::string(url.status().message())));
}

}  // namespace

bool NeedsDemo(const RunOptions& options, const Environment& environment,
               const std::vector<PlacementPolicy>& policies) {
  if (options.demo) return true;
  const auto runs_on_demo = [](const PlacementPolicy& policy) {
    return policy.from_flat_config && policy.mode == Mode::kDryRun;
  };
  return environment.api_token.empty() && !policies.empty() &&
         std::all_of(policies.begin(), policies.end(), runs_on_demo);
}

PlatformEffects MakeDemoEffects(const RunOptions& options, const std::string& app) {
  PlatformEffects effects;
  effects.clock = std::make_unique<SystemClock>(options.demo ? options.speed : 1.0);
  effects.world = std::make_unique<flysim::World>(
      flysim::WorldOptions{.seed = options.seed, .start = effects.clock->Now() - kDemoPast, .app = app});
  effects.world->AdvanceTo(effects.clock->Now());
  effects.machines = std::make_unique<DemoMachines>(*effects.world, *effects.clock);
  effects.traffic = std::make_unique<DemoTraffic>(*effects.world, *effects.clock);
  return effects;
}

absl::StatusOr<PlatformEffects> MakeFlyEffects(asio::io_context& io, const RunOptions& options,
                                               const Environment& environment,
                                               const ApiObservers& observers) {
  const absl::StatusOr<Url> machines_url =
      ParseNamedUrl(options.machines_url, "--machines-url or FLY_FLAPS_BASE_URL");
  if (!machines_url.ok()) return machines_url.status();
  const absl::StatusOr<Url> prometheus_url =
      ParseNamedUrl(options.prometheus_url, "--prometheus-url or FLY_PROMETHEUS_URL");
  if (!prometheus_url.ok()) return prometheus_url.status();
  if (absl::Status ca = CheckCaFile(options.ca_file); !ca.ok()) return ca;
  const HttpClientOptions http{.ca_file = options.ca_file};
  PlatformEffects effects;
  effects.clock = std::make_unique<SystemClock>();
  effects.machines_http = std::make_unique<HttpClient>(io, *machines_url, http);
  effects.prometheus_http = std::make_unique<HttpClient>(io, *prometheus_url, http);
  const auto observe = [called = observers.called](const std::string& api) {
    return [called, api](const std::string& operation, const std::string& code, absl::Duration took) {
      if (called) called(api, operation, code, took);
    };
  };
  effects.random = std::make_unique<SystemRandom>();
  effects.unpaced =
      std::make_unique<MachinesClient>(*effects.machines_http, *effects.clock,
                                       MachinesClientOptions{environment.api_token, observe("machines")});
  effects.machines = std::make_unique<RateLimitedMachines>(
      *effects.unpaced, *effects.clock, *effects.random,
      [waited = observers.waited](const std::string& action, absl::Duration duration) {
        if (waited) waited("machines", action, duration);
      });
  effects.traffic = std::make_unique<PrometheusClient>(
      *effects.prometheus_http, *effects.clock,
      PrometheusClientOptions{environment.prometheus_token, observe("prometheus")});
  return effects;
}

}  // namespace placer
