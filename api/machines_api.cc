// The read calls of the Machines API: requests, and the lists that they answer.
#include "api/machines_api.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/json_reading.h"
#include "api/machine_json.h"
#include "api/machines_http.h"

namespace placer {
namespace {

namespace json = boost::json;

absl::StatusOr<double> ReadDegrees(const json::value& value, double limit, const std::string& where) {
  if (!value.is_number()) return MakeMachinesShapeError(where, "a number of degrees", &value);
  const double degrees = value.to_number<double>();
  if (!std::isfinite(degrees) || std::abs(degrees) > limit) {
    return absl::InternalError(absl::StrCat("the Machines API's answer: ", where, " is ", degrees,
                                            ", want at most ", limit, " degrees"));
  }
  return degrees;
}

bool ReadFlag(const json::object& object, const char* name) {
  const json::value* value = FindField(object, name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

absl::StatusOr<Region> ParseRegion(const json::value& value, const std::string& where) {
  const json::object* object = value.if_object();
  if (object == nullptr) return MakeMachinesShapeError(where, "an object", &value);
  Region region;
  region.code = ReadStringOrEmpty(*object, "code");
  if (region.code.empty())
    return MakeMachinesShapeError(where + ".code", "a region code", FindField(*object, "code"));
  region.name = ReadStringOrEmpty(*object, "name");
  region.deprecated = ReadFlag(*object, "deprecated");
  const json::value* latitude = FindField(*object, "latitude");
  const json::value* longitude = FindField(*object, "longitude");
  if (latitude == nullptr || longitude == nullptr) return region;
  const absl::StatusOr<double> latitude_deg = ReadDegrees(*latitude, 90, where + ".latitude");
  if (!latitude_deg.ok()) return latitude_deg.status();
  const absl::StatusOr<double> longitude_deg = ReadDegrees(*longitude, 180, where + ".longitude");
  if (!longitude_deg.ok()) return longitude_deg.status();
  region.coordinates = Coordinates{.latitude_deg = *latitude_deg, .longitude_deg = *longitude_deg};
  return region;
}

}  // namespace

HttpRequest BuildListMachines(absl::string_view path_prefix, absl::string_view token, absl::string_view app) {
  return BuildMachinesCall("GET", token, MakeAppTarget(path_prefix, app, "machines"));
}

HttpRequest BuildGetMachine(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                            absl::string_view machine_id) {
  return BuildMachinesCall(
      "GET", token, MakeAppTarget(path_prefix, app, absl::StrCat("machines/", PercentEncode(machine_id))));
}

HttpRequest BuildListRegions(absl::string_view path_prefix, absl::string_view token) {
  return BuildMachinesCall("GET", token, absl::StrCat(path_prefix, "/v1/platform/regions"));
}

absl::StatusOr<std::vector<Machine>> ParseMachineList(const HttpResponse& response) {
  json::monotonic_resource memory;
  const absl::StatusOr<json::value> body = ReadMachinesBody(response, &memory);
  if (!body.ok()) return body.status();
  const json::array* list = body->if_array();
  if (list == nullptr) return MakeMachinesShapeError("the body", "an array of machines", &*body);
  std::vector<Machine> machines;
  machines.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    absl::StatusOr<Machine> machine = ParseMachineJson((*list)[i], absl::StrCat("[", i, "]"));
    if (!machine.ok()) return machine.status();
    // Most machines of an app run the same config, and it is the largest part of them.
    const bool is_same = !machines.empty() && machine->config != nullptr &&
                         machines.back().config != nullptr && *machine->config == *machines.back().config;
    if (is_same) machine->config = machines.back().config;
    machines.push_back(*std::move(machine));
  }
  if (absl::Status status = SortAndCheckUnique(machines, &Machine::id, "machine"); !status.ok())
    return status;
  return machines;
}

absl::StatusOr<Machine> ParseMachine(const HttpResponse& response) {
  const absl::StatusOr<json::value> body = ReadMachinesBody(response);
  if (!body.ok()) return body.status();
  return ParseMachineJson(*body, "machine");
}

absl::StatusOr<std::vector<Region>> ParseRegionList(const HttpResponse& response) {
  const absl::StatusOr<json::value> body = ReadMachinesBody(response);
  if (!body.ok()) return body.status();
  const json::object* object = body->if_object();
  if (object == nullptr) return MakeMachinesShapeError("the body", "an object with regions", &*body);
  // The specification says `regions`. Go's JSON, which the platform's own clients use, does not mind the
  // case.
  const json::value* rows = FindField(*object, "regions");
  if (rows == nullptr) rows = FindField(*object, "Regions");
  if (rows == nullptr || !rows->is_array()) return MakeMachinesShapeError("regions", "an array", rows);
  std::vector<Region> regions;
  const json::array& list = rows->get_array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    absl::StatusOr<Region> region = ParseRegion(list[i], absl::StrCat("regions[", i, "]"));
    if (!region.ok()) return region.status();
    regions.push_back(*std::move(region));
  }
  if (absl::Status status = SortAndCheckUnique(regions, &Region::code, "region"); !status.ok()) return status;
  return regions;
}

}  // namespace placer
