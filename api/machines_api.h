// The read calls of the Fly Machines API as values: requests built and answers parsed without a socket. The
// write calls: api/machines_writes.h.
// Source: Fly's OpenAPI document of 2026-05 and observed behaviour (error bodies may be JSON, plain text or
// empty).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "api/http_message.h"
#include "api/machine.h"
#include "api/region.h"

namespace placer {

// `path_prefix` is the path of the base URL, usually "". `token` may be empty.
HttpRequest BuildListMachines(absl::string_view path_prefix, absl::string_view token, absl::string_view app);
HttpRequest BuildGetMachine(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                            absl::string_view machine_id);
HttpRequest BuildListRegions(absl::string_view path_prefix, absl::string_view token);

// Unauthenticated: 401. PermissionDenied: 403. NotFound: 404. ResourceExhausted: 429. Unavailable: 408, 5xx.
// FailedPrecondition: 412. Aborted: 409. InvalidArgument: other 4xx. Internal: the body is not what was
// promised. Messages carry the platform's own error text (at most 300 characters) and its request id; never a
// token. A non-2xx answer's status carries its ErrorScope (api/machine_calls.h), which tells more than its
// code: a 409 may be a lease, a full host or a name; and Retry-After where the platform named it.
absl::StatusOr<std::vector<Machine>> ParseMachineList(
    const HttpResponse& response);  // sorted by id, each once
absl::StatusOr<Machine> ParseMachine(const HttpResponse& response);
absl::StatusOr<std::vector<Region>> ParseRegionList(
    const HttpResponse& response);  // sorted by code, each once

// The status that a non-2xx answer means, as above.
absl::Status MakeMachinesApiError(const HttpResponse& response);

}  // namespace placer
