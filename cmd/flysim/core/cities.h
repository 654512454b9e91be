// Cities: where the users of the local platform live. Each has a share of the world's traffic and an hour of
// its own solar day around which its users are awake; cities of offices are busy before noon, others in the
// afternoon.
#pragma once

#include "absl/types/span.h"
#include "api/region.h"

namespace placer::flysim {

struct City {
  const char* name;
  Coordinates coordinates;
  double weight;           // share of the world's traffic, relative to the other cities
  double busy_solar_hour;  // middle of the busy hours, in local solar time: UTC + longitude / 15 degrees
};

absl::Span<const City> Cities();

}  // namespace placer::flysim
