// The write calls of the Machines API as plain values: what is asked for, and what an error means for the
// next step. Built and parsed by api/machines_writes.h, carried by controller/fly/, obeyed in process by
// cmd/flysim/core. Easy to get wrong: DeadlineExceeded and Unavailable on a write mean that it may have
// happened.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace placer {

struct CreateMachine {
  std::string name;
  std::string region;
  std::string config;                     // JSON object
  bool skip_service_registration = true;  // cordoned until Uncordon
};

struct UpdateMachine {
  std::string machine_id;
  std::string config;  // JSON object, whole
  std::string
      current_version;  // instance_id that the config was made from; another one there: FailedPrecondition
  std::string lease_nonce;  // "" = none
  // Whether the platform starts a stopped machine that it updates, its documents and what was seen of it say
  // differently; true leaves it at rest.
  bool skip_launch = false;
};

// A change that needs no body to speak of and answers nothing but success. Each may be repeated.
struct MachineChange {
  enum class Kind { kStart, kStop, kSuspend, kDestroy, kCordon, kUncordon, kReleaseLease, kSetMetadata };
  Kind kind = Kind::kStart;
  std::string machine_id;
  std::string lease_nonce;  // "" = none; not for kSetMetadata
  std::string key;          // kSetMetadata
  std::string value;        // kSetMetadata; "" deletes the key
};
const char* ToString(
    MachineChange::Kind kind);  // "start", "stop", ... as in metrics: "release_lease", "set_metadata"

struct TakeLease {
  std::string machine_id;
  absl::Duration ttl;       // whole seconds
  std::string nonce;        // renews the lease of this nonce; "" takes a new one
  std::string description;  // for people who wonder who holds it
};

struct WaitForState {
  std::string machine_id;
  std::string instance_id;  // the version waited for; the platform demands it for stopped; else "" = any
  std::string state;        // started | stopped | suspended | destroyed
  absl::Duration timeout;   // whole seconds, 1 s to 60 s
};

inline constexpr std::int64_t kMostGigabytes = 1'000'000;  // of a volume; more in an answer is none of it

struct Volume {
  std::string id;
  std::string name;
  std::string region;
  std::string state;             // created, ...
  std::string attached_machine;  // "" = free
  int size_gb = 0;
};

struct CreateVolume {
  std::string name;
  std::string region;
  int size_gb = 1;
  bool encrypted = true;
};

// How many machines of this size would find room in each region, as the platform simulates it.
struct PlacementsQuery {
  std::string organization;  // slug
  std::string region;        // "" = any
  int count = 1;
};
struct RegionRoom {
  std::string region;
  int count = 0;
};

// What a failed call says about the next one.
enum class ErrorScope {
  kUnknown,  // no answer, 408 or 5xx: a write may have happened; look again, then repeat
  kRetry,    // nothing happened, and the same call may succeed in a while (429, a state in between, 412 while
             // replacing)
  kConflict,   // 409: somebody holds the lease or changed the machine meanwhile; observe again
  kNameTaken,  // a machine of this name exists: adopt it if it is ours
  kHost,       // no room on the host: the same region again
  kVolume,     // no room beside the volume
  kRegion,     // no room in the region: the next best region
  kQuota,      // the organization's quota in this region: the next best region
  kAuth,       // 401, other 403: stop acting
  kGone,       // 404
  kRefused,    // any other 4xx: repeating cannot help
};
const char* ToString(ErrorScope scope);  // "unknown", "retry", ... "name_taken": a metric label

// The scope that an error of any Machines call carries; kUnknown where it carries none (the network's
// errors).
ErrorScope ScopeOf(const absl::Status& error);
absl::Status WithScope(absl::Status error, ErrorScope scope);

// How long the platform asked to be left alone (Retry-After of a 429, whole seconds); no value: it did not
// say.
std::optional<absl::Duration> RetryAfterOf(const absl::Status& error);
absl::Status WithRetryAfter(absl::Status error, absl::Duration pause);

}  // namespace placer
