// KeptTraffic: the last answer about traffic between two passes. A fleet's answers are the largest thing that
// the controller holds; here they take half of what a Traffic does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/traffic.h"

namespace placer {

class KeptTraffic {
 public:
  void Keep(Traffic traffic);
  // The traffic as it was kept, bit for bit.
  Traffic Make() const;

  // All but the values by region, which are empty in here.
  Traffic& rest() { return rest_; }

 private:
  using Values = std::map<std::string, std::vector<std::optional<double>>>;
  struct Rows {
    std::vector<std::string> regions;
    std::vector<double> values;  // `points` of each region; kAbsent where there is none
  };
  static Rows Pack(const Values& rows, int points);
  Values Unpack(const Rows& rows) const;

  Traffic rest_;
  Rows regions_;
  Rows served_;
  Rows served_errors_;
  Rows concurrency_;
};

}  // namespace placer
