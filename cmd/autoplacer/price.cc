#include "cmd/autoplacer/price.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/machine_template.h"
#include "cmd/autoplacer/json_view.h"

namespace placer {
namespace {

namespace json = boost::json;

constexpr double kSecondsPerMonth = 30 * 24 * 3600;
constexpr double kUsdPerGbSecond = 2.316e-6;
constexpr int kMaxCpus = 1024;
constexpr int kMaxMemoryMb = 16 << 20;

struct CpuPrice {
  const char* kind;
  double usd_per_second;
  double included_gb;
};
constexpr CpuPrice kCpuPrices[] = {{"shared", 8.465e-7, 0.25}, {"performance", 1.2732e-5, 2}};

struct Markup {
  const char* region;
  double factor;  // of the price in iad
};
// Also of regions that take no new machines: those that run there are paid for.
constexpr Markup kMarkups[] = {
    {"ams", 1.038461538}, {"arn", 1.038461538}, {"atl", 1.25},        {"bog", 1.615384615},
    {"bom", 1.076923077}, {"bos", 1.25},        {"cdg", 1.134615385}, {"den", 1.25},
    {"dfw", 1.25},        {"ewr", 1},           {"eze", 1.858173077}, {"fra", 1.153846154},
    {"gdl", 1.350961538}, {"gig", 1.615384615}, {"gru", 1.615384615}, {"hkg", 1.403846154},
    {"iad", 1},           {"jnb", 1.302884615}, {"lax", 1.199519231}, {"lhr", 1.134615385},
    {"mad", 1.096153846}, {"mia", 1.25},        {"nrt", 1.307692308}, {"ord", 1.25},
    {"otp", 1.326923077}, {"phx", 1.25},        {"qro", 1.350961538}, {"scl", 1.697115385},
    {"sea", 1.25},        {"sin", 1.269230769}, {"sjc", 1.192307692}, {"syd", 1.269230769},
    {"waw", 1.326923077}, {"yul", 1.115384615}, {"yyz", 1.115384615},
};

// A whole number in a sane range, else 0.
int FindWhole(const json::object& object, const char* key, int max) {
  const double number = FindNumber(object, key).value_or(0);
  return number >= 1 && number <= max && number == std::floor(number) ? static_cast<int>(number) : 0;
}

}  // namespace

std::optional<Guest> FindGuest(const std::string& config) {
  const absl::StatusOr<json::object> parsed = ParseJsonObject(config);
  if (!parsed.ok()) return std::nullopt;
  const json::object guest = FindObject(*parsed, "guest");
  const bool has_gpu = !FindText(guest, "gpu_kind").empty() || FindNumber(guest, "gpus").value_or(0) > 0;
  if (has_gpu || FindBool(*parsed, "spot")) return std::nullopt;
  Guest found{.cpu_kind = FindText(guest, "cpu_kind"),
              .cpus = FindWhole(guest, "cpus", kMaxCpus),
              .memory_mb = FindWhole(guest, "memory_mb", kMaxMemoryMb)};
  if (found.cpu_kind.empty() || found.cpus == 0 || found.memory_mb == 0) return std::nullopt;
  return found;
}

std::optional<double> ComputeMonthlyUsd(const Guest& guest, const std::string& region) {
  const auto cpu = std::find_if(std::begin(kCpuPrices), std::end(kCpuPrices),
                                [&](const CpuPrice& price) { return guest.cpu_kind == price.kind; });
  const auto markup = std::find_if(std::begin(kMarkups), std::end(kMarkups),
                                   [&](const Markup& entry) { return region == entry.region; });
  if (cpu == std::end(kCpuPrices) || markup == std::end(kMarkups)) return std::nullopt;
  const double more_gb = std::max(0.0, guest.memory_mb / 1024.0 - guest.cpus * cpu->included_gb);
  const double usd_per_second = guest.cpus * cpu->usd_per_second + more_gb * kUsdPerGbSecond;
  return markup->factor * usd_per_second * kSecondsPerMonth;
}

PriceDifference ComputePriceDifference(const PlacementPolicy& policy, const Decision& decision,
                                       const std::vector<Machine>& machines) {
  const Machine* source = FindTemplateMachine(policy, machines);
  const std::optional<Guest> guest =
      source != nullptr && source->config != nullptr ? FindGuest(*source->config) : std::optional<Guest>();
  PriceDifference difference{.usd_per_month = 0, .unknown = ""};
  for (const RegionDecision& region : decision.regions) {
    const int more = region.action == Action::kNone ? 0 : region.target - region.observed;
    if (more == 0) continue;
    if (!guest) return {.usd_per_month = std::nullopt, .unknown = "the size of the machines is not known"};
    const std::optional<double> each = ComputeMonthlyUsd(*guest, region.region);
    if (!each) {
      return {.usd_per_month = std::nullopt,
              .unknown = absl::StrCat("no price is known for ", guest->cpu_kind, "-cpu-", guest->cpus,
                                      "x in ", region.region)};
    }
    *difference.usd_per_month += more * *each;
  }
  return difference;
}

std::string DescribePriceDifference(const PriceDifference& difference) {
  if (!difference.usd_per_month) return absl::StrCat("The price difference is unknown: ", difference.unknown);
  const double usd = std::round(*difference.usd_per_month * 100) / 100;
  if (usd == 0) return "This would not change the price";
  return absl::StrFormat("This would cost %.2f USD %s a month", std::abs(usd), usd > 0 ? "more" : "less");
}

}  // namespace placer
