// The JSON Schema of a policy document, for editors. Generated from the table that the parser reads by
// (api/policy_fields.h). Rules between fields, the longest durations and how numbers are written are beyond
// it: the policy reference lists what only the parser checks.
#pragma once

#include <string>

namespace placer {

// Draft-07, indented. `errorMessage` is not part of the draft: yaml-language-server shows it.
std::string FormatPolicySchema();

}  // namespace placer
