#include "controller/kept_traffic.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

namespace placer {
namespace {

// A NaN that no server can have said: those that are read from text have no payload.
constexpr std::uint64_t kAbsent = 0x7ff8'0000'0000'0001;

}  // namespace

KeptTraffic::Rows KeptTraffic::Pack(const Values& rows, int points) {
  Rows packed;
  const auto size = static_cast<std::size_t>(points);
  packed.regions.reserve(rows.size());
  packed.values.assign(rows.size() * size, std::bit_cast<double>(kAbsent));
  auto row = packed.values.begin();
  for (const auto& [region, values] : rows) {
    packed.regions.push_back(region);
    for (std::size_t i = 0; i < std::min(size, values.size()); ++i) {
      if (values[i]) row[static_cast<std::ptrdiff_t>(i)] = *values[i];
    }
    row += points;
  }
  return packed;
}

KeptTraffic::Values KeptTraffic::Unpack(const Rows& rows) const {
  Values unpacked;
  auto value = rows.values.begin();
  for (const std::string& region : rows.regions) {
    std::vector<std::optional<double>>& values = unpacked[region];
    values.resize(static_cast<std::size_t>(rest_.points));
    for (std::optional<double>& each : values) {
      if (std::bit_cast<std::uint64_t>(*value) != kAbsent) each = *value;
      ++value;
    }
  }
  return unpacked;
}

void KeptTraffic::Keep(Traffic traffic) {
  regions_ = Pack(std::exchange(traffic.regions, {}), traffic.points);
  served_ = Pack(std::exchange(traffic.served, {}), traffic.points);
  served_errors_ = Pack(std::exchange(traffic.served_errors, {}), traffic.points);
  concurrency_ = Pack(std::exchange(traffic.concurrency, {}), traffic.points);
  rest_ = std::move(traffic);
}

Traffic KeptTraffic::Make() const {
  Traffic traffic = rest_;
  traffic.regions = Unpack(regions_);
  traffic.served = Unpack(served_);
  traffic.served_errors = Unpack(served_errors_);
  traffic.concurrency = Unpack(concurrency_);
  return traffic;
}

}  // namespace placer
