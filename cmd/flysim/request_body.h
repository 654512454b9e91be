// RequestBody: the JSON object of a request, read member by member. The first thing that is wrong with it is
// kept, as the 400 to answer.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace placer::flysim {

class RequestBody {
 public:
  // An empty body is an empty object.
  explicit RequestBody(const std::string& text);

  // Absent and null are the fallback.
  std::string Text(const char* name);
  bool Bool(const char* name, bool fallback = false);
  std::int64_t Integer(const char* name, std::int64_t fallback, std::int64_t min, std::int64_t max);
  std::string Object(const char* name);  // as JSON text; "" where absent

  const absl::Status& status() const { return status_; }

 private:
  const boost::json::value* Find(const char* name) const;
  void Fail(const char* name, const char* want);

  boost::json::object object_;
  absl::Status status_;
};

}  // namespace placer::flysim
