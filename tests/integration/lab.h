// Lab: a local Fly platform in this process, a real metrics server that scrapes it, and a real controller
// process that reads both. A test scripts the platform's traffic and waits, bounded, for what the
// controller's API then says.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/http_message.h"
#include "cmd/flysim/core/world.h"
#include "cmd/flysim/shell.h"
#include "controller/net/http_client.h"
#include "tests/integration/process.h"
#include "tests/simulated/temporary_folder.h"

namespace placer::testing {

enum class MetricsServer { kPrometheus, kVictoriaMetrics };
inline std::string NameOf(const ::testing::TestParamInfo<MetricsServer>& server) {
  return server.param == MetricsServer::kPrometheus ? "Prometheus" : "VictoriaMetrics";
}

// Passes and data points of a few seconds; every rule as it is by default.
inline constexpr char kQuickPolicy[] = R"(apiVersion: autoplacer.dev/v1
kind: PlacementPolicy
metadata: {name: web}
spec:
  app: demo
  interval: 1s
  traffic: {resolution: 3s, delay: 2s, maxAge: 12s}
)";

class Lab {
 public:
  // Skips nothing: ask HasServer first.
  explicit Lab(MetricsServer kind);
  ~Lab();

  static bool HasServer(MetricsServer kind);

  flysim::World& world() { return world_; }
  const std::string& directory() const { return folder_.path(); }
  std::string PathOf(const std::string& name) const { return folder_.PathOf(name); }
  // The two regions where most requests enter at this time of the users' day.
  std::vector<std::string> FindBusiestRegions();
  // Only these regions have traffic from now on.
  void OnlyTrafficIn(const std::vector<std::string>& regions);

  void StartMetricsServer();
  void StopMetricsServer();
  void StartController(const std::string& policy_path);
  void StartDemo();
  // SIGTERM; true if it ended by itself, in time and with exit status 0.
  bool StopController(absl::Duration within = absl::Seconds(10));
  // Where the controller serves its API; 0 as long as it does not. Found once, by the first who asks.
  unsigned short api_port();
  Process& controller() { return *controller_; }
  std::map<std::string, std::string>& environment() { return environment_; }

  void WriteFile(const std::string& name, const std::string& text);
  std::string ReadFile(const std::string& name) const;

  boost::asio::io_context& io() { return io_; }
  // Ends only by cancellation, when the lab goes down.
  Task<void> Never();

  // Serves the platform until the condition holds; false after `bound`.
  bool WaitFor(const std::function<bool()>& condition, absl::Duration bound = absl::Seconds(90));
  // Serves the platform for this long, checking that the condition holds all the time.
  bool HoldsFor(const std::function<bool()>& condition, absl::Duration span);

  HttpResponse Ask(HttpRequest request);
  // The policy's API object; null while there is none.
  boost::json::value Policy(const std::string& name);
  // How many the policy "web" has had; 0 while it is not there.
  int Passes();
  // status.placement.<kind> of the policy "web" as region -> machines.
  std::map<std::string, int> Placement(const std::string& kind);
  bool Shadow(const std::string& region) { return Placement("shadow").contains(region); }
  // One region's decision of the policy "web"; null if there is none.
  boost::json::value Region(const std::string& region);
  // A condition's status and message of the policy "web".
  std::string Condition(const std::string& type, const std::string& field);
  // What a failing assertion needs to be understood.
  std::string Describe();

 private:
  void StartProgram(std::vector<std::string> arguments);

  MetricsServer kind_;
  TemporaryFolder folder_;
  boost::asio::io_context io_{1};
  flysim::World world_;
  flysim::Shell shell_;
  unsigned short metrics_port_ = 0;
  unsigned short api_port_ = 0;
  std::map<std::string, std::string> environment_;
  std::unique_ptr<Process> server_;
  std::unique_ptr<Process> controller_;
  std::size_t log_begins_ = 0;  // where the present controller's part of the log does
  boost::asio::steady_timer never_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace placer::testing
