// One machine of the Machines API, from JSON to the value that decisions read. Included by .cc files of api/
// only.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "api/machine.h"

namespace placer {

// Internal, with `where` ("[3]" of a list), the field and what was found, where a field that decisions need
// has the wrong type. Unknown fields are ignored; a missing or odd time is InfinitePast.
absl::StatusOr<Machine> ParseMachineJson(const boost::json::value& value, const std::string& where);

// "the Machines API's answer: [3].id is missing, want a string"
absl::Status MakeMachinesShapeError(const std::string& where, const std::string& want,
                                    const boost::json::value* found);

}  // namespace placer
