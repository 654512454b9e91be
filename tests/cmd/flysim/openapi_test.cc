// Every answer against Fly's OpenAPI document, by a validator of the few keywords that it uses.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cmd/flysim/answers.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

namespace json = boost::json;

class Validator {
 public:
  explicit Validator(json::value document) : document_(std::move(document)) {}

  // The response schema of a GET, e.g. of "/platform/regions".
  const json::value& FindResponse(const std::string& path, const std::string& status) const {
    const json::object& responses = document_.at("paths").at(path).at("get").at("responses").as_object();
    return responses.at(status).at("content").at("application/json").at("schema");
  }
  const json::value& FindSchema(const std::string& name) const {
    return document_.at("components").at("schemas").at(name);
  }

  void Check(const json::value& value, const json::value& schema, const std::string& where) {
    const json::object& rules = schema.as_object();
    if (const json::value* reference = rules.if_contains("$ref")) {
      const std::string name(reference->as_string().c_str());
      return Check(value, FindSchema(name.substr(name.rfind('/') + 1)), where);
    }
    if (const json::value* all = rules.if_contains("allOf")) {
      for (const json::value& part : all->as_array()) Check(value, part, where);
      return;
    }
    CheckType(value, rules, where);
    CheckEnum(value, rules, where);
    CheckMembers(value, rules, where);
    const json::value* items = rules.if_contains("items");
    if (items == nullptr || !value.is_array()) return;
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      Check(value.as_array()[i], *items, absl::StrCat(where, "[", i, "]"));
    }
  }

  const std::vector<std::string>& violations() const { return violations_; }
  int checked_values() const { return checked_values_; }

 private:
  void CheckType(const json::value& value, const json::object& rules, const std::string& where) {
    const json::value* type = rules.if_contains("type");
    if (type == nullptr) return;
    ++checked_values_;
    const std::string wanted(type->as_string().c_str());
    const bool fits = (wanted == "object" && value.is_object()) || (wanted == "array" && value.is_array()) ||
                      (wanted == "string" && value.is_string()) || (wanted == "boolean" && value.is_bool()) ||
                      (wanted == "integer" && (value.is_int64() || value.is_uint64())) ||
                      (wanted == "number" && value.is_number());
    if (!fits) violations_.push_back(absl::StrCat(where, " is not of type ", wanted));
  }

  void CheckEnum(const json::value& value, const json::object& rules, const std::string& where) {
    const json::value* allowed = rules.if_contains("enum");
    if (allowed == nullptr) return;
    for (const json::value& one : allowed->as_array()) {
      if (one == value) return;
    }
    violations_.push_back(absl::StrCat(where, " is none of the allowed values"));
  }

  void CheckMembers(const json::value& value, const json::object& rules, const std::string& where) {
    if (!value.is_object()) return;
    if (const json::value* required = rules.if_contains("required")) {
      for (const json::value& name : required->as_array()) {
        if (!value.as_object().contains(name.as_string())) {
          violations_.push_back(absl::StrCat(where, " lacks ", name.as_string().c_str()));
        }
      }
    }
    const json::value* properties = rules.if_contains("properties");
    const json::value* others = rules.if_contains("additionalProperties");
    for (const auto& member : value.as_object()) {
      const std::string name(member.key());
      const json::value* known = properties == nullptr ? nullptr : properties->as_object().if_contains(name);
      if (known == nullptr && others != nullptr && others->is_object()) known = others;
      if (known == nullptr) continue;  // unknown members are allowed
      // The document itself says that answers go on using booleans here, against its own type.
      if (name == "autostop" && member.value().is_bool()) continue;
      Check(member.value(), *known, absl::StrCat(where, ".", name));
    }
  }

  json::value document_;
  std::vector<std::string> violations_;
  int checked_values_ = 0;
};

class OpenApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("FLY_AUTOPLACER_DATA");
    if (folder == nullptr) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set";
    std::ifstream file(absl::StrCat(folder, "/fly/fly-machines-openapi-2026-05-07.json"));
    ASSERT_TRUE(file.good());
    std::stringstream text;
    text << file.rdbuf();
    json::parse_options options;
    options.max_depth = 64;
    validator_ = std::make_unique<Validator>(json::parse(text.str(), {}, options));
    world_.AddMachine("iad", "stopped");
    world_.AddMachine("nrt", "failed");
    world_.RemoveMachine(world_.AddMachine("gru", "started"));
  }

  std::string Ask(const std::string& target, const std::string& token = "Bearer some") const {
    return MakeAnswer(world_, {}, {.target = target, .headers = {{"Authorization", token}}}).body;
  }

  void ExpectValid(const std::string& body, const json::value& schema) {
    validator_->Check(json::parse(body), schema, "body");
    for (const std::string& violation : validator_->violations()) ADD_FAILURE() << violation;
    EXPECT_GT(validator_->checked_values(), 0);
  }

  World world_{MakeOptions(0)};
  std::unique_ptr<Validator> validator_;
};

TEST_F(OpenApiTest, TheMachineListIsValid) {
  ExpectValid(Ask("/v1/apps/demo/machines?include_deleted=true"),
              validator_->FindResponse("/apps/{app_name}/machines", "200"));
  EXPECT_GT(validator_->checked_values(), 100);
}

TEST_F(OpenApiTest, TheSummaryIsValid) {
  ExpectValid(Ask("/v1/apps/demo/machines?summary=true"),
              validator_->FindResponse("/apps/{app_name}/machines", "200"));
}

TEST_F(OpenApiTest, OneMachineIsValid) {
  ExpectValid(Ask("/v1/apps/demo/machines/" + world_.machines().front().id),
              validator_->FindResponse("/apps/{app_name}/machines/{machine_id}", "200"));
}

TEST_F(OpenApiTest, TheRegionsAreValid) {
  ExpectValid(Ask("/v1/platform/regions"), validator_->FindResponse("/platform/regions", "200"));
}

TEST_F(OpenApiTest, ErrorsAreValid) {
  ExpectValid(Ask("/v1/apps/other/machines"), validator_->FindSchema("ErrorResponse"));
  ExpectValid(Ask("/v1/apps/demo/machines", ""), validator_->FindSchema("ErrorResponse"));
}

TEST_F(OpenApiTest, TheValidatorSeesAWrongTypeDeepInside) {
  std::string body = Ask("/v1/apps/demo/machines");
  const std::string limit = "\"soft_limit\":20";
  ASSERT_NE(body.find(limit), std::string::npos);
  body.replace(body.find(limit), limit.size(), "\"soft_limit\":\"20\"");
  validator_->Check(json::parse(body), validator_->FindResponse("/apps/{app_name}/machines", "200"), "body");
  ASSERT_EQ(validator_->violations().size(), 1u);
  EXPECT_EQ(validator_->violations()[0],
            "body[0].config.services[0].concurrency.soft_limit is not of type integer");
}

}  // namespace
}  // namespace placer::flysim
