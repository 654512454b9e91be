#include "cmd/autoplacer/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "api/spelling.h"
#include "cmd/autoplacer/help_text.h"
#include "controller/net/http_client.h"

namespace placer {
namespace {

const std::map<std::string, OutputFormat> kFormats = {
    {"table", OutputFormat::kTable}, {"json", OutputFormat::kJson}, {"yaml", OutputFormat::kYaml}};
const std::map<std::string, LogFormat> kLogFormats = {
    {"auto", LogFormat::kAuto}, {"text", LogFormat::kText}, {"json", LogFormat::kJson}};
const std::map<std::string, LogLevel> kLogLevels = {{"debug", LogLevel::kDebug},
                                                    {"info", LogLevel::kInfo},
                                                    {"warning", LogLevel::kWarning},
                                                    {"error", LogLevel::kError}};

// Words on the command line to values. CLI11's own transformer would print enumerators as numbers in --help.
template <typename T>
CLI::Option* AddChoice(CLI::App* app, const std::string& name, T& value,
                       const std::map<std::string, T>& words, const std::string& help) {
  std::string list;
  for (const auto& [word, unused] : words) absl::StrAppend(&list, list.empty() ? "" : "|", word);
  return app
      ->add_option_function<std::string>(
          name, [&value, &words](const std::string& word) { value = words.at(word); }, help)
      ->check(CLI::Validator(
          [&words, list](std::string& word) {
            return words.count(word) > 0 ? std::string() : absl::StrCat("\"", word, "\" is none of ", list);
          },
          ""))
      ->type_name(list);
}

void AddOutput(CLI::App* app, OutputFormat& output) {
  AddChoice(app, "-o,--output", output, kFormats, "Format of the answer, default table");
}

void AddEnvFile(CLI::App* app, std::string& env_file) {
  app->add_option("--env-file", env_file, "Variables to read, default .env where there is one")
      ->type_name("FILE");
}

// Of a shell variable that is not set, most often.
CLI::Validator NotEmpty() {
  return {[](std::string& text) { return text.empty() ? std::string("is empty") : std::string(); }, ""};
}

// What every pass needs to know, be it of run, plan, explain or doctor.
void AddSourceOptions(CLI::App* app, RunOptions& options) {
  app->add_option("--policy", options.policy,
                  "Policy file or directory, default ./policy.yaml, ./config.yml or ./config/config.yml")
      ->type_name("PATH");
  app->add_option("--prometheus-url", options.prometheus_url, "Over FLY_PROMETHEUS_URL")->type_name("URL");
  app->add_option("--machines-url", options.machines_url, "Over FLY_FLAPS_BASE_URL")->type_name("URL");
  app->add_option("--ca-file", options.ca_file, "Certificates to trust instead of the system's (PEM)")
      ->type_name("FILE");
}

void AddPassOptions(CLI::App* app, RunOptions& options) {
  AddSourceOptions(app, options);
  app->add_option("--rtt-file", options.rtt_file,
                  "Measured round-trip times in ms, a CSV matrix: from,CODE,...")
      ->type_name("FILE");
  CLI::Option* demo =
      app->add_flag("--demo", options.demo, "A local platform with users of its own, in process");
  app->add_option("--seed", options.seed, "Of the demo's world, default 1")->needs(demo)->type_name("NUMBER");
  app->add_option("--speed", options.speed, "Of the demo's time against real time, default 60")
      ->needs(demo)
      ->check(CLI::Validator(
          [](std::string& text) {
            double speed = 0;
            const bool good = CLI::detail::lexical_cast(text, speed) && speed > 0 && speed <= 100000;
            return good ? std::string()
                        : absl::StrCat("\"", text, "\" is no number above 0 and up to 100000");
          },
          ""))
      ->type_name("FACTOR");
}

void AddClientOptions(CLI::App* app, ClientOptions& options) {
  app->add_option("--server", options.server,
                  "Controller to ask, default AUTOPLACER_SERVER or http://127.0.0.1:8000")
      ->type_name("URL");
  AddOutput(app, options.output);
}

// All option structs, one of which the chosen subcommand fills.
struct Slots {
  RunOptions run;
  PlanOptions plan;
  ExplainOptions explain;
  TriggerOptions trigger;
  GetOptions get;
  EventsOptions events;
  DoctorOptions doctor;
  ValidateOptions validate;
  ConvertOptions convert;
  std::string env_file;
};

CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& help, const char* footer,
                     Slots& slots) {
  CLI::App* command = app.add_subcommand(name, help);
  command->footer(footer);
  if (name != "version" && name != "schema") AddEnvFile(command, slots.env_file);
  return command;
}

void AddRun(CLI::App& app, Slots& slots) {
  CLI::App* run = AddCommand(app, "run", "Run the controller", kRunFooter, slots);
  AddPassOptions(run, slots.run);
  run->add_option("--seed-policy", slots.run.seed_policy,
                  "Copied to --policy where nothing is there, never over anything")
      ->check(NotEmpty())
      ->type_name("FILE");
  run->add_option("--listen", slots.run.listen,
                  "Address of the API, default 127.0.0.1:8000; fly-local-6pn:PORT: the private one on Fly")
      ->check(NotEmpty())
      ->type_name("HOST:PORT");
  run->add_option("--metrics-listen", slots.run.metrics_listen,
                  "One more address, for /metrics and probes only")
      ->type_name("HOST:PORT");
  run->add_option("--data-dir", slots.run.data_dir, "Where state and logs are kept, default ./data")
      ->check(NotEmpty())
      ->type_name("DIR");
  AddChoice(run, "--log-format", slots.run.log_format, kLogFormats,
            "Default auto: text on a terminal, else JSON");
  AddChoice(run, "--log-level", slots.run.log_level, kLogLevels, "Default info");
}

void AddAskingCommands(CLI::App& app, Slots& slots) {
  CLI::App* plan = AddCommand(app, "plan", "One pass: what would be done, and why", kPlanFooter, slots);
  AddPassOptions(plan, slots.plan.run);
  AddOutput(plan, slots.plan.output);

  CLI::App* explain = AddCommand(app, "explain", "Why a region is as it is", kExplainFooter, slots);
  explain->add_option("region", slots.explain.region, "Region code, such as fra")
      ->required()
      ->type_name("CODE");
  explain->add_option("--policy-name", slots.explain.policy_name, "Only this policy")->type_name("NAME");
  AddClientOptions(explain, slots.explain.client);
  AddPassOptions(explain, slots.explain.run);

  CLI::App* trigger = AddCommand(app, "trigger", "Run a pass now", kTriggerFooter, slots);
  trigger->add_option("--policy-name", slots.trigger.policy_name, "Needed where there are several")
      ->type_name("NAME");
  AddClientOptions(trigger, slots.trigger.client);
  trigger->add_option("--ca-file", slots.trigger.client.ca_file, "Certificates to trust (PEM)")
      ->type_name("FILE");

  CLI::App* get = AddCommand(app, "get", "Show policies, or the regions of one", kGetFooter, slots);
  get->add_option("name", slots.get.name, "Policy to show")->type_name("NAME");
  CLI::Option* watch = get->add_flag("-w,--watch", slots.get.watch, "Redraw every second until Ctrl-C");
  get->add_option("--header", slots.get.header, "With --watch: lines to show above the table")
      ->needs(watch)
      ->type_name("TEXT");
  AddClientOptions(get, slots.get.client);
  get->add_option("--ca-file", slots.get.client.ca_file, "Certificates to trust (PEM)")->type_name("FILE");

  CLI::App* events = AddCommand(app, "events", "What happened, the newest last", kEventsFooter, slots);
  events->add_option("--policy,--policy-name", slots.events.policy_name, "Only this policy")
      ->type_name("NAME");
  events->add_option("--limit", slots.events.limit, "How many of the newest, 1 to 1000, default 100")
      ->check(CLI::Range(1, 1000))
      ->type_name("NUMBER");
  AddClientOptions(events, slots.events.client);
  events->add_option("--ca-file", slots.events.client.ca_file, "Certificates to trust (PEM)")
      ->type_name("FILE");
}

void AddCheckingCommands(CLI::App& app, Slots& slots) {
  CLI::App* doctor =
      AddCommand(app, "doctor", "Say what is wrong with tokens, URLs and files", kDoctorFooter, slots);
  AddSourceOptions(doctor, slots.doctor.run);
  doctor->add_option("--listen", slots.doctor.run.listen, "Address that run will use")
      ->type_name("HOST:PORT");
  doctor->add_option("--data-dir", slots.doctor.run.data_dir, "Directory that run will use")
      ->check(NotEmpty())
      ->type_name("DIR");
  AddOutput(doctor, slots.doctor.output);

  CLI::App* validate = AddCommand(app, "validate", "Check a policy file", kValidateFooter, slots);
  validate->add_option("file", slots.validate.file, "File or directory; - reads stdin")
      ->required()
      ->type_name("FILE");

  CLI::App* convert =
      AddCommand(app, "convert", "Turn a flat config.yml into a policy", kConvertFooter, slots);
  convert->add_option("file", slots.convert.file, "The flat config")->required()->type_name("FILE");
  convert->add_option("--app", slots.convert.app, "Fly app to place, default AUTOPLACER_APP or FLY_APP_NAME")
      ->type_name("NAME");

  AddCommand(app, "schema", "Print the JSON Schema of a policy, for editors", kSchemaFooter, slots);
  AddCommand(app, "version", "Print the version", "", slots);
}

Command TakeCommand(const std::string& name, Slots& slots) {
  if (name == "run") return slots.run;
  if (name == "plan") return slots.plan;
  if (name == "explain") return slots.explain;
  if (name == "trigger") return slots.trigger;
  if (name == "get") return slots.get;
  if (name == "events") return slots.events;
  if (name == "doctor") return slots.doctor;
  if (name == "validate") return slots.validate;
  if (name == "convert") return slots.convert;
  if (name == "schema") return SchemaOptions{};
  return VersionOptions{};
}

ParsedCommandLine MakeUsageError(const std::string& command, const std::string& message) {
  return {.exit_code = kExitUsage,
          .err = absl::StrCat("autoplacer: ", message, "\nautoplacer", command.empty() ? "" : " ", command,
                              " --help tells what there is\n")};
}

// CLI11 would only say that a subcommand is required. "" if the first argument is a command or a flag.
std::string FindUnknownCommand(const CLI::App& app, const std::vector<std::string>& args) {
  if (args.empty() || absl::StartsWith(args[0], "-")) return "";
  std::vector<std::string> names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(each->get_name());
  }
  if (std::find(names.begin(), names.end(), args[0]) != names.end()) return "";
  return absl::StrCat("no command \"", absl::CHexEscape(args[0]), "\"",
                      SuggestSpelling(args[0], {names.begin(), names.end()}));
}

RunOptions* FindRunOptions(Command& command) {
  if (auto* run = std::get_if<RunOptions>(&command)) return run;
  if (auto* plan = std::get_if<PlanOptions>(&command)) return &plan->run;
  if (auto* doctor = std::get_if<DoctorOptions>(&command)) return &doctor->run;
  auto* explain = std::get_if<ExplainOptions>(&command);
  return explain != nullptr ? &explain->run : nullptr;
}

ClientOptions* FindClientOptions(Command& command) {
  if (auto* explain = std::get_if<ExplainOptions>(&command)) return &explain->client;
  if (auto* trigger = std::get_if<TriggerOptions>(&command)) return &trigger->client;
  if (auto* events = std::get_if<EventsOptions>(&command)) return &events->client;
  auto* get = std::get_if<GetOptions>(&command);
  return get != nullptr ? &get->client : nullptr;
}

std::string FirstOf(const std::string& a, const std::string& b, const std::string& otherwise) {
  return !a.empty() ? a : !b.empty() ? b : otherwise;
}

// Fly gives a machine's private address a name, and puts the address itself into the environment.
std::string ResolvePrivateHost(const char* flag, std::string& address, const Environment& environment) {
  absl::string_view port = address;
  if (!absl::ConsumePrefix(&port, absl::StrCat(kFlyPrivateHost, ":"))) return "";
  if (environment.private_ip.empty()) {
    return absl::StrCat(flag, " ", address,
                        ": FLY_PRIVATE_IP is not set; that address is there only on a Fly machine");
  }
  const bool is_ipv6 = absl::StrContains(environment.private_ip, ':');
  address = absl::StrCat(is_ipv6 ? "[" : "", environment.private_ip, is_ipv6 ? "]" : "", ":", port);
  return "";
}

std::string FindDefaultPolicy(const FileExists& exists) {
  for (const char* path : {"./policy.yaml", "./config.yml", "./config/config.yml"}) {
    if (exists(path)) return path;
  }
  return "";
}

}  // namespace

ParsedCommandLine ParseCommandLine(std::vector<std::string> args) {
  Slots slots;
  CLI::App app("Keeps a Fly.io app running where its traffic comes from.", "autoplacer");
  app.require_subcommand(1);
  app.set_version_flag("--version", absl::StrCat("autoplacer ", kVersion), "Print the version");
  app.footer(kMainFooter);
  AddRun(app, slots);
  AddAskingCommands(app, slots);
  AddCheckingCommands(app, slots);

  if (const std::string unknown = FindUnknownCommand(app, args); !unknown.empty()) {
    return MakeUsageError("", unknown);
  }
  std::string name;
  std::reverse(args.begin(), args.end());  // CLI11 takes them from the back
  try {
    app.parse(args);
  } catch (const CLI::ParseError& error) {
    for (const CLI::App* each : app.get_subcommands()) name = each->get_name();
    if (error.get_exit_code() != 0) return MakeUsageError(name, error.what());
    std::ostringstream out;
    app.exit(error, out, out);
    return {.out = out.str()};
  }
  name = app.get_subcommands().front()->get_name();
  ParsedCommandLine parsed{.command = TakeCommand(name, slots), .env_file = slots.env_file};
  if (RunOptions* run = FindRunOptions(*parsed.command)) run->policy_given = !run->policy.empty();
  if (auto* explain = std::get_if<ExplainOptions>(&*parsed.command)) {
    explain->offline = explain->run.policy_given || explain->run.demo;
    explain->client.ca_file = explain->run.ca_file;
  }
  if (slots.get.watch && slots.get.client.output != OutputFormat::kTable) {
    return MakeUsageError(name, "--watch draws a table; leave out one of --watch and --output");
  }
  return parsed;
}

std::string ChooseEnvFile(const std::string& given, const FileExists& exists) {
  if (!given.empty()) return given;
  return exists(".env") ? ".env" : "";
}

std::string ResolveOptions(Command& command, const Environment& environment, const FileExists& exists) {
  if (ClientOptions* client = FindClientOptions(command)) {
    client->server = FirstOf(client->server, environment.server, kDefaultServer);
    const auto* offline = std::get_if<ExplainOptions>(&command);
    const absl::StatusOr<Url> url = ParseUrl(client->server);
    if (!url.ok() && (offline == nullptr || !offline->offline))
      return absl::StrCat("--server or AUTOPLACER_SERVER: ", url.status().message());
  }
  if (auto* convert = std::get_if<ConvertOptions>(&command)) {
    convert->app = FirstOf(convert->app, environment.default_app, "");
  }
  RunOptions* run = FindRunOptions(command);
  if (run == nullptr) return "";
  for (const auto& [flag, address] :
       {std::pair("--listen", &run->listen), std::pair("--metrics-listen", &run->metrics_listen)}) {
    const std::string problem = ResolvePrivateHost(flag, *address, environment);
    if (!problem.empty()) return problem;
  }
  if (!run->seed_policy.empty() && !run->policy_given)
    return "--seed-policy needs --policy: where the copy goes";
  run->prometheus_url = FirstOf(run->prometheus_url, environment.prometheus_url, "");
  run->machines_url = FirstOf(run->machines_url, environment.flaps_base_url, kDefaultMachinesUrl);
  const auto* explain = std::get_if<ExplainOptions>(&command);
  const bool needs_policy = !run->demo && (explain == nullptr || explain->offline) &&
                            !std::holds_alternative<DoctorOptions>(command);
  if (run->policy.empty() && !run->demo) run->policy = FindDefaultPolicy(exists);
  if (run->policy.empty() && needs_policy) {
    return "no policy: there is no ./policy.yaml, ./config.yml or ./config/config.yml; name one with "
           "--policy, or try "
           "`autoplacer run --demo`";
  }
  return "";
}

}  // namespace placer
