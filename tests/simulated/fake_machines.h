// FakeMachines: a platform whose answers the test sets directly. `machines` is the truth; `hidden` are there
// but missing from the list, as on a stale or partial answer.
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "controller/effects/machines.h"
#include "tests/simulated/virtual_time.h"

namespace placer {

inline Machine MakeMachine(const std::string& id, const std::string& region) {
  Machine machine;
  machine.id = id;
  machine.name = id;
  machine.region = region;
  machine.state = "started";
  machine.process_group = "app";
  machine.config = std::make_shared<const std::string>("{\"image\":\"shop:1\"}");
  machine.created_at = VirtualStart() - absl::Hours(1);
  machine.updated_at = machine.created_at;
  return machine;
}

// Suspends for good. Cancellation ends it, unless it is told to be deaf.
inline Task<void> Hang(bool deaf) {
  if (deaf) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
}

class FakeMachines final : public MachinesApi {
 public:
  std::map<std::string, Machine> machines;  // by id
  std::set<std::string> hidden;
  absl::Status list_error;
  std::map<std::string, absl::Status> get_errors;  // by id
  bool hangs = false;                              // List, from now on
  bool deaf = false;                               // and hears no cancellation either
  std::function<Task<void>()> before_get;          // runs while a Get is under way
  absl::StatusOr<std::vector<Region>> regions = absl::PermissionDeniedError("this token may not ask");

  absl::Status write_error;  // of every write, which then does not happen
  std::function<void(const MachineChange&)> before_change;
  std::vector<std::string> calls;  // writes: "cordon m1", "create ams"
  std::vector<UpdateMachine> updates;
  std::vector<WaitForState> waits;

  int lists = 0;
  int region_lists = 0;
  std::vector<std::string> asked;  // ids of Get, in order

  void Add(const std::string& id, const std::string& region) { machines[id] = MakeMachine(id, region); }

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string) override {
    ++lists;
    if (hangs) {
      co_await Hang(deaf);
      co_return absl::CancelledError("the call was cancelled");
    }
    if (!list_error.ok()) co_return list_error;
    std::vector<Machine> list;
    for (const auto& [id, machine] : machines) {
      if (!hidden.contains(id)) list.push_back(machine);
    }
    co_return list;
  }

  Task<absl::StatusOr<Machine>> Get(std::string, std::string machine_id) override {
    asked.push_back(machine_id);
    if (before_get) co_await before_get();
    const auto error = get_errors.find(machine_id);
    if (error != get_errors.end()) co_return error->second;
    const auto found = machines.find(machine_id);
    if (found == machines.end()) co_return absl::NotFoundError(absl::StrCat("no machine ", machine_id));
    co_return found->second;
  }

  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override {
    ++region_lists;
    co_return regions;
  }

  Task<absl::StatusOr<Machine>> Create(std::string, CreateMachine request) override {
    calls.push_back(absl::StrCat("create ", request.region));
    if (!write_error.ok()) co_return write_error;
    const std::string id = absl::StrCat("made-", calls.size());
    Add(id, request.region);
    co_return machines.at(id);
  }
  Task<absl::StatusOr<Machine>> Update(std::string, UpdateMachine request) override {
    calls.push_back(absl::StrCat("update ", request.machine_id));
    updates.push_back(request);
    if (!write_error.ok()) co_return write_error;
    co_return machines.at(request.machine_id);
  }
  Task<absl::Status> Apply(std::string, MachineChange change) override {
    calls.push_back(absl::StrCat(ToString(change.kind), " ", change.machine_id));
    if (before_change) before_change(change);
    co_return write_error;
  }
  Task<absl::StatusOr<Lease>> Take(std::string, TakeLease request) override {
    calls.push_back(absl::StrCat("take_lease ", request.machine_id));
    if (!write_error.ok()) co_return write_error;
    co_return Lease{.nonce = absl::StrCat("nonce-", calls.size()), .description = request.description};
  }
  Task<absl::Status> Wait(std::string, WaitForState request) override {
    waits.push_back(std::move(request));
    co_return absl::OkStatus();
  }
  Task<absl::StatusOr<std::vector<Volume>>> ListVolumes(std::string) override {
    co_return std::vector<Volume>();
  }
  Task<absl::StatusOr<Volume>> Create(std::string, CreateVolume request) override {
    calls.push_back(absl::StrCat("create_volume ", request.region));
    if (!write_error.ok()) co_return write_error;
    co_return Volume{.id = "vol-1", .name = request.name, .region = request.region};
  }
};

}  // namespace placer
