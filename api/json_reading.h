// Reading JSON bodies that come from outside: limits, and errors that name what was found. Included by .cc
// files of api/ only, since Boost.JSON stays out of the contracts. Easy to get wrong: a JSON null counts as
// an absent field, because Go servers write one for an empty list or map.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace placer {

inline std::string ToStdString(boost::json::string_view text) {
  return std::string(text.data(), text.size());
}

// "null", "bool", "number", "string", "array" or "object", for messages.
const char* KindName(const boost::json::value& value);

// Internal, with the parser's words and the beginning of the body, where it is no JSON text. At most 32
// levels deep. What is made from large bodies in a loop is given `memory` to live in: a monotonic_resource
// that outlives the value.
absl::StatusOr<boost::json::value> ParseJsonBody(const std::string& body,
                                                 boost::json::storage_ptr memory = {});

// The field's value, or nullptr where the object lacks it or it is null.
const boost::json::value* FindField(const boost::json::object& object, boost::json::string_view name);

// The field's text, or "" where it is absent or no string.
std::string ReadStringOrEmpty(const boost::json::object& object, boost::json::string_view name);

// Text of a stranger, made fit for one line of a message: control characters become spaces, runs of spaces
// one, bytes that are no UTF-8 a question mark, and what is longer than `max_bytes` is cut at a character's
// border and ends in
// "...".
std::string MakeExcerpt(absl::string_view text, std::size_t max_bytes);

}  // namespace placer
