#include "api/machine_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <map>

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

namespace json = boost::json;
using absl::StatusCode;
using testing::HasSubstr;

Machine Candidate(const std::string& id, const std::string& release = "3", int created = 100) {
  Machine machine{.id = id, .region = "fra", .state = "started", .process_group = "app"};
  machine.metadata = {{"fly_release_version", release}, {"fly_release_id", "rel" + release}};
  machine.config = std::make_shared<const std::string>("{}");
  machine.created_at = absl::FromUnixSeconds(created);
  return machine;
}

std::string PickedOf(std::vector<Machine> machines) {
  PlacementPolicy policy;
  const Machine* forward = FindTemplateMachine(policy, machines);
  const std::string id = forward == nullptr ? "" : forward->id;
  std::reverse(machines.begin(), machines.end());
  const Machine* backward = FindTemplateMachine(policy, machines);
  EXPECT_EQ(backward == nullptr ? "" : backward->id, id) << "depends on the order";
  return id;
}

TEST(MachineTemplateTest, TheNewestMachineOfTheNewestReleaseIsCloned) {
  EXPECT_EQ(PickedOf({Candidate("a", "9", 100), Candidate("b", "10", 50), Candidate("c", "10", 60)}), "c");
}

TEST(MachineTemplateTest, TiesGoToTheLowestId) {
  EXPECT_EQ(PickedOf({Candidate("b"), Candidate("a"), Candidate("c")}), "a");
}

TEST(MachineTemplateTest, AReleaseThatIsNoNumberIsOlderThanAny) {
  EXPECT_EQ(PickedOf({Candidate("a", "1", 1), Candidate("b", "newest", 900), Candidate("c", "", 900)}), "a");
  EXPECT_EQ(PickedOf({Candidate("b", "x", 1), Candidate("c", "", 2)}), "c");
}

TEST(MachineTemplateTest, WhatDoesNotServeIsNotCloned) {
  const std::vector<std::pair<const char*, std::function<void(Machine&)>>> flaws = {
      {"stopped", [](Machine& m) { m.state = "stopped"; }},
      {"cordoned", [](Machine& m) { m.cordoned = true; }},
      {"dead host", [](Machine& m) { m.host_status = "unreachable"; }},
      {"failing check", [](Machine& m) { m.checks = {{.name = "c", .status = "critical"}}; }},
      {"standby", [](Machine& m) { m.is_standby = true; }},
      {"release command", [](Machine& m) { m.is_release_command = true; }},
      {"another group", [](Machine& m) { m.process_group = "worker"; }},
      {"unknown group", [](Machine& m) { m.process_group = ""; }},
      {"incomplete", [](Machine& m) { m.has_config = false; }},
      {"config unknown", [](Machine& m) { m.config = nullptr; }},
  };
  for (const auto& [what, spoil] : flaws) {
    Machine spoiled = Candidate("a", "9");
    spoil(spoiled);
    EXPECT_EQ(PickedOf({spoiled}), "") << what;
    EXPECT_EQ(PickedOf({spoiled, Candidate("b", "1")}), "b") << what;
  }
}

TEST(MachineTemplateTest, ATemplateIsTakenFromItsMachine) {
  Machine machine = Candidate("m");
  machine.instance_id = "01J";
  machine.image = "sha256:d";
  machine.image_ref = "r/x@sha256:d";
  machine.has_volumes = true;
  const MachineTemplate source = MakeTemplate(machine);
  EXPECT_EQ(source.machine_id, "m");
  EXPECT_EQ(source.instance_id, "01J");
  EXPECT_EQ(source.image, "sha256:d");
  EXPECT_EQ(source.image_ref, "r/x@sha256:d");
  EXPECT_EQ(source.release, "rel3");
  EXPECT_EQ(source.config, "{}");
  EXPECT_TRUE(source.has_volumes);
}

MachineTemplate Source(const std::string& config) {
  return {.machine_id = "m0", .image_ref = "registry.fly.io/web@sha256:d", .config = config};
}

json::value Clone(const std::string& config, std::vector<std::string> volume_ids = {}) {
  const auto clone = MakeCloneConfig(
      Source(config),
      {.policy = "web", .intent = "i-7", .owner = "me 5", .volume_ids = std::move(volume_ids)});
  EXPECT_TRUE(clone.ok()) << clone.status();
  return clone.ok() ? json::parse(*clone) : json::value();
}

TEST(MachineTemplateTest, ACloneKeepsWhatItDoesNotHaveToChange) {
  const json::value clone = Clone(R"({"env":{"A":"b"},"guest":{"cpus":2,"memory_mb":512},"init":{"cmd":["x"]},
      "restart":{"policy":"always"},"stop_config":{"timeout":30},"of_tomorrow":{"x":[1,2]},
      "metadata":{"fly_platform_version":"v2","fly_process_group":"app","fly_release_id":"r","mine":"kept"}})");
  EXPECT_EQ(clone.at("env"), json::parse(R"({"A":"b"})"));
  EXPECT_EQ(clone.at("guest"), json::parse(R"({"cpus":2,"memory_mb":512})"));
  EXPECT_EQ(clone.at("init"), json::parse(R"({"cmd":["x"]})"));
  EXPECT_EQ(clone.at("restart"), json::parse(R"({"policy":"always"})"));
  EXPECT_EQ(clone.at("stop_config"), json::parse(R"({"timeout":30})"));
  EXPECT_EQ(clone.at("of_tomorrow"), json::parse(R"({"x":[1,2]})"));
  for (const auto& [key, value] : std::map<std::string, std::string>{{"fly_platform_version", "v2"},
                                                                     {"fly_process_group", "app"},
                                                                     {"fly_release_id", "r"},
                                                                     {"mine", "kept"}}) {
    EXPECT_EQ(clone.at("metadata").at(key), json::value(value)) << key;
  }
}

TEST(MachineTemplateTest, AClonesImageIsTheOneThatRuns) {
  EXPECT_EQ(Clone(R"({"image":"registry.fly.io/web:latest"})").at("image"), "registry.fly.io/web@sha256:d");
}

TEST(MachineTemplateTest, WhatBelongsToOneMachineAloneIsLeftBehind) {
  const json::value clone = Clone(
      R"({"standbys":["m1"],"auto_destroy":true,"mounts":[],"metadata":{"autoplacer_parked":"other",
          "autoplacer_policy":"other","autoplacer_intent":"i-1","autoplacer_owner":"them 1","autoplacer_new":"x"}})");
  for (const char* key : {"standbys", "auto_destroy", "mounts"})
    EXPECT_FALSE(clone.as_object().contains(key)) << key;
  EXPECT_EQ(
      clone.at("metadata"),
      json::parse(R"({"autoplacer_policy":"web","autoplacer_intent":"i-7","autoplacer_owner":"me 5"})"));
}

TEST(MachineTemplateTest, WithoutAnOwnerNoneIsWritten) {
  const auto clone = MakeCloneConfig(Source("{}"), {.policy = "web", .intent = "i"});
  ASSERT_TRUE(clone.ok()) << clone.status();
  EXPECT_FALSE(json::parse(*clone).at("metadata").as_object().contains("autoplacer_owner"));
}

TEST(MachineTemplateTest, AutostopIsSentAsTheWordThatItWasReadFrom) {
  for (const auto& [read, sent] :
       std::vector<std::pair<const char*, const char*>>{{"false", "\"off\""},
                                                        {"true", "\"stop\""},
                                                        {"\"off\"", "\"off\""},
                                                        {"\"suspend\"", "\"suspend\""}}) {
    const json::value clone = Clone(absl::StrCat(R"({"services":[{"autostop":)", read, "}]}"));
    EXPECT_EQ(clone.at("services").at(0).at("autostop"), json::parse(sent)) << read;
  }
}

TEST(MachineTemplateTest, ANullGoesWhereverItStands) {
  const json::value clone = Clone(
      R"({"checks":null,"services":[{"force_instance_key":null,"autostop":null,"ports":[{"port":80,"x":null}]}]})");
  EXPECT_EQ(clone.at("services"), json::parse(R"([{"ports":[{"port":80}]}])"));
  EXPECT_FALSE(clone.as_object().contains("checks"));
}

constexpr char kTwoServices[] = R"("services":[
    {"internal_port":8080,"checks":[{"type":"http","path":"/up","interval":"10s"},{"type":"tcp","port":9000}]},
    {"internal_port":5000},{"internal_port":6000,"checks":[{"type":"tcp"}]}])";

TEST(MachineTemplateTest, ServiceChecksBecomeTheMachinesOwn) {
  const json::value clone = Clone(absl::StrCat("{", kTwoServices, "}"));
  EXPECT_EQ(clone.at("checks"), json::parse(R"({
      "autoplacer-1":{"type":"http","path":"/up","interval":"10s","port":8080},
      "autoplacer-2":{"type":"tcp","port":9000},"autoplacer-3":{"type":"tcp","port":6000}})"));
  EXPECT_EQ(clone.at("services"), json::parse(absl::StrCat("{", kTwoServices, "}")).at("services"));
}

TEST(MachineTemplateTest, ChecksThatAMachineHasAreEnough) {
  const json::value clone =
      Clone(absl::StrCat(R"({"checks":{"alive":{"type":"tcp","port":1}},)", kTwoServices, "}"));
  EXPECT_EQ(clone.at("checks"), json::parse(R"({"alive":{"type":"tcp","port":1}})"));
}

TEST(MachineTemplateTest, OlderCopiesOfOursAreReplaced) {
  const std::string old = R"("autoplacer-1":{"type":"tcp","port":1},"autoplacer-7":{"type":"tcp","port":7})";
  const json::value alone = Clone(absl::StrCat(
      R"({"checks":{)", old, R"(},"services":[{"internal_port":5,"checks":[{"type":"tcp"}]}]})"));
  EXPECT_EQ(alone.at("checks"), json::parse(R"({"autoplacer-1":{"type":"tcp","port":5}})"));
  const json::value with_own =
      Clone(absl::StrCat(R"({"checks":{"alive":{"type":"tcp","port":1},)", old, "}}"));
  EXPECT_EQ(with_own.at("checks"), json::parse(R"({"alive":{"type":"tcp","port":1}})"));
  EXPECT_FALSE(Clone(absl::StrCat(R"({"checks":{)", old, "}}")).as_object().contains("checks"));
}

TEST(MachineTemplateTest, ACheckWithoutAPortIsNoMachineCheck) {
  EXPECT_FALSE(Clone(R"({"services":[{"checks":[{"type":"tcp"},7]},7]})").as_object().contains("checks"));
}

constexpr char kTwoMounts[] =
    R"({"mounts":[{"volume":"vol_a","path":"/a","name":"data","size_gb":3,"encrypted":false},{"volume":"vol_b","path":"/b"}]})";

TEST(MachineTemplateTest, AClonesMountsNameItsOwnVolumes) {
  const json::value clone = Clone(kTwoMounts, {"vol_1", "vol_2"});
  EXPECT_EQ(clone.at("mounts").at(0).at("volume"), "vol_1");
  EXPECT_EQ(clone.at("mounts").at(0).at("path"), "/a");
  EXPECT_EQ(clone.at("mounts").at(1).at("volume"), "vol_2");
}

TEST(MachineTemplateTest, ACloneNeedsOneVolumeForEachMount) {
  for (const auto& [config, ids] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {kTwoMounts, {}}, {kTwoMounts, {"v"}}, {kTwoMounts, {"v", "w", "x"}}, {"{}", {"v"}}}) {
    const auto clone = MakeCloneConfig(Source(config), {.policy = "p", .intent = "i", .volume_ids = ids});
    EXPECT_EQ(clone.status().code(), StatusCode::kFailedPrecondition);
    EXPECT_THAT(clone.status().message(), HasSubstr("the template m0 mounts"));
  }
}

TEST(MachineTemplateTest, AConfigThatIsNoObjectIsInternal) {
  for (const char* config : {"", "[]", "null", "{", R"({"mounts":[7]})"}) {
    const auto clone = MakeCloneConfig(Source(config), {.policy = "p", .intent = "i", .volume_ids = {"v"}});
    EXPECT_FALSE(clone.ok()) << config;
    EXPECT_THAT(clone.status().message(), HasSubstr("m0")) << config;
  }
  EXPECT_EQ(ListTemplateVolumes(Source("[]")).status().code(), StatusCode::kInternal);
}

Machine Straggler(const std::string& config) {
  Machine machine = Candidate("m1");
  machine.config = std::make_shared<const std::string>(config);
  machine.metadata = {{"autoplacer_policy", "web"}, {"autoplacer_intent", "i-1"}, {"fly_release_id", "old"}};
  return machine;
}

TEST(MachineTemplateTest, AnUpdateBringsTheReleaseAndKeepsVolumesAndMarks) {
  const auto updated = MakeUpdatedConfig(
      Source(R"({"image":"r/x:2","env":{"V":"2"},"mounts":[{"volume":"vol_a","path":"/a"}],
          "metadata":{"fly_release_id":"new","autoplacer_policy":"other","autoplacer_parked":"other"}})"),
      Straggler(R"({"image":"r/x:1","env":{"V":"1"},"mounts":[{"volume":"vol_own","path":"/a"}]})"));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(json::parse(*updated), json::parse(R"({"image":"registry.fly.io/web@sha256:d","env":{"V":"2"},
      "mounts":[{"volume":"vol_own","path":"/a"}],
      "metadata":{"fly_release_id":"new","autoplacer_policy":"web","autoplacer_intent":"i-1"}})"));
}

TEST(MachineTemplateTest, AMachineWithOtherMountsThanTheTemplateIsNotUpdated) {
  EXPECT_EQ(MakeUpdatedConfig(Source(kTwoMounts), Straggler("{}")).status().message(),
            "machine m1 mounts 0 volumes, the template m0 2");
  EXPECT_EQ(MakeUpdatedConfig(Source("{}"), Straggler(kTwoMounts)).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST(MachineTemplateTest, AMachineWhoseConfigIsNotKnownIsNotUpdated) {
  Machine machine = Straggler("{}");
  machine.config = nullptr;
  EXPECT_EQ(MakeUpdatedConfig(Source("{}"), machine).status().code(), StatusCode::kFailedPrecondition);
}

TEST(MachineTemplateTest, VolumesAreListedInTheOrderOfTheMounts) {
  const auto volumes = ListTemplateVolumes(Source(kTwoMounts));
  ASSERT_TRUE(volumes.ok()) << volumes.status();
  ASSERT_EQ(volumes->size(), 2u);
  EXPECT_EQ((*volumes)[0].name, "data");
  EXPECT_EQ((*volumes)[0].size_gb, 3);
  EXPECT_FALSE((*volumes)[0].encrypted);
  EXPECT_EQ((*volumes)[1].name, "data");
  EXPECT_EQ((*volumes)[1].size_gb, 1);
  EXPECT_TRUE((*volumes)[1].encrypted);
  EXPECT_TRUE(ListTemplateVolumes(Source("{}"))->empty());
}

}  // namespace
}  // namespace placer
