// What the calls of api/machines_writes.h answer.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/json_fields.h"
#include "api/json_reading.h"
#include "api/lease_json.h"
#include "api/machines_api.h"
#include "api/machines_http.h"
#include "api/machines_writes.h"

namespace placer {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostMachines = 1'000'000;

// A count that is missing is 0; one beyond reason is cut off.
int ReadCount(const json::object& object, const char* name, std::int64_t most) {
  const json::value* value = FindField(object, name);
  if (value == nullptr || !value->is_int64()) return 0;
  return static_cast<int>(std::clamp<std::int64_t>(value->get_int64(), 0, most));
}

absl::StatusOr<Volume> ParseVolumeJson(const json::value& value, const std::string& where) {
  const json::object* object = value.if_object();
  if (object == nullptr) return MakeMachinesShapeError(where, "an object", &value);
  absl::Status error;
  JsonFields reader(*object, where, error);
  Volume volume{.id = reader.RequiredString("id"),
                .name = reader.OptionalString("name"),
                .region = reader.RequiredString("region"),
                .state = reader.OptionalString("state"),
                .attached_machine = reader.OptionalString("attached_machine_id"),
                .size_gb = ReadCount(*object, "size_gb", kMostGigabytes)};
  if (!error.ok()) return error;
  return volume;
}

absl::StatusOr<RegionRoom> ParseRoomJson(const json::value& value, const std::string& where) {
  const json::object* object = value.if_object();
  if (object == nullptr) return MakeMachinesShapeError(where, "an object", &value);
  absl::Status error;
  JsonFields reader(*object, where, error);
  RegionRoom room{.region = reader.RequiredString("region"),
                  .count = ReadCount(*object, "count", kMostMachines)};
  if (!error.ok()) return error;
  return room;
}

// Every element by `parse`, sorted by `key`; one that comes twice is an error, which calls it `what`.
template <typename T>
absl::StatusOr<std::vector<T>> ParseRows(const json::array& rows, const std::string& where,
                                         absl::StatusOr<T> (*parse)(const json::value&, const std::string&),
                                         std::string T::* key, const char* what) {
  std::vector<T> items;
  items.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    absl::StatusOr<T> item = parse(rows[i], absl::StrCat(where, "[", i, "]"));
    if (!item.ok()) return item.status();
    items.push_back(*std::move(item));
  }
  if (absl::Status status = SortAndCheckUnique(items, key, what); !status.ok()) return status;
  return items;
}

}  // namespace

absl::Status ParseMachineChanged(const HttpResponse& response, const MachineChange& change) {
  if (response.status / 100 == 2) return absl::OkStatus();
  const bool takes_away = change.kind == MachineChange::Kind::kReleaseLease ||
                          (change.kind == MachineChange::Kind::kSetMetadata && change.value.empty());
  if (takes_away && response.status == 404) return absl::OkStatus();
  return MakeMachinesApiError(response);
}

absl::StatusOr<Lease> ParseLease(const HttpResponse& response) {
  const absl::StatusOr<json::value> body = ReadMachinesBody(response);
  if (!body.ok()) return body.status();
  const json::object* object = body->if_object();
  if (object == nullptr) return MakeMachinesShapeError("the body", "a lease", &*body);
  // The document promises the bare lease; the platform answers it within an envelope.
  const json::value* data = FindField(*object, "data");
  if (data != nullptr && data->is_object()) object = &data->get_object();
  std::optional<Lease> lease = ReadLeaseJson(*object);
  if (!lease) return MakeMachinesShapeError("the lease's owner", "a string", nullptr);
  return *std::move(lease);
}

absl::StatusOr<Lease> ParseTakenLease(const HttpResponse& response) {
  absl::StatusOr<Lease> lease = ParseLease(response);
  if (lease.ok() && lease->nonce.empty()) {
    return MakeMachinesShapeError("the lease's nonce", "a string", nullptr);
  }
  return lease;
}

absl::Status ParseWaited(const HttpResponse& response) {
  if (response.status / 100 == 2) return absl::OkStatus();
  absl::Status error = MakeMachinesApiError(response);
  // Its HTTP status is recorded nowhere, so the words count as well.
  if (response.status == 408 || absl::StrContains(response.body, "deadline_exceeded")) {
    return WithScope(absl::DeadlineExceededError(error.message()), ScopeOf(error));
  }
  return error;
}

absl::StatusOr<std::vector<Volume>> ParseVolumeList(const HttpResponse& response) {
  const absl::StatusOr<json::value> body = ReadMachinesBody(response);
  if (!body.ok()) return body.status();
  if (body->is_null()) return std::vector<Volume>();  // how a Go server writes an empty list
  const json::array* rows = body->if_array();
  if (rows == nullptr) return MakeMachinesShapeError("the body", "an array of volumes", &*body);
  return ParseRows<Volume>(*rows, "", ParseVolumeJson, &Volume::id, "volume");
}

absl::StatusOr<Volume> ParseVolume(const HttpResponse& response) {
  const absl::StatusOr<json::value> body = ReadMachinesBody(response);
  if (!body.ok()) return body.status();
  return ParseVolumeJson(*body, "volume");
}

absl::StatusOr<std::vector<RegionRoom>> ParsePlacements(const HttpResponse& response) {
  const absl::StatusOr<json::value> body = ReadMachinesBody(response);
  if (!body.ok()) return body.status();
  const json::object* object = body->if_object();
  if (object == nullptr) return MakeMachinesShapeError("the body", "an object with regions", &*body);
  const json::value* rows = FindField(*object, "regions");
  if (rows == nullptr) return std::vector<RegionRoom>();
  if (!rows->is_array()) return MakeMachinesShapeError("regions", "an array", rows);
  return ParseRows<RegionRoom>(rows->get_array(), "regions", ParseRoomJson, &RegionRoom::region, "region");
}

}  // namespace placer
