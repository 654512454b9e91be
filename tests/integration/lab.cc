#include "tests/integration/lab.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cmd/autoplacer/run_blocking.h"

namespace placer::testing {
namespace {

flysim::WorldOptions MakeWorldOptions() {
  return {
      .seed = 7, .start = absl::Now(), .requests_per_second = 400, .app = "demo", .initial_regions = {"fra"}};
}

std::string ProgramOf(MetricsServer kind) {
  return FindProgram(kind == MetricsServer::kPrometheus ? "prometheus" : "victoria-metrics");
}

// A loopback port that nobody listens on now; somebody may a moment later.
unsigned short PickPort() {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint().port();
}

}  // namespace

Lab::Lab(MetricsServer kind)
    : kind_(kind),
      world_(MakeWorldOptions()),
      shell_(io_, {&world_}, {.needs_token = true, .token = "fm2_lab/secret+machines"},
             [] { return absl::Now(); }),
      metrics_port_(PickPort()),
      never_(io_, boost::asio::steady_timer::time_point::max()) {
  EXPECT_TRUE(shell_.Start({"127.0.0.1", 0}).ok());
  environment_ = {{"FLY_API_TOKEN", "fm2_lab/secret+machines"},
                  {"AUTOPLACER_PROMETHEUS_TOKEN", "lab-secret-prometheus"},
                  {"AUTOPLACER_TOKEN", "lab-secret-own"},
                  {"FLY_FLAPS_BASE_URL", absl::StrCat("http://127.0.0.1:", shell_.port())},
                  {"FLY_PROMETHEUS_URL", absl::StrCat("http://127.0.0.1:", metrics_port_)}};
}

Lab::~Lab() {
  controller_.reset();
  server_.reset();
  shell_.Stop();
  never_.cancel();
  io_.restart();
  io_.run_for(std::chrono::milliseconds(100));
}

bool Lab::HasServer(MetricsServer kind) {
  return !ProgramOf(kind).empty();
}

std::vector<std::string> Lab::FindBusiestRegions() {
  flysim::WorldOptions options = MakeWorldOptions();
  flysim::World preview(options);
  preview.AdvanceTo(options.start + absl::Seconds(60));
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [region, requests] : preview.CountEdgeRequests(options.start, preview.now())) {
    order.emplace_back(-requests, region);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::string> regions;
  for (const auto& [requests, region] : order) {
    if (region != "fra") regions.push_back(region);  // where the app's own machine is
  }
  return regions;
}

void Lab::OnlyTrafficIn(const std::vector<std::string>& regions) {
  for (const placer::Region& region : world_.regions()) {
    const bool on = std::find(regions.begin(), regions.end(), region.code) != regions.end();
    world_.SetTrafficFactor(region.code, on ? 1 : 0);
  }
}

void Lab::StartMetricsServer() {
  const std::string address = absl::StrCat("127.0.0.1:", metrics_port_);
  WriteFile("scrape.yml", absl::StrCat("global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: fly\n"
                                       "    static_configs: [{targets: ['127.0.0.1:",
                                       shell_.port(), "']}]\n"));
  std::vector<std::string> command = {ProgramOf(kind_)};
  if (kind_ == MetricsServer::kPrometheus) {
    command.insert(command.end(),
                   {"--config.file=" + PathOf("scrape.yml"), "--storage.tsdb.path=" + PathOf("tsdb"),
                    "--web.listen-address=" + address, "--log.level=warn"});
  } else {
    command.insert(command.end(), {"-promscrape.config=" + PathOf("scrape.yml"),
                                   "-storageDataPath=" + PathOf("vm"), "-httpListenAddr=" + address,
                                   "-loggerLevel=WARN", "-search.latencyOffset=0s", "-search.disableCache"});
  }
  server_ = std::make_unique<Process>(command, std::map<std::string, std::string>(), PathOf("server.log"));
}

void Lab::StopMetricsServer() {
  server_->Signal(SIGTERM);
  EXPECT_TRUE(WaitFor([&] { return !server_->IsRunning(); }, absl::Seconds(20)));
}

void Lab::StartProgram(std::vector<std::string> arguments) {
  WriteFile("empty.env", "");
  log_begins_ = ReadFile("controller.log").size();
  api_port_ = 0;
  // The system picks the port: one that was looked for beforehand may be somebody else's by then.
  arguments.insert(arguments.begin(), {AUTOPLACER_BINARY, "run", "--listen", "127.0.0.1:0", "--env-file",
                                       PathOf("empty.env"), "--log-level", "debug"});
  controller_ = std::make_unique<Process>(std::move(arguments), environment_, PathOf("controller.log"));
}

unsigned short Lab::api_port() {
  if (api_port_ != 0) return api_port_;
  const std::string log = ReadFile("controller.log").substr(log_begins_);
  const std::string address = "127.0.0.1:";
  const std::size_t line = log.find("Serving the API");
  const std::size_t found = line == std::string::npos ? line : log.find(address, line);
  int port = 0;
  if (found == std::string::npos || log.find('\n', found) == std::string::npos)
    return 0;  // not yet, or in part
  const std::string rest = log.substr(found + address.size());
  if (!absl::SimpleAtoi(rest.substr(0, rest.find_first_not_of("0123456789")), &port)) return 0;
  api_port_ = static_cast<unsigned short>(port);
  client_ = std::make_unique<HttpClient>(io_, *ParseUrl(absl::StrCat("http://", address, port)),
                                         HttpClientOptions{.timeout = absl::Seconds(15)});
  return api_port_;
}

void Lab::StartController(const std::string& policy_path) {
  StartProgram({"--policy", policy_path, "--data-dir", PathOf("data")});
}

void Lab::StartDemo() {
  StartProgram({"--demo"});
}

Task<void> Lab::Never() {
  boost::system::error_code ignored;
  co_await never_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

bool Lab::StopController(absl::Duration within) {
  controller_->Signal(SIGTERM);
  return WaitFor([&] { return !controller_->IsRunning(); }, within) && controller_->exit_status() == 0;
}

void Lab::WriteFile(const std::string& name, const std::string& text) {
  std::ofstream file(PathOf(name), std::ios::binary | std::ios::trunc);
  file << text;
}

std::string Lab::ReadFile(const std::string& name) const {
  std::ifstream file(PathOf(name), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool Lab::WaitFor(const std::function<bool()>& condition, absl::Duration bound) {
  const absl::Time give_up = absl::Now() + bound;
  while (absl::Now() < give_up) {
    if (condition()) return true;
    io_.restart();
    io_.run_for(std::chrono::milliseconds(200));
  }
  return condition();
}

bool Lab::HoldsFor(const std::function<bool()>& condition, absl::Duration span) {
  return !WaitFor([&] { return !condition(); }, span);
}

HttpResponse Lab::Ask(HttpRequest request) {
  if (api_port() == 0) return {.status = 0, .body = "the controller does not listen"};
  io_.restart();
  absl::StatusOr<HttpResponse> answer = RunBlocking(io_, client_->Send(std::move(request)));
  if (answer.ok()) return *std::move(answer);
  return {.status = 0, .body = std::string(answer.status().message())};
}

boost::json::value Lab::Policy(const std::string& name) {
  const HttpResponse answer = Ask({.target = "/apis/autoplacer.dev/v1/placementpolicies/" + name});
  if (answer.status != 200) return nullptr;
  return boost::json::parse(answer.body);
}

int Lab::Passes() {
  const boost::json::value policy = Policy("web");
  return policy.is_null() ? 0 : policy.at("status").at("passes").to_number<int>();
}

std::map<std::string, int> Lab::Placement(const std::string& kind) {
  std::map<std::string, int> placement;
  const boost::json::value policy = Policy("web");
  if (policy.is_null()) return placement;
  for (const auto& entry : policy.at("status").at("placement").at(kind).as_object()) {
    placement[std::string(entry.key())] = entry.value().to_number<int>();
  }
  return placement;
}

boost::json::value Lab::Region(const std::string& region) {
  const boost::json::value policy = Policy("web");
  if (policy.is_null()) return nullptr;
  for (const boost::json::value& entry : policy.at("status").at("regions").as_array()) {
    if (entry.at("region").as_string() == region.c_str()) return entry;
  }
  return nullptr;
}

std::string Lab::Condition(const std::string& type, const std::string& field) {
  const boost::json::value policy = Policy("web");
  if (policy.is_null()) return "";
  for (const boost::json::value& entry : policy.at("status").at("conditions").as_array()) {
    if (entry.at("type").as_string() == type.c_str()) return std::string(entry.at(field).as_string());
  }
  return "";
}

std::string Lab::Describe() {
  const std::string log = controller_ == nullptr ? "" : controller_->ReadLog();
  return absl::StrCat("status: ", boost::json::serialize(Policy("web")), "\ncontroller's log ends:\n",
                      log.substr(log.size() > 4000 ? log.size() - 4000 : 0));
}

}  // namespace placer::testing
