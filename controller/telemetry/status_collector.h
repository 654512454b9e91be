// StatusCollector: the domain's gauges, made from the policies' statuses at the moment of a scrape. Nothing
// is kept between scrapes, so a policy or region that is gone leaves no series behind.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "controller/telemetry/metrics.h"

namespace placer {

class StatusCollector final : public prometheus::Collectable {
 public:
  StatusCollector(std::function<std::vector<PolicySnapshot>()> snapshot, std::function<absl::Time()> now);
  // No family is there twice; within a family two series may have the same labels.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  std::function<std::vector<PolicySnapshot>()> snapshot_;
  std::function<absl::Time()> now_;
};

}  // namespace placer
