// JSON view: lenient reading of answers that our own programs wrote. A missing or oddly typed member is
// empty, never an error: an older or newer controller still shows what it says.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace placer {

// Internal: not JSON, or no object.
absl::StatusOr<boost::json::object> ParseJsonObject(absl::string_view text);

std::string FindText(const boost::json::object& object, const char* key);
std::optional<double> FindNumber(const boost::json::object& object, const char* key);  // null: no value
bool FindBool(const boost::json::object& object, const char* key);
boost::json::object FindObject(const boost::json::object& object, const char* key);
std::vector<std::string> FindTexts(const boost::json::object& object, const char* key);
std::vector<boost::json::object> FindObjects(const boost::json::object& object, const char* key);

// On one line. Boost.JSON itself would write 12.5 as 1.25E1.
std::string FormatJson(const boost::json::value& value);

}  // namespace placer
