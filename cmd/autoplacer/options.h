// Options: what each command was asked to do, as plain values. command_line.cc fills them from the command
// line and the environment; nothing else in the program reads argv. Every value is final: defaults, flags,
// the environment and the .env file are already merged, in the order flag, environment, .env, default.
#pragma once

#include <cstdint>
#include <string>

#include "controller/telemetry/log.h"

namespace placer {

inline constexpr char kVersion[] = "0.1.0";
inline constexpr char kDefaultListen[] = "127.0.0.1:8000";
// As a host of --listen or --metrics-listen: the private address of the Fly machine that we run on.
inline constexpr char kFlyPrivateHost[] = "fly-local-6pn";
inline constexpr char kDefaultServer[] = "http://127.0.0.1:8000";
inline constexpr char kDefaultMachinesUrl[] = "https://api.machines.dev";

enum class OutputFormat { kTable, kJson, kYaml };

// Documented in docs/cli.md and --help; scripts rely on them.
enum ExitCode : int {
  kExitOk = 0,
  kExitNegative =
      1,  // the command ran, and its answer is no: errors in a file, a failing check, nothing observed
  kExitUsage = 2,        // unknown flag, bad value
  kExitUnreachable = 3,  // the controller or the platform cannot be reached or refuses
};

// `run`, and the one pass of `plan`, `explain --policy` and `doctor`.
struct RunOptions {
  std::string policy;         // file or directory; "" only with `demo`: the built-in demo policy
  bool policy_given = false;  // named by --policy, not found by default
  std::string seed_policy;    // copied to `policy` where nothing is there; "" = none; see seed_policy.h
  std::string listen = kDefaultListen;
  std::string metrics_listen;  // "" = none
  std::string data_dir = "./data";
  bool demo = false;
  double speed = 60;       // of virtual time against real time, only with `demo`
  std::uint64_t seed = 1;  // of the world, only with `demo`
  std::string rtt_file;    // "" = none; see rtt_file.h
  LogFormat log_format = LogFormat::kAuto;
  LogLevel log_level = LogLevel::kInfo;
  std::string prometheus_url;  // --prometheus-url over FLY_PROMETHEUS_URL; "" = not given
  std::string machines_url;    // --machines-url over FLY_FLAPS_BASE_URL
  std::string ca_file;         // PEM; "" = the system's certificates
};

struct PlanOptions {
  RunOptions run;
  OutputFormat output = OutputFormat::kTable;
};

struct DoctorOptions {
  RunOptions run;
  OutputFormat output = OutputFormat::kTable;
};

// Commands that ask a running controller.
struct ClientOptions {
  std::string server;  // --server over AUTOPLACER_SERVER
  std::string ca_file;
  OutputFormat output = OutputFormat::kTable;
};

struct GetOptions {
  ClientOptions client;
  std::string name;  // "" = list all policies
  bool watch = false;
  std::string header;  // with `watch`: lines above the table; "" = none
};

struct TriggerOptions {
  ClientOptions client;
  std::string policy_name;  // "" = the only one
};

struct EventsOptions {
  ClientOptions client;
  std::string policy_name;  // "" = of every policy
  int limit = 100;
};

struct ExplainOptions {
  ClientOptions client;
  RunOptions run;
  bool offline = false;  // --policy or --demo was given: one pass of our own instead of asking the controller
  std::string region;
  std::string policy_name;  // "" = every policy
};

struct ValidateOptions {
  std::string file;  // or a directory
};

struct ConvertOptions {
  std::string file;
  std::string app;  // target of a flat config: --app over the environment; "" = none
};

struct SchemaOptions {};

struct VersionOptions {};

}  // namespace placer
