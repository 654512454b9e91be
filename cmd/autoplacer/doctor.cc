#include "cmd/autoplacer/doctor.h"

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "api/machines_api.h"
#include "api/machines_writes.h"
#include "api/policy_codec.h"
#include "api/prometheus_api.h"
#include "cmd/autoplacer/platform_effects.h"
#include "cmd/autoplacer/policy_files.h"
#include "controller/net/http_client.h"

namespace placer {
namespace {

using Level = CheckResult::Level;

constexpr char kTokenAdvice[] =
    "make one with `fly tokens create readonly` and set it as FLY_API_TOKEN, in the environment or in .env";
constexpr char kDeployTokenAdvice[] =
    "make one with `fly tokens create deploy -a APP` and set it as FLY_API_TOKEN, in the environment or in "
    ".env";
// Fly's ids are of this form; none is all zeros.
constexpr char kNoMachine[] = "00000000000000";
constexpr char kPrometheusTokenAdvice[] =
    "set AUTOPLACER_PROMETHEUS_TOKEN to a token that may read the organization (`fly tokens create readonly "
    "ORG`)";
constexpr char kPrometheusUrlAdvice[] =
    "set FLY_PROMETHEUS_URL=https://api.fly.io/prometheus/YOUR-ORG (the organization's slug, see `fly orgs "
    "list`)";

constexpr char kPlainTextAdvice[] = "does that port speak TLS? write http:// in the URL where it does not";
constexpr char kMachinesUrlAdvice[] =
    "is FLY_FLAPS_BASE_URL a Machines API? the default is https://api.machines.dev";

bool IsTlsProblem(const absl::Status& status) {
  return absl::StrContains(status.message(), "wrong version number");
}

// "" without a token; else how it goes out, since a token of the wrong kind looks like a wrong one.
std::string DescribeToken(const std::string& token) {
  const std::string authorization = MakeAuthorization(token);
  if (authorization.empty()) return "";
  return absl::StrCat("the token was sent as ", authorization.substr(0, authorization.find(' ')),
                      " and may be another organization's, or expired; ");
}

// What `parse` makes of an answer, or why there is none.
template <typename Parse>
std::invoke_result_t<Parse, const HttpResponse&> ParseAnswer(const absl::StatusOr<HttpResponse>& response,
                                                             Parse parse) {
  if (!response.ok()) return response.status();
  return parse(*response);
}

class Checks {
 public:
  Checks(const RunOptions& options, const Environment& environment, const DoctorWorld& world)
      : options_(options), environment_(environment), world_(world) {
    if (const absl::StatusOr<Url> url = ParseUrl(options.machines_url); url.ok()) machines_path_ = url->path;
    if (const absl::StatusOr<Url> url = ParseUrl(options.prometheus_url); url.ok())
      prometheus_path_ = url->path;
    context_.platform.regions = EmbeddedRegions();
    context_.default_app = environment.default_app;
  }

  std::vector<CheckResult> Run() {
    CheckCertificates();
    CheckRegions();
    CheckPolicies();
    CheckMachines();
    if (CheckPrometheus()) CheckTraffic();
    CheckDataDirectory();
    CheckListen(options_.listen);
    return std::move(results_);
  }

 private:
  void Add(Level level, std::string name, std::string message, std::string advice = "") {
    results_.push_back({std::move(name), level, std::move(message), std::move(advice)});
  }
  void Fail(std::string name, const absl::Status& status, std::string advice) {
    Add(Level::kFail, std::move(name), std::string(status.message()), std::move(advice));
  }

  std::string AdviseOnMachines(const absl::Status& status) const {
    switch (status.code()) {
      case absl::StatusCode::kUnauthenticated:
      case absl::StatusCode::kPermissionDenied:
        return environment_.api_token.empty()
                   ? absl::StrCat("no token is set: ", kTokenAdvice)
                   : absl::StrCat(DescribeToken(environment_.api_token), kTokenAdvice);
      case absl::StatusCode::kNotFound:
        return "is spec.app right, and does the token belong to its organization?";
      case absl::StatusCode::kInternal:
      case absl::StatusCode::kInvalidArgument:
        return kMachinesUrlAdvice;
      default:
        if (IsTlsProblem(status)) return kPlainTextAdvice;
        return "is FLY_FLAPS_BASE_URL right, and is the network there? the default is "
               "https://api.machines.dev";
    }
  }

  // No call reads the file where the URLs are http://; `run` and `plan` refuse it all the same.
  void CheckCertificates() {
    if (options_.ca_file.empty()) return;
    const std::string name = "CA file";
    if (const absl::Status status = world_.check_ca_file(options_.ca_file); !status.ok()) {
      return Add(Level::kFail, name, std::string(absl::StripPrefix(status.message(), "CA file ")),
                 "name a PEM file with --ca-file, or leave it out: the system's certificates");
    }
    Add(Level::kOk, name, absl::StrCat(options_.ca_file, " has certificates"));
  }

  // Optional: an app's deploy token may not ask for regions, and the table built in stands in.
  void CheckRegions() {
    const std::string name = "Machines API: regions";
    const absl::StatusOr<std::vector<Region>> regions = ParseAnswer(
        world_.machines(BuildListRegions(machines_path_, environment_.api_token)), ParseRegionList);
    if (!regions.ok()) {
      return Add(Level::kWarn, name, std::string(regions.status().message()),
                 absl::StrCat("the built-in table of regions is used; ",
                              absl::IsNotFound(regions.status()) ? kMachinesUrlAdvice
                                                                 : AdviseOnMachines(regions.status())));
    }
    context_.platform.regions.clear();
    for (const Region& region : *regions) context_.platform.regions[region.code] = region;
    context_.platform.from_platform = true;
    Add(Level::kOk, name, absl::StrCat(regions->size(), " regions at ", options_.machines_url));
  }

  void CheckPolicies() {
    const std::string name = "policy";
    if (options_.policy.empty()) {
      return Add(Level::kFail, name, "there is no ./policy.yaml, ./config.yml or ./config/config.yml",
                 "name the file with --policy; deploy/policies/ has examples");
    }
    const absl::StatusOr<std::vector<PolicyFile>> files = world_.read_policies(options_.policy);
    if (!files.ok()) return Fail(name, files.status(), "name the file with --policy");
    ParsedPolicies parsed = ParsePolicyFiles(*files, context_);
    policies_ = std::move(parsed.policies);
    for (const Diagnostic& each : parsed.diagnostics) {
      const bool is_error = each.severity == Diagnostic::Severity::kError;
      Add(is_error ? Level::kFail : Level::kWarn, name, FormatDiagnostic(each), "edit the file at that line");
    }
    if (parsed.diagnostics.empty())
      Add(Level::kOk, name, absl::StrCat(policies_.size(), " in ", options_.policy));
  }

  void CheckMachines() {
    if (!policies_.empty() && NeedsDemo(options_, environment_, policies_)) {
      Add(Level::kWarn, "FLY_API_TOKEN",
          "not set: `run` and `plan` decide this flat dry run on demo traffic, not on your app's",
          kTokenAdvice);
    } else if (environment_.api_token.empty()) {
      Add(Level::kWarn, "FLY_API_TOKEN", "not set",
          absl::StrCat("the Machines API will refuse; ", kTokenAdvice));
    }
    std::set<std::string> asked;
    for (const PlacementPolicy& policy : policies_) {
      if (!asked.insert(policy.app).second) continue;
      const std::string name = absl::StrCat("Machines API: machines of ", policy.app);
      const absl::StatusOr<std::vector<Machine>> machines =
          ParseAnswer(world_.machines(BuildListMachines(machines_path_, environment_.api_token, policy.app)),
                      ParseMachineList);
      if (!machines.ok()) {
        Fail(name, machines.status(), AdviseOnMachines(machines.status()));
      } else if (machines->empty()) {
        Add(Level::kWarn, name, "none", "a new machine is cloned from one that is there: `fly deploy` first");
      } else {
        Add(Level::kOk, name, absl::StrCat(machines->size(), " machines"));
      }
      if (machines.ok()) CheckWriting(policy.app, HasActivePolicy(policy.app));
    }
  }

  bool HasActivePolicy(const std::string& app) const {
    return std::any_of(policies_.begin(), policies_.end(), [&](const PlacementPolicy& policy) {
      return policy.app == app && policy.mode == Mode::kActive;
    });
  }

  // Asked with a change of a machine that cannot exist, so that nothing changes. A token that may not write
  // is a failure for a policy that acts, and a warning for one that may act one day.
  void CheckWriting(const std::string& app, bool acts) {
    const std::string name = absl::StrCat("Machines API: changing machines of ", app);
    const MachineChange change{.kind = MachineChange::Kind::kCordon, .machine_id = kNoMachine};
    const absl::StatusOr<HttpResponse> response =
        world_.machines(BuildMachineChange(machines_path_, environment_.api_token, app, change));
    const absl::Status status = response.ok() ? ParseMachineChanged(*response, change) : response.status();
    if (absl::IsNotFound(status)) {
      return Add(Level::kOk, name, "the token may, as far as can be told without changing one");
    }
    if (ScopeOf(status) == ErrorScope::kAuth) {
      return Add(acts ? Level::kFail : Level::kWarn, name, std::string(status.message()),
                 absl::StrCat(acts ? "" : "enough for a dry run; to act, ", kDeployTokenAdvice));
    }
    Add(Level::kWarn, name,
        absl::StrCat("cannot be told: ",
                     status.ok() ? "the answer is no error" : std::string(status.message())),
        "ask again later; if it stays so, the first action will say more");
  }

  std::string AdviseOnPrometheus(const absl::Status& status) const {
    switch (status.code()) {
      case absl::StatusCode::kUnauthenticated:
      case absl::StatusCode::kPermissionDenied:
        return absl::StrCat(DescribeToken(environment_.prometheus_token), kPrometheusTokenAdvice);
      case absl::StatusCode::kInvalidArgument:
        return "the server refuses the query; look at spec.traffic.query";
      default:
        if (IsTlsProblem(status)) return kPlainTextAdvice;
        return kPrometheusUrlAdvice;
    }
  }

  // Any instant query: it tells URL and token apart from the app's own traffic.
  bool CheckPrometheus() {
    const std::string name = "Prometheus: instant query";
    if (options_.prometheus_url.empty()) {
      Add(Level::kFail, name, "FLY_PROMETHEUS_URL is not set", kPrometheusUrlAdvice);
      return false;
    }
    const absl::StatusOr<QueryAnswer> answer =
        ParseAnswer(world_.prometheus(BuildInstantQuery(prometheus_path_, environment_.prometheus_token,
                                                        "vector(1)", world_.now)),
                    ParseQueryAnswer);
    if (!answer.ok()) {
      // This query is right: where it is refused, that is no Prometheus.
      Fail(name, answer.status(),
           absl::IsInvalidArgument(answer.status()) ? kPrometheusUrlAdvice
                                                    : AdviseOnPrometheus(answer.status()));
      return false;
    }
    Add(Level::kOk, name, absl::StrCat(options_.prometheus_url, " answers"));
    return true;
  }

  void CheckTraffic() {
    for (const PlacementPolicy& policy : policies_) {
      const std::string name =
          absl::StrCat("Prometheus: traffic of ", policy.app, " (policy ", policy.name, ")");
      const absl::Time end =
          ComputeNewestExpectedPoint(world_.now, policy.traffic.resolution, policy.traffic.delay);
      const int points = policy.threshold.long_window;
      const absl::Time start = end - policy.traffic.resolution * (points - 1);
      const absl::StatusOr<QueryAnswer> answer = ParseAnswer(
          world_.prometheus(BuildRangeQuery(prometheus_path_, environment_.prometheus_token,
                                            MakeTrafficQuery(policy), start, end, policy.traffic.resolution)),
          ParseQueryAnswer);
      const absl::StatusOr<Traffic> traffic =
          answer.ok() ? MakeTraffic(policy, *answer, end, points) : absl::StatusOr<Traffic>(answer.status());
      const std::string window = FormatPolicyDuration(policy.traffic.resolution * points);
      if (!traffic.ok()) {
        Fail(name, traffic.status(), AdviseOnPrometheus(traffic.status()));
      } else if (!traffic->warnings.empty()) {
        Add(Level::kWarn, name, traffic->warnings.front(),
            "look at spec.traffic and at the server's own log");
      } else if (traffic->regions.empty()) {
        Add(Level::kWarn, name, absl::StrCat("none in the last ", window),
            "is spec.app right, is the URL that of its organization, and does the app get requests?");
      } else {
        Add(Level::kOk, name,
            absl::StrCat("from ", traffic->regions.size(), " regions in the last ", window));
      }
    }
  }

  void CheckDataDirectory() {
    const std::string name = "data directory";
    if (const absl::Status status = world_.try_write(options_.data_dir); !status.ok()) {
      return Fail(name, status, "make it writable, or name another with --data-dir");
    }
    if (!environment_.machine_id.empty() && !world_.is_on_volume(options_.data_dir)) {
      return Add(Level::kWarn, name,
                 absl::StrCat(options_.data_dir, " is on the root file system of a Fly machine"),
                 "it is lost on each deploy; mount a volume and point --data-dir there");
    }
    Add(Level::kOk, name, absl::StrCat(options_.data_dir, " is writable"));
  }

  void CheckListen(const std::string& address) {
    const std::string name = "listen address";
    if (const absl::Status status = world_.try_listen(address); !status.ok()) {
      const bool is_taken = absl::StrContains(status.message(), "in use");
      return Fail(name, status,
                  is_taken
                      ? "if a controller runs there already all is well; else choose another with --listen"
                      : "choose another with --listen HOST:PORT");
    }
    Add(Level::kOk, name, absl::StrCat(address, " is free"));
  }

  const RunOptions& options_;
  const Environment& environment_;
  const DoctorWorld& world_;
  std::string machines_path_;
  std::string prometheus_path_;
  PolicyContext context_;
  std::vector<PlacementPolicy> policies_;
  std::vector<CheckResult> results_;
};

}  // namespace

std::vector<CheckResult> RunChecks(const RunOptions& options, const Environment& environment,
                                   const DoctorWorld& world) {
  return Checks(options, environment, world).Run();
}

}  // namespace placer
