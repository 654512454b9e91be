// Fly's OpenAPI document as a judge: of requests as we send them, and of JSON values against its schemas. It
// knows the few keywords that the document uses. What the document does not describe but the platform is
// known to do is an exception, and each is named here, where it is made.
#pragma once

#include <boost/json.hpp>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "api/http_message.h"

namespace placer {

class OpenApi {
 public:
  // Null where FLY_AUTOPLACER_DATA is not set or the document cannot be read: the test is skipped.
  static std::unique_ptr<OpenApi> Load() {
    const char* folder = std::getenv("FLY_AUTOPLACER_DATA");
    if (folder == nullptr) return nullptr;
    std::ifstream file(absl::StrCat(folder, "/fly/fly-machines-openapi-2026-05-07.json"));
    if (!file.good()) return nullptr;
    std::stringstream text;
    text << file.rdbuf();
    boost::json::parse_options options;
    options.max_depth = 64;
    return std::make_unique<OpenApi>(boost::json::parse(text.str(), {}, options));
  }
  explicit OpenApi(boost::json::value document) : document_(std::move(document)) {}

  const boost::json::value& FindSchema(const std::string& name) const {
    return document_.at("components").at("schemas").at(name);
  }
  // The schema of an answer, e.g. ("get", "/platform/regions", "200").
  const boost::json::value& FindResponse(const std::string& method, const std::string& path,
                                         const std::string& status) const {
    const boost::json::value& responses = document_.at("paths").at(path).at(method).at("responses");
    return responses.at(status).at("content").at("application/json").at("schema");
  }

  // Path, method, parameters and body of a request to "/v1/...".
  void CheckRequest(const HttpRequest& request) {
    const std::vector<std::string> parts = absl::StrSplit(request.target, absl::MaxSplits('?', 1));
    const std::string where = absl::StrCat(request.method, " ", request.target);
    const boost::json::object* operation = FindOperation(request.method, parts[0]);
    if (operation == nullptr) return Violate(where, "no such path or method");
    const std::string query = parts.size() > 1 ? parts[1] : "";
    CheckParameters(*operation, request, query, where);
    CheckBody(*operation, request, where);
  }

  void Check(const boost::json::value& value, const boost::json::value& schema, const std::string& where) {
    const boost::json::object& rules = schema.as_object();
    if (const boost::json::value* reference = rules.if_contains("$ref")) {
      const std::string name(reference->as_string().c_str());
      return Check(value, FindSchema(name.substr(name.rfind('/') + 1)), where);
    }
    if (const boost::json::value* all = rules.if_contains("allOf")) {
      for (const boost::json::value& part : all->as_array()) Check(value, part, where);
      return;
    }
    CheckType(value, rules, where);
    CheckEnum(value, rules, where);
    CheckMembers(value, rules, where);
    const boost::json::value* items = rules.if_contains("items");
    if (items == nullptr || !value.is_array()) return;
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      Check(value.as_array()[i], *items, absl::StrCat(where, "[", i, "]"));
    }
  }

  // Members that a schema does not name are violations too: for what we send, not for what the platform may
  // add.
  void set_closed(bool closed) { closed_ = closed; }
  const std::vector<std::string>& violations() const { return violations_; }
  int checked_values() const { return checked_values_; }

 private:
  void Violate(const std::string& where, const std::string& what) {
    violations_.push_back(absl::StrCat(where, ": ", what));
  }

  static bool FitsTemplate(const std::string& path, const std::string& path_template) {
    const std::vector<std::string> have = absl::StrSplit(path, '/');
    const std::vector<std::string> want = absl::StrSplit(absl::StrCat("/v1", path_template), '/');
    if (have.size() != want.size()) return false;
    for (std::size_t i = 0; i < have.size(); ++i) {
      const bool is_parameter = absl::StartsWith(want[i], "{");
      if (is_parameter ? have[i].empty() : have[i] != want[i]) return false;
    }
    return true;
  }

  const boost::json::object* FindOperation(std::string method, const std::string& path) const {
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const auto& entry : document_.at("paths").as_object()) {
      if (!FitsTemplate(path, std::string(entry.key()))) continue;
      const boost::json::value* operation = entry.value().as_object().if_contains(method);
      if (operation != nullptr) return &operation->as_object();
    }
    return nullptr;
  }

  static const boost::json::object* FindParameter(const boost::json::object& operation, const std::string& in,
                                                  const std::string& name) {
    const boost::json::value* parameters = operation.if_contains("parameters");
    if (parameters == nullptr) return nullptr;
    for (const boost::json::value& parameter : parameters->as_array()) {
      if (parameter.at("in").as_string().c_str() == in && parameter.at("name").as_string().c_str() == name)
        return &parameter.as_object();
    }
    return nullptr;
  }

  void CheckParameters(const boost::json::object& operation, const HttpRequest& request,
                       const std::string& query, const std::string& where) {
    for (const absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
      const std::vector<std::string> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
      const std::string name = PercentDecode(parts[0]);
      // Observed: what a lease's ttl in the body says is not heard.
      const bool is_lease_ttl = name == "ttl" && absl::StrContains(request.target, "/lease?");
      const boost::json::object* parameter = FindParameter(operation, "query", name);
      if (is_lease_ttl) continue;
      if (parameter == nullptr) {
        Violate(where, absl::StrCat("the query parameter ", name, " is not known"));
      } else {
        Check(ReadParameter(parts.size() > 1 ? PercentDecode(parts[1]) : ""), parameter->at("schema"),
              absl::StrCat(where, " ", name));
      }
    }
    const boost::json::value* parameters = operation.if_contains("parameters");
    if (parameters == nullptr) return;
    for (const boost::json::value& parameter : parameters->as_array()) {
      const std::string name = parameter.at("name").as_string().c_str();
      const boost::json::value* required = parameter.as_object().if_contains("required");
      if (required == nullptr || !required->as_bool() || parameter.at("in") == "path") continue;
      const bool there = parameter.at("in") == "header" ? !FindHeader(request.headers, name).empty()
                                                        : absl::StrContains(query, absl::StrCat(name, "="));
      if (!there) Violate(where, absl::StrCat("lacks the parameter ", name));
    }
  }

  // A query's text as the JSON value that it stands for: numbers and truth values are written bare there.
  static boost::json::value ReadParameter(const std::string& text) {
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(text, error);
    return error || value.is_structured() ? boost::json::value(text) : value;
  }

  void CheckBody(const boost::json::object& operation, const HttpRequest& request, const std::string& where) {
    const boost::json::value* body = operation.if_contains("requestBody");
    if (body == nullptr) {
      if (!request.body.empty()) Violate(where, "has a body, want none");
      return;
    }
    const boost::json::value* required = body->as_object().if_contains("required");
    if (request.body.empty()) {
      if (required != nullptr && required->as_bool()) Violate(where, "lacks its body");
      return;
    }
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse(request.body, error);
    if (error) return Violate(where, "its body is no JSON");
    if (FindHeader(request.headers, "content-type") != "application/json")
      Violate(where, "is not sent as JSON");
    Check(value, body->at("content").at("application/json").at("schema"), absl::StrCat(where, " body"));
  }

  void CheckType(const boost::json::value& value, const boost::json::object& rules,
                 const std::string& where) {
    const boost::json::value* type = rules.if_contains("type");
    if (type == nullptr) return;
    ++checked_values_;
    const std::string wanted(type->as_string().c_str());
    const bool fits = (wanted == "object" && value.is_object()) || (wanted == "array" && value.is_array()) ||
                      (wanted == "string" && value.is_string()) || (wanted == "boolean" && value.is_bool()) ||
                      (wanted == "integer" && (value.is_int64() || value.is_uint64())) ||
                      (wanted == "number" && value.is_number());
    if (!fits) violations_.push_back(absl::StrCat(where, " is not of type ", wanted));
  }

  void CheckEnum(const boost::json::value& value, const boost::json::object& rules,
                 const std::string& where) {
    const boost::json::value* allowed = rules.if_contains("enum");
    if (allowed == nullptr) return;
    for (const boost::json::value& one : allowed->as_array()) {
      if (one == value) return;
    }
    violations_.push_back(absl::StrCat(where, " is none of the allowed values"));
  }

  void CheckMembers(const boost::json::value& value, const boost::json::object& rules,
                    const std::string& where) {
    if (!value.is_object()) return;
    if (const boost::json::value* required = rules.if_contains("required")) {
      for (const boost::json::value& name : required->as_array()) {
        if (!value.as_object().contains(name.as_string())) {
          violations_.push_back(absl::StrCat(where, " lacks ", name.as_string().c_str()));
        }
      }
    }
    const boost::json::value* properties = rules.if_contains("properties");
    const boost::json::value* others = rules.if_contains("additionalProperties");
    for (const auto& member : value.as_object()) {
      const std::string name(member.key());
      const boost::json::value* known =
          properties == nullptr ? nullptr : properties->as_object().if_contains(name);
      if (known == nullptr && others != nullptr && others->is_object()) known = others;
      if (known == nullptr) {
        if (closed_ && properties != nullptr)
          violations_.push_back(absl::StrCat(where, ".", name, " is not known"));
        continue;
      }
      // The document itself says that answers go on using booleans here, against its own type.
      if (!closed_ && name == "autostop" && member.value().is_bool()) continue;
      Check(member.value(), *known, absl::StrCat(where, ".", name));
    }
  }

  boost::json::value document_;
  std::vector<std::string> violations_;
  int checked_values_ = 0;
  bool closed_ = false;
};

}  // namespace placer
