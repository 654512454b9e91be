#include "cmd/autoplacer/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace placer {
namespace {

using ::testing::HasSubstr;

FileExists Files(std::vector<std::string> paths) {
  return
      [paths](const std::string& path) { return std::find(paths.begin(), paths.end(), path) != paths.end(); };
}

template <typename Options>
Options ParseAs(std::vector<std::string> args) {
  ParsedCommandLine parsed = ParseCommandLine(std::move(args));
  EXPECT_TRUE(parsed.command.has_value()) << parsed.err;
  if (!parsed.command || !std::holds_alternative<Options>(*parsed.command)) {
    ADD_FAILURE() << "another command was parsed";
    return Options{};
  }
  return std::get<Options>(*parsed.command);
}

template <typename Options>
Options ParseAndResolve(std::vector<std::string> args, const Environment& environment,
                        const FileExists& exists) {
  Command command = ParseAs<Options>(std::move(args));
  EXPECT_EQ(ResolveOptions(command, environment, exists), "");
  return std::get<Options>(command);
}

TEST(CommandLine, RunHasTheDocumentedDefaults) {
  const auto run = ParseAs<RunOptions>({"run"});
  EXPECT_EQ(run.listen, "127.0.0.1:8000");
  EXPECT_EQ(run.metrics_listen, "");
  EXPECT_EQ(run.data_dir, "./data");
  EXPECT_FALSE(run.demo);
  EXPECT_EQ(run.speed, 60);
  EXPECT_EQ(run.seed, 1u);
  EXPECT_EQ(run.log_format, LogFormat::kAuto);
  EXPECT_EQ(run.log_level, LogLevel::kInfo);
  EXPECT_FALSE(run.policy_given);
}

TEST(CommandLine, EventsOfAPolicyUpToALimit) {
  const auto all = ParseAndResolve<EventsOptions>({"events"}, {.server = "http://a:1"}, Files({}));
  EXPECT_EQ(all.policy_name, "");
  EXPECT_EQ(all.limit, 100);
  EXPECT_EQ(all.client.server, "http://a:1");
  const auto some = ParseAs<EventsOptions>({"events", "--policy", "web", "--limit", "5", "-o", "json"});
  EXPECT_EQ(some.policy_name, "web");
  EXPECT_EQ(some.limit, 5);
  EXPECT_EQ(some.client.output, OutputFormat::kJson);
  EXPECT_EQ(ParseAs<EventsOptions>({"events", "--policy-name", "web"}).policy_name, "web");
}

TEST(CommandLine, ALimitOfEventsThatTheApiRefusesIsAUsageError) {
  for (const char* limit : {"0", "1001", "-1", "many"}) {
    EXPECT_EQ(ParseCommandLine({"events", "--limit", limit}).exit_code, kExitUsage) << limit;
  }
}

TEST(CommandLine, TheSeedNeedsAPlaceToGo) {
  Command command = ParseAs<RunOptions>({"run", "--seed-policy", "s.yaml"});
  EXPECT_THAT(ResolveOptions(command, {}, Files({"./policy.yaml"})), HasSubstr("--policy"));
  const auto run =
      ParseAndResolve<RunOptions>({"run", "--seed-policy", "s.yaml", "--policy", "p.yaml"}, {}, Files({}));
  EXPECT_EQ(run.seed_policy, "s.yaml");
  EXPECT_EQ(run.policy, "p.yaml");
}

TEST(CommandLine, FlysPrivateNameBecomesTheMachinesAddress) {
  const auto listen = [](const std::string& private_ip) {
    return ParseAndResolve<RunOptions>({"run", "--demo", "--listen", "fly-local-6pn:8000"},
                                       {.private_ip = private_ip}, Files({}))
        .listen;
  };
  EXPECT_EQ(listen("fdaa:0:1::3"), "[fdaa:0:1::3]:8000");
  EXPECT_EQ(listen("172.19.0.2"), "172.19.0.2:8000");
}

TEST(CommandLine, FlysPrivateNameMayServeTheMetricsToo) {
  const std::vector<std::string> args = {"run", "--demo", "--metrics-listen", "fly-local-6pn:9091"};
  EXPECT_EQ(ParseAndResolve<RunOptions>(args, {.private_ip = "fdaa::3"}, Files({})).metrics_listen,
            "[fdaa::3]:9091");
  Command command = ParseAs<RunOptions>(args);
  EXPECT_THAT(ResolveOptions(command, {}, Files({})), HasSubstr("--metrics-listen fly-local-6pn:9091"));
}

TEST(CommandLine, FlysPrivateNameMeansNothingElsewhere) {
  Command command = ParseAs<RunOptions>({"run", "--demo", "--listen", "fly-local-6pn:8000"});
  EXPECT_THAT(ResolveOptions(command, {}, Files({})), HasSubstr("FLY_PRIVATE_IP"));
}

TEST(CommandLine, RunTakesEveryFlag) {
  const auto run = ParseAs<RunOptions>({"run",
                                        "--policy",
                                        "p/",
                                        "--listen",
                                        "[::1]:1",
                                        "--metrics-listen",
                                        "[::]:2",
                                        "--data-dir",
                                        "/d",
                                        "--demo",
                                        "--speed",
                                        "600",
                                        "--seed",
                                        "7",
                                        "--rtt-file",
                                        "r.csv",
                                        "--log-format",
                                        "json",
                                        "--log-level",
                                        "debug",
                                        "--prometheus-url",
                                        "http://p",
                                        "--machines-url",
                                        "http://m",
                                        "--ca-file",
                                        "ca.pem"});
  EXPECT_EQ(run.policy, "p/");
  EXPECT_TRUE(run.policy_given);
  EXPECT_EQ(run.listen, "[::1]:1");
  EXPECT_EQ(run.metrics_listen, "[::]:2");
  EXPECT_EQ(run.data_dir, "/d");
  EXPECT_TRUE(run.demo);
  EXPECT_EQ(run.speed, 600);
  EXPECT_EQ(run.seed, 7u);
  EXPECT_EQ(run.rtt_file, "r.csv");
  EXPECT_EQ(run.log_format, LogFormat::kJson);
  EXPECT_EQ(run.log_level, LogLevel::kDebug);
  EXPECT_EQ(run.prometheus_url, "http://p");
  EXPECT_EQ(run.machines_url, "http://m");
  EXPECT_EQ(run.ca_file, "ca.pem");
}

TEST(CommandLine, EachCommandParsesToItsOwnOptions) {
  EXPECT_EQ(ParseAs<PlanOptions>({"plan", "-o", "json"}).output, OutputFormat::kJson);
  EXPECT_EQ(ParseAs<ExplainOptions>({"explain", "fra", "--policy-name", "web"}).policy_name, "web");
  EXPECT_EQ(ParseAs<TriggerOptions>({"trigger", "--policy-name", "web"}).policy_name, "web");
  EXPECT_EQ(ParseAs<GetOptions>({"get", "web", "-o", "yaml"}).client.output, OutputFormat::kYaml);
  EXPECT_TRUE(ParseAs<GetOptions>({"get", "--watch"}).watch);
  EXPECT_EQ(ParseAs<DoctorOptions>({"doctor", "--policy", "p"}).run.policy, "p");
  EXPECT_EQ(ParseAs<ValidateOptions>({"validate", "p.yaml"}).file, "p.yaml");
  EXPECT_EQ(ParseAs<ConvertOptions>({"convert", "config.yml", "--app", "a"}).app, "a");
  ParseAs<SchemaOptions>({"schema"});
  ParseAs<VersionOptions>({"version"});
}

TEST(CommandLine, ExplainAsksTheControllerUnlessItIsGivenAPolicyOrTheDemo) {
  EXPECT_FALSE(ParseAs<ExplainOptions>({"explain", "fra"}).offline);
  EXPECT_TRUE(ParseAs<ExplainOptions>({"explain", "fra", "--policy", "p.yaml"}).offline);
  EXPECT_TRUE(ParseAs<ExplainOptions>({"explain", "fra", "--demo"}).offline);
}

TEST(CommandLine, MistakesAreUsageErrorsThatSayWhat) {
  struct Case {
    std::vector<std::string> args;
    const char* says;
  };
  const Case cases[] = {
      {{}, "subcommand"},
      {{"fly"}, "no command \"fly\""},
      {{"expalin", "fra"}, "did you mean explain?"},
      {{"run", "--no-such-flag"}, "--no-such-flag"},
      {{"run", "--speed", "2"}, "--demo"},
      {{"run", "--demo", "--speed", "0"}, "above 0"},
      {{"run", "--demo", "--speed", "nan"}, "above 0"},
      {{"run", "--demo", "--seed", "x"}, "seed"},
      {{"run", "--log-level", "loud"}, "none of debug|error|info|warning"},
      {{"get", "-o", "xml"}, "none of json|table|yaml"},
      {{"get", "--watch", "-o", "json"}, "--watch"},
      {{"get", "--header", "above"}, "--watch"},
      {{"explain"}, "region"},
      {{"validate"}, "file"},
      {{"run", "stray"}, "stray"},
      {{"run", "--listen", ""}, "--listen"},
      {{"run", "--data-dir", ""}, "--data-dir"},
  };
  for (const Case& each : cases) {
    const ParsedCommandLine parsed = ParseCommandLine(each.args);
    EXPECT_FALSE(parsed.command.has_value()) << each.says;
    EXPECT_EQ(parsed.exit_code, kExitUsage) << each.says;
    EXPECT_THAT(parsed.err, HasSubstr(each.says));
    EXPECT_EQ(parsed.out, "") << each.says;
  }
}

TEST(CommandLine, HelpGoesToStdoutAndDocumentsVariablesAndExitCodes) {
  const ParsedCommandLine parsed = ParseCommandLine({"--help"});
  EXPECT_FALSE(parsed.command.has_value());
  EXPECT_EQ(parsed.exit_code, kExitOk);
  EXPECT_EQ(parsed.err, "");
  for (const char* each :
       {"run --demo", "FLY_API_TOKEN", "AUTOPLACER_PROMETHEUS_TOKEN", "FLY_PROMETHEUS_URL",
        "FLY_FLAPS_BASE_URL", "AUTOPLACER_TOKEN", "AUTOPLACER_SERVER", "AUTOPLACER_APP", "NO_COLOR",
        "Exit codes:", "explain", "doctor", "validate", "convert", "schema", "version"}) {
    EXPECT_THAT(parsed.out, HasSubstr(each));
  }
}

TEST(CommandLine, EveryCommandHasHelpWithAnExample) {
  for (const char* each :
       {"run", "plan", "explain", "trigger", "get", "doctor", "validate", "convert", "schema"}) {
    const ParsedCommandLine parsed = ParseCommandLine({each, "--help"});
    EXPECT_EQ(parsed.exit_code, kExitOk) << each;
    EXPECT_THAT(parsed.out, HasSubstr("Example")) << each;
    EXPECT_THAT(parsed.out, HasSubstr(std::string("autoplacer ") + each)) << each;
  }
}

TEST(CommandLine, FlagsWinOverTheEnvironmentAndThatOverDefaults) {
  Environment environment;
  environment.prometheus_url = "http://env-prometheus";
  environment.flaps_base_url = "http://env-machines";
  environment.server = "http://env-server";
  const FileExists exists = Files({"./policy.yaml"});
  EXPECT_EQ(ParseAndResolve<RunOptions>({"run"}, {}, exists).machines_url, kDefaultMachinesUrl);
  EXPECT_EQ(ParseAndResolve<RunOptions>({"run"}, environment, exists).machines_url, "http://env-machines");
  EXPECT_EQ(ParseAndResolve<RunOptions>({"run"}, environment, exists).prometheus_url,
            "http://env-prometheus");
  EXPECT_EQ(ParseAndResolve<PlanOptions>({"plan", "--machines-url", "http://flag"}, environment, exists)
                .run.machines_url,
            "http://flag");
  EXPECT_EQ(ParseAndResolve<GetOptions>({"get"}, {}, exists).client.server, kDefaultServer);
  EXPECT_EQ(ParseAndResolve<GetOptions>({"get"}, environment, exists).client.server, "http://env-server");
  EXPECT_EQ(ParseAndResolve<TriggerOptions>({"trigger", "--server", "http://flag"}, environment, exists)
                .client.server,
            "http://flag");
}

TEST(CommandLine, TheDefaultPolicyIsTheFirstThatIsThere) {
  EXPECT_EQ(ParseAndResolve<RunOptions>({"run"}, {}, Files({"./policy.yaml", "./config.yml"})).policy,
            "./policy.yaml");
  EXPECT_EQ(ParseAndResolve<RunOptions>({"run"}, {}, Files({"./config/config.yml", "./config.yml"})).policy,
            "./config.yml");
  EXPECT_EQ(ParseAndResolve<RunOptions>({"run"}, {}, Files({"./config/config.yml"})).policy,
            "./config/config.yml");
  EXPECT_EQ(ParseAndResolve<RunOptions>({"run", "--policy", "mine"}, {}, Files({"./policy.yaml"})).policy,
            "mine");
}

TEST(CommandLine, TheDemoIgnoresAPolicyThatHappensToLieThere) {
  EXPECT_EQ(ParseAndResolve<RunOptions>({"run", "--demo"}, {}, Files({"./policy.yaml"})).policy, "");
}

TEST(CommandLine, WithoutAnyPolicyRunSaysWhereItLooked) {
  Command command = ParseAs<RunOptions>({"run"});
  EXPECT_THAT(ResolveOptions(command, {}, Files({})), HasSubstr("./config/config.yml"));
}

TEST(CommandLine, AskingAControllerNeedsNoPolicy) {
  Command command = ParseAs<ExplainOptions>({"explain", "fra"});
  EXPECT_EQ(ResolveOptions(command, {}, Files({})), "");
}

TEST(CommandLine, AServerThatIsNoUrlIsAUsageError) {
  Command command = GetOptions{.client = {.server = "placer.internal:8000"}};
  EXPECT_THAT(ResolveOptions(command, Environment{}, [](const std::string&) { return false; }),
              HasSubstr("--server"));
}

TEST(CommandLine, TheEnvFileIsTheGivenOneElseDotEnvWhereThereIsOne) {
  EXPECT_EQ(ChooseEnvFile("mine.env", Files({".env"})), "mine.env");
  EXPECT_EQ(ChooseEnvFile("", Files({".env"})), ".env");
  EXPECT_EQ(ChooseEnvFile("", Files({})), "");
  EXPECT_EQ(ParseCommandLine({"get", "--env-file", "x"}).env_file, "x");
}

}  // namespace
}  // namespace placer
