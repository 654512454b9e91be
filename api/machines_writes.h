// The write calls of the Fly Machines API as values, and the few reads that acting needs: requests built and
// answers parsed without a socket. Sources: Fly's OpenAPI document of 2026-05, and what is observed beyond
// it: leases answer an envelope, their `ttl` counts in the query, and a lease's nonce is honoured by every
// change of a machine but its metadata. Easy to get wrong: the status of a failed answer carries an
// ErrorScope (api/machine_calls.h); one of no answer carries none, and the write may have happened.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "api/http_message.h"
#include "api/machine.h"
#include "api/machine_calls.h"

namespace placer {

// `path_prefix` is the path of the base URL, usually "". `token` may be empty. A create and an update answer
// the machine: ParseMachine (api/machines_api.h).
HttpRequest BuildCreateMachine(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                               const CreateMachine& request);
HttpRequest BuildUpdateMachine(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                               const UpdateMachine& request);

// A destroy does not force: the platform refuses it for a machine that runs.
HttpRequest BuildMachineChange(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                               const MachineChange& change);
// Ok also where a lease to release, or a metadata key to delete, is not there: that is what was wanted.
absl::Status ParseMachineChanged(const HttpResponse& response, const MachineChange& change);

HttpRequest BuildTakeLease(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                           const TakeLease& request);
HttpRequest BuildGetLease(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                          absl::string_view machine_id);
// Internal: no lease in the answer. Whoever took it finds a nonce in it, always.
absl::StatusOr<Lease> ParseTakenLease(const HttpResponse& response);
// The lease that somebody holds; its nonce may be missing. NotFound (kGone): nobody holds one.
absl::StatusOr<Lease> ParseLease(const HttpResponse& response);

// Its timeout, rounded up to whole seconds within what the platform allows (1 s to 60 s), is the server's;
// the call's own is longer.
HttpRequest BuildWaitForState(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                              const WaitForState& request);
// DeadlineExceeded: not within the timeout.
absl::Status ParseWaited(const HttpResponse& response);

HttpRequest BuildListVolumes(absl::string_view path_prefix, absl::string_view token, absl::string_view app);
HttpRequest BuildCreateVolume(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                              const CreateVolume& request);
absl::StatusOr<std::vector<Volume>> ParseVolumeList(const HttpResponse& response);  // sorted by id, each once
absl::StatusOr<Volume> ParseVolume(const HttpResponse& response);

// Asks and changes nothing, though it is a POST.
HttpRequest BuildPlacements(absl::string_view path_prefix, absl::string_view token,
                            const PlacementsQuery& query);
absl::StatusOr<std::vector<RegionRoom>> ParsePlacements(
    const HttpResponse& response);  // sorted by region, each once

}  // namespace placer
