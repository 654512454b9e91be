// Target: a request's path and query, decoded.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/http_message.h"

namespace placer::flysim {

struct Target {
  std::vector<std::string> segments;
  std::map<std::string, std::string> query;  // the last one of a name counts

  bool IsTrue(const std::string& name) const;
  std::string Find(const std::string& name) const;  // "" where absent
};

Target ParseTarget(const std::string& text);

}  // namespace placer::flysim
