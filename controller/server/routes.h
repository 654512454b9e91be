// Routes: our HTTP API over a Controller. Read-only JSON, health, metrics, and the one mutating call, POST
// /trigger. Mutating calls need a bearer token unless the server is bound to loopback; on loopback Host and
// Origin are checked, so that no web page reaches /trigger through a browser.
#pragma once

#include <string>

#include "controller/controller.h"
#include "controller/net/http_server.h"

namespace placer {

struct RoutesOptions {
  bool loopback = true;       // the listener is bound to a loopback address
  std::string token;          // AUTOPLACER_TOKEN; "" = mutating calls are refused where not on loopback
  bool metrics_only = false;  // --metrics-listen: /metrics, /livez, /readyz and nothing else
};

// `controller` and `metrics` outlive the handler.
HttpHandler MakeRoutes(Controller& controller, const Metrics& metrics, RoutesOptions options);

}  // namespace placer
