// flysim: a local Fly platform behind HTTP. Parses the command line, then runs the world until it is told to
// end.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "api/region.h"
#include "cmd/flysim/core/world.h"
#include "cmd/flysim/shell.h"

namespace placer::flysim {
namespace {

constexpr char kAbout[] =
    "flysim: a local Fly platform to try things on. Users in some 60 cities send requests that are routed to "
    "the\n"
    "machines of one app as Fly Proxy would; what Fly would export and answer is served over HTTP:\n"
    "  GET /metrics                      Fly's metrics of the app, for Prometheus to scrape (no token)\n"
    "  /api/v1/query_range               the one query that the controller asks Prometheus (no token)\n"
    "  /v1/apps/APP/machines...          the Machines API: list, create, update, start, stop, suspend,\n"
    "                                    destroy, wait, cordon, uncordon, lease, metadata\n"
    "  /v1/apps/APP[/volumes]            the app; its volumes\n"
    "  /v1/platform/regions, placements  the platform's regions, and where there is room\n"
    "  GET /_control                     faults in force, every write so far, every machine there ever was\n"
    "  POST /_control                    makes things go wrong: a JSON object, see below and README.md\n"
    "  GET /health                       answers once it runs (no token)";

constexpr char kExamples[] =
    "Examples:\n"
    "  flysim                                            # an app in fra, users living in real time\n"
    "  flysim --speed 720 --requests-per-second 150      # a day of the users in two minutes\n"
    "  curl -s http://127.0.0.1:4280/metrics\n"
    "  curl -s -H 'Authorization: Bearer any' http://127.0.0.1:4280/v1/apps/demo/machines\n"
    "Faults (same token as under /v1; what is not named stays as it is):\n"
    "  curl -H 'Authorization: Bearer any' http://127.0.0.1:4280/_control -d '{\n"
    "    \"faults\": {\"lost_replies\": 0.3, \"errors\": 0.1, \"error_status\": 503, \"delay_seconds\": [0, "
    "2],\n"
    "               \"list_age_seconds\": [2, 60], \"empty_lists\": false, \"frozen_edges\": false},\n"
    "    \"traffic\": {\"*\": 1, \"fra\": 0}, \"capacity\": {\"fra\": 2, \"iad\": null},\n"
    "    \"create_errors\": {\"nrt\": {\"http_status\": 409, \"body\": \"{}\", \"times\": 3}},\n"
    "    \"checks\": {\"MACHINE\": \"critical\"}, \"images\": {\"IMAGE\": \"passing\"},\n"
    "    \"host_status\": {\"MACHINE\": \"unreachable\"},\n"
    "    \"release\": {\"image\": \"registry.fly.io/demo:release-2\", \"machines\": 1},\n"
    "    \"machines\": [{\"region\": \"syd\", \"process_group\": \"worker\"}]}'\n"
    "The same seed gives the same users. Exit codes: 0 ended by SIGINT or SIGTERM, 1 could not listen, 2 bad "
    "usage.";

struct Arguments {
  std::string listen = "127.0.0.1:4280";
  WorldOptions world;
  AnswerOptions answers;
  int apps = 1;
  double past_minutes = 0;
  bool no_auth = false;
  bool no_rate_limits = false;
};

// Codes that no machine can be started in are a mistake that would show much later.
std::string CheckRegions(const std::vector<std::string>& regions) {
  for (const std::string& code : regions) {
    const auto found = EmbeddedRegions().find(code);
    if (found != EmbeddedRegions().end() && !found->second.deprecated) continue;
    const std::string suggestion = SuggestRegion({.regions = EmbeddedRegions()}, code);
    return absl::StrCat("--regions: the platform has no active region ", code,
                        suggestion.empty() ? "" : absl::StrCat("; did you mean ", suggestion, "?"));
  }
  return "";
}

void AddOptions(CLI::App& app, Arguments& arguments) {
  WorldOptions& world = arguments.world;
  app.footer(kExamples);
  app.add_option("--listen", arguments.listen, "Address and port to serve on; port 0 picks a free one")
      ->capture_default_str();
  app.add_option("--seed", world.seed, "Chooses noise, flash crowds, ids and restarts of proxies")
      ->capture_default_str();
  app.add_option("--speed", world.day_speed,
                 "How much faster the users' day runs than time; no time stamp changes")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  app.add_option("--requests-per-second", world.requests_per_second,
                 "Of the whole world, in the mean over a day")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--app", world.app, "Name of the app")->capture_default_str();
  app.add_option(
         "--apps", arguments.apps,
         "How many apps there are, named NAME-1, NAME-2 and so on where there are several; each has users\n"
         "and machines of its own. /metrics?app=NAME and /_control?app=NAME are of one of them")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--past-minutes", arguments.past_minutes, "How long the users have been there at the start")
      ->check(CLI::Range(0.0, 180.0))
      ->capture_default_str();
  app.add_option("--process-group", world.process_group, "Process group of its machines")
      ->capture_default_str();
  app.add_option("--regions", world.initial_regions, "Regions that start with one machine, e.g. fra,iad")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option(
         "--token", arguments.answers.token,
         "The token that calls under /v1 must send, as Bearer or FlyV1; without it any token will do.\n"
         "Better set it in the environment: command lines can be read by others")
      ->envname("FLYSIM_TOKEN");
  app.add_flag("--no-auth", arguments.no_auth, "Calls under /v1 and /_control need no token");
  app.add_flag(
      "--no-rate-limits", arguments.no_rate_limits,
      "Answers no 429; else one request per second of each action on each machine, in bursts of three");
}

std::vector<std::unique_ptr<World>> MakeWorlds(const Arguments& arguments) {
  std::vector<std::unique_ptr<World>> worlds;
  for (int i = 0; i < arguments.apps; ++i) {
    WorldOptions options = arguments.world;
    options.start = absl::Now() - absl::Minutes(arguments.past_minutes);
    if (arguments.apps > 1) {
      options.app = absl::StrCat(options.app, "-", i + 1);
      options.seed += static_cast<std::uint64_t>(i);
      options.step = absl::Seconds(5);  // time and memory for hundreds
    }
    worlds.push_back(std::make_unique<World>(options));
  }
  return worlds;
}

int Serve(const Arguments& arguments, const ListenAddress& address) {
  asio::io_context io(1);
  const std::vector<std::unique_ptr<World>> worlds = MakeWorlds(arguments);
  std::vector<World*> served;
  for (const std::unique_ptr<World>& world : worlds) served.push_back(world.get());
  Shell shell(io, served, arguments.answers, [] { return absl::Now(); });
  if (const absl::Status status = shell.Start(address); !status.ok()) {
    std::cerr << "flysim: " << status.message() << "\n";
    return 1;
  }
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  const std::string apps = arguments.apps == 1
                               ? absl::StrCat("app ", arguments.world.app)
                               : absl::StrCat(arguments.apps, " apps ", arguments.world.app, "-N");
  std::cout << absl::StreamFormat("flysim: %s on http://%s%s%s:%d, seed %d\n", apps, is_ipv6 ? "[" : "",
                                  address.host, is_ipv6 ? "]" : "", shell.port(), arguments.world.seed)
            << std::flush;
  asio::signal_set signals(io, SIGINT, SIGTERM);
  // Answers are made within one turn of the loop, so that stopping it between two turns cuts none of them in
  // half.
  signals.async_wait([&](const boost::system::error_code&, int) {
    shell.Stop();
    io.stop();
  });
  io.run();
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app(kAbout, "flysim");
  Arguments arguments;
  AddOptions(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  arguments.answers.needs_token = !arguments.no_auth;
  arguments.world.rate_limits = !arguments.no_rate_limits;
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(arguments.listen);
  const std::string region_error = CheckRegions(arguments.world.initial_regions);
  if (!address.ok() || !region_error.empty()) {
    std::cerr << "flysim: "
              << (address.ok() ? region_error : absl::StrCat("--listen: ", address.status().message()))
              << "\n";
    return 2;
  }
  return Serve(arguments, *address);
}

}  // namespace
}  // namespace placer::flysim

int main(int argc, char** argv) {
  return placer::flysim::Main(argc, argv);
}
