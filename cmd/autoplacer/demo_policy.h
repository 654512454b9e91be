// The policy of `run --demo`: the defaults, on the local platform's app.
#pragma once

namespace placer {

inline constexpr char kDemoPolicy[] = R"(apiVersion: autoplacer.dev/v1
kind: PlacementPolicy
metadata: {name: demo}
spec:
  app: demo
  adopt: All
)";

}  // namespace placer
